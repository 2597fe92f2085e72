"""Deferring: a row of the queue, written by the connection and in the transaction of the session."""

from __future__ import annotations

from collections.abc import Container
from datetime import datetime
from typing import Any, Protocol

import procrastinate
import sqlalchemy as sa
from procrastinate.exceptions import AlreadyEnqueued

from casework.db import ActingSession

QUEUE = "default"
ATTEMPTS_TO_JOIN = 5


class UnknownTaskError(LookupError):
    """Nobody declared a task of that name: a programming error, told where it is made."""


class _Deferrer(Protocol):
    def configure_task(self, name: str, **options: Any) -> Any: ...


class QueuedJobs:
    """The `Jobs` of an application (see casework/work.py). Given its tasks, it refuses other names."""

    def __init__(self, tasks: Container[str] | None = None) -> None:
        self._tasks = tasks
        # Never opened: every job goes through the connection of the session.
        self._app: _Deferrer = procrastinate.App(connector=procrastinate.SyncPsycopgConnector())

    def defer(
        self,
        session: ActingSession,
        task: str,
        *,
        at: datetime | None = None,
        key: str | None = None,
        **arguments: Any,
    ) -> None:
        """Defer `task`, not before `at`; rolled back with the session, it never was.

        While one with the same `key` waits, none is added, and the one that waits does not begin
        before this transaction has ended, so that it sees what this one did. `arguments` are
        numbers and short texts that name things, never what people wrote: the queue is no part of
        the record. Raises UnknownTaskError.
        """
        if self._tasks is not None and task not in self._tasks:
            raise UnknownTaskError(f"no task is named {task!r}; declare it with @job in a module jobs.py")
        connection = session.connection()
        for _attempt in range(ATTEMPTS_TO_JOIN):
            if key is not None and _hold_waiting(connection, key):
                return
            try:
                with connection.begin_nested():
                    self._app.configure_task(
                        task,
                        queue=QUEUE,
                        queueing_lock=key,
                        schedule_at=at,
                        connection=connection.connection.driver_connection,
                    ).defer(**arguments)
            except AlreadyEnqueued:
                continue
            return
        raise RuntimeError(f"the jobs with the key {key!r} begin faster than one can wait with them")


def _hold_waiting(connection: sa.Connection, key: str) -> bool:
    """Whether a job with that key waits; if so, workers pass over it until the transaction ends."""
    statement = sa.text(
        "select 1 from procrastinate_jobs where queueing_lock = :key and status = 'todo' for share"
    )
    return connection.execute(statement, {"key": key}).first() is not None
