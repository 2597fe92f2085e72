"""What the worker process does for aid."""

from __future__ import annotations

from casework.jobs import job
from casework.work import Work

from . import notices, usecases


@job("subsidy.expire", periodic="20 17 * * *")
def expire(work: Work) -> None:
    """End drafts that nobody goes on with, and applications whose missing papers never came."""
    usecases.expire_idle(work)


@job("subsidy.remove_notices", periodic="5 * * * *")
def remove_notices(work: Work) -> None:
    """Delete public notices whose days are over; they are not shown any more before that."""
    notices.remove_past(work)
