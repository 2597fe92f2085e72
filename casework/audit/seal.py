"""Sealing: entries that wait become links of the one chain, and its head is anchored outside."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy import event

from casework.audit.anchor import Head, anchor_path, drop_anchor
from casework.audit.chain import BEGINNING, FIELDS, link
from casework.audit.model import AuditEntry, AuditLink, AuditPending
from casework.db import ActingSession
from casework.work import Work

ONE_CHAIN = 0x61756469747365
"""Key of the advisory lock that lets only one transaction at a time lengthen the chain."""

BATCH = 1000


def seal(work: Work) -> int:
    """Seal every entry that waits and answer how many there were; none while another one seals.

    Entries are sealed in the order of their numbers as far as their transactions have ended; one
    that ends later gets a later place. Writers are never kept waiting. The head is anchored when
    the transaction is committed, and the head found here at once, in case the last run died
    between its commit and its anchor.
    """
    session = work.session
    if not session.scalar(sa.select(sa.func.pg_try_advisory_xact_lock(ONE_CHAIN))):
        return 0
    path = anchor_path(work.settings)
    head = last_head(session)
    if head is not None:
        drop_anchor(path, head)
    sealed = 0
    while entries := _waiting(session):
        head = _lengthen(work, head, entries)
        sealed += len(entries)
    if sealed and head is not None:
        new_head = head
        event.listen(session, "after_commit", lambda _session: drop_anchor(path, new_head), once=True)
    return sealed


def last_head(session: ActingSession) -> Head | None:
    """The end of the chain; None while there is none."""
    statement = sa.select(AuditLink.sequence, AuditLink.hash, AuditLink.sealed_at)
    row = session.execute(statement.order_by(AuditLink.sequence.desc()).limit(1)).first()
    return Head(*row) if row else None


def _waiting(session: ActingSession) -> list[dict[str, Any]]:
    statement = (
        sa.select(*(getattr(AuditEntry, name) for name in FIELDS))
        .join(AuditPending, AuditPending.entry_id == AuditEntry.id)
        .order_by(AuditEntry.id)
        .limit(BATCH)
    )
    return [dict(row) for row in session.execute(statement).mappings()]


def _lengthen(work: Work, head: Head | None, entries: list[dict[str, Any]]) -> Head:
    reached, previous = (head.sequence, head.hash) if head else (0, BEGINNING)
    links = []
    for sequence, entry in enumerate(entries, reached + 1):
        previous = link(previous, sequence, work.now, entry)
        links.append({"sequence": sequence, "entry_id": entry["id"], "sealed_at": work.now, "hash": previous})
    work.session.execute(sa.insert(AuditLink), links)
    numbers = [entry["id"] for entry in entries]
    work.session.execute(sa.delete(AuditPending).where(AuditPending.entry_id.in_(numbers)))
    return Head(reached + len(entries), previous, work.now)
