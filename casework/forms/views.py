"""The pages on which forms are filled in, and the list of drafts."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

from pyramid.httpexceptions import HTTPSeeOther
from pyramid.request import Request
from pyramid.response import Response as Answer
from pyramid.view import view_config, view_defaults

from casework.cases.dossier import Dossier
from casework.errors import Conflict, Invalid, Missing, Problem, Refusal, Refused
from casework.forms import queries, usecases
from casework.forms.definition import Item
from casework.forms.evaluate import evaluate
from casework.forms.library import library_of
from casework.forms.model import Response
from casework.forms.page import Fields, Page, first, held, posted, section_of, seen_version, sheet_of
from casework.forms.read import Reading, read
from casework.forms.sheet import Sheet
from casework.i18n import _
from casework.web.addresses import LONGEST, local
from casework.web.asked import new_mark
from casework.web.notices import tell


@view_defaults(permission="case:read")
class FillingIn(Page):
    """A form that is filled in on a case."""

    def __init__(self, context: Dossier, request: Request) -> None:
        super().__init__(context, request)
        form = library_of(self.work).get(request.matchdict["form_key"])
        if form is None:
            raise Missing
        self.form, self.use = form, self.use_of(form.key)
        self.move = self.move_asking(form.key)
        if self.use is None and self.move is None:
            raise Missing
        self.check_writing(form.key)
        self.open = self.use is not None and context.case.state in self.use.states
        self.draft = queries.draft_for(self.work, self.case, form.key)

    @view_config(route_name="case.form", request_method="GET", http_cache=0)
    def show(self) -> Answer:
        """The form with the draft, or with what was typed before a session ended.

        A form that is a part of a move is asked on the page of the move.
        """
        if self.use is None and self.move is not None:
            return HTTPSeeOther(self.path("case.move", move=self.move.key))
        if not self.open and self.draft is None:
            raise Refused([self._closed()])
        answers: Mapping[str, Any] = self.draft.answers if self.draft else self._start()
        version = self.draft.version if self.draft else None
        submission = (self.draft.submission if self.draft else None) or new_mark()
        problems: Sequence[Problem] = ()
        page = section_of(self.form, self.request.GET.get("section", ""))
        if (fields := held(self.request)) is not None:
            page = section_of(self.form, first(fields, "_section", 100))
            answers = self.read(self.form, fields, page, answers).answers
            version, submission = seen_version(fields), first(fields, "_submission") or submission
        if "check" in self.request.GET:
            problems = evaluate(self.form, answers, now=self.now, roles=self.roles).problems
        return self._form(answers, problems, page, version, submission)

    @view_config(route_name="case.form", request_method="POST")
    def sign(self) -> Answer:
        """Sign, or show what has to be mended."""
        fields, page, found = self._posted()
        self.log_dropped(self.form, found.answers)
        version, submission = seen_version(fields), first(fields, "_submission")
        if not self.open:
            return self._keep_when_closed(found.answers, page, version, submission)
        if found.problems:
            return self._form(found.answers, found.problems, page, version, submission, 422)
        try:
            usecases.sign(
                self.work,
                self.form,
                self.case,
                found.answers,
                seen_version=version,
                submission=submission or None,
            )
        except Invalid as error:
            if page is None:
                return self._form(found.answers, error.problems, page, version, submission, 422)
            usecases.keep_draft(self.work, self.form, self.case, found.answers, version, submission or None)
            return HTTPSeeOther(self._url(page, check=True))
        except Conflict as error:
            return self._conflict(error)
        tell(self.request, _("“%(form)s” is signed.", form=_(self.form.title)))
        return HTTPSeeOther(self.path("case"))

    @view_config(route_name="case.form.draft", request_method="POST")
    def keep(self) -> Answer:
        """Keep the draft: for a script that saves by itself, or because a button asks for it."""
        fields, page, found = self._posted()
        self.log_dropped(self.form, found.answers)
        quietly = "application/json" in self.request.headers.get("Accept", "")
        try:
            draft = usecases.keep_draft(
                self.work,
                self.form,
                self.case,
                found.answers,
                seen_version(fields),
                first(fields, "_submission") or None,
            )
        except Conflict as error:
            if quietly:
                raise
            return self._conflict(error)
        if quietly:
            saved = self.request.words.local(draft.updated_at)
            return Answer(json_body={"_version": str(draft.version), "saved": f"{saved:%H:%M}"})
        return HTTPSeeOther(self._after_keeping(first(fields, "_action", 100), found.answers, page))

    def _keep_when_closed(
        self, answers: Mapping[str, Any], page: Item | None, version: int | None, submission: str
    ) -> Answer:
        """Refused, because the case went on meanwhile; what was written is kept all the same."""
        if self.use is None:
            raise Refused([self._closed()])
        try:
            draft = usecases.keep_draft(self.work, self.form, self.case, answers, version, submission or None)
        except Conflict as error:
            return self._conflict(error)
        self.request.environ["casework.keep"] = True
        return self._form(answers, (), page, draft.version, submission, 409)

    def _posted(self) -> tuple[Fields, Item | None, Reading]:
        fields = posted(self.request)
        page = section_of(self.form, first(fields, "_section", 100))
        before = self.draft.answers if self.draft else {}
        return fields, page, self.read(self.form, fields, page, before)

    def _start(self) -> Mapping[str, Any]:
        """What a new response begins with; a form that is written once goes on from the last time."""
        previous = (
            queries.latest_signed(self.work, self.case, self.form.key) if self.use and self.use.once else None
        )
        if previous is not None:
            return usecases.start_answers(self.work, self.form, previous.answers)
        return usecases.first_answers(self.work, self.form, self.case)

    def _url(self, page: Item | str | None, *, check: bool = False) -> str:
        query = {"section": page if isinstance(page, str) else page.link_id} if page is not None else {}
        if check:
            query["check"] = "1"
        return self.path("case.form", form_key=self.form.key, _query=query)

    def _after_keeping(self, action: str, answers: Mapping[str, Any], page: Item | None) -> str:
        verb, _colon, group = action.partition(":")
        if verb == "later":
            tell(self.request, _("Your draft of “%(form)s” is kept.", form=_(self.form.title)))
            return self.path("case")
        if verb == "next":
            return self._url(self._sheet(answers, (), page, None, "").next_page or page)
        return self._url(page) + (f"#{group}" if verb == "row" and self.form.item(group) else "")

    def _sheet(
        self,
        answers: Mapping[str, Any],
        problems: Sequence[Problem],
        page: Item | None,
        version: int | None,
        submission: str,
    ) -> Sheet:
        return sheet_of(
            self.request,
            self.form,
            answers,
            problems,
            page=page,
            draft_url=self.path("case.form.draft", form_key=self.form.key),
            hidden={"_version": str(version or ""), "_submission": submission},
        )

    def _form(
        self,
        answers: Mapping[str, Any],
        problems: Sequence[Problem],
        page: Item | None,
        version: int | None,
        submission: str,
        status: int = 200,
    ) -> Answer:
        return self.render(
            "form",
            {
                "sheet": self._sheet(answers, problems, page, version, submission),
                "sign_url": self.path("case.form", form_key=self.form.key),
                "section_url": partial(self._url, check=bool(problems)),
                "saved_at": self.draft.updated_at if self.draft else None,
                "closed": not self.open,
                "amended": False,
                "reason": "",
            },
            status,
        )

    def _conflict(self, error: Conflict) -> Answer:
        draft = queries.draft_for(self.work, self.case, self.form.key)
        if draft is None:
            signed = queries.latest_signed(self.work, self.case, self.form.key)
            where = self.path("case.response", response_id=signed.id) if signed else self.path("case")
            return self.conflict(self.form, error, where, None)
        again = (self.path("case.form.draft", form_key=self.form.key), draft.version)
        return self.conflict(self.form, error, self._url(None), again)

    def _closed(self) -> Refusal:
        return Refusal(
            _(
                "“%(form)s” is not written while the case is in the state “%(state)s”.",
                form=_(self.form.title),
                state=self.context.state.title,
            ),
            self.form.clause,
        )


@view_config(
    route_name="form.shown", request_method="POST", permission="home:read", renderer="forms/shown.jinja2"
)
def show_and_hide(_context: Any, request: Request) -> dict[str, Any]:
    """What a change on any page that asks a form shows or hides. Nothing is saved."""
    form = library_of(request.work).get(request.matchdict["form_key"])
    if form is None:
        raise Missing
    fields = posted(request)
    page = section_of(form, first(fields, "_section", 100))
    found = read(form, fields, request.work.zone)
    sheet = sheet_of(
        request,
        form,
        found.answers,
        page=page,
        draft_url=local(first(fields, "_draft", LONGEST), ""),
        alone=bool(first(fields, "_alone")),
    )
    return {"sheet": sheet, "changed": sheet.changed_since(fields.get("_shown[]", []))}


@view_config(
    route_name="drafts",
    request_method="GET",
    permission="day:read",
    renderer="forms/drafts.jinja2",
    http_cache=0,
)
def list_drafts(_context: Any, request: Request) -> dict[str, Any]:
    """What the actor began and has not signed."""
    library = library_of(request.work)

    def title_of(draft: Response) -> str:
        form = library.get(draft.form_key)
        return str(request.words(form.title)) if form else draft.form_key

    return {
        "lines": queries.my_drafts(request.work),
        "title_of": title_of,
        "resume_url": _resume_url(request),
    }


def _resume_url(request: Request) -> Callable[[Response], str]:
    library = library_of(request.work)

    def where(draft: Response) -> str:
        if library.get(draft.form_key) is None:
            return ""
        if draft.case_id is None:
            return str(request.route_path("referral", person_id=draft.person_id))
        return str(request.route_path("case.form", case_id=draft.case_id, form_key=draft.form_key))

    return where


@view_config(route_name="draft.discard", request_method="POST", permission="day:read")
def discard(_context: Any, request: Request) -> Answer:
    """Throw a draft away."""
    draft = queries.own_draft(request.work, int(request.matchdict["draft_id"]))
    usecases.discard_draft(request.work, draft)
    tell(request, _("The draft is discarded."))
    return HTTPSeeOther(request.route_path("drafts"))
