"""Texts that leave, and codes that have served."""

from __future__ import annotations

from casework.jobs.tasks import job
from casework.portal import phone_codes, texts
from casework.work import Work


@job("portal.send_text")
def send_text(work: Work, text_id: int) -> None:
    """Hand one text to the adapters; see texts.deliver."""
    texts.deliver(work, text_id)


@job("portal.purge", periodic="53 * * * *")
def purge(work: Work) -> None:
    """Forget codes and texts that have served; see phone_codes.purge and texts.purge."""
    phone_codes.purge(work)
    texts.purge(work)
