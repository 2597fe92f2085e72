"""The pages of a case's moves, and the short form by which a contact is recorded from "My day"."""

from __future__ import annotations

from typing import Any

from pyramid.httpexceptions import HTTPSeeOther
from pyramid.renderers import render_to_response
from pyramid.request import Request
from pyramid.response import Response as Answer
from pyramid.view import view_config, view_defaults

from casework.cases import usecases
from casework.cases.asking import Asked
from casework.cases.dossier import Dossier
from casework.cases.queries import event_of_page
from casework.duties.queries import open_duties_on_closing
from casework.errors import Conflict, Forbidden, Invalid, Missing, Problem, Refusal, Refused
from casework.forms.library import library_of
from casework.forms.sheet import Sheet
from casework.forms.usecases import sign, start_answers
from casework.i18n import _
from casework.security.permissions import permits
from casework.staff.queries import workers_reaching
from casework.texts import clean
from casework.web.asked import mark, new_mark, version
from casework.web.notices import tell


@view_defaults(permission="case:read")
class MoveViews:
    """One move of one case: what it means, what it asks, and making it."""

    def __init__(self, context: Dossier, request: Request) -> None:
        self.context, self.request, self.work = context, request, request.work
        program = context.program
        moves = program.workflow.moves if program else ()
        move = next((m for m in moves if m.key == request.matchdict["move"]), None)
        if move is None or program is None:
            raise Missing
        self.move = move
        permission = f"{program.key}:move:{move.key}"
        self.mark = mark(request) if request.method == "POST" else None
        # A hand-over takes the case from whoever makes it: the second click is no stranger's.
        self.sent_before = self.mark is not None and bool(
            event_of_page(self.work, context.case, move.event, self.mark)
        )
        if not self.sent_before and not permits(self.work, permission, context):
            raise Forbidden(permission, _("Your role does not make this move."))
        self.asked = self._asked() if move.asks else None

    def _asked(self) -> Asked:
        form, case = library_of(self.work)[str(self.move.asks)], self.context.case
        draft_url = self.request.route_path("case.form.draft", case_id=case.id, form_key=form.key)
        return Asked(self.request, form, case, draft_url)

    @view_config(route_name="case.move", request_method="GET", http_cache=0)
    def show(self) -> Answer:
        """What the move means and asks, or why it is not possible now. An application has pages of its own."""
        portal = self.context.program.portal if self.context.program else None
        if portal is not None and self.move.key == portal.submit:
            return HTTPSeeOther(
                self.request.route_path("case.application.tasks", case_id=self.context.case.id)
            )
        if refusals := usecases.reasons_against(self.work, self.context, self.move):
            raise Refused(refusals)
        held = self.request.held or {}
        return self._page(
            self.asked.first_sheet() if self.asked else None,
            reason=str(held.get(self.reason_name, "")),
            worker_id=str(held.get("worker_id", "")),
        )

    @view_config(route_name="case.move", request_method="POST")
    def make(self) -> Answer:
        """Make the move, or show what has to be mended."""
        typed = self.request.POST
        reason, worker = typed.get(self.reason_name, ""), typed.get("worker_id", "")
        found = self.asked.reading() if self.asked else None
        answers = found.answers if found else {}
        try:
            if self.asked is not None:
                self.asked.refuse_problems(found)
            usecases.move(
                self.work,
                self.context.case,
                self.move.key,
                seen_version=self._seen_version(),
                answers=answers,
                reason=reason,
                worker_id=self._worker(worker),
                mark=self.mark,
            )
        except Invalid as error:
            own = [p for p in error.problems if p.where == "worker_id"]
            own += [Problem(self.reason_name, p.message) for p in error.problems if p.where == "_reason"]
            rest = [p for p in error.problems if p.where not in {"_reason", "worker_id"}]
            sheet = self.asked.same_sheet(answers, rest) if self.asked else None
            return self._page(sheet, reason=reason, worker_id=worker, problems=own, status=422)
        except Conflict:
            if self.context.case.version == self._seen_version():
                raise  # It is the form's draft that was changed, not the case.
            self.mark = new_mark() if self.sent_before else self.mark
            sheet = self.asked.same_sheet(answers, (), self.mark) if self.asked else None
            return self._page(sheet, reason=reason, worker_id=worker, problems=self._overtaken(), status=409)
        tell(self.request, _("Done: %(move)s.", move=self.move.title))
        return HTTPSeeOther(self._after())

    def _overtaken(self) -> list[Problem]:
        """What to say above the text of somebody who was overtaken, and why it may not go on at all."""
        changed = _(
            "Somebody else changed this case at the same time; it is now in “%(state)s”."
            " Nothing of yours was saved, and all of it is below: send it again if it still holds.",
            state=self.context.state.title,
        )
        against = usecases.reasons_against(self.work, self.context, self.move)
        return [Problem("case_version", each) for each in (changed, *(refusal.reason for refusal in against))]

    @property
    def reason_name(self) -> str:
        """The name of the page's own reason; a form that asks for one keeps the plain name."""
        return "_reason" if self.asked and self.asked.form.item("reason") else "reason"

    def _after(self) -> str:
        """The case, unless the person who made the move may no longer open it."""
        return str(self.request.route_path("case", case_id=self.context.case.id))

    def _seen_version(self) -> int:
        return version(self.request, "case_version")

    def _worker(self, text: str) -> int | None:
        if not self.move.takes_worker:
            return None
        within = {str(each.id): each.id for each in workers_reaching(self.work, self.context.case.unit_id)}
        return within.get(text)

    def _workers(self) -> list[Any]:
        """Who is offered: everybody but the present worker."""
        found = workers_reaching(self.work, self.context.case.unit_id)
        return [each for each in found if each.id != self.context.case.worker_id]

    def _page(
        self,
        sheet: Sheet | None,
        *,
        reason: str = "",
        worker_id: str = "",
        problems: list[Problem] | None = None,
        status: int = 200,
    ) -> Answer:
        case, move = self.context.case, self.move
        answer = render_to_response(
            "cases/move.jinja2",
            {
                "case": case,
                "person": self.context.person,
                "dossier": self.context,
                "move": move,
                "sheet": sheet,
                "mark": self.mark or new_mark(),
                "problems": [*(problems or ()), *(sheet.problems if sheet else ())],
                "own_problems": problems or (),
                "reason": reason,
                "reason_name": self.reason_name,
                "behind": self.context.signed(self.move.form) if self.move.form else None,
                "worker_id": worker_id,
                "workers": self._workers() if move.takes_worker else (),
                "open_duties": self._left_open(),
            },
            request=self.request,
        )
        answer.status_int = status
        return answer

    def _left_open(self) -> Any:
        """The duties that stay unkept when this move closes the case."""
        program, case = self.context.program, self.context.case
        if program is None or self.context.state.phase == "done":
            return ()
        target = next((s for s in program.workflow.states if s.key == self.move.target), None)
        if target is None or target.phase != "done":
            return ()
        return open_duties_on_closing(self.work, case, self.move.event)


