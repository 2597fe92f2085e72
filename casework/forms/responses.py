"""The pages of signed responses: reading and correcting."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pyramid.httpexceptions import HTTPSeeOther
from pyramid.request import Request
from pyramid.response import Response as Answer
from pyramid.view import view_config

from casework.cases.dossier import Dossier
from casework.errors import Conflict, Forbidden, Invalid, Problem
from casework.forms import queries, usecases
from casework.forms.formats import Phones
from casework.forms.model import Response
from casework.forms.page import Page, first, held, posted, seen_version, sheet_of
from casework.forms.presentation import parts_of
from casework.forms.read import read
from casework.i18n import _
from casework.web.notices import tell


class Signed(Page):
    """A signed response."""

    def __init__(self, context: Dossier, request: Request) -> None:
        super().__init__(context, request)
        self.response = queries.response(self.work, int(request.matchdict["response_id"]), self.case)
        self.form = queries.form_of(self.work, self.response)

    @view_config(route_name="case.response", request_method="GET", permission="form:read", http_cache=0)
    def show(self) -> Answer:
        """The answers, who signed them and when, and what they were corrected to."""
        editions = queries.editions(self.work, self.response)
        signer = next(e.signer for e in editions if e.response.id == self.response.id)
        return self.render(
            "response",
            {
                "response": self.response,
                "form": self.form,
                "signer": signer,
                "editions": editions,
                "newest": editions[-1],
                "parts": parts_of(self.form, self.response.answers, now=self.now, roles=self.roles),
                "may_amend": self.response.status == "signed" and self.may_correct,
            },
        )

    @property
    def may_correct(self) -> bool:
        """Whether the actor corrects this response. What was signed with a step is that person's word,
        on which others have acted since: nobody else puts other words in its place.
        """
        alone = self.use_of(self.form.key) is None and self.move_asking(self.form.key) is not None
        return self.may_write(self.form.key) and (not alone or self.response.signed_by == self.work.actor.id)

    def _check_correcting(self) -> None:
        if not self.may_correct:
            raise Forbidden("form:write")

    @view_config(route_name="case.response.amend", request_method="GET", permission="form:read", http_cache=0)
    def correct(self) -> Answer:
        """The signed answers, to be corrected."""
        self._check_correcting()
        if self.response.status != "signed":
            return HTTPSeeOther(self._newest())
        fields = held(self.request)
        if fields is None:
            return self._form(self.response.answers, [], self.response.version, "")
        found = read(self.form, fields, self.work.zone, phones=Phones.of(self.work.settings))
        return self._form(found.answers, [], seen_version(fields), first(fields, "_reason", 2000))

    @view_config(route_name="case.response.amend", request_method="POST", permission="form:read")
    def amend(self) -> Answer:
        """Sign the corrected answers, or show what has to be mended."""
        self._check_correcting()
        fields = posted(self.request)
        found = read(self.form, fields, self.work.zone, phones=Phones.of(self.work.settings))
        version, reason = seen_version(fields), first(fields, "_reason", 10_000)
        if found.problems:
            return self._form(found.answers, found.problems, version, reason, 422)
        try:
            amended = usecases.amend(self.work, self.response, found.answers, reason, version)
        except Invalid as error:
            return self._form(found.answers, error.problems, version, reason, 422)
        except Conflict as error:
            return self.conflict(self.form, error, self._newest(), None)
        tell(self.request, _("The correction is signed. The former text stays readable."))
        return HTTPSeeOther(self.path("case.response", response_id=amended.id))

    def _newest(self) -> str:
        newest: Response = queries.editions(self.work, self.response)[-1].response
        return self.path("case.response", response_id=newest.id)

    def _form(
        self,
        answers: Mapping[str, Any],
        problems: Sequence[Problem],
        version: int | None,
        reason: str,
        status: int = 200,
    ) -> Answer:
        hidden = {"_version": str(version or "")}
        return self.render(
            "form",
            {
                "sheet": sheet_of(self.request, self.form, answers, problems, hidden=hidden),
                "sign_url": self.path("case.response.amend", response_id=self.response.id),
                "section_url": None,
                "saved_at": None,
                "closed": False,
                "amended": True,
                "reason": reason,
            },
            status,
        )
