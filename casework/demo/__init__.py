"""The invented district: a year of casework of people who do not exist, played by the use cases.

Deterministic: one seed, and dates relative to the day of loading, so that there is always work that
is due. Everything happens in one transaction: it is there as a whole or not at all.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING

import click
import sqlalchemy as sa

from casework.clock import Clock, SystemClock
from casework.settings import Settings, SettingsError
from casework.work import Work

if TYPE_CHECKING:
    from casework.demo.courses import Act
    from casework.demo.story import Story

ONE_AT_A_TIME = 0x64656D6F
"""Key of the advisory lock that lets only one process load."""

DAYS = 396
EVERY = 20
"""Cases after which progress is told."""


def load(settings: Settings, *, clock: Clock | None = None, tell: Callable[[str], None] = click.echo) -> None:
    """Load the invented district into an empty, migrated database.

    Raises SettingsError in production and for a database that holds units already.
    """
    if settings.production:
        raise SettingsError("production has no invented people: the demo is not loaded")
    from casework.embedded import connect_urls
    from casework.maintenance import system_at_work
    from casework.programs import Programs

    url, programs = connect_urls(settings).runtime, Programs.load(settings.programs, settings.adapters)
    with system_at_work(url, settings, programs, clock or SystemClock()) as work:
        play(work, tell)


def play(work: Work, tell: Callable[[str], None]) -> None:
    """Let a year pass in the district until yesterday, in the transaction of the system at work."""
    from casework.demo.cast import CASES, Casting, houses, others
    from casework.demo.desk import STATES, desk, nurse_called_away
    from casework.demo.opening import refer
    from casework.demo.places import found_district
    from casework.demo.stage import Happening, Stage
    from casework.duties.batches import judged_together
    from casework.handbook.usecases import put_in_force
    from casework.staff.model import Unit

    work.session.execute(sa.select(sa.func.pg_advisory_xact_lock(ONE_AT_A_TIME)))
    if work.session.scalar(sa.select(Unit.id).limit(1)) is not None:
        raise SettingsError("this database is in use already: the demo is loaded into an empty one only")
    # The same few statements run ten thousand times: planning each anew costs a fifth of the time.
    work.session.execute(sa.text("set local plan_cache_mode = force_generic_plan"))
    put_in_force(work)
    stage = Stage(work, work.today)
    found_district(stage, stage.moment(work.today - timedelta(days=DAYS), 9))
    casting = Casting(stage)
    played = desk(casting, houses()[0])
    played += others(casting, list(STATES))
    played.append(nurse_called_away(casting, played))
    opened = 0

    def step(act: Act, story: Story, at: datetime) -> None:
        nonlocal opened
        act(stage, story, at)
        if act is refer:
            opened += 1
            if opened % EVERY == 0:
                tell(f"demo: {opened} of {CASES} cases")

    played.sort(key=lambda each: each.story.number)
    happenings = [Happening(at, partial(step, act, each.story)) for each in played for at, act in each.steps]
    for program in work.programs:
        happenings += program.demo(stage) if program.demo is not None else ()
    with judged_together(work):
        for happening in sorted(happenings, key=lambda each: each.at):
            happening.act(happening.at)
        stage.work("", work.now)
