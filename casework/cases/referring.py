"""Referring somebody: search first, register only who is not found, then say why and how urgently."""

from __future__ import annotations

from typing import Any

from pyramid.httpexceptions import HTTPSeeOther
from pyramid.renderers import render_to_response
from pyramid.request import Request
from pyramid.response import Response as Answer
from pyramid.view import view_config, view_defaults

from casework.cases import usecases
from casework.cases.asking import Asked
from casework.errors import Invalid, Missing, Problem
from casework.forms.library import library_of
from casework.forms.sheet import Sheet
from casework.i18n import _
from casework.people import queries as people
from casework.people.codes import SEXES
from casework.people.typed import CHOICES
from casework.people.usecases import PossibleDuplicates, register_person
from casework.people.views import read_person_fields
from casework.security.permissions import Place, permitted
from casework.staff.queries import units_within
from casework.web.mending import to_mend
from casework.web.notices import tell


@view_config(
    route_name="referral.search",
    request_method="GET",
    permission="referral:create",
    renderer="cases/refer_search.jinja2",
)
def search(_context: Any, request: Request) -> dict[str, Any]:
    """Look for the person before registering anybody."""
    text = request.GET.get("q", "")
    return {
        "q": text[:200],
        "found": people.search(request.work, text) if text.strip() else None,
        "sexes": SEXES,
    }


def _registering(request: Request, values: dict[str, Any], **more: Any) -> dict[str, Any]:
    work = request.work
    return {
        "values": values,
        "choices": CHOICES,
        "sites": units_within(work, work.actor.units(), ("hospital", "centre", "ward")),
        "unit_id": "",
        "problems": (),
        "alike": (),
        "certain": False,
        **more,
    }


@view_config(
    route_name="referral.register",
    request_method="GET",
    permission="referral:create",
    renderer="cases/refer_register.jinja2",
)
def show_registering(_context: Any, request: Request) -> dict[str, Any]:
    """The fields of a person who was not found."""
    return _registering(request, {"full_name": request.GET.get("name", "")[:200], **dict(request.held or {})})


@view_config(
    route_name="referral.register",
    request_method="POST",
    permission="referral:create",
    renderer="cases/refer_register.jinja2",
)
def register(_context: Any, request: Request) -> Any:
    """Register the person and go on to the referral; say who might be the same person first."""
    work = request.work
    values = read_person_fields(request.POST)
    sites = {str(site.id): site for site in units_within(work, work.actor.units())}
    unit_id = request.POST.get("unit_id", "")
    if unit_id not in sites:
        nowhere = Invalid([Problem("unit_id", _("Choose where the person is registered."))])
        return to_mend(request, nowhere, _registering(request, values, unit_id=unit_id))
    try:
        person = register_person(
            work,
            unit_id=sites[unit_id].id,
            confirmed=request.POST.get("confirmed") == "yes",
            **values,
        )
    except Invalid as invalid:
        return to_mend(request, invalid, _registering(request, values, unit_id=unit_id))
    except PossibleDuplicates as found:
        request.response.status_int = 409
        return _registering(request, values, unit_id=unit_id, alike=found.persons, certain=found.certain)
    return HTTPSeeOther(request.route_path("referral", person_id=person.id))


@view_defaults(permission="referral:create")
class ReferralViews:
    """The referral of one person."""

    def __init__(self, _context: Any, request: Request) -> None:
        self.request, self.work = request, request.work
        self.person = people.person(self.work, int(request.matchdict["person_id"]))
        self.programs = [program for program in self.work.programs if program.portal is None]
        if not self.programs:
            raise Missing
        self.units = units_within(self.work, self.work.actor.units(), ("ward", "hospital", "centre"))
        form = library_of(self.work)[self.programs[0].workflow.referral_form]
        self.asked = Asked(
            request,
            form,
            None,
            draft_url=request.route_path("referral.draft", person_id=self.person.id),
            person_id=self.person.id,
        )

    @view_config(route_name="referral", request_method="GET", http_cache=0)
    def show(self) -> Answer:
        """The referral form."""
        held = self.request.held or {}
        return self._page(self.asked.first_sheet(), unit_id=str(held.get("unit_id", "")))

    @view_config(route_name="referral", request_method="POST")
    def refer(self) -> Answer:
        """Open the case, or show what has to be mended."""
        typed = self.request.POST
        units = {str(unit.id): unit.id for unit in self.units}
        keys = {program.key for program in self.programs}
        unit_id, program = typed.get("unit_id", ""), typed.get("program", self.programs[0].key)
        own = []
        if unit_id not in units:
            own.append(Problem("unit_id", _("Choose the ward or unit.")))
        if program not in keys:
            own.append(Problem("program", _("Choose the program.")))
        found = self.asked.reading()
        try:
            self.asked.refuse_problems(found, own)
            case = usecases.refer(
                self.work,
                program_key=program,
                unit_id=units[unit_id],
                person_id=self.person.id,
                answers=found.answers,
                submission=typed.get("_submission") or None,
            )
        except Invalid as error:
            sheet = self.asked.same_sheet(found.answers, error.problems)
            return self._page(sheet, unit_id=unit_id, program=program, problems=own, status=422)
        tell(
            self.request, _("Referred: %(name)s, %(number)s.", name=self.person.full_name, number=case.number)
        )
        if "referral:list" in permitted(self.work, Place()):
            return HTTPSeeOther(self.request.route_path("referrals"))
        return HTTPSeeOther(self.request.route_path("home"))

    @view_config(route_name="referral.draft", request_method="POST")
    def keep(self) -> Answer:
        """Keep the draft."""
        return self.asked.keep()

    def _page(
        self,
        sheet: Sheet,
        *,
        unit_id: str = "",
        program: str = "",
        problems: list[Problem] | None = None,
        status: int = 200,
    ) -> Answer:
        answer = render_to_response(
            "cases/refer.jinja2",
            {
                "person": self.person,
                "sheet": sheet,
                "units": self.units,
                "programs": self.programs,
                "unit_id": unit_id,
                "program": program,
                "problems": [*(problems or ()), *sheet.problems],
                "own_problems": problems or (),
                "open_cases": [
                    case for case in people.cases_of(self.work, self.person.id) if case.closed_at is None
                ],
            },
            request=self.request,
        )
        answer.status_int = status
        return answer
