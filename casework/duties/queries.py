"""Reading duties: one's own by day, those of a case, and those that a closing would leave missed."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from casework.cases.model import Case, Event
from casework.duties.calendar import LAST_SECOND
from casework.duties.facts import missed_by
from casework.duties.judge import EXEMPTION
from casework.duties.model import Duty
from casework.errors import Missing
from casework.handbook.standard import edition_mark, standard_of
from casework.i18n import Message, _
from casework.people.model import Person
from casework.staff.model import Account
from casework.work import Work

PAGE = 50
SUNDAY = 6


@dataclass(frozen=True)
class DutyLine:
    """One duty as lists show it; `number` and `title` are those of its clause."""

    id: int
    clause: str
    opened_by: int
    number: str
    title: Mapping[str, str]
    case_id: int
    case_number: str
    person_name: str
    state: str
    opened_at: datetime
    due_at: datetime | None
    first_due_at: datetime | None
    moved_by: str
    provisional: bool
    owner_role: str
    owner_id: int | None
    closed_at: datetime | None
    note: str

    @property
    def settled(self) -> bool:
        """Whether nothing more is to be done or seen to; what was missed stays in sight."""
        return self.state != "missed" and self.closed_at is not None


Group = tuple[Message, str, Sequence[DutyLine]]
"""A title, the tone of its count, and the duties."""


@dataclass(frozen=True)
class Day:
    """What is due, by how soon. Duties whose clock stands still are left out: they ask for nothing."""

    overdue: Sequence[DutyLine]
    today: Sequence[DutyLine]
    this_week: Sequence[DutyLine]
    later: Sequence[DutyLine]

    @property
    def groups(self) -> Sequence[Group]:
        """The groups in order, empty ones too."""
        return (
            (_("Overdue"), "red", self.overdue),
            (_("Today"), "amber", self.today),
            (_("This week"), "", self.this_week),
            (_("Later"), "", self.later),
        )

    @property
    def empty(self) -> bool:
        """Whether nothing is due at all."""
        return not (self.overdue or self.today or self.this_week or self.later)


def my_duties(work: Work, limit: int = PAGE) -> Day:
    """The actor's open duties, soonest first; at most `limit`, in one statement.

    Her own, and those of her roles at her units that belong to nobody in particular.
    """
    conditions = [Duty.owner_id == work.actor.id]
    conditions += [
        sa.and_(
            Duty.owner_id.is_(None),
            Duty.owner_role == grant.role,
            Duty.unit_id == sa.any_(sa.literal(sorted(grant.reach), sa.ARRAY(sa.BigInteger))),
        )
        for grant in work.actor.grants
    ]
    soonest = [
        sa.select(Duty.id, Duty.due_at)
        .where(condition, Duty.state == "open", Duty.due_at.is_not(None))
        .order_by(Duty.due_at)
        .limit(limit)
        for condition in conditions
    ]
    wanted = sa.union(*(sa.select(part.subquery()) for part in soonest)).subquery()
    statement = _lines().join(wanted, wanted.c.id == Duty.id).order_by(wanted.c.due_at, Duty.id).limit(limit)
    return _by_day(work, _read(work, statement))


def duties_of(work: Work, case: Case) -> Sequence[DutyLine]:
    """The visible duties of a case: open ones first, soonest first, then the latest decided."""
    statement = _lines().where(Duty.case_id == case.id)
    is_open = Duty.state == "open"
    return _read(
        work,
        statement.order_by(
            is_open.desc(),
            sa.case((is_open, Duty.due_at)).asc().nulls_last(),
            Duty.closed_at.desc(),
            Duty.id,
        ),
    )


@dataclass(frozen=True)
class Exemption:
    """Why a duty is not asked for, who said so, and up to which moment."""

    reason: str
    by: str
    until: datetime


def exemptions_of(work: Work, lines: Sequence[DutyLine]) -> Mapping[int, Exemption]:
    """The latest exemption of each exempt duty of one case, by the duty's number; no statement if
    none is exempt.
    """
    exempt = [line for line in lines if line.state == "exempt"]
    if not exempt:
        return {}
    statement = (
        sa.select(Event.payload, Account.name)
        .join(Account, Account.id == Event.actor_id)
        .where(Event.case_id == exempt[0].case_id, Event.kind == EXEMPTION)
        .order_by(Event.id)
    )
    found = {}
    for payload, name in work.session.execute(statement):
        until = datetime.fromisoformat(payload["until"])
        for line in exempt:
            if payload["clause"] == line.clause and payload.get("opened_by") in {None, line.opened_by}:
                found[line.id] = Exemption(payload["reason"], name, until)
    return found


def open_duties_on_closing(work: Work, case: Case, event: str = "case.closed") -> Sequence[DutyLine]:
    """The visible duties that would be missed if the case ended now by that kind of event.

    It is the judgement itself that says so: what the ending answers or lifts is not among them.
    """
    missed = missed_by(work, case, event)
    if not missed:
        return []
    keys = sa.tuple_(Duty.clause, Duty.opened_by).in_(sorted(missed))
    return _read(work, _lines().where(Duty.case_id == case.id, keys).order_by(Duty.due_at, Duty.id))


def duty(work: Work, case_id: int, duty_id: int) -> Duty:
    """One duty of a case, or Missing."""
    statement = sa.select(Duty).where(Duty.id == duty_id, Duty.case_id == case_id)
    found = work.session.scalar(statement.execution_options(populate_existing=True))
    if found is None:
        raise Missing
    return found


Statement = sa.Select[*tuple[Any, ...]]


def read_lines(work: Work, narrow: Callable[[Statement], Statement]) -> Sequence[DutyLine]:
    """The visible duties that a statement is narrowed to."""
    return _read(work, narrow(_lines()))


def _lines() -> sa.Select[*tuple[Any, ...]]:
    """What a line shows; every row carries along which edition is in force, so that it is not asked for."""
    return (
        sa.select(
            edition_mark().label("edition"),
            Duty.id,
            Duty.clause,
            Duty.opened_by,
            Duty.case_id,
            Case.number.label("case_number"),
            Person.full_name.label("person_name"),
            Duty.state,
            Duty.opened_at,
            Duty.due_at,
            Duty.first_due_at,
            Duty.moved_by,
            Duty.provisional,
            Duty.owner_role,
            Duty.owner_id,
            Duty.closed_at,
            Duty.note,
        )
        .join(Case, Case.id == Duty.case_id)
        .join(Person, Person.id == Case.person_id)
    )


def _read(work: Work, statement: sa.Select[*tuple[Any, ...]]) -> list[DutyLine]:
    rows = [dict(row) for row in work.session.execute(statement, {"edition_at": work.now}).mappings()]
    marks = [row.pop("edition") for row in rows]
    handbook = standard_of(work, marks[0]) if marks else None
    lines = []
    for row in rows:
        clause = handbook.get(row["clause"]) if handbook else None
        number = clause.number if clause else ""
        title = clause.titles if clause else {work.language: row["clause"]}
        lines.append(DutyLine(number=number, title=title, **row))
    return lines


def _by_day(work: Work, lines: Sequence[DutyLine]) -> Day:
    today = work.today
    week_ends = today + timedelta(days=SUNDAY - today.weekday())
    now = work.now.replace(microsecond=0)
    end_of_today, end_of_week = (datetime.combine(day, LAST_SECOND, work.zone) for day in (today, week_ends))
    overdue, due_today, due_this_week, later = [], [], [], []
    for line in lines:
        if line.due_at is None or line.due_at > end_of_week:
            later.append(line)
        elif line.due_at < now:
            overdue.append(line)
        elif line.due_at <= end_of_today:
            due_today.append(line)
        else:
            due_this_week.append(line)
    return Day(overdue, due_today, due_this_week, later)
