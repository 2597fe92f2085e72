"""Which days count, and where a time limit ends.

The rules are those of the Civil Code of China, articles 200 to 204 and 1259: the day on which a
period begins is not counted, "within" includes the number, a period of months ends on the
corresponding day or, where the month has none, on its last day, and a last day that is a statutory
rest day gives way to the next working day. A day's limit ends at 23:59:59 local time.
"""

from __future__ import annotations

import calendar
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

SATURDAY = 5
LAST_SECOND = time(23, 59, 59)
ONE_DAY = timedelta(days=1)

EndDay = tuple[date, bool]
"""The last day of a period, and whether it is provisional."""


@dataclass(frozen=True)
class Calendar:
    """The working days of one country, as far as they have been published.

    `days` says of each day that departs from the plain week whether it is worked: public holidays
    and the weekend days worked in their place. `published` are the years whose list is known. A
    period that touches any other year is counted by the plain week and marked provisional.
    """

    zone: ZoneInfo
    days: Mapping[date, bool] = field(default_factory=dict)
    published: frozenset[int] = frozenset()

    def is_working(self, day: date) -> bool:
        """Whether the day is worked: as listed, else Monday to Friday."""
        return self.days.get(day, day.weekday() < SATURDAY)

    def is_provisional(self, first: date, last: date) -> bool:
        """Whether the period touches a year whose list of working days is not published."""
        return any(year not in self.published for year in range(first.year, last.year + 1))

    def add_working_days(self, day: date, count: int) -> EndDay:
        """The last day of `count` (1 or more) working days that begin to run on `day`."""
        return self._end(day, self.count(day, count, self.is_working))

    def add_days(self, day: date, count: int) -> EndDay:
        """The last day of `count` (1 or more) days, moved to a working day if it is a rest day."""
        return self._end(day, self.next_working(_counted(count) * ONE_DAY + day))

    def add_months(self, day: date, count: int) -> EndDay:
        """The last day of `count` (1 or more) months, moved to a working day if it is a rest day."""
        return self._end(day, self.next_working(corresponding_day(day, _counted(count))))

    def count(self, day: date, count: int, counts: Callable[[date], bool]) -> date:
        """The `count`-th day after `day` among those that count."""
        left = _counted(count)
        while left:
            day += ONE_DAY
            left -= counts(day)
        return day

    def next_working(self, day: date) -> date:
        """The day itself if it is worked, else the first one after it that is."""
        while not self.is_working(day):
            day += ONE_DAY
        return day

    def end_of(self, day: date) -> datetime:
        """The last second of a local day, in UTC."""
        return datetime.combine(day, LAST_SECOND, self.zone).astimezone(UTC)

    def local_day(self, moment: datetime) -> date:
        """The local date of a moment."""
        return moment.astimezone(self.zone).date()

    def _end(self, first: date, last: date) -> EndDay:
        return last, self.is_provisional(first, last)


def corresponding_day(day: date, months: int) -> date:
    """The same day of the month some months later, or the last day of that month."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def is_past(due_at: datetime, moment: datetime) -> bool:
    """Whether a limit is over: its last second, up to the next, still belongs to it."""
    return moment.replace(microsecond=0) > due_at


def _counted(count: int) -> int:
    if count < 1:
        raise ValueError(f"a time limit is 1 or more, not {count}")
    return count
