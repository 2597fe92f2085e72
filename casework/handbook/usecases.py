"""Putting the standard that comes with the service in force."""

from __future__ import annotations

from casework.duties.calendars import seed_calendar
from casework.duties.editions import Imprint, register_edition
from casework.handbook.standard import files_of, newest_edition, standard_with
from casework.work import Work

YEARS_BACK, YEARS_AHEAD = 2, 1


def put_in_force(work: Work) -> int:
    """Register the edition in the files if it is new, and seed the calendar around today.

    Once people have published an edition, its texts stand before those in the files; only what it
    does not know, as the chapter of a program that was enabled since, is added under its number.
    Safe to repeat, at every start. Answers the edition's id.
    """
    this_year = work.today.year
    seed_calendar(
        work.session,
        work.settings.calendar,
        range(this_year - YEARS_BACK, this_year + YEARS_AHEAD + 1),
    )
    newest = newest_edition(work)
    handbook = standard_with(work.programs, files_of(newest))
    imprint = None
    if newest is not None and newest.number is not None:
        imprint = Imprint(
            newest.number, files_of(newest), newest.note, newest.proposed_by, newest.published_by
        )
    return register_edition(work.session, work.now, handbook.rules, handbook.texts(), imprint=imprint)
