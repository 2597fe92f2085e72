"""What help there is, for everybody; and the first pages of an application of one's own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pyramid.config import Configurator
from pyramid.httpexceptions import HTTPSeeOther
from pyramid.renderers import render_to_response
from pyramid.request import Request
from pyramid.response import Response as Answer
from pyramid.view import view_config, view_defaults

from casework.errors import Invalid, Missing, Problem
from casework.forms.definition import Form
from casework.forms.evaluate import evaluate
from casework.forms.library import library_of
from casework.forms.page import posted
from casework.forms.read import read
from casework.forms.sheet import Sheet, make_sheet
from casework.i18n import _
from casework.people.codes import ID_TYPES
from casework.portal import applying, queries
from casework.programs import Advice, EligibilityCheck, Program
from casework.security.permissions import Place
from casework.web.asked import LONGEST_MARK, mark, new_mark

PROGRAM = "{program:[a-z][a-z0-9_]{0,39}}"


def includeme(config: Configurator) -> None:
    """The addresses of these pages."""
    config.add_route("help", "/help")
    config.add_route("help.check", f"/help/{PROGRAM}")
    config.add_route("help.check.shown", f"/help/{PROGRAM}/shown")
    config.add_route("application.begin", f"/my/apply/{PROGRAM}", factory=lambda _request: Place())
    config.scan(__name__)


def portal_programs(request: Request) -> Sequence[Program]:
    """The programs that people apply to on their own."""
    return [program for program in request.work.programs if program.portal is not None]


def asked_program(request: Request) -> Program:
    """The program that the address names; Missing for one that nobody applies to on his own."""
    program: Program | None = request.work.programs.get(request.matchdict["program"])
    if program is None or program.portal is None:
        raise Missing
    return program


@view_config(route_name="help", request_method="GET", permission="public", renderer="portal/help.jinja2")
def show_help(_context: Any, request: Request) -> dict[str, Any]:
    """What help there is, and whom to call."""
    return {"programs": portal_programs(request), "sites": queries.sites(request.work)}


@view_defaults(route_name="help.check", permission="public")
class Check:
    """The question "Can I get help?": a few questions that nobody signs in for. No answer is kept, nor written to a log."""

    def __init__(self, _context: Any, request: Request) -> None:
        self.request, self.work = request, request.work
        self.program = asked_program(request)
        portal = self.program.portal
        check = portal.check if portal is not None else None
        if check is None:
            raise Missing
        self.check: EligibilityCheck = check
        self.form: Form = library_of(self.work)[check.form]
        self.now = self.work.now.astimezone(self.work.zone)

    @view_config(request_method="GET")
    def show(self) -> Answer:
        """The questions."""
        return self._page(self._sheet({}))

    @view_config(request_method="POST")
    def answer(self) -> Answer:
        """What the answers let expect, in sentences, or what has to be mended."""
        found = read(self.form, posted(self.request), self.work.zone)
        verdict = evaluate(self.form, found.answers, now=self.now, roles=())
        if self.request.POST.get("_action") == "update":
            return self._page(self._sheet(found.answers))
        if problems := [*found.problems, *verdict.problems]:
            return self._page(self._sheet(found.answers, problems), status=422)
        return self._page(self._sheet(found.answers), self.check.answer(verdict.answers))

    @view_config(route_name="help.check.shown", request_method="POST", renderer="forms/shown.jinja2")
    def show_and_hide(self) -> dict[str, Any]:
        """What a change shows or hides."""
        fields = posted(self.request)
        sheet = self._sheet(read(self.form, fields, self.work.zone).answers)
        return {"sheet": sheet, "changed": sheet.changed_since(fields.get("_shown[]", []))}

    def _sheet(self, answers: Mapping[str, Any], problems: Sequence[Problem] = ()) -> Sheet:
        shown_url = self.request.route_path("help.check.shown", program=self.program.key)
        return make_sheet(self.form, answers, now=self.now, roles=(), problems=problems, shown_url=shown_url)

    def _page(self, sheet: Sheet, advice: Advice | None = None, status: int = 200) -> Answer:
        answer = render_to_response(
            "portal/check.jinja2",
            {
                "program": self.program,
                "sheet": sheet,
                "advice": advice,
                "sites": queries.sites(self.work) if advice is not None else (),
            },
            request=self.request,
        )
        answer.status_int = status
        answer.cache_control = "no-store"
        return answer


@view_defaults(route_name="application.begin", permission="application:begin")
class Begin:
    """For whom, where, and who the person is."""

    def __init__(self, _context: Any, request: Request) -> None:
        self.request, self.work = request, request.work
        self.program = asked_program(request)

    @view_config(request_method="GET", http_cache=0)
    def show(self) -> Answer:
        """The applications that are running, and for whom and where one asks; then who the person is."""
        typed = {name: str(value) for name, value in (self.request.held or self.request.GET).items()}
        if typed.keys() & {"for_whom", "unit_id"}:
            problems = applying.problems_of_place(self.work, typed)
            return self._page(typed, problems=problems, status=422 if problems else 200)
        return self._page(typed, running=queries.running(self.work, self.program))

    @view_config(request_method="POST")
    def begin(self) -> Answer:
        """Begin, or say what has to be mended; ask again if an application for this person is running."""
        typed = {name: value for name, value in self.request.POST.items() if isinstance(value, str)}
        try:
            case = applying.begin_application(
                self.work,
                self.program,
                typed,
                submission=mark(self.request) or new_mark(),
                again=typed.get("again") == "over",
            )
        except Invalid as invalid:
            return self._page(typed, problems=invalid.problems, status=422)
        except applying.BegunAlready as before:
            return self._page(typed, before=before.case_id, status=409)
        return HTTPSeeOther(self.request.route_path("application.tasks", case_id=case.id))

    def _page(
        self,
        typed: Mapping[str, str],
        *,
        running: Sequence[queries.OwnCase] = (),
        problems: Sequence[Problem] = (),
        before: int | None = None,
        status: int = 200,
    ) -> Answer:
        sites = queries.sites(self.work)
        answer = render_to_response(
            "portal/begin.jinja2",
            {
                "program": self.program,
                "typed": typed,
                "submission": typed.get("_submission", "")[:LONGEST_MARK] or new_mark(),
                "running": running,
                "first": bool(applying.problems_of_place(self.work, typed)),
                "before": before,
                "problems": problems,
                "sites": sites,
                "site_options": [(unit.id, self.request.words.names(unit.names)) for unit in sites],
                "id_types": ID_TYPES,
                "whom": WHOM,
            },
            request=self.request,
        )
        answer.status_int = status
        return answer


WHOM = (
    ("self", _("For myself")),
    ("child", _("For my child")),
    ("other", _("For someone I look after")),
)
"""For whom one asks."""
