"""The audit trail's own work: sealing, each minute."""

from __future__ import annotations

from casework.audit import seal
from casework.jobs import job
from casework.work import Work


@job("audit.seal", periodic="* * * * *")
def seal_what_waits(work: Work) -> None:
    """Seal the entries of the last minute."""
    seal.seal(work)
