"""What the worker process does for duties."""

from __future__ import annotations

from casework.duties import usecases
from casework.jobs import job
from casework.work import Work


@job("duties.recompute", periodic="10 16 * * *")
def recompute(work: Work) -> None:
    """Settle provisional deadlines whose year was loaded, and open again what is no longer exempt."""
    usecases.recompute_provisional(work)
