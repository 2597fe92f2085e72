"""The pages of the trail."""

from __future__ import annotations

from datetime import date
from typing import Any

from pyramid.config import Configurator
from pyramid.httpexceptions import HTTPBadRequest
from pyramid.request import Request

from casework.audit.queries import KIND_NAMES, Page, Wanted, find_entries, find_openings
from casework.security.permissions import Place
from casework.web.asked import choice, number


def includeme(config: Configurator) -> None:
    """The trail for auditors, and who opened a case."""
    config.add_route("audit", "/audit", factory=lambda _request: Place())
    config.add_view(
        trail,
        route_name="audit",
        request_method="GET",
        permission="audit:read",
        renderer="audit/trail.jinja2",
    )
    config.add_case_route("case.openings", "/openings")
    config.add_view(
        openings,
        route_name="case.openings",
        request_method="GET",
        permission="case:audit",
        renderer="audit/openings.jinja2",
    )


def trail(request: Request) -> dict[str, Any]:
    """Entries by person, subject, kind and day; 400 for a kind or day that is none."""
    wanted = Wanted(
        person=_text(request, "person"),
        subject=_text(request, "subject"),
        kind=choice(request, "kind", tuple(KIND_NAMES)) or "",
        day=_day(request),
    )
    request.testimony.tell(subject="audit", filters=[name for name in vars(wanted) if getattr(wanted, name)])
    page = find_entries(request.work, wanted, number(request, "before"))
    return {"page": page, "wanted": wanted, "kinds": KIND_NAMES, "older": _older(request, page)}


def openings(request: Request) -> dict[str, Any]:
    """Who opened this case."""
    case = request.context.case
    page = find_openings(request.work, case.id, number(request, "before"))
    return {"page": page, "case": case, "kinds": KIND_NAMES, "older": _older(request, page)}


def _text(request: Request, name: str) -> str:
    value: str = request.GET.get(name, "")
    return value.replace("\0", "").strip()[:200]


def _day(request: Request) -> date | None:
    try:
        return date.fromisoformat(_text(request, "day")) if _text(request, "day") else None
    except ValueError:
        raise HTTPBadRequest from None


def _older(request: Request, page: Page) -> str | None:
    """The address of the next page with the same filters."""
    if page.next_before is None:
        return None
    query = {name: value for name, value in request.GET.items() if name != "before"}
    address: str = request.current_route_path(_query={**query, "before": page.next_before})
    return address
