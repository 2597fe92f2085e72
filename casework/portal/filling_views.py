"""The pages of an application while it is filled in: on one's own, or by a worker for somebody who cannot."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from functools import cached_property
from typing import Any

from pyramid.config import Configurator
from pyramid.httpexceptions import HTTPSeeOther
from pyramid.renderers import render_to_response
from pyramid.request import Request
from pyramid.response import Response as Answer
from pyramid.view import view_config, view_defaults

from casework.documents.queries import documents_of
from casework.errors import Conflict, Invalid, Missing, Problem
from casework.forms.definition import Item
from casework.forms.formats import Phones
from casework.forms.page import first, held, posted, sheet_of
from casework.forms.presentation import Part, parts_of
from casework.forms.read import Reading, merged, read
from casework.forms.sheet import Sheet
from casework.i18n import Message, _
from casework.portal import applying, queries
from casework.portal.codes import resume_code
from casework.portal.presentation import (
    DONE,
    NOT_BEGUN,
    STATUS_TITLES,
    Section,
    in_days,
    mark_of,
    sections_of,
)
from casework.portal.queries import Application
from casework.programs import Paper, Purpose
from casework.web.notices import tell

OWN = "/my/applications/{case_id:[1-9][0-9]{0,17}}"
HELPED = "/cases/{case_id:[1-9][0-9]{0,17}}/application"

PAGES = {
    "tasks": "/tasks",
    "page": "/pages/{page:[a-z][a-z0-9_]{0,63}}",
    "check": "/check",
    "over": "/start-over",
    "submit": "/submit",
    "receipt": "/receipt",
}
"""The pages that there are both for the applicant and for a worker who helps, with their addresses."""


def includeme(config: Configurator) -> None:
    """The addresses of these pages."""
    for name, pattern in PAGES.items():
        config.add_route(f"application.{name}", OWN + pattern, factory=own_application)
        config.add_route(f"case.application.{name}", HELPED + pattern, factory=case_application)
    config.scan(__name__)


def own_application(request: Request) -> Application:
    """The application of the actor that the address names; anybody else's is not there."""
    found = queries.application(request.work, int(request.matchdict["case_id"]))
    if ("client", "case") not in set(found.relations(request.work)):
        raise Missing
    return found


def case_application(request: Request) -> Application:
    """The application that a case is, for those who work with it."""
    return queries.application(request.work, int(request.matchdict["case_id"]))


class ApplicationPage:
    """What the pages of one application have in common, whoever fills it in."""

    def __init__(self, context: Application, request: Request) -> None:
        self.context, self.request, self.work = context, request, request.work
        self.helping = request.matched_route.name.startswith("case.")
        self.form = context.form
        self.now = self.work.now.astimezone(self.work.zone)

    def url(self, page: str, /, **parts: Any) -> str:
        """The address of another page of this application."""
        family = "case.application" if self.helping else "application"
        return str(self.request.route_path(f"{family}.{page}", case_id=self.context.case.id, **parts))

    @property
    def home(self) -> str:
        """Where the application belongs: the page of the case, or the applicant's own."""
        route = "case" if self.helping else "application"
        return str(self.request.route_path(route, case_id=self.context.case.id))

    @cached_property
    def answers(self) -> Mapping[str, Any]:
        """The answers so far."""
        return applying.answers_so_far(self.work, self.context)

    @cached_property
    def sections(self) -> Sequence[Section]:
        """The pages that ask anything, with how far they are filled in."""
        return sections_of(self.form, self.answers, now=self.now, roles=self.work.actor.roles)

    @cached_property
    def paper_lines(self) -> Sequence[tuple[Paper, str]]:
        """The papers that are asked for, each with how it is there: photo, desk, or empty."""
        brought = queries.by_kind(documents_of(self.work, self.context.case.id))
        promised = queries.promised_papers(self.context)
        return [
            (paper, "photo" if paper.key in brought else "desk" if paper.key in promised else "")
            for paper in self.context.portal.papers(self.answers)
        ]

    def render(self, template: str, values: Mapping[str, Any], status: int = 200) -> Answer:
        """A page about this application."""
        common = {
            "application": self.context,
            "case": self.context.case,
            "person": self.context.person,
            "program": self.context.program,
            "helping": self.helping,
            "url": self.url,
            "home_url": self.home,
            "layout": "web/layout.jinja2" if self.helping else "web/plain.jinja2",
        }
        answer = render_to_response(f"portal/{template}.jinja2", {**common, **values}, request=self.request)
        answer.status_int = status
        answer.cache_control = "no-store"
        return answer


