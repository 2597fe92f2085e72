"""Counting what may not be done too often, of whatever kind (casework/security/throttle.py)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy.dialects.postgresql import insert

from casework.security import queries, throttle
from casework.security.model import SignInAttempts
from casework.work import Work


def still_to_wait(work: Work, keys: Sequence[str]) -> timedelta:
    """How long an attempt with these counters must wait; nothing if it may go on."""
    return throttle.wait(queries.counters(work.session, keys), work.now)


def count_attempt(work: Work, keys: Sequence[str]) -> timedelta:
    """Count an attempt and answer nothing; or how long it must wait, and then it was not counted.

    Attempts with one of the counters in common wait for each other, so that of many made at once
    only as many go on as are free. The caller sees to it that the count is kept.
    """
    keys = sorted(keys)
    work.session.execute(
        insert(SignInAttempts)
        .values([{"key": key, "count": 0, "window_start": work.now} for key in keys])
        .on_conflict_do_nothing()
    )
    rows = queries.counters(work.session, keys, lock=True)
    if wait := throttle.wait(rows, work.now):
        return wait
    for row in rows:
        throttle.count_failure(row, work.now)
    return timedelta()
