"""Putting the standard that comes with the service in force."""

from __future__ import annotations

from casework.duties.calendars import seed_calendar
from casework.duties.editions import register_edition
from casework.handbook.clauses import handbook_of
from casework.work import Work

YEARS_BACK, YEARS_AHEAD = 2, 1


def put_in_force(work: Work) -> int:
    """Register the edition in the files if it is new, and seed the calendar around today.

    Safe to repeat, at every start. Answers the edition's id.
    """
    this_year = work.today.year
    seed_calendar(
        work.session,
        work.settings.calendar,
        range(this_year - YEARS_BACK, this_year + YEARS_AHEAD + 1),
    )
    handbook = handbook_of(work.programs)
    return register_edition(work.session, work.now, handbook.rules, handbook.texts())
