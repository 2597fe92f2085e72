"""The pages of cases: the list, one case with its timeline, and its moves."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from pyramid.request import Request
from pyramid.view import view_config

from casework.cases import queries, usecases
from casework.cases.dossier import Dossier
from casework.cases.events import event_kinds
from casework.cases.presentation import (
    URGENCY_TITLES,
    WALLS,
    by_day,
    event_icon,
    event_tone,
    excerpt,
    reason_of,
    recorded_late,
    states_of,
    step_of,
)
from casework.cases.rules import URGENCIES
from casework.documents.queries import documents_of
from casework.documents.rules import poor_photo
from casework.duties.queries import duties_of, exemptions_of
from casework.errors import Refusal
from casework.forms.library import Library, library_of
from casework.i18n import Message, _
from casework.people.codes import CONTACT_ROLES, DISCLOSURE, RELATIONS, SPOKEN
from casework.people.queries import case_people
from casework.people.rules import masked_tail, shown_phone, written_birth_date
from casework.plans.rules import RATINGS, STATUSES, plan_attainment
from casework.programs import Move
from casework.security.permissions import Place, permitted
from casework.staff.queries import names_of, units_within
from casework.web.asked import choice, moment_range, number

TIMELINE_GROUPS = {
    "contacts": (_("Contacts"), ("contact.recorded",)),
    "forms": (
        _("Forms"),
        ("consent.signed", "screening.recorded", "assessment.signed", "plan.agreed", "review.recorded"),
    ),
    "goals": (_("Goals"), ("goal.set", "goal.changed", "goal.rated")),
}
"""The filters of a timeline besides "moves", which are whatever the program's moves append."""


def dossier(request: Request) -> Dossier:
    """The case that the address names; what may not be seen is not there."""
    return queries.dossier_of(request.work, int(request.matchdict["case_id"]))


@view_config(
    route_name="cases",
    request_method="GET",
    permission="case:list",
    renderer="cases/list.jinja2",
    http_cache=0,
)
def list_cases(_context: Any, request: Request) -> dict[str, Any]:
    """The cases that the actor may see, newest first, narrowed by the filters of the query."""
    work = request.work
    states = {f"{program}.{key}": state for (program, key), state in states_of(work.programs).items()}
    titles = {program.key: program.title for program in work.programs}
    mine = "case:read" not in permitted(work, Place())
    units = units_within(work, work.actor.units(), ("district", "hospital", "ward", "town", "centre"))
    unit = choice(request, "unit", [str(each.id) for each in units])
    wanted = queries.CaseFilter(
        mine=mine or choice(request, "whose", ("mine", "all")) == "mine",
        program=choice(request, "program", [program.key for program in work.programs]),
        states=tuple(_pair(each) for each in [choice(request, "state", list(states))] if each),
        phase=choice(request, "phase", ("before", "active", "paused", "done")),  # type: ignore[arg-type]
        urgency=choice(request, "urgency", URGENCIES),
        unit_id=int(unit) if unit else None,
    )
    choice(request, "sort", ("newest",))
    page = queries.list_cases(work, wanted, before=number(request, "before"), after=number(request, "after"))
    return {
        "page": page,
        "wanted": wanted,
        "states": states_of(work.programs),
        "state_options": [
            (key, _("%(program)s: %(state)s", program=titles[key.split(".")[0]], state=state.title))
            for key, state in states.items()
        ],
        "units": units,
        "programs": titles,
        "urgencies": URGENCY_TITLES,
        "only_mine": mine,
        "filters": {k: v for k, v in request.GET.items() if k not in {"before", "after"} and v},
    }


def _pair(text: str) -> tuple[str, str]:
    program, _dot, state = text.partition(".")
    return program, state


@view_config(
    route_name="referrals",
    request_method="GET",
    permission="referral:list",
    renderer="cases/referrals.jinja2",
)
def list_referrals(_context: Any, request: Request) -> dict[str, Any]:
    """The referrals that the actor made: how far each has come."""
    page = queries.list_cases(
        request.work,
        queries.CaseFilter(referred=True),
        before=number(request, "before"),
        after=number(request, "after"),
    )
    return {"page": page, "states": states_of(request.work.programs), "urgencies": URGENCY_TITLES}


@dataclass(frozen=True)
class Offer:
    """A move on the case page: what it is called, and why it is not possible now, if it is not."""

    move: Move
    refusals: Sequence[Refusal]


def offers(context: Dossier) -> Sequence[Offer]:
    """The moves that the actor may make from the present state, possible ones first."""
    work, program = context.work, context.program
    if program is None:
        return []
    allowed = permitted(work, context)
    found = [
        Offer(move, usecases.reasons_against(work, context, move))
        for move in program.workflow.moves_from(context.case.state)
        if f"{program.key}:move:{move.key}" in allowed
    ]
    return sorted(found, key=lambda offer: (bool(offer.refusals), not offer.move.primary))


