"""Units, accounts and grants."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pyramid.config import Configurator


def includeme(config: Configurator) -> None:
    """Add the pages of staff and roles."""
    config.add_route("staff", "/staff")
    config.add_route("staff.open", "/staff/new")
    config.add_route("staff.member", r"/staff/{account_id:\d{1,18}}")
    config.add_route("staff.grants", r"/staff/{account_id:\d{1,18}}/grants")
    config.add_route("staff.grant.end", r"/staff/{account_id:\d{1,18}}/grants/{grant_id:\d{1,18}}/end")
    config.add_route("staff.disable", r"/staff/{account_id:\d{1,18}}/disable")
    config.scan("casework.staff.views")
