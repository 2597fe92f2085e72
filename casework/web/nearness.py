"""How near a deadline is, in the words and the tone in which it is shown."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta, tzinfo

from casework.i18n import Message, _, ngettext

COUNTED_DAYS = 14
"""Further off than this, a date says more than a number of days."""


@dataclass(frozen=True)
class Nearness:
    """The words, the tone of the colours and the icon; the words alone say everything."""

    text: Message
    tone: str
    icon: str


def nearness(moment: datetime, now: datetime, zone: tzinfo) -> Nearness:
    """How a deadline looks from now, in the local days of `zone`.

    A deadline at the very end of a day is a day's deadline and shows no time. Under a day late is
    said in hours; otherwise days are those of the calendar.
    """
    due, today = moment.astimezone(zone), now.astimezone(zone)
    whole_day = due.time() >= time(23, 59)
    days = (due.date() - today.date()).days
    if moment < now:
        return Nearness(_overdue(now - moment, -days), "red", "circle-alert")
    if days == 0:
        at = _("due today") if whole_day else _("due today %(time)s", time=f"{due:%H:%M}")
        return Nearness(at, "amber", "alarm-clock")
    if days == 1:
        at = _("due tomorrow") if whole_day else _("due tomorrow %(time)s", time=f"{due:%H:%M}")
        return Nearness(at, "amber", "clock")
    if days <= COUNTED_DAYS:
        return Nearness(ngettext("due in %(count)s day", "due in %(count)s days", days), "grey", "clock")
    return Nearness(_("due on %(day)s", day=due.date()), "grey", "clock")


def _overdue(late: timedelta, days: int) -> Message:
    if late < timedelta(hours=1):
        return _("just overdue")
    if late < timedelta(days=1) or days < 1:
        hours = int(late.total_seconds() // 3600)
        return ngettext("overdue by %(count)s hour", "overdue by %(count)s hours", hours)
    return ngettext("overdue by %(count)s day", "overdue by %(count)s days", days)


def elapsed(opened: datetime, moment: datetime, now: datetime) -> int:
    """The share of the time from opening to deadline that has passed, in whole percent, 0 to 100."""
    whole = (moment - opened).total_seconds()
    if whole <= 0:
        return 100
    return max(0, min(100, round((now - opened).total_seconds() / whole * 100)))


def recorded_apart(happened: datetime, recorded: datetime) -> bool:
    """Whether a happening was written down long enough afterwards that readers should see both moments."""
    return abs(recorded - happened) >= timedelta(minutes=30)
