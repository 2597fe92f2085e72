"""Housekeeping of signing in."""

from __future__ import annotations

from casework.jobs.tasks import job
from casework.security import usecases
from casework.work import Work


@job("security.purge", periodic="43 * * * *")
def purge(work: Work) -> None:
    """Forget what has served; see usecases.purge."""
    usecases.purge(work)
