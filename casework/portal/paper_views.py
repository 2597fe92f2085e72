"""The pages of an application on which papers are photographed and consents are given."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any

from pyramid.config import Configurator
from pyramid.httpexceptions import HTTPSeeOther
from pyramid.request import Request
from pyramid.response import Response as Answer
from pyramid.view import view_defaults

from casework.documents.queries import documents_of
from casework.documents.usecases import keep_document, remove_document
from casework.errors import Invalid, Missing, Problem, Refused
from casework.i18n import _
from casework.portal import applying, consents, queries
from casework.portal.filling_views import (
    HELPED,
    OWN,
    ApplicationPage,
    case_application,
    for_both,
    own_application,
)
from casework.portal.queries import Application
from casework.programs import Paper, Purpose
from casework.web.asked import mark, new_mark
from casework.web.notices import tell

KEY = "[a-z][a-z0-9_-]{0,63}"
PAGES = {
    "papers": "/papers",
    "paper": f"/papers/{{paper:{KEY}}}",
    "paper.promise": f"/papers/{{paper:{KEY}}}/desk",
    "paper.remove": f"/papers/{{paper:{KEY}}}/remove",
    "consents": "/consents",
    "consent": f"/consents/{{purpose:{KEY}}}",
}

RELATIONS: Mapping[str, str] = {"self": "self", "child": "guardian"}
"""In whose place one agrees, where it follows from for whom one asks."""


def includeme(config: Configurator) -> None:
    """The addresses of these pages."""
    for name, pattern in PAGES.items():
        config.add_route(f"application.{name}", OWN + pattern, factory=own_application)
        config.add_route(f"case.application.{name}", HELPED + pattern, factory=case_application)
    config.scan(__name__)


@view_defaults(http_cache=0)
class Papers(ApplicationPage):
    """The papers that are asked for, each as one or more photos."""

    def __init__(self, context: Application, request: Request) -> None:
        super().__init__(context, request)
        self.papers: Sequence[Paper] = context.portal.papers(self.given)
        self.open = context.begun or applying.asked_for_papers(self.work, context)

    @property
    def given(self) -> Mapping[str, Any]:
        """The answers that say which papers are needed: of the draft, or as they were handed in."""
        if self.context.begun:
            return self.answers
        return self.context.dossier.answers(self.form.key)

    @cached_property
    def photos(self) -> Mapping[str, list[Any]]:
        """What was handed in, by the key of the paper."""
        return queries.by_kind(documents_of(self.work, self.context.case.id))

    @cached_property
    def promised(self) -> frozenset[str]:
        """The papers that will be brought to the desk."""
        return queries.promised_papers(self.context)

    @cached_property
    def paper(self) -> Paper:
        """The paper that the address names; Missing for one that is not asked for."""
        for paper in self.papers:
            if paper.key == self.request.matchdict["paper"]:
                return paper
        raise Missing

    @for_both("papers", request_method="GET")
    def show_papers(self) -> Answer:
        """The papers, and how far each is there."""
        return self.render(
            "papers",
            {
                "papers": self.papers,
                "photos": self.photos,
                "promised": self.promised,
                "open": self.open,
                "todos": () if self.context.begun else applying.what_to_do(self.work, self.context),
            },
        )

    @for_both("paper", request_method="GET")
    def show_paper(self) -> Answer:
        """One paper: its photos, and a way to add one."""
        return self._paper()

    def _paper(self, problems: Sequence[Problem] = (), status: int = 200) -> Answer:
        number = self.papers.index(self.paper) + 1
        after = self.papers[number] if number < len(self.papers) else None
        return self.render(
            "paper",
            {
                "paper": self.paper,
                "number": number,
                "total": len(self.papers),
                "photos": self.photos.get(self.paper.key, []),
                "promised": self.paper.key in self.promised,
                "next_url": self.url("paper", paper=after.key) if after else self.url("papers"),
                "open": self.open,
                "mine": self.work.actor.id,
                "submission": new_mark(),
                "problems": problems,
            },
            status,
        )

    @for_both("paper", request_method="POST")
    def add(self) -> Answer:
        """Keep the photos; those that cannot be kept are told, each with its reason."""
        self._check_open()
        page, problems, kept = mark(self.request) or new_mark(), [], 0
        uploads = [each for each in self.request.POST.getall("photo[]") if not isinstance(each, str | bytes)]
        for number, upload in enumerate(uploads):
            try:
                keep_document(
                    self.work,
                    self.context.case,
                    kind=self.paper.key,
                    upload=upload.file,
                    file_name=str(upload.filename or ""),
                    title=self.paper.title,
                    submission=f"{page}:{number}",
                )
                kept += 1
            except Refused as refused:
                problems += [Problem("photo[]", each.reason) for each in refused.refusals]
        if not uploads:
            problems.append(Problem("photo[]", _("Choose a photo first.")))
        if problems:
            self.request.environ["casework.keep"] = True  # The photos that were in order.
            return self._paper(problems, 422)
        tell(self.request, _("The photo is kept."))
        return HTTPSeeOther(self.url("paper", paper=self.paper.key))

    @for_both("paper.promise", request_method="POST")
    def promise(self) -> Answer:
        """Say that it will be brought to the desk."""
        self._check_open()
        if self.paper.key not in self.promised:
            applying.promise_paper(self.work, self.context, self.paper.key)
        return HTTPSeeOther(self.url("papers"))

    @for_both("paper.remove", request_method="POST")
    def remove(self) -> Answer:
        """Take a photo away again; what was handed in with the application stays."""
        self._check_open()
        uid = self.request.POST.get("document", "")
        document = next((each for each in self.photos.get(self.paper.key, []) if each.uid == uid), None)
        if document is None or not applying.may_remove(self.work, self.context, document):
            raise Missing
        remove_document(self.work, document)
        tell(self.request, _("The photo is removed."))
        return HTTPSeeOther(self.url("paper", paper=self.paper.key))

    def _check_open(self) -> None:
        if not self.open:
            raise Refused([applying.NOT_ASKED])


@view_defaults(http_cache=0)
class Consents(ApplicationPage):
    """What is agreed to: what is needed on one page, what is asked apart on a page of its own."""

    @cached_property
    def agreed(self) -> Mapping[str, Any]:
        """What is agreed to already, by purpose."""
        return queries.agreed_purposes(self.work, self.context.case.id)

    @property
    def together(self) -> Sequence[Purpose]:
        """The purposes that are asked on one page."""
        return [purpose for purpose in self.context.portal.purposes if not purpose.separate]

    @property
    def apart(self) -> Sequence[Purpose]:
        """The purposes that have a page of their own."""
        return [purpose for purpose in self.context.portal.purposes if purpose.separate]

    @for_both("consents", request_method="GET")
    def show_consents(self) -> Answer:
        """What has to be agreed to, in full."""
        if not self.together:
            return HTTPSeeOther(self._after(None))
        return self._page("consents", {"purposes": self.together})

    @for_both("consents", request_method="POST")
    def agree(self) -> Answer:
        """Agree to what was ticked."""
        problems = []
        for purpose in self.together:
            if purpose.key in self.agreed:
                continue
            if self.request.POST.get(purpose.key) == "yes":
                problems += self._agree(purpose)
            elif purpose.required:
                problems.append(Problem(purpose.key, WITHOUT))
        if problems:
            return self._page("consents", {"purposes": self.together}, problems)
        return HTTPSeeOther(self._after(None))

    @for_both("consent", request_method="GET")
    def show_consent(self) -> Answer:
        """One purpose that is asked by itself."""
        return self._page("consent", {"purpose": self.purpose})

    @for_both("consent", request_method="POST")
    def answer(self) -> Answer:
        """Agree, or go on without."""
        answer, problems = self.request.POST.get("agree"), []
        if answer == "yes" and self.purpose.key not in self.agreed:
            problems = self._agree(self.purpose)
        elif answer not in ("yes", "no"):
            problems = [Problem("agree", _("Choose an answer."))]
        elif answer == "no" and self.purpose.required:
            problems = [Problem("agree", WITHOUT)]
        if problems:
            return self._page("consent", {"purpose": self.purpose}, problems)
        return HTTPSeeOther(self._after(self.purpose))

    @cached_property
    def purpose(self) -> Purpose:
        """The purpose that the address names; Missing for one that is not asked by itself."""
        for purpose in self.apart:
            if purpose.key == self.request.matchdict["purpose"]:
                return purpose
        raise Missing

    def _agree(self, purpose: Purpose) -> list[Problem]:
        relation = self.request.POST.get("relation") or RELATIONS.get(self.context.relation, "")
        if relation not in consents.RELATIONS:
            return [Problem("relation", _("Choose who agrees."))]
        try:
            consents.give_consent(
                self.work,
                self.context.case,
                purpose,
                relation=relation,  # type: ignore[arg-type]
                how="desk" if self.helping else "portal",
            )
        except Invalid as invalid:
            return list(invalid.problems)
        return []

    def _after(self, present: Purpose | None) -> str:
        """The next purpose that is asked by itself and was not agreed to, else the list of what to do."""
        rest = self.apart
        if present is not None:
            rest = rest[rest.index(present) + 1 :]
        waiting = next((each for each in rest if each.key not in self.agreed), None)
        return self.url("consent", purpose=waiting.key) if waiting else self.url("tasks")

    def _page(self, template: str, values: Mapping[str, Any], problems: Sequence[Problem] = ()) -> Answer:
        ask = self.context.relation not in RELATIONS or any(each.where == "relation" for each in problems)
        common = {
            "agreed": self.agreed,
            "problems": problems,
            "who_agrees": consents.RELATIONS.items() if ask else (),
            "typed": self.request.POST,
        }
        return self.render(template, {**common, **values}, 422 if problems else 200)


WITHOUT = _("Without this the aid cannot be given. Agree, or ask the social work office.")
