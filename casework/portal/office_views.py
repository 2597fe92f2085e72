"""The office's side: a worker begins an application for somebody who cannot do so alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pyramid.config import Configurator
from pyramid.httpexceptions import HTTPSeeOther
from pyramid.renderers import render_to_response
from pyramid.request import Request
from pyramid.response import Response as Answer
from pyramid.view import view_config, view_defaults

from casework.cases.dossier import Dossier
from casework.errors import Problem
from casework.i18n import _
from casework.people.queries import FoundPerson, PersonFile
from casework.people.views import PERSON, person_context
from casework.portal import applying, queries
from casework.portal.queries import Application
from casework.portal.views import PROGRAM, asked_program, portal_programs
from casework.security.permissions import Place, permitted
from casework.staff.queries import units_within
from casework.web.asked import mark, new_mark


def includeme(config: Configurator) -> None:
    """The address of this page, and what the parts of other pages ask for."""
    config.add_route("person.apply", f"{PERSON}/apply/{PROGRAM}", factory=person_context)
    config.add_request_method(portal_programs, reify=True)
    config.add_request_method(application_of)
    config.scan(__name__)


@dataclass(frozen=True)
class OnTheCasePage:
    """What the page of a case says of the application: whether it is being filled in, and who may be
    the same person."""

    running: bool
    alike: Sequence[FoundPerson]


def application_of(request: Request, dossier: Dossier) -> OnTheCasePage | None:
    """The application that a case is, for `portal/case_part.jinja2`; None where nobody applies on his own."""
    program = dossier.program
    if program is None or program.portal is None:
        return None
    may_look = "person:search" in permitted(request.work, Place())
    alike = queries.possibly_the_same(request.work, dossier.person) if may_look else ()
    return OnTheCasePage(Application(dossier).begun, alike)


@view_defaults(route_name="person.apply", permission="application:help")
class BeginForPerson:
    """At which unit the person asks for help."""

    def __init__(self, context: PersonFile, request: Request) -> None:
        self.context, self.request, self.work = context, request, request.work
        self.program = asked_program(request)
        reach = self.work.actor.units("worker")
        self.units = units_within(self.work, reach, ("hospital", "centre", "ward"))

    @view_config(request_method="GET", http_cache=0)
    def show(self) -> Answer:
        """The question, and what is open for the person already."""
        return self._page(str((self.request.held or {}).get("unit_id", "")))

    @view_config(request_method="POST")
    def begin(self) -> Answer:
        """Begin, and go on to the pages of the application."""
        typed = self.request.POST.get("unit_id", "")
        units = {str(unit.id): unit.id for unit in self.units}
        if typed not in units:
            return self._page(typed, [Problem("unit_id", _("Choose the ward or unit."))], 422)
        case = applying.begin_for_person(
            self.work,
            self.program,
            self.context.person,
            units[typed],
            submission=mark(self.request) or new_mark(),
        )
        return HTTPSeeOther(self.request.route_path("case.application.tasks", case_id=case.id))

    def _page(self, unit_id: str, problems: Sequence[Problem] = (), status: int = 200) -> Answer:
        answer = render_to_response(
            "portal/begin_for.jinja2",
            {
                "person": self.context.person,
                "program": self.program,
                "units": self.units,
                "unit_options": [(unit.id, self.request.words.names(unit.names)) for unit in self.units],
                "unit_id": unit_id,
                "submission": new_mark(),
                "problems": problems,
                "open_cases": [
                    case
                    for case in self.context.cases
                    if case.closed_at is None and case.program == self.program.key
                ],
            },
            request=self.request,
        )
        answer.status_int = status
        return answer
