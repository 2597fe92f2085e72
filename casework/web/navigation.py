"""The links at the top of every page: those that this person's roles open."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from pyramid.request import Request

from casework.i18n import Message, _
from casework.security.permissions import Place, permitted

LINKS = (
    (_("My day"), "home", "home:read"),
    (_("My service"), "my", "application:begin"),
    (_("Cases"), "cases", "case:list"),
    (_("Refer someone"), "referral.search", "referral:create"),
    (_("My referrals"), "referrals", "referral:list"),
    (_("Funds"), "funds", "fund:read"),
    (_("Payments"), "payments", "payment:read"),
    (_("Staff and roles"), "staff", "staff:read"),
    (_("Audit trail"), "audit", "audit:read"),
    (_("Standard"), "handbook", "handbook:read"),
    (_("Compliance"), "compliance", "compliance:read"),
)
"""Title, route and permission of each link, in order."""


class Link(NamedTuple):
    """One link of the navigation."""

    title: Message
    url: str
    current: bool


def navigation(request: Request) -> Sequence[Link]:
    """The links for the signed-in person; none for a visitor."""
    allowed = permitted(request.work, Place())
    here = request.matched_route.name if request.matched_route else ""
    programs = [
        (link.title, link.route, link.permission)
        for program in request.work.programs
        for link in program.links
    ]
    hidden = {"home"} if "application:begin" in allowed else ()  # It leads patients to their own page.
    return [
        Link(title, request.route_path(route), here == route or here.startswith(f"{route}."))
        for title, route, permission in (*LINKS, *programs)
        if permission in allowed and route not in hidden
    ]
