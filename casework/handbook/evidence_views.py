"""The evidence sheet of a case, as a page and as PDF."""

from __future__ import annotations

from typing import Any

from pyramid.config import Configurator
from pyramid.httpexceptions import HTTPSeeOther
from pyramid.request import Request
from pyramid.response import Response

from casework.cases.dossier import Dossier
from casework.handbook.evidence import STATE_TITLES, evidence_of, issue_evidence
from casework.i18n import _
from casework.security.permissions import permitted
from casework.web.notices import tell


def includeme(config: Configurator) -> None:
    """One page for each case."""
    config.add_case_route("case.evidence", "/evidence")
    config.add_view(
        show_evidence,
        route_name="case.evidence",
        request_method="GET",
        permission="case:read",
        renderer="handbook/evidence.jinja2",
        http_cache=0,
    )
    config.add_view(
        print_evidence, route_name="case.evidence", request_method="POST", permission="evidence:print"
    )


def show_evidence(context: Dossier, request: Request) -> dict[str, Any]:
    """What each clause asked of the case, and what answered it."""
    return {
        "case": context.case,
        "person": context.person,
        "lines": evidence_of(request.work, context.case),
        "states": STATE_TITLES,
        "allowed": permitted(request.work, context),
    }


def print_evidence(context: Dossier, request: Request) -> Response:
    """Have it set as PDF; it appears among the documents of the case."""
    issue_evidence(request.work, context.case)
    tell(request, _("The evidence sheet is being made. It appears among the documents of the case."))
    return HTTPSeeOther(request.route_path("case", case_id=context.case.id))
