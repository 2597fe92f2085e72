"""Work done by commands in the system's name: one transaction of the run-time role, kept or undone."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from casework.clock import Clock, SystemClock
from casework.db import SYSTEM_ACTOR, ActingSession, make_engine
from casework.jobs import QueuedJobs, Tasks
from casework.programs import Programs
from casework.settings import Settings
from casework.work import Actor, Work


@contextmanager
def system_at_work(
    url: str, settings: Settings, programs: Programs, clock: Clock | None = None
) -> Iterator[Work]:
    """The system at work on the database at `url` until the block ends; what it did is kept then, or
    undone by raising."""
    engine = make_engine(url, pool_size=1)
    now = (clock or SystemClock()).now()
    try:
        with ActingSession(engine, expire_on_commit=False) as session:
            session.act_as(SYSTEM_ACTOR, now)
            with session.begin():
                yield Work(
                    session=session,
                    actor=Actor(id=SYSTEM_ACTOR, name="", kind="system"),
                    now=now,
                    programs=programs,
                    settings=settings,
                    jobs=QueuedJobs(Tasks.load(programs)),
                    language=settings.default_language,
                    request_id="command",
                )
    finally:
        engine.dispose()
