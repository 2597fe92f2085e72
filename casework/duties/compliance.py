"""How far the standard was kept: shares of duties by clause, unit, program and month.

A share counts the duties that were due in a time: the numerator those met in time, the denominator
those met, late, missed, or open and overdue. Exempt ones and those that no longer applied are left
out and counted apart. A month is that in which the duty was due, on the local clock.

Figures are added up behind the walls and answer only numbers; the cases behind one are read through
the policies, so that everybody finds those that she may open.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time
from typing import TypeVar

import sqlalchemy as sa

from casework.cases.model import Case
from casework.duties.model import Duty
from casework.duties.queries import DutyLine, read_lines
from casework.work import Work

Key = TypeVar("Key")

FEW = 5
"""Below so many duties a figure could point at persons, and is not shown to who may not open the cases."""


@dataclass(frozen=True)
class Share:
    """How many of how many; `hidden` when the figure would point at few persons."""

    kept: int = 0
    of: int = 0
    exempt: int = 0
    hidden: bool = False

    @property
    def percent(self) -> int | None:
        """The share in percent, rounded down so that it never flatters; None when there is nothing to
        count, or it is hidden."""
        return None if self.hidden or not self.of else self.kept * 100 // self.of

    def __add__(self, other: Share) -> Share:
        return Share(self.kept + other.kept, self.of + other.of, self.exempt + other.exempt)


@dataclass(frozen=True)
class Cell:
    """One share with what it is of: the clause, the unit, the program, the first day of the month."""

    clause: str
    unit_id: int
    program: str
    month: date
    share: Share


@dataclass(frozen=True)
class Period:
    """The first and the last month that are counted, as their first days."""

    first: date
    last: date

    def months(self) -> list[date]:
        """Each month of the period, by its first day."""
        months, month = [], self.first
        while month <= self.last:
            months.append(month)
            month = following(month)
        return months


def following(month: date) -> date:
    """The first day of the next month."""
    return date(month.year + month.month // 12, month.month % 12 + 1, 1)


def before(month: date, count: int) -> date:
    """The first day of the month so many months earlier."""
    months = month.year * 12 + month.month - 1 - count
    return date(months // 12, months % 12 + 1, 1)


def compliance(
    work: Work,
    period: Period,
    *,
    units: Collection[int],
    program: str | None = None,
    clause: str | None = None,
) -> list[Cell]:
    """The shares of a period by clause, unit, program and month, in one statement."""
    zone = work.settings.time_zone
    month = sa.func.date_trunc("month", sa.func.timezone(zone, Duty.due_at)).label("month")
    counted = sa.or_(
        Duty.state.in_(("met", "late", "missed")), sa.and_(Duty.state == "open", Duty.due_at < work.now)
    )
    start, end = (datetime.combine(day, time(), work.zone) for day in (period.first, following(period.last)))
    statement = (
        sa.select(
            Duty.clause,
            Duty.unit_id,
            Case.program,
            month,
            sa.func.count().filter(Duty.state == "met"),
            sa.func.count().filter(counted),
            sa.func.count().filter(Duty.state == "exempt"),
        )
        .join(Case, Case.id == Duty.case_id)
        .where(Duty.unit_id.in_(sorted(units)), Duty.due_at >= start, Duty.due_at < end)
        .group_by(Duty.clause, Duty.unit_id, Case.program, month)
        .order_by(Duty.clause, Duty.unit_id, Case.program, month)
    )
    if program:
        statement = statement.where(Case.program == program)
    if clause:
        statement = statement.where(Duty.clause == clause)
    with work.session.as_system():
        rows = work.session.execute(statement).all()
    return [
        Cell(row[0], row[1], row[2], row[3].date(), Share(kept=row[4], of=row[5], exempt=row[6]))
        for row in rows
    ]


def added_up(cells: Iterable[tuple[Key, Share]]) -> dict[Key, Share]:
    """The shares by key."""
    sums: dict[Key, Share] = {}
    for key, share in cells:
        sums[key] = sums.get(key, Share()) + share
    return sums


def suppressed(shares: Mapping[Key, Share]) -> dict[Key, Share]:
    """The shares with those of few persons hidden.

    When only one of a row is hidden it could be found by taking the others from the sum, so the next
    smallest is hidden with it.
    """
    hidden = {key for key, share in shares.items() if 0 < share.of < FEW}
    if len(hidden) == 1 and len(shares) > 1:
        others = [key for key, share in shares.items() if share.of and key not in hidden]
        hidden |= set(sorted(others, key=lambda key: shares[key].of)[:1])
    return {
        key: replace(share, kept=0, of=0, exempt=0, hidden=True) if key in hidden else share
        for key, share in shares.items()
    }


def unkept(
    work: Work, period: Period, clause: str, units: Collection[int], limit: int = 50
) -> Sequence[DutyLine]:
    """The late, missed and overdue duties of a clause in a period that the actor may see, latest first."""
    start, end = (datetime.combine(day, time(), work.zone) for day in (period.first, following(period.last)))
    overdue = sa.and_(Duty.state == "open", Duty.due_at < work.now)
    return read_lines(
        work,
        lambda lines: (
            lines.where(
                Duty.clause == clause,
                Duty.unit_id.in_(sorted(units)),
                Duty.due_at >= start,
                Duty.due_at < end,
                sa.or_(Duty.state.in_(("late", "missed")), overdue),
            )
            .order_by(Duty.due_at.desc(), Duty.id)
            .limit(limit)
        ),
    )
