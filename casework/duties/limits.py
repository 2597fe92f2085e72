"""Time limits: reading them, saying them in words, and finding when one ends on a case.

A limit stands still while the case is in a state that pauses it. Hours stand still for the exact
time. Days stand still by whole local days: a pause leaves out the days after the one it began on,
up to and including the one it ended on, so that the day on which a clock starts or starts again is
never counted. A limit whose last day had begun when the pause began ends on the working day on which
the pause ends, or the next one. Pauses may overlap when they were entered late; together they count once.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal

from casework.duties.calendar import ONE_DAY, Calendar, corresponding_day

Unit = Literal["hours", "days", "working days", "months", "before"]
Pause = tuple[datetime, datetime | None]
"""From when, and until when or None while it lasts."""

_LIMIT = re.compile(
    r"(?P<amount>[1-9]\d{0,3}) (?P<unit>hour|day|working day|month)s?(?: after (?P<after>[a-z][a-z0-9.-]*))?"
)

_IN_WORDS: Mapping[str, Mapping[str, tuple[str, str]]] = {
    "en": {
        "hours": ("{} hour", "{} hours"),
        "days": ("{} day", "{} days"),
        "working days": ("{} working day", "{} working days"),
        "months": ("{} month", "{} months"),
    },
    "zh_Hans": {
        "hours": ("{}小时", "{}小时"),
        "days": ("{}天", "{}天"),
        "working days": ("{}个工作日", "{}个工作日"),
        "months": ("{}个月", "{}个月"),
    },
}


@dataclass(frozen=True)
class Limit:
    """So many hours, days, working days or months; or `before`: already done by then.

    It is counted from the event that opened the duty or, with `after`, from the first event of
    that kind.
    """

    amount: int
    unit: Unit
    after: str | None = None

    @classmethod
    def parse(cls, text: str) -> Limit:
        """Read "24 hours", "1 working day", "7 days after patient.discharged" or "before"."""
        if text == "before":
            return cls(0, "before")
        if (match := _LIMIT.fullmatch(text)) is None:
            raise ValueError(text)
        unit: Unit = f"{match['unit']}s"  # type: ignore[assignment]
        return cls(int(match["amount"]), unit, match["after"])

    def __str__(self) -> str:
        if self.unit == "before":
            return "before"
        after = f" after {self.after}" if self.after else ""
        return f"{_IN_WORDS['en'][self.unit][self.amount != 1].format(self.amount)}{after}"

    def in_words(self, language: str) -> str:
        """The amount as a sentence of the standard writes it."""
        if self.unit == "before":
            return ""
        return _IN_WORDS[language][self.unit][self.amount != 1].format(self.amount)


@dataclass(frozen=True)
class Due:
    """When a limit ends: None while its clock stands still, or while its anchor has not happened."""

    at: datetime | None
    provisional: bool = False


def due(limit: Limit, start: datetime, calendar: Calendar, pauses: Sequence[Pause] = ()) -> Due:
    """When a limit that began to run at `start` ends."""
    if limit.unit == "before":
        return Due(start)
    pauses = merged(pauses)
    if limit.unit == "hours":
        return Due(_after_running(start, timedelta(hours=limit.amount), pauses))
    first = calendar.local_day(start)
    last = _last_day(limit, first, calendar, _PausedDays(calendar, pauses))
    if last is None:
        return Due(None)
    return Due(calendar.end_of(last), calendar.is_provisional(first, last))


def earliest(limit: Limit, start: datetime, calendar: Calendar) -> datetime:
    """The moment from which "not before `limit`" is fulfilled."""
    if limit.unit == "hours":
        return start + timedelta(hours=limit.amount)
    first = calendar.local_day(start)
    if limit.unit == "months":
        day = corresponding_day(first, limit.amount)
    elif limit.unit == "days":
        day = first + limit.amount * ONE_DAY
    else:
        day = calendar.count(first, limit.amount, calendar.is_working)
    return calendar.end_of(day - ONE_DAY) + timedelta(seconds=1)


def merged(pauses: Sequence[Pause]) -> list[Pause]:
    """The same pauses, in order and without overlaps; those that end before they begin are left out."""
    result: list[Pause] = []
    for begin, end in sorted(pauses, key=lambda pause: pause[0]):
        if end is not None and end <= begin:
            continue
        if result and (result[-1][1] is None or begin <= result[-1][1]):
            before = result[-1][1]
            result[-1] = (result[-1][0], None if before is None or end is None else max(before, end))
        else:
            result.append((begin, end))
    return result


def _after_running(start: datetime, length: timedelta, pauses: Sequence[Pause]) -> datetime | None:
    end = start + length
    for begin, until in pauses:
        if begin >= end or (until is not None and until <= start):
            continue
        if until is None:
            return None
        end += until - max(begin, start)
    return end


def _last_day(limit: Limit, first: date, calendar: Calendar, paused: _PausedDays) -> date | None:
    amount = limit.amount
    if limit.unit == "months":
        amount = (corresponding_day(first, amount) - first).days
    working = limit.unit == "working days"
    day = first
    while amount:
        day += ONE_DAY
        if paused.for_good(day):
            return None
        amount -= day not in paused and (not working or calendar.is_working(day))
    while day + ONE_DAY in paused or not calendar.is_working(day):
        if paused.for_good(day + ONE_DAY):
            return None
        day += ONE_DAY
    return day


class _PausedDays:
    """The local days that pauses leave out of a count of days."""

    def __init__(self, calendar: Calendar, pauses: Sequence[Pause]) -> None:
        self._spans = [
            (calendar.local_day(begin), calendar.local_day(end) if end else None) for begin, end in pauses
        ]

    def __contains__(self, day: date) -> bool:
        return any(begin < day and (end is None or day <= end) for begin, end in self._spans)

    def for_good(self, day: date) -> bool:
        """Whether the clock stands still on that day and has not started again since."""
        return any(begin < day and end is None for begin, end in self._spans)