@dataclass(frozen=True)
class FormOffer:
    """A form that may be written now, and whether it was signed in this episode."""

    key: str
    title: str
    signed: bool


def form_offers(context: Dossier) -> Sequence[FormOffer]:
    """The forms that the program uses in the present state and that the actor may write."""
    work, program = context.work, context.program
    if program is None:
        return []
    library, allowed = library_of(work), permitted(work, context)
    return [
        FormOffer(use.form, library[use.form].title, use.once and context.signed(use.form) is not None)
        for use in program.workflow.forms
        if context.case.state in use.states and use.permission in allowed
    ]


@view_config(route_name="case", request_method="GET", permission="case:read", renderer="cases/case.jinja2")
def show_case(context: Dossier, request: Request) -> dict[str, Any]:
    """One case: header, steps, next steps, deadlines, people, documents and the timeline."""
    work, case = request.work, context.case
    allowed = permitted(work, context)
    offered = offers(context)
    library, duties = library_of(work), duties_of(work, case)
    return {
        "dossier": context,
        "case": case,
        "person": context.person,
        "unit": context.unit,
        "worker": context.worker,
        "referrer": context.referrer,
        "step": step_of(context),
        "offers": offered,
        "move_links": [
            (
                offer.move.title,
                request.route_path("case.move", case_id=case.id, move=offer.move.key),
                offer.move.primary,
            )
            for offer in offered
            if not offer.refusals
        ],
        "form_offers": form_offers(context),
        "duties": duties,
        "exemptions": exemptions_of(work, duties),
        "contact_people": [
            (each, shown_phone(each.phone, work.settings.phone_region) if each.phone else "")
            for each in case_people(work, case.id)
        ],
        "contact_roles": CONTACT_ROLES,
        "relations": RELATIONS,
        "documents": [
            (each, _title(library, each.form_key))
            for each in context.responses
            if each.form_key != "contact-note"
        ],
        "papers": documents_of(work, case.id) if "document:read" in allowed else (),
        "poor_photo": poor_photo,
        "goals": context.goals,
        "goal_statuses": STATUSES,
        "goal_ratings": RATINGS,
        "attainment": plan_attainment(context.goals),
        "can_set_goals": "goal:write" in allowed and context.state.phase == "active",
        "allowed": allowed,
        "person_rows": [
            (_("Phone"), shown_phone(context.person.phone, work.settings.phone_region) or _("not known")),
            (_("Identity number"), masked_tail(context.person.id_number_tail) or _("not known")),
            (_("Knows the diagnosis"), DISCLOSURE.get(context.person.disclosure, _("not known"))),
            (_("Speaks"), SPOKEN.get(context.person.spoken, _("not known"))),
            (_("Address"), context.person.address or _("not known")),
        ],
        "born": written_birth_date(context.person.birth_date, context.person.birth_date_precision),
        **_timeline(context, request),
    }


def _title(library: Library, key: str) -> Message:
    form = library.get(key)
    return Message(form.title if form else key)


@view_config(
    route_name="case.timeline", request_method="GET", permission="case:read", renderer="cases/timeline.jinja2"
)
def show_timeline(context: Dossier, request: Request) -> dict[str, Any]:
    """The timeline alone: filtered, or its next page."""
    return {"dossier": context, "case": context.case, "person": context.person, **_timeline(context, request)}


def _timeline(context: Dossier, request: Request) -> dict[str, Any]:
    kinds = event_kinds(request.work)
    moves = tuple({move.event for move in context.program.workflow.moves}) if context.program else ()
    groups: dict[str, tuple[Message, tuple[str, ...]]] = {**TIMELINE_GROUPS, "moves": (_("Steps"), moves)}
    show = choice(request, "show", list(groups))
    since, until = moment_range(request)
    page = queries.timeline(
        request.work,
        context.case.id,
        queries.TimelineFilter(kinds=groups[show][1] if show else (), since=since, until=until),
        before=number(request, "before"),
    )
    library = library_of(request.work)
    named = {e.event.payload.get(k) for e in page.rows for k in ("worker", "former_worker")}
    return {
        "timeline": page,
        "days": by_day(page.rows, request.work.zone),
        "event_icon": event_icon,
        "event_tone": event_tone,
        "recorded_late": recorded_late,
        "reason_of": reason_of,
        "excerpt": lambda form, answers: excerpt(form, answers, request.work.actor.roles),
        "walls": WALLS,
        "groups": {key: title for key, (title, _kinds) in groups.items()},
        "show": show,
        "kinds": kinds,
        "forms": {e.form_key: library.get(e.form_key) for e in page.rows if e.form_key},
        "states": {s.key: s.title for s in context.program.workflow.states} if context.program else {},
        "names": names_of(request.work, (n for n in named if isinstance(n, int))),
        "filters": {k: v for k, v in request.GET.items() if k in {"show", "since", "until"} and v},
    }
