"""A form that is filled in as a part of another page: of a move, or of a referral."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pyramid.request import Request
from pyramid.response import Response as Answer

from casework.cases.model import Case
from casework.errors import Invalid, Problem
from casework.forms import usecases
from casework.forms.definition import Form
from casework.forms.evaluate import evaluate
from casework.forms.formats import Phones
from casework.forms.page import Fields, first, held, posted, seen_version, sheet_of
from casework.forms.queries import draft_for
from casework.forms.read import Reading, read
from casework.forms.sheet import Sheet
from casework.web.asked import new_mark


class Asked:
    """One form on such a page: reading what was posted, keeping the draft, showing it again."""

    def __init__(
        self, request: Request, form: Form, case: Case | None, draft_url: str, person_id: int | None = None
    ) -> None:
        self.person_id = person_id
        self.request, self.work, self.form, self.case = request, request.work, form, case
        self.draft_url = draft_url
        self.draft = draft_for(self.work, case, form.key, person_id)

    def reading(self) -> Reading:
        """What was posted."""
        return self._read(posted(self.request))

    def _read(self, fields: Fields) -> Reading:
        return read(self.form, fields, self.work.zone, phones=Phones.of(self.work.settings))

    def refuse_problems(self, found: Reading | None, besides: Sequence[Problem] = ()) -> None:
        """Raise Invalid if what was posted cannot be read, or if the page has problems of its own.

        Those of the form go with them, so that everything is told at once.
        """
        if found is not None and (found.problems or besides):
            now = self.work.now.astimezone(self.work.zone)
            missing = evaluate(self.form, found.answers, now=now, roles=self.work.actor.roles).problems
            raise Invalid(found.problems or missing)

    def first_sheet(self) -> Sheet:
        """The sheet as the page is opened: what was held, else the draft, else the initial answers."""
        fields = held(self.request)
        if fields is not None:
            answers: Mapping[str, Any] = self._read(fields).answers
        elif self.draft is not None:
            answers = self.draft.answers
        else:
            answers = usecases.first_answers(self.work, self.form, self.case)
        version = self.draft.version if self.draft else None
        submission = (self.draft.submission if self.draft else None) or new_mark()
        return self.sheet(answers, (), version, submission)

    def same_sheet(
        self, answers: Mapping[str, Any], problems: Sequence[Problem], mark: str | None = None
    ) -> Sheet:
        """The sheet as it was posted, with what has to be mended; under the same mark or another one."""
        fields = posted(self.request)
        return self.sheet(answers, problems, seen_version(fields), mark or first(fields, "_submission"))

    def sheet(
        self, answers: Mapping[str, Any], problems: Sequence[Problem], version: int | None, submission: str
    ) -> Sheet:
        """A sheet with the page's own control fields."""
        hidden = {"_version": str(version or ""), "_submission": submission}
        return sheet_of(self.request, self.form, answers, problems, draft_url=self.draft_url, hidden=hidden)

    def keep(self) -> Answer:
        """Keep the draft for a script that saves by itself."""
        fields = posted(self.request)
        draft = usecases.keep_draft(
            self.work,
            self.form,
            self.case,
            self.reading().answers,
            seen_version(fields),
            first(fields, "_submission") or None,
            self.person_id,
        )
        saved = self.request.words.local(draft.updated_at)
        return Answer(json_body={"_version": str(draft.version), "saved": f"{saved:%H:%M}"})