def for_both(page: str, **options: Any) -> Any:
    """A view of the applicant's page and of the same page for a worker who helps."""

    def register(method: Any) -> Any:
        # One frame deeper than a decorator usually stands: the view is a method of the class around it.
        both = {**options, "_depth": 1}
        own = view_config(route_name=f"application.{page}", permission="application:own", **both)
        helped = view_config(route_name=f"case.application.{page}", permission="application:fill", **both)
        return own(helped(method))

    return register


@view_defaults(http_cache=0)
class Filling(ApplicationPage):
    """The list of what there is to do, and the pages of questions."""

    @for_both("tasks", request_method="GET")
    def show_tasks(self) -> Answer:
        """What is to be done before the application can be handed in, and how far each part is."""
        if not self.context.begun:
            return HTTPSeeOther(self.home)
        other = self._somebody_else()
        return self.render(
            "tasks",
            {
                "sections": () if other else self.sections,
                "statuses": STATUS_TITLES,
                "papers": () if other else self.paper_lines,
                "purposes": self._purposes(),
                "somebody_else": other,
                "resume_code": "" if self.helping else resume_code(self.work, self.context.case),
            },
        )

    def _purposes(self) -> Sequence[tuple[Message, str, tuple[Message, str]]]:
        """What is agreed to: title, address and tag of each part."""
        agreed = queries.agreed_purposes(self.work, self.context.case.id)
        purposes = self.context.portal.purposes
        together = [purpose for purpose in purposes if not purpose.separate]
        asked = [(_("Use of what you tell us"), self.url("consents"), together)] if together else []
        asked += [
            (purpose.title, self.url("consent", purpose=purpose.key), [purpose])
            for purpose in purposes
            if purpose.separate
        ]
        return [(title, url, self._agreed(each, agreed)) for title, url, each in asked]

    def _agreed(self, purposes: Sequence[Purpose], agreed: Collection[str]) -> tuple[Message, str]:
        if all(each.key in agreed for each in purposes if each.required) and any(
            each.key in agreed for each in purposes
        ):
            return STATUS_TITLES[DONE]
        if not any(each.required for each in purposes):
            return (_("If you like"), "grey")
        return STATUS_TITLES[NOT_BEGUN]

    def _somebody_else(self) -> str:
        """Who fills the application in, when a worker finds it in the hands of the applicant or a colleague."""
        draft = queries.draft_of(self.work, self.context) if self.helping else None
        if draft is None or draft.author_id == self.work.actor.id:
            return ""
        return queries.author_of(self.work, draft).name or self.context.person.full_name

    @for_both("tasks", request_method="POST")
    def take_over(self) -> Answer:
        """Go on in place of whoever filled it in so far."""
        applying.take_over(self.work, self.context)
        return HTTPSeeOther(self.url("tasks"))

    @for_both("page", request_method="GET")
    def show_page(self) -> Answer:
        """One page of questions, with what was filled in, or typed before a session ended."""
        if not self.context.begun:
            return HTTPSeeOther(self.home)
        page, answers, seen = self.page, self.answers, mark_of(self.answers, self.page)
        problems: Sequence[Problem] = ()
        if (fields := held(self.request)) is not None:
            answers, seen = self._read(fields).answers, first(fields, "_seen")
        elif "check" in self.request.GET:
            problems = next((each.problems for each in self.sections if each.item is page), ())
        return self._page(answers, problems, seen)

    @for_both("page", request_method="POST")
    def keep_page(self) -> Answer:
        """Keep what was filled in and go on; a script that saves by itself is told when it was kept."""
        fields = posted(self.request)
        found, action = self._read(fields), first(fields, "_action", 100)
        quietly = "application/json" in self.request.headers.get("Accept", "")
        try:
            wrong = applying.keep_page(
                self.work, self.context, self.page, found.answers, first(fields, "_seen")
            )
        except Conflict:
            if quietly:
                raise
            return self._overtaken(found.answers)
        kept = applying.answers_so_far(self.work, self.context)
        if quietly:
            saved = self.request.words.local(self.work.now)
            return Answer(json_body={"_seen": mark_of(kept, self.page), "saved": f"{saved:%H:%M}"})
        problems = [*found.problems, *wrong]
        if action in ("next", "check") and problems:
            self.request.environ["casework.keep"] = True  # What was typed, right or wrong.
            return self._page(found.answers, problems, mark_of(kept, self.page), 422)
        return HTTPSeeOther(self._after(action, kept))

    def _after(self, action: str, kept: Mapping[str, Any]) -> str:
        verb, _colon, group = action.partition(":")
        if verb in ("row", "update"):
            return self.url("page", page=self.page.link_id) + (
                f"#{group}" if self.form.item(group) is not None else ""
            )
        if verb == "later":
            tell(self.request, _("What you filled in is kept. You can go on later."))
            return self.url("tasks")
        if verb == "check":
            return self.url("check")
        after = self._sheet(kept, (), "").next_page
        return self.url("page", page=after.link_id) if after is not None else self.url("tasks")

    @cached_property
    def page(self) -> Item:
        """The page that the address names; Missing for none."""
        for section in self.form.sections:
            if section.link_id == self.request.matchdict["page"]:
                return section
        raise Missing

    def _read(self, fields: Mapping[str, list[str]]) -> Reading:
        """The answers of this page as posted, together with those of the other pages."""
        found = read(self.form, fields, self.work.zone, [self.page], Phones.of(self.work.settings))
        return Reading(merged(self.answers, found.answers, [self.page]), found.problems)

    def _overtaken(self, answers: Mapping[str, Any]) -> Answer:
        """The page as typed, when it was changed in another window since it was opened."""
        now_there = queries.draft_of(self.work, self.context)
        seen = mark_of(now_there.answers if now_there else {}, self.page)
        problem = Problem(
            self.page.link_id,
            _(
                "This page was changed in another window. Below is what you typed here: continue to keep this."
            ),
        )
        return self._page(answers, [problem], seen, 409)

    def _sheet(self, answers: Mapping[str, Any], problems: Sequence[Problem], seen: str) -> Sheet:
        return sheet_of(
            self.request,
            self.form,
            answers,
            problems,
            page=self.page,
            draft_url=self.url("page", page=self.page.link_id),
            hidden={"_seen": seen},
            alone=True,
        )

    def _page(
        self, answers: Mapping[str, Any], problems: Sequence[Problem], seen: str, status: int = 200
    ) -> Answer:
        sheet = self._sheet(answers, problems, seen)
        if self.page not in sheet.pages:
            return HTTPSeeOther(self.url("tasks"))
        number = sheet.pages.index(self.page) + 1
        before = sheet.previous_page
        return self.render(
            "page",
            {
                "sheet": sheet,
                "number": number,
                "back_url": self.url("page", page=before.link_id) if before else self.url("tasks"),
                "checking": "check" in self.request.GET or self.request.POST.get("_action") == "check",
            },
            status,
        )

    @for_both("over", request_method="POST")
    def start_over(self) -> Answer:
        """Throw away what was filled in."""
        if self.context.begun:
            applying.start_over(self.work, self.context)
            tell(self.request, _("All answers are gone. You begin again."))
        return HTTPSeeOther(self.url("tasks"))


