"""Goals of a case: set, changed, rated."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pyramid.config import Configurator


def includeme(config: Configurator) -> None:
    """Add the pages of goals."""
    config.add_case_route("case.goal.new", "/goals/new")
    config.add_case_route("case.goal", "/goals/{goal_id:[1-9][0-9]{0,17}}")
    config.add_case_route("case.goal.rate", "/goals/{goal_id:[1-9][0-9]{0,17}}/rating")
    config.scan("casework.plans.views")
