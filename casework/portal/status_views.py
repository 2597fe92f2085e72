"""What the patient or family sees of a case: how far it is, what to do, whom to call; and her own steps."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pyramid.config import Configurator
from pyramid.httpexceptions import HTTPSeeOther
from pyramid.renderers import render_to_response
from pyramid.request import Request
from pyramid.response import Response as Answer
from pyramid.view import view_config, view_defaults

from casework.cases.asking import Asked
from casework.cases.queries import contacts_of
from casework.documents.queries import documents_of
from casework.errors import Conflict, Forbidden, Invalid, Missing, Problem, Refused
from casework.forms import usecases as forms
from casework.forms.library import library_of
from casework.forms.page import first, posted, seen_version
from casework.forms.sheet import Sheet
from casework.i18n import _
from casework.portal import applying, queries
from casework.portal.codes import resume_code
from casework.portal.filling_views import OWN, own_application
from casework.portal.presentation import in_days
from casework.portal.queries import Application
from casework.security.permissions import Place, permitted
from casework.web.asked import mark, new_mark, version
from casework.web.notices import tell

STEP = f"{OWN}/steps/{{move:[a-z-]{{1,40}}}}"


def includeme(config: Configurator) -> None:
    """The addresses of these pages."""
    config.add_route("my", "/my", factory=lambda _request: Place())
    config.add_route("application", OWN, factory=own_application)
    config.add_route("application.step", STEP, factory=own_application)
    config.add_route("application.step.draft", f"{STEP}/draft", factory=own_application)
    config.scan(__name__)


@view_config(
    route_name="my",
    request_method="GET",
    permission="application:begin",
    renderer="portal/my.jinja2",
    http_cache=0,
)
def show_mine(_context: Any, request: Request) -> dict[str, Any]:
    """Everything that was opened to the actor, and what else there is to ask for."""
    work = request.work
    owned = queries.own_cases(work)
    programs = {program.key: program for program in work.programs}
    return {
        "cases": owned,
        "programs": programs,
        "offered": [program for program in programs.values() if program.portal is not None],
        "states": {
            (program.key, state.key): state
            for program in programs.values()
            for state in program.workflow.states
        },
        "contacts": contacts_of(work, [own.case.id for own in owned]),
    }


@view_config(route_name="application", request_method="GET", permission="application:own", http_cache=0)
def show_status(context: Application, request: Request) -> Answer:
    """How far the application is; one that was not handed in goes on with what there is to do."""
    if context.begun:
        return HTTPSeeOther(request.route_path("application.tasks", case_id=context.case.id))
    work, case, state = request.work, context.case, context.dossier.state
    ahead = applying.outlook(work, context)
    usual = queries.usual_time(work, context.program, case.state) if state.phase != "done" else None
    papers = documents_of(work, case.id)
    return render_to_response(
        "portal/status.jinja2",
        {
            "application": context,
            "case": case,
            "person": context.person,
            "program": context.program,
            "state": state,
            "step": ahead.step,
            "usual": in_days(usual) if usual is not None else None,
            "todos": ahead.todos,
            "moves": [each for each in ahead.moves if each.key not in {todo.move for todo in ahead.todos}],
            "contact": contacts_of(work, [case.id])[case.id],
            "resume_code": resume_code(work, case),
            "letters": [each for each in papers if each.status != "kept"],
            "papers": [each for each in papers if each.status == "kept"],
        },
        request=request,
    )


@view_defaults(permission="application:own", http_cache=0)
class Step:
    """One step that the patient or family takes: what it means, what it asks, and taking it."""

    def __init__(self, context: Application, request: Request) -> None:
        self.context, self.request, self.work = context, request, request.work
        program = context.program
        move = next((m for m in program.workflow.moves if m.key == request.matchdict["move"]), None)
        if move is None:
            raise Missing
        self.move = move
        permission = f"{program.key}:move:{move.key}"
        if permission not in permitted(self.work, context):
            raise Forbidden(permission, _("This step is not yours to make."))
        self.asked = self._asked() if move.asks else None

    def _asked(self) -> Asked:
        form = library_of(self.work)[str(self.move.asks)]
        return Asked(self.request, form, self.context.case, draft_url=self._url("application.step.draft"))

    def _url(self, route: str) -> str:
        return str(self.request.route_path(route, case_id=self.context.case.id, move=self.move.key))

    @property
    def home(self) -> str:
        """The page of the application."""
        return str(self.request.route_path("application", case_id=self.context.case.id))

    @view_config(route_name="application.step", request_method="GET")
    def show(self) -> Answer:
        """What the step means and asks, or why it is not possible now."""
        if self.move.asks == self.context.form.key:
            return HTTPSeeOther(self.request.route_path("application.check", case_id=self.context.case.id))
        if refusals := applying.reasons_against(self.work, self.context, self.move):
            raise Refused(refusals)
        held = self.request.held or {}
        return self._page(
            self.asked.first_sheet() if self.asked else None,
            reason=str(held.get(self.reason_name, "")),
            submission=str(held.get("_submission", "")) or new_mark(),
        )

    @view_config(route_name="application.step", request_method="POST")
    def take(self) -> Answer:
        """Take the step, or show what has to be mended."""
        if self.move.asks == self.context.form.key:
            raise Missing
        reason, page = self.request.POST.get(self.reason_name, ""), mark(self.request)
        found = self.asked.reading() if self.asked else None
        answers = found.answers if found else {}
        try:
            if self.asked is not None:
                self.asked.refuse_problems(found)
            applying.move_as_client(
                self.work,
                self.context,
                self.move.key,
                seen_version=version(self.request, "case_version"),
                answers=answers,
                reason=reason,
                mark=page,
            )
        except Invalid as error:
            own = [Problem(self.reason_name, p.message) for p in error.problems if p.where == "_reason"]
            rest = [p for p in error.problems if p.where != "_reason"]
            sheet = self.asked.same_sheet(answers, rest) if self.asked else None
            return self._page(sheet, reason=reason, submission=page, problems=own, status=422)
        except Conflict:
            changed = Problem(
                "case_version",
                _("Something happened to your application meanwhile. Look at it, then send again."),
            )
            sheet = self.asked.same_sheet(answers, ()) if self.asked else None
            return self._page(sheet, reason=reason, submission=page, problems=[changed], status=409)
        tell(self.request, _("Done: %(move)s.", move=self.move.title))
        return HTTPSeeOther(self.home)

    @view_config(route_name="application.step.draft", request_method="POST")
    def keep(self) -> Answer:
        """Keep the draft: for a script that saves by itself, or because a button asks for it."""
        if self.asked is None:
            raise Missing
        if "application/json" in self.request.headers.get("Accept", ""):
            return self.asked.keep()
        fields = posted(self.request)
        forms.keep_draft(
            self.work,
            self.asked.form,
            self.context.case,
            self.asked.reading().answers,
            seen_version(fields),
            first(fields, "_submission") or None,
        )
        return HTTPSeeOther(self._url("application.step"))

    @property
    def reason_name(self) -> str:
        """The name of the page's own reason; a form that asks for one keeps the plain name."""
        return "_reason" if self.asked and self.asked.form.item("reason") else "reason"

    def _page(
        self,
        sheet: Sheet | None,
        *,
        reason: str,
        submission: str | None,
        problems: Sequence[Problem] = (),
        status: int = 200,
    ) -> Answer:
        answer = render_to_response(
            "portal/step.jinja2",
            {
                "application": self.context,
                "case": self.context.case,
                "person": self.context.person,
                "program": self.context.program,
                "move": self.move,
                "sheet": sheet,
                "reason": reason,
                "reason_name": self.reason_name,
                "submission": submission or new_mark(),
                "problems": [*problems, *(sheet.problems if sheet else ())],
                "own_problems": problems,
                "home_url": self.home,
                "todos": [
                    todo
                    for todo in applying.what_to_do(self.work, self.context)
                    if todo.move == self.move.key and todo.lines
                ],
                "closes": self._closes(),
            },
            request=self.request,
        )
        answer.status_int = status
        return answer

    def _closes(self) -> bool:
        """Whether the step ends the application."""
        target: Mapping[str, Any] = {s.key: s.phase for s in self.context.program.workflow.states}
        return target.get(self.move.target) == "done"
