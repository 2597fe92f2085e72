"""One run of one job: its own session, its own transaction, done once."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import sessionmaker

from casework.clock import Clock, SystemClock
from casework.db import SYSTEM_ACTOR, ActingSession
from casework.jobs.model import JobRun
from casework.jobs.queue import QueuedJobs
from casework.jobs.tasks import Task, Tasks
from casework.programs import Programs
from casework.settings import Settings
from casework.work import Actor, Work

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Workshop:
    """What a job needs besides itself; one for each worker process."""

    engine: sa.Engine
    settings: Settings
    programs: Programs
    tasks: Tasks
    clock: Clock

    @classmethod
    def build(
        cls,
        engine: sa.Engine,
        settings: Settings,
        programs: Programs,
        clock: Clock | None = None,
        tasks: Tasks | None = None,
    ) -> Workshop:
        """A workshop with all tasks of the core and the enabled programs, or with those given."""
        return cls(engine, settings, programs, tasks or Tasks.load(programs), clock or SystemClock())

    def perform(self, task: Task, job_id: int, arguments: Mapping[str, Any]) -> bool:
        """Run the task in a transaction of its own as the system; False if it had been done.

        Returning keeps what it did, raising undoes it. Two runs of one job at the same time wait
        for each other at the mark, and the second finds it done.
        """
        self._free_key(job_id)
        now = self.clock.now()
        sessions = sessionmaker(self.engine, class_=ActingSession, expire_on_commit=False)
        with sessions() as session:
            session.act_as(SYSTEM_ACTOR, now)
            with session.begin():
                mark = insert(JobRun).values(job_id=job_id, finished_at=now)
                done = session.execute(mark.on_conflict_do_nothing().returning(JobRun.job_id)).first()
                if done is None:
                    log.warning("job %s (%s) was done before and is not done again", job_id, task.name)
                    return False
                work = Work(
                    session=session,
                    actor=Actor(id=SYSTEM_ACTOR, name="", kind="system"),
                    now=now,
                    programs=self.programs,
                    settings=self.settings,
                    jobs=QueuedJobs(self.tasks),
                    language=self.settings.default_language,
                    request_id=f"job-{job_id}",
                )
                task.run(work, **arguments)
        return True

    def _free_key(self, job_id: int) -> None:
        """Let a new job with the same key wait from now on, beside this one if it is tried again.

        The queue cannot put a job back while another waits with its key.
        """
        with self.engine.begin() as connection:
            connection.execute(
                sa.text(
                    "update procrastinate_jobs set queueing_lock = null"
                    " where id = :id and queueing_lock is not null"
                ),
                {"id": job_id},
            )