@view_defaults(http_cache=0)
class HandingIn(ApplicationPage):
    """Looking at all answers, handing in, and the receipt."""

    @for_both("check", request_method="GET")
    def show_check(self) -> Answer:
        """Every answer, with a way to change it, and what is missing."""
        if not self.context.begun:
            return HTTPSeeOther(self.home)
        return self._check()

    def _check(self, problems: Sequence[Problem] = (), status: int = 200) -> Answer:
        return self.render(
            "check_answers",
            {
                "sections": [(section, self._parts(section)) for section in self.sections],
                "missing": applying.missing(self.work, self.context, self.sections),
                "papers": self.paper_lines,
                "problems": problems,
            },
            status,
        )

    def _parts(self, section: Section) -> Sequence[Part]:
        """What was answered on a page, to be read."""
        here = {item.link_id for item in section.item.walk()}
        return [part for part in self._all if any(line.item.link_id in here for line in part.lines)]

    @cached_property
    def _all(self) -> Sequence[Part]:
        return parts_of(self.form, self.answers, now=self.now, roles=self.work.actor.roles)

    @for_both("submit", request_method="POST")
    def hand_in(self) -> Answer:
        """Hand the application in, once; what is missing is told with ways to it."""
        if self.context.begun and applying.missing(self.work, self.context, self.sections):
            return self._check(status=422)
        try:
            applying.hand_in(self.work, self.context)
        except Invalid as invalid:
            return self._check(invalid.problems, 422)
        return HTTPSeeOther(self.url("receipt"))

    @for_both("receipt", request_method="GET")
    def show_receipt(self) -> Answer:
        """The number under which it was handed in, and what happens next."""
        if self.context.begun:
            return HTTPSeeOther(self.url("tasks"))
        state = self.context.dossier.state
        usual = queries.usual_time(self.work, self.context.program, self.context.case.state)
        return self.render(
            "receipt",
            {
                "handed_in_at": queries.happened_at(self.work, self.context, self.context.submit.event),
                "state": state,
                "usual": in_days(usual) if usual is not None else None,
            },
        )
