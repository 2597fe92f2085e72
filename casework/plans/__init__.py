"""Goals of a case: set, changed, rated."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pyramid.config import Configurator


def includeme(config: Configurator) -> None:
    """Add the pages of goals."""
    config.add_case_route("case.goal.new", "/goals/new")
    config.add_case_route("case.goal", r"/goals/{goal_id:\d{1,18}}")
    config.add_case_route("case.goal.rate", r"/goals/{goal_id:\d{1,18}}/rating")
    config.scan("casework.plans.views")