@view_config(route_name="case.contact", request_method="POST", permission="contact:record")
def record_contact(context: Dossier, request: Request) -> Answer:
    """Record a contact by its text alone; everything else begins with what is usual."""
    work = request.work
    program, case = context.program, context.case
    uses = program.workflow.forms if program else ()
    use = next((u for u in uses if u.form == "contact-note"), None)
    if use is None or case.state not in use.states:
        raise Refused(
            [
                Refusal(
                    _(
                        "Contacts are not recorded while the case is in the state “%(state)s”.",
                        state=context.state.title,
                    )
                )
            ]
        )
    form = library_of(work)["contact-note"]
    answers = {**start_answers(work, form), "content": clean(request.POST.get("content", ""), lines=True)}
    try:
        sign(work, form, case, answers, submission=mark(request), takes_draft=False)
    except Invalid as error:
        asked = Asked(
            request,
            form,
            case,
            draft_url=request.route_path("case.form.draft", case_id=case.id, form_key=form.key),
        )
        answer = render_to_response(
            "forms/form.jinja2",
            {
                "case": case,
                "person": context.person,
                "dossier": context,
                "sheet": asked.same_sheet(answers, error.problems),
                "sign_url": request.route_path("case.form", case_id=case.id, form_key=form.key),
                "section_url": lambda _link_id: "",
                "saved_at": None,
                "closed": False,
                "amended": False,
                "reason": "",
            },
            request=request,
        )
        answer.status_int = 422
        return answer
    tell(request, _("Contact recorded: %(name)s.", name=context.person.full_name))
    if request.POST.get("back") == "home":
        return HTTPSeeOther(request.route_path("home"))
    return HTTPSeeOther(request.route_path("case", case_id=case.id))
