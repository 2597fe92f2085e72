"""What other rules would have done to past cases: the live judgement, asked twice.

"72 to 48 hours: 37 of 210 would newly be late" is the difference between two runs of
casework/duties/judge.py over the same histories. Past cases are judged as if each of the two sets
of rules had held from the beginning, so that nothing but the rules makes the difference.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from casework.cases.model import Case, Event
from casework.duties.calendar import Calendar
from casework.duties.calendars import load_calendar
from casework.duties.editions import FROM_THE_BEGINNING
from casework.duties.judge import Happening, InForce, Verdict, judge
from casework.duties.rules import RuleSet, canonical_hash
from casework.work import Work

LOOKED_BACK = timedelta(days=365)
"""Cases opened within this time are judged again."""

BATCH = 500
"""Cases whose histories are in memory at a time."""


@dataclass(frozen=True)
class Effect:
    """What becomes of one clause's duties in past cases.

    `before` and `after` are how many duties there were and would be; `newly_late` would be late or
    missed and were not, `newly_kept` the other way round.
    """

    clause: str
    before: int = 0
    after: int = 0
    newly_late: int = 0
    newly_kept: int = 0


def changed_rules(before: RuleSet, after: RuleSet) -> tuple[RuleSet, RuleSet]:
    """The rules in which two sets differ, as each has them: only these can change a verdict.

    A rule's target and sources are no part of the judgement.
    """
    judged = {
        clause: tuple(_judged(rules, clause) for rules in (before, after))
        for clause in {*before.rules, *after.rules}
    }
    differing = {clause for clause, (one, other) in judged.items() if one != other}
    return (
        RuleSet({clause: rule for clause, rule in before.rules.items() if clause in differing}),
        RuleSet({clause: rule for clause, rule in after.rules.items() if clause in differing}),
    )


def _judged(rules: RuleSet, clause: str) -> Any:
    rule = rules.get(clause)
    return replace(rule, target=None, sources=(), owner="") if rule is not None else None


def stamp_of(before: RuleSet, after: RuleSet) -> str:
    """What a stored answer belongs to: it is out of date when this is another."""
    return canonical_hash([before.hash, after.hash])


def effects(
    work: Work,
    before: RuleSet,
    after: RuleSet,
    *,
    since: datetime | None = None,
    tell: Callable[[int, int], None] = lambda _done, _all: None,
) -> list[Effect]:
    """The effect on every clause whose rule differs, by clause; `tell` hears how many cases of all are done.

    Reads behind every wall and answers only numbers.
    """
    before, after = changed_rules(before, after)
    found: dict[str, Effect] = {clause: Effect(clause) for clause in sorted({*before.rules, *after.rules})}
    if not found:
        return []
    with work.session.as_system():
        calendar = load_calendar(work.session, work.settings.calendar, work.zone, None)
        ids = work.session.scalars(
            sa.select(Case.id).where(Case.opened_at >= (since or work.now - LOOKED_BACK)).order_by(Case.id)
        ).all()
        for start in range(0, len(ids), BATCH):
            for history in _histories(work, ids[start : start + BATCH]):
                _compare(found, history, before, after, calendar, work.now)
            tell(min(start + BATCH, len(ids)), len(ids))
    return list(found.values())


def as_data(found: Sequence[Effect], stamp: str) -> dict[str, Any]:
    """The effects as a draft keeps them."""
    return {"stamp": stamp, "effects": [asdict(effect) for effect in found]}


def from_data(data: Mapping[str, Any] | None, stamp: str) -> list[Effect] | None:
    """The effects that a draft keeps, if they are those of these rules."""
    if data is None or data.get("stamp") != stamp or "effects" not in data:
        return None
    return [Effect(**each) for each in data["effects"]]


def _histories(work: Work, ids: Sequence[int]) -> Iterator[list[Happening]]:
    """The histories of some cases, each in the order of recording."""
    done = {program.key: frozenset(program.workflow.in_phase("done")) for program in work.programs}
    rows = work.session.execute(
        sa.select(
            Event.case_id,
            Case.program,
            Event.id,
            Event.kind,
            Event.happened_at,
            Event.recorded_at,
            Event.payload,
        )
        .join(Case, Case.id == Event.case_id)
        .where(Event.case_id.in_(ids))
        .order_by(Event.case_id, Event.id)
    )
    history: list[Happening] = []
    case_id = None
    for row in rows:
        if row.case_id != case_id:
            if history:
                yield history
            history, case_id = [], row.case_id
        ended = done.get(row.program, frozenset())
        ends = row.payload.get("to") in ended and row.payload.get("from") not in ended
        history.append(Happening(row.id, row.kind, row.happened_at, row.recorded_at, row.payload, ends))
    if history:
        yield history


def _compare(
    found: dict[str, Effect],
    history: Sequence[Happening],
    before: RuleSet,
    after: RuleSet,
    calendar: Calendar,
    now: datetime,
) -> None:
    was, would = (
        {
            (verdict.clause, verdict.opened_by): verdict
            for verdict in judge(history, [InForce(FROM_THE_BEGINNING, rules)], calendar, now)
        }
        for rules in (before, after)
    )
    for key in {*was, *would}:
        effect, one, other = found[key[0]], was.get(key), would.get(key)
        found[key[0]] = replace(
            effect,
            before=effect.before + (one is not None),
            after=effect.after + (other is not None),
            newly_late=effect.newly_late + (_late(other, now) and not _late(one, now)),
            newly_kept=effect.newly_kept + (_late(one, now) and other is not None and not _late(other, now)),
        )


def _late(verdict: Verdict | None, now: datetime) -> bool:
    return verdict is not None and (verdict.state in {"late", "missed"} or verdict.is_overdue(now))
