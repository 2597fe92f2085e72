"""What a case is judged on, read behind every wall; it is judged and never shown."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from casework.cases.model import Case, Event
from casework.duties.calendar import Calendar
from casework.duties.calendars import load_calendar, years_stamp
from casework.duties.editions import editions_in_force, editions_stamp
from casework.duties.judge import Happening, InForce, Verdict, judge
from casework.duties.ledger import Key
from casework.work import Work

_EVENTS = Event.__table__.c
_FACTS = sa.select(
    _EVENTS.id,
    _EVENTS.kind,
    _EVENTS.happened_at,
    _EVENTS.recorded_at,
    _EVENTS.payload,
    _EVENTS.compartment,
    sa.cast(editions_stamp(), sa.Text).label("editions"),
    years_stamp().label("years"),
).where(_EVENTS.case_id == sa.bindparam("case"))
"""Built once: this runs after every event. What every row carries is read from the first."""


@dataclass(frozen=True)
class Facts:
    """The events of a case, the compartment of each, the editions and the calendar."""

    history: Sequence[Happening]
    compartments: dict[int, str]
    editions: Sequence[InForce]
    calendar: Calendar

    def verdicts(self, work: Work, further: Iterable[Happening] = ()) -> tuple[Verdict, ...]:
        """The judgement now, or as it would be if something further happened."""
        return judge([*self.history, *further], self.editions, self.calendar, work.now)


def facts_of(work: Work, case: Case) -> Facts:
    """One statement as a rule; editions and calendar are read again only when they changed."""
    done = _done_states(work, case)
    rows = work.session.execute(_FACTS, {"case": case.id, "country": work.settings.calendar}).all()
    history = []
    for row in rows:
        source, target = row.payload.get("from"), row.payload.get("to")
        ends = target in done and source not in done
        history.append(Happening(row.id, row.kind, row.happened_at, row.recorded_at, row.payload, ends))
    return Facts(
        history,
        {row.id: row.compartment for row in rows},
        editions_in_force(work.session, json.loads(rows[0].editions or "[]") if rows else None),
        load_calendar(work.session, work.settings.calendar, work.zone, rows[0].years if rows else None),
    )


def missed_by(work: Work, case: Case, event: str) -> set[Key]:
    """The duties that would be missed if the case ended now by that kind of event."""
    with work.session.as_system():
        facts = facts_of(work, case)
    last = max((happening.id for happening in facts.history), default=0) + 1
    ending = Happening(last, event, work.now, work.now, {"episode": case.episode}, ends=True)
    return {
        (verdict.clause, verdict.opened_by)
        for verdict in facts.verdicts(work, [ending])
        if verdict.state == "missed" and verdict.closed_by == last
    }


def _done_states(work: Work, case: Case) -> frozenset[str]:
    program = work.programs.get(case.program)
    return frozenset(program.workflow.in_phase("done")) if program else frozenset()
