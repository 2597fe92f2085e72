"""Cases: referral, moves, history; the heart of the service."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pyramid.config import Configurator


def includeme(config: Configurator) -> None:
    """Add the pages of cases; `add_case_route` gives every page of a case its Dossier."""
    config.add_route("home", "/")
    config.add_route("cases", "/cases")
    config.add_route("referrals", "/referrals")
    config.add_route("referral.search", "/refer")
    config.add_route("referral.register", "/refer/new")
    config.add_route("referral", "/refer/{person_id:[1-9][0-9]{0,17}}")
    config.add_route("referral.draft", "/refer/{person_id:[1-9][0-9]{0,17}}/draft")
    config.add_case_route("case")
    config.add_case_route("case.timeline", "/timeline")
    config.add_case_route("case.contact", "/contacts")
    config.add_case_route("case.move", "/moves/{move:[a-z-]{1,40}}")
    config.add_case_route("case.duty.exempt", "/duties/{duty_id:[1-9][0-9]{0,17}}/exempt")
    for module in ("views", "moving", "exempting", "referring", "day"):
        config.scan(f"casework.cases.{module}")
