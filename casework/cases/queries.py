"""Reading cases. What the actor may not see is not there: the database's policies see to it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import aliased

from casework.cases.dossier import Dossier
from casework.cases.model import Case, Event
from casework.duties.model import Duty
from casework.errors import Missing
from casework.people.model import Person
from casework.programs.workflow import Phase
from casework.staff.model import Account, Grant, Unit, UnitReach
from casework.work import Work

PAGE = 50
"""Rows of one page of a list."""


_WORKER, _REFERRER = aliased(Account), aliased(Account)
_ROLES = (
    sa.select(sa.func.array_agg(Grant.role))
    .where(
        Grant.account_id == sa.bindparam("actor"),
        Grant.case_id == Case.id,
        Grant.valid_from <= sa.bindparam("now"),
        sa.or_(Grant.valid_until.is_(None), Grant.valid_until > sa.bindparam("now")),
    )
    .scalar_subquery()
)
_DOSSIER = (
    sa.select(Case, Person, Unit, _WORKER.name, _REFERRER.name, _ROLES)
    .join(Person, Person.id == Case.person_id)
    .join(Unit, Unit.id == Case.unit_id)
    .outerjoin(_WORKER, _WORKER.id == Case.worker_id)
    .outerjoin(_REFERRER, _REFERRER.id == Case.referrer_id)
    .where(Case.id == sa.bindparam("case"))
)
"""Built once: every page and every move of a case begins with it."""


def dossier_of(work: Work, case_id: int) -> Dossier:
    """The case with its person, or Missing; one statement."""
    row = work.session.execute(
        _DOSSIER, {"actor": work.actor.id, "now": work.now, "case": case_id}
    ).one_or_none()
    if row is None:
        raise Missing
    case, person, unit, worker_name, referrer_name, held = row
    return Dossier(work, case, person, unit, worker=worker_name, referrer=referrer_name, roles=held or ())


def event_of_page(work: Work, case: Case, kind: str, mark: str) -> Event | None:
    """What the actor did to the case by the page with that mark, if it was sent before.

    The same page sent a second time waits here until the first is dealt with.
    """
    work.session.take_turn("submission", work.actor.id, mark)
    statement = (
        sa.select(Event)
        .where(
            Event.case_id == case.id,
            Event.actor_id == work.actor.id,
            Event.kind == kind,
            Event.payload["page"].astext == mark,
        )
        .order_by(Event.id.desc())
        .limit(1)
    )
    return work.session.scalars(statement).one_or_none()


def site_code(work: Work, unit_id: int) -> str:
    """The code of the hospital or centre that a unit belongs to; its own code above those."""
    rows = work.session.execute(
        sa.select(Unit.kind, Unit.code, Unit.id)
        .join(UnitReach, UnitReach.ancestor_id == Unit.id)
        .where(UnitReach.unit_id == unit_id)
    ).all()
    sites = [code for kind, code, _id in rows if kind in {"hospital", "centre"}]
    own = [code for _kind, code, number in rows if number == unit_id]
    return (sites or own or ["X"])[0]


@dataclass(frozen=True)
class CaseRow:
    """One line of a list of cases."""

    id: int
    number: str
    program: str
    state: str
    state_since: datetime
    urgency: str
    opened_at: datetime
    closed_at: datetime | None
    person_name: str
    unit_names: Mapping[str, str]
    worker_name: str | None
    next_due: datetime | None
    next_clause: str | None


@dataclass(frozen=True)
class Page:
    """One page of a keyset list: the rows, and where the next and the previous page begin."""

    rows: Sequence[Any]
    older: int | None = None
    newer: int | None = None


@dataclass(frozen=True)
class CaseFilter:
    """What a list of cases is narrowed to; every part is optional. `states` are pairs of program and state."""

    mine: bool = False
    referred: bool = False
    program: str | None = None
    states: tuple[tuple[str, str], ...] = ()
    phase: Phase | None = None
    unit_id: int | None = None
    person_id: int | None = None
    urgency: str | None = None
    unassigned: bool = False
    open_only: bool = False


def list_cases(
    work: Work,
    wanted: CaseFilter = CaseFilter(),
    *,
    before: int | None = None,
    after: int | None = None,
    limit: int = PAGE,
) -> Page:
    """Cases, newest first, in one statement; `before` and `after` are numbers of cases (keyset)."""
    next_duty = (
        sa.select(Duty.due_at, Duty.clause)
        .where(Duty.case_id == Case.id, Duty.state == "open")
        .order_by(Duty.due_at)
        .limit(1)
        .lateral("next_duty")
    )
    statement = (
        sa.select(
            Case.id,
            Case.number,
            Case.program,
            Case.state,
            Case.state_since,
            Case.urgency,
            Case.opened_at,
            Case.closed_at,
            Person.full_name,
            Unit.names,
            Account.name,
            next_duty.c.due_at,
            next_duty.c.clause,
        )
        .join(Person, Person.id == Case.person_id)
        .join(Unit, Unit.id == Case.unit_id)
        .outerjoin(Account, Account.id == Case.worker_id)
        .outerjoin(next_duty, sa.true())
        .where(*_conditions(work, wanted))
    )
    if after is not None:
        rows = work.session.execute(statement.where(Case.id > after).order_by(Case.id).limit(limit + 1)).all()
        more, rows = len(rows) > limit, list(reversed(rows[:limit]))
        older, newer = (rows[-1].id if rows else None), (rows[0].id if rows and more else None)
    else:
        if before is not None:
            statement = statement.where(Case.id < before)
        rows = list(work.session.execute(statement.order_by(Case.id.desc()).limit(limit + 1)))
        more, rows = len(rows) > limit, rows[:limit]
        older = rows[-1].id if more else None
        newer = rows[0].id if rows and before is not None else None
    return Page([CaseRow(*row) for row in rows], older, newer)


def _conditions(work: Work, wanted: CaseFilter) -> list[sa.ColumnElement[bool]]:
    conditions: list[sa.ColumnElement[bool]] = []
    if wanted.mine:
        conditions.append(Case.worker_id == work.actor.id)
    if wanted.referred:
        conditions.append(Case.referrer_id == work.actor.id)
    if wanted.program:
        conditions.append(Case.program == wanted.program)
    if wanted.unit_id is not None:
        reach = sa.select(UnitReach.unit_id).where(UnitReach.ancestor_id == wanted.unit_id)
        conditions.append(Case.unit_id.in_(reach))
    if wanted.person_id is not None:
        conditions.append(Case.person_id == wanted.person_id)
    if wanted.urgency:
        conditions.append(Case.urgency == wanted.urgency)
    if wanted.open_only:
        conditions.append(Case.closed_at.is_(None))
    if wanted.unassigned:
        conditions.append(Case.worker_id.is_(None))
    states = wanted.states
    if wanted.phase:
        by_program = [
            sa.and_(Case.program == program.key, Case.state.in_(program.workflow.in_phase(wanted.phase)))
            for program in work.programs
        ]
        conditions.append(sa.or_(sa.false(), *by_program))
    if states:
        conditions.append(sa.tuple_(Case.program, Case.state).in_(states))
    return conditions


@dataclass(frozen=True)
class Entry:
    """One line of a timeline: the event, who entered it, and the response behind it."""

    event: Event
    actor_name: str
    form_key: str | None
    answers: Mapping[str, Any] | None


@dataclass(frozen=True)
class TimelineFilter:
    """What a timeline is narrowed to."""

    kinds: tuple[str, ...] = ()
    since: datetime | None = None
    until: datetime | None = None


def timeline(
    work: Work,
    case_id: int,
    wanted: TimelineFilter = TimelineFilter(),
    *,
    before: int | None = None,
    limit: int = PAGE,
) -> Page:
    """The visible events of a case, latest happening first, in one statement.

    `before` is the number of the last event of the page before (keyset over time and number).
    """
    from casework.forms.model import Response

    statement = (
        sa.select(Event, Account.name, Response.form_key, Response.answers)
        .join(Account, Account.id == Event.actor_id)
        .outerjoin(Response, Response.id == Event.response_id)
        .where(Event.case_id == case_id)
        .order_by(Event.happened_at.desc(), Event.id.desc())
        .limit(limit + 1)
    )
    if wanted.kinds:
        statement = statement.where(Event.kind.in_(wanted.kinds))
    if wanted.since is not None:
        statement = statement.where(Event.happened_at >= wanted.since)
    if wanted.until is not None:
        statement = statement.where(Event.happened_at < wanted.until)
    if before is not None:
        mark = sa.select(Event.happened_at, Event.id).where(Event.id == before, Event.case_id == case_id)
        statement = statement.where(sa.tuple_(Event.happened_at, Event.id) < mark.scalar_subquery())
    rows = work.session.execute(statement).all()
    more, rows = len(rows) > limit, rows[:limit]
    return Page([Entry(*row) for row in rows], rows[-1][0].id if more else None)


@dataclass(frozen=True)
class Contact:
    """Whom to call about a case: the worker, and the number of the unit."""

    worker_name: str | None
    phone: str


def contacts_of(work: Work, case_ids: Sequence[int]) -> Mapping[int, Contact]:
    """Whom to call about each of the cases, in one statement; the unit above is asked for a number
    when the case's own unit has none."""
    above = aliased(Unit)
    statement = (
        sa.select(Case.id, Account.name, Account.phone, Unit.phone, above.phone)
        .join(Unit, Unit.id == Case.unit_id)
        .outerjoin(above, above.id == Unit.parent_id)
        .outerjoin(Account, Account.id == Case.worker_id)
        .where(Case.id.in_(case_ids))
    )
    return {
        row[0]: Contact(row[1], next((phone for phone in row[2:] if phone), ""))
        for row in work.session.execute(statement)
    }
