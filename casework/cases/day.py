"""The first page after signing in: what is due, and what waits for this person."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from pyramid.httpexceptions import HTTPSeeOther
from pyramid.request import Request
from pyramid.view import view_config

from casework.cases import queries
from casework.cases.presentation import URGENCY_TITLES, states_of
from casework.duties.queries import my_duties
from casework.forms.library import library_of
from casework.forms.model import Response
from casework.forms.queries import my_drafts
from casework.security.permissions import Place, permitted
from casework.web.asked import new_mark
from casework.work import Work

SHOWN = 12
"""Rows of each list on the first page."""


def waiting_states(work: Work, allowed: Collection[str]) -> tuple[tuple[str, str], ...]:
    """The program and state in which cases wait for the actor: a next step that the case's worker cannot take."""
    return tuple(
        {
            (program.key, source)
            for program in work.programs
            for move in program.workflow.moves
            for source in move.sources
            if move.primary
            and f"{program.key}:move:{move.key}" in allowed
            and f"{program.key}:move:{move.key}" not in program.grants.get(("worker", "case"), ())
        }
    )


@view_config(route_name="home", request_method="GET", permission="home:read", renderer="cases/day.jinja2")
def show_home(_context: Any, request: Request) -> Any:
    """My day: deadlines first, then what waits to be assigned or signed, the caseload and the drafts.

    Patients and families have pages of their own.
    """
    work = request.work
    if work.actor.kind == "portal":
        return HTTPSeeOther(request.route_path("my"))
    allowed = permitted(work, Place())
    works = "day:read" in allowed
    waiting, mine, referrals = [], [], []
    if states := waiting_states(work, allowed):
        waiting = list(queries.list_cases(work, queries.CaseFilter(states=states), limit=SHOWN).rows)
    if "worker" in work.actor.roles:
        mine = list(queries.list_cases(work, queries.CaseFilter(mine=True, open_only=True), limit=SHOWN).rows)
    elif "referral:list" in allowed:
        referrals = list(queries.list_cases(work, queries.CaseFilter(referred=True), limit=SHOWN).rows)
    library = library_of(work)
    return {
        "allowed": allowed,
        "day": my_duties(work) if works else None,
        "desks": [
            each
            for program in work.programs
            if program.waiting is not None
            for each in program.waiting(work)
            if each.count
        ],
        "waiting": waiting,
        "with_contacts": {
            program.key
            for program in work.programs
            if any(use.form == "contact-note" for use in program.workflow.forms)
        },
        "mine": mine,
        "referrals": referrals,
        "drafts": [(line, library.get(line.draft.form_key)) for line in my_drafts(work)] if works else [],
        "new_mark": new_mark,
        "draft_url": lambda draft: _draft_url(request, draft),
        "states": states_of(work.programs),
        "urgencies": URGENCY_TITLES,
    }


def _draft_url(request: Request, draft: Response) -> str:
    """Where a draft is gone on with: its form on the case, or the referral that has no case yet."""
    if draft.case_id is None:
        return str(request.route_path("referral", person_id=draft.person_id))
    return str(request.route_path("case.form", case_id=draft.case_id, form_key=draft.form_key))
