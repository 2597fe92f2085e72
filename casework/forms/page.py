"""What the pages that ask or show a form have in common."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from pyramid.httpexceptions import HTTPBadRequest
from pyramid.renderers import render_to_response
from pyramid.request import Request
from pyramid.response import Response as Answer

from casework.cases.dossier import Dossier
from casework.errors import Conflict, Forbidden, Problem
from casework.forms.definition import Form, Item
from casework.forms.evaluate import evaluate
from casework.forms.formats import Phones
from casework.forms.library import library_of
from casework.forms.presentation import differences
from casework.forms.read import Reading, merged, read
from casework.forms.sheet import Sheet, make_sheet
from casework.programs import FormUse, Move
from casework.security.permissions import permitted

log = logging.getLogger("casework.forms")

Fields = Mapping[str, list[str]]


def posted(request: Request) -> dict[str, list[str]]:
    """The posted fields with all their values; files are left out."""
    found: dict[str, list[str]] = {}
    for name, value in request.POST.items():
        if isinstance(value, str):
            found.setdefault(name, []).append(value)
    return found


def held(request: Request) -> dict[str, list[str]] | None:
    """What was typed before a session ended, in the shape of posted fields."""
    if request.held is None:
        return None
    return {
        str(name): [str(one) for one in (value if isinstance(value, list) else [value])]
        for name, value in request.held.items()
    }


def first(fields: Fields, name: str, longest: int = 64) -> str:
    """A control field of the page itself; empty when it is absent, 400 when it is absurd."""
    value = (fields.get(name) or [""])[0]
    if len(value) > longest:
        raise HTTPBadRequest
    return value


def seen_version(fields: Fields) -> int | None:
    """The version that the page was made from."""
    text = first(fields, "_version", 9)
    if text and not (text.isascii() and text.isdigit()):
        raise HTTPBadRequest
    return int(text) if text else None


def sheet_of(
    request: Request,
    form: Form,
    answers: Mapping[str, Any],
    problems: Sequence[Problem] = (),
    *,
    page: Item | None = None,
    draft_url: str = "",
    hidden: Mapping[str, str] | None = None,
    alone: bool = False,
) -> Sheet:
    """A form as this request's reader fills it in, for any page that asks one.

    `answers` are those so far, `problems` those of Invalid; `hidden` are fields that go along; `alone`
    says that the section's title is the page's own.
    """
    present = library_of(request.work).get(form.key) == form
    place = {"_section": page.link_id if page is not None else "", "_alone": "yes" if alone else ""}
    place["_draft"] = draft_url  # for rows that are shown later, which can be added to as well
    return make_sheet(
        form,
        answers,
        now=request.work.now.astimezone(request.work.zone),
        roles=request.work.actor.roles,
        problems=problems,
        page=page,
        shown_url=request.route_path("form.shown", form_key=form.key) if present else "",
        draft_url=draft_url,
        hidden={**{name: value for name, value in place.items() if value}, **(hidden or {})},
        alone=alone,
    )


def section_of(form: Form, link_id: str) -> Item | None:
    """The section of a paged form to be shown: the one asked for, else the first; None for a whole form."""
    sections = form.sections if form.paged else ()
    return next((section for section in sections if section.link_id == link_id), next(iter(sections), None))


class Page:
    """What the pages of one form on one case have in common."""

    def __init__(self, context: Dossier, request: Request) -> None:
        self.context, self.request, self.work = context, request, request.work
        self.case = context.case
        self.now: datetime = request.work.now.astimezone(request.work.zone)
        self.roles = request.work.actor.roles

    def use_of(self, form_key: str) -> FormUse | None:
        """How the case's program uses a form, if it offers it on its own."""
        program = self.context.program
        uses = program.workflow.forms if program else ()
        return next((use for use in uses if use.form == form_key), None)

    def move_asking(self, form_key: str) -> Move | None:
        """The move of the case's program that a form is a part of."""
        program = self.context.program
        moves = program.workflow.moves if program else ()
        return next((move for move in moves if move.asks == form_key), None)

    def may_write(self, form_key: str) -> bool:
        """Whether the actor writes this form on this case: by the permission of its use, or, for a
        part of a move, by that of any move which asks it.
        """
        program, use = self.context.program, self.use_of(form_key)
        needed = {"form:write"}
        if use is not None:
            needed = {use.permission}
        elif program is not None and self.move_asking(form_key) is not None:
            asking = (move for move in program.workflow.moves if move.asks == form_key)
            needed = {f"{program.key}:move:{move.key}" for move in asking}
        return not needed.isdisjoint(permitted(self.work, self.context))

    def check_writing(self, form_key: str) -> None:
        """Forbidden unless the actor writes this form on this case."""
        if not self.may_write(form_key):
            raise Forbidden("form:write")

    def read(self, form: Form, fields: Fields, page: Item | None, before: Mapping[str, Any]) -> Reading:
        """The posted answers, together with those of the other pages of a paged form."""
        items = None if page is None else [page]
        found = read(form, fields, self.work.zone, items, Phones.of(self.work.settings))
        answers = found.answers if page is None else merged(before, found.answers, [page])
        return Reading(answers, found.problems)

    def log_dropped(self, form: Form, answers: Mapping[str, Any]) -> None:
        """Say in the log that fields were sent which this page does not ask; never what they held."""
        dropped = evaluate(form, answers, now=self.now, roles=self.roles).dropped
        if dropped:
            log.warning(
                "dropped fields form=%s case=%s actor=%s fields=%s incident=%s",
                form.key,
                self.case.id,
                self.work.actor.id,
                ",".join(sorted(dropped))[:500],
                self.work.request_id,
            )

    def path(self, route: str, **parts: Any) -> str:
        """The path of one of this case's pages."""
        return str(self.request.route_path(route, case_id=self.case.id, **parts))

    def render(self, template: str, values: Mapping[str, Any], status: int = 200) -> Answer:
        """A page of this domain, about this case."""
        common = {"case": self.case, "person": self.context.person, "dossier": self.context}
        answer = render_to_response(f"forms/{template}.jinja2", {**common, **values}, request=self.request)
        answer.status_int = status
        return answer

    def conflict(
        self, form: Form, error: Conflict, saved_url: str, again: tuple[str, int | None] | None
    ) -> Answer:
        """Both texts side by side. `again` is where the person's own text may be sent once more."""
        again_url, version = again if again is not None else ("", None)
        fields = [
            (name, value)
            for name, values in posted(self.request).items()
            if name not in ("csrf_token", "_version", "_action")
            for value in values
        ]
        return self.render(
            "conflict",
            {
                "form": form,
                "by": error.by if error.by != self.work.actor.name else "",
                "differences": differences(form, error.yours, error.theirs, self.roles),
                "saved_url": saved_url,
                "again_url": again_url,
                "fields": [*fields, ("_version", str(version or ""))],
            },
            409,
        )
