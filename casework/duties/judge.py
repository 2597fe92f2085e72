"""The one judgement of the standard: a case's events and the rules in force, into verdicts.

The live engine, the figures afterwards and the what-if of a coordinator are this same function.

Events are taken in the order in which they were recorded (the order of their ids), and a duty is
decided when the event that decides it is recorded, on what is on record at that time. From this
follow the promises that tests/duties/test_judge_properties.py holds:

- what is decided stays decided: no later record, however far it is dated back, changes a verdict
  that is met, late, missed, exempt by answer, or not applicable; and no duty disappears;
- judging event by event and judging the whole at once agree;
- nothing is closed before it was opened.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from casework.duties.calendar import Calendar, is_past
from casework.duties.limits import Due, Pause, due, earliest
from casework.duties.rules import Rule, RuleSet

NO_DATE = Due(None)
DEATH = "person.died"
EXEMPTION = "duty.exempted"

State = Literal["open", "met", "late", "missed", "exempt", "not_applicable"]


@dataclass(frozen=True)
class Happening:
    """One event of a case. Ids grow in the order of recording.

    A move between states holds `from` and `to` in its payload. `ends` marks the move by which the
    course of the case ends (into a state of the phase `done`): what is open then is missed.
    """

    id: int
    kind: str
    happened_at: datetime
    recorded_at: datetime
    payload: Mapping[str, Any] = field(default_factory=dict)
    ends: bool = False

    @property
    def episode(self) -> int:
        """The course of the case it belongs to; each reopening begins another."""
        return int(self.payload.get("episode", 1))


@dataclass(frozen=True)
class InForce:
    """The rules of an edition and the moment from which they hold."""

    since: datetime
    rules: RuleSet
    edition: int = 0


@dataclass(frozen=True)
class Verdict:
    """What became of one duty.

    `due_at` is None while the clock stands still or its anchor has not happened. `closed_at` is
    when it was answered, lifted or missed, never before `opened_at`. An `exempt` verdict without
    `closed_by` is open again when its exemption ends.
    """

    clause: str
    edition: int
    owner: str
    opened_by: int
    opened_at: datetime
    due_at: datetime | None
    provisional: bool
    state: State
    closed_by: int | None = None
    closed_at: datetime | None = None

    def is_overdue(self, now: datetime) -> bool:
        """Whether it is open and its time is over."""
        return self.state == "open" and self.due_at is not None and is_past(self.due_at, now)


def judge(
    history: Iterable[Happening], editions: Sequence[InForce], calendar: Calendar, now: datetime
) -> tuple[Verdict, ...]:
    """The verdicts on a case, in the order in which the duties arose.

    `history` holds every event of the case, in any order. Each duty is judged by the edition in
    force when it arose. `now` decides only whether an exemption still lasts: an open duty past its
    time stays open and overdue until it is answered or can no longer be.
    """
    course = _Course(editions, calendar)
    for happening in sorted(history, key=lambda each: each.id):
        course.take(happening)
    return course.verdicts(now)


@dataclass
class _Duty:
    rule: Rule
    edition: int
    opening: Happening
    anchor: datetime | None = None
    exempt_until: datetime | None = None
    state: State = "open"
    due: Due = NO_DATE
    closing: Happening | None = None
    closed_at: datetime | None = None

    @property
    def opened_at(self) -> datetime:
        return self.opening.happened_at


class _Course:
    """What is on record so far, and what follows from it."""

    def __init__(self, editions: Sequence[InForce], calendar: Calendar) -> None:
        self._editions = sorted(editions, key=lambda each: each.since)
        self._starts = [each.since for each in self._editions]
        self._calendar = calendar
        self._known: list[Happening] = []
        self._stays: list[tuple[str, Pause]] = []
        self._duties: dict[tuple[str, int], _Duty] = {}

    def take(self, happening: Happening) -> None:
        """Let one more event be recorded."""
        self._move(happening)
        for each in [each for each in self._duties.values() if each.state == "open"]:
            self._touch(each, happening)
        if (edition := self._in_force(happening)) is not None:
            for rule in edition.rules.opened_by(happening.kind, happening.payload):
                self._open(rule, edition.edition, happening)
        self._known.append(happening)

    def verdicts(self, now: datetime) -> tuple[Verdict, ...]:
        return tuple(
            sorted(
                (self._verdict(each, now) for each in self._duties.values()),
                key=lambda each: (each.opened_at, each.opened_by, each.clause),
            )
        )

    def _verdict(self, duty: _Duty, now: datetime) -> Verdict:
        state, when = duty.state, duty.due
        if state == "open":
            when = self._due(duty)
            if duty.exempt_until is not None:
                state = "open" if is_past(duty.exempt_until, now) else "exempt"
                when = Due(when.at and max(when.at, duty.exempt_until), when.provisional)
        return Verdict(
            clause=duty.rule.clause,
            edition=duty.edition,
            owner=duty.rule.owner,
            opened_by=duty.opening.id,
            opened_at=duty.opened_at,
            due_at=when.at,
            provisional=when.provisional,
            state=state,
            closed_by=duty.closing.id if duty.closing else None,
            closed_at=duty.closed_at,
        )

    def _in_force(self, happening: Happening) -> InForce | None:
        place = bisect_right(self._starts, happening.happened_at)
        return self._editions[place - 1] if place else None

    def _move(self, happening: Happening) -> None:
        """End the stay in one state and begin one in another.

        A stay lasts from when its move happened until the next recorded move did, so that stays
        entered late may overlap or come to nothing.
        """
        if "from" not in happening.payload or "to" not in happening.payload:
            return
        if self._stays:
            state, (begin, _open) = self._stays[-1]
            self._stays[-1] = (state, (begin, happening.happened_at))
        self._stays.append((str(happening.payload["to"]), (happening.happened_at, None)))

    def _due(self, duty: _Duty) -> Due:
        limit = duty.rule.within
        if limit is None or (limit.after is not None and duty.anchor is None):
            return Due(None)
        pauses = [pause for state, pause in self._stays if state in duty.rule.pauses_in]
        return due(limit, duty.anchor or duty.opened_at, self._calendar, pauses)

    def _open(self, rule: Rule, edition: int, happening: Happening) -> None:
        key = (rule.clause, happening.id)
        if key in self._duties or any(each.kind in rule.unless for each in self._known):
            return
        duty = self._duties[key] = _Duty(rule, edition, happening)
        if rule.by_recording:
            self._answer(duty, happening, happening.recorded_at)
            return
        for each in self._known:
            if duty.state != "open":
                return
            if _concerns(duty, each):
                self._touch(duty, each)

    def _touch(self, duty: _Duty, happening: Happening) -> None:
        """What one event does to one open duty."""
        if happening.kind == EXEMPTION:
            self._exempt(duty, happening)
            return
        if duty.anchor is None and _anchors(duty, happening):
            duty.anchor = max(duty.opened_at, happening.happened_at)
        if _answers(duty, happening) and self._counts_already(duty, happening):
            self._answer(duty, happening, happening.happened_at)
            edition = self._in_force(happening)
            again = edition.rules.get(duty.rule.clause) if edition else None
            if edition is not None and again is not None and again.repeats:
                self._open(again, edition.edition, happening)
        elif happening.kind == DEATH or happening.kind in duty.rule.cancelled_by:
            self._close(duty, happening, "missed" if self._overdue(duty, happening) else "not_applicable")
        elif happening.ends:
            self._close(duty, happening, "missed")

    def _exempt(self, duty: _Duty, happening: Happening) -> None:
        """An exemption of one duty names what opened it; one of a kind covers later ones as well."""
        payload = happening.payload
        until = datetime.fromisoformat(payload["until"])
        meant = payload["clause"] == duty.rule.clause and payload.get("opened_by") in (None, duty.opening.id)
        if meant and until >= duty.opened_at:
            duty.exempt_until = max(until, duty.exempt_until or until)

    def _counts_already(self, duty: _Duty, happening: Happening) -> bool:
        wait = duty.rule.not_before
        return wait is None or happening.happened_at >= earliest(wait, duty.opened_at, self._calendar)

    def _overdue(self, duty: _Duty, happening: Happening) -> bool:
        limit = self._due(duty).at
        return limit is not None and is_past(limit, happening.happened_at)

    def _answer(self, duty: _Duty, happening: Happening, moment: datetime) -> None:
        limit = self._due(duty).at
        in_time = limit is None or not is_past(limit, moment)
        self._close(duty, happening, "met" if in_time else "late", moment)

    def _close(self, duty: _Duty, happening: Happening, state: State, moment: datetime | None = None) -> None:
        moment = moment or happening.happened_at
        if state in ("late", "missed") and duty.exempt_until and not is_past(duty.exempt_until, moment):
            state = "exempt"
        duty.state, duty.due, duty.closing = state, self._due(duty), happening
        duty.closed_at = max(moment, duty.opened_at)


def _is_before(rule: Rule) -> bool:
    return rule.within is not None and rule.within.unit == "before"


def _concerns(duty: _Duty, earlier: Happening) -> bool:
    """Whether an event that was on record before the duty arose has a say in it.

    It has if it happened later all the same, or was recorded in the same moment and answers.
    """
    if earlier.kind == EXEMPTION or earlier.happened_at > duty.opened_at:
        return True
    together = earlier.recorded_at == duty.opening.recorded_at or _is_before(duty.rule)
    return together and (_answers(duty, earlier) or _anchors(duty, earlier))


def _anchors(duty: _Duty, happening: Happening) -> bool:
    limit = duty.rule.within
    return limit is not None and limit.after == happening.kind and happening.happened_at >= _minute(duty)


def _minute(duty: _Duty) -> datetime:
    """People give times to the minute, so the minute counts."""
    return duty.opened_at.replace(second=0, microsecond=0)


def _answers(duty: _Duty, happening: Happening) -> bool:
    """Whether the event is an answer to the duty.

    It must not be older than the duty or, for what must be done before, be of the same episode.
    """
    if not duty.rule.answered_by(happening.kind, happening.payload):
        return False
    if _is_before(duty.rule):
        return happening.episode == duty.opening.episode
    return happening.happened_at >= _minute(duty)
