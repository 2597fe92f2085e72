"""Units, accounts and grants."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pyramid.config import Configurator


def includeme(config: Configurator) -> None:
    """Add the pages of staff and roles."""
    config.add_route("staff", "/staff")
    config.add_route("staff.open", "/staff/new")
    config.add_route("staff.member", "/staff/{account_id:[1-9][0-9]{0,17}}")
    config.add_route("staff.grants", "/staff/{account_id:[1-9][0-9]{0,17}}/grants")
    config.add_route(
        "staff.grant.end", "/staff/{account_id:[1-9][0-9]{0,17}}/grants/{grant_id:[1-9][0-9]{0,17}}/end"
    )
    config.add_route("staff.disable", "/staff/{account_id:[1-9][0-9]{0,17}}/disable")
    config.add_route("staff.password", "/staff/{account_id:[1-9][0-9]{0,17}}/password")
    config.scan("casework.staff.views")
