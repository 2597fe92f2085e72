"""Lets one session act for one person after another."""

from __future__ import annotations

from casework.clock import Clock
from casework.db import SYSTEM_ACTOR, ActingSession
from casework.programs import Programs
from casework.settings import Settings
from casework.staff.model import Account
from casework.staff.queries import actor_of
from casework.work import Actor, Work


class Troupe:
    """Everybody who acts in a test, at the moment of its clock, in its session."""

    def __init__(self, session: ActingSession, programs: Programs, settings: Settings, clock: Clock) -> None:
        from casework.jobs import QueuedJobs, Tasks

        self._session, self._programs, self._settings, self._clock = session, programs, settings, clock
        self._jobs = QueuedJobs(Tasks.load(programs))

    def work(self, actor: Actor) -> Work:
        """That actor at work; the session acts as them until the next one is named."""
        now = self._clock.now()
        self._session.act_as(actor.id, now)
        return Work(
            session=self._session,
            actor=actor,
            now=now,
            programs=self._programs,
            settings=self._settings,
            jobs=self._jobs,
            language="en",
            request_id="test",
        )

    def as_actor(self, account: Account) -> Work:
        """That person at work."""
        now = self._clock.now()
        self._session.act_as(account.id, now)
        return self.work(actor_of(self._session, account, now))

    def as_system(self) -> Work:
        """The system at work."""
        return self.work(Actor(SYSTEM_ACTOR, "system", "system"))
