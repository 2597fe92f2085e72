"""Work that is done later by the worker process, deferred inside the transaction that wants it.

A domain declares its tasks in its module `jobs.py`::

    @job("duties.remind", periodic="0 8 * * *")
    def remind(work: Work) -> None: ...

and defers them with ``work.jobs.defer(work.session, "duties.remind")``. A task's transaction holds
everything it did and the mark that it was done: its effect happens once, however often it is begun.
"""

from __future__ import annotations

from casework.jobs.queries import worker_seen
from casework.jobs.queue import QueuedJobs, UnknownTaskError
from casework.jobs.tasks import JobError, Task, Tasks, job

__all__ = ["JobError", "QueuedJobs", "Task", "Tasks", "UnknownTaskError", "job", "worker_seen"]
