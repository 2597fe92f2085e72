"""The page on which a case is exempted from a duty."""

from __future__ import annotations

from typing import Any

from pyramid.httpexceptions import HTTPSeeOther
from pyramid.request import Request
from pyramid.view import view_config

from casework.cases.dossier import Dossier
from casework.duties import queries
from casework.duties.exemptions import exempt
from casework.duties.model import Duty
from casework.errors import Invalid, Refusal, Refused
from casework.handbook.standard import standard_of
from casework.i18n import _
from casework.people.typed import day
from casework.web.mending import to_mend
from casework.web.notices import tell


def _duty(context: Dossier, request: Request) -> Duty:
    return queries.duty(request.work, context.case.id, int(request.matchdict["duty_id"]))


def _page(context: Dossier, request: Request, duty: Duty, reason: str, until: str) -> dict[str, Any]:
    return {
        "case": context.case,
        "person": context.person,
        "duty": duty,
        "clause": standard_of(request.work).get(duty.clause),
        "reason": reason,
        "until": until,
        "problems": (),
    }


@view_config(
    route_name="case.duty.exempt",
    request_method="GET",
    permission="duty:exempt",
    renderer="cases/exempt.jinja2",
)
def show_exempting(context: Dossier, request: Request) -> dict[str, Any]:
    """What the clause says, and the questions why and until when it is not asked for."""
    duty, held = _duty(context, request), request.held or {}
    if duty.closed_at is not None:
        raise Refused([Refusal(_("This duty is decided; an exemption cannot change that."), duty.clause)])
    return _page(context, request, duty, str(held.get("reason", "")), str(held.get("until", "")))


@view_config(
    route_name="case.duty.exempt",
    request_method="POST",
    permission="duty:exempt",
    renderer="cases/exempt.jinja2",
)
def exempt_case(context: Dossier, request: Request) -> Any:
    """Exempt the case, or show the form with what is wrong."""
    duty = _duty(context, request)
    reason, until = request.POST.get("reason", ""), request.POST.get("until", "")
    try:
        exempt(request.work, duty, reason, day(until, "until") if until.strip() else None)
    except Invalid as invalid:
        return to_mend(request, invalid, _page(context, request, duty, reason, until))
    tell(request, _("The case is exempt from the duty now."))
    return HTTPSeeOther(request.route_path("case", case_id=context.case.id, _anchor="deadlines"))
