"""The audit trail: what was done and seen, and the chain that proves that nobody changed it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from casework.db import Base, Identified

KINDS = (
    *("read", "write", "refused", "error", "sign-in", "sign-out"),
    *("export", "reveal", "setting", "grant"),
)
"""What an entry can be about; `refused` and `error` changed nothing."""


class AuditEntry(Identified, Base):
    """One thing that somebody did, saw, or was refused. Appended, never changed.

    An entry with a `method` testifies to one request, each of which has exactly one; an entry
    without is a fact of its own inside a request or job (a grant, a setting with its old and new
    value), tied to it by `request_id`. `subject` is such as "case:123". No entry holds what people
    typed. It refers to no other table, because it outlives what it speaks of.
    """

    __tablename__ = "audit_entries"
    __table_args__ = (
        sa.CheckConstraint(f"kind in {KINDS}", name="kind"),
        sa.Index("ix_audit_entries_actor_id_id", "actor_id", "id"),
        sa.Index("ix_audit_entries_subject_id", "subject", "id"),
        sa.Index("ix_audit_entries_kind_id", "kind", "id"),
    )

    recorded_at: Mapped[datetime] = mapped_column(index=True)
    actor_id: Mapped[int]
    actor_name: Mapped[str]
    session: Mapped[str]
    kind: Mapped[str]
    route: Mapped[str]
    method: Mapped[str]
    subject: Mapped[str]
    status: Mapped[int] = mapped_column(sa.Integer)
    address: Mapped[str]
    request_id: Mapped[str]
    details: Mapped[dict[str, Any]]


class AuditPending(Base):
    """An entry that waits to be sealed; a trigger writes it with the entry.

    So the seal finds what to seal without looking at the rest, in whatever order transactions
    end, and also after the database was moved to another server.
    """

    __tablename__ = "audit_pending"

    entry_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)


class AuditLink(Base):
    """One link of the chain: its hash covers its entry and the hash before it."""

    __tablename__ = "audit_chain"

    sequence: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    entry_id: Mapped[int] = mapped_column(unique=True)
    sealed_at: Mapped[datetime]
    hash: Mapped[bytes]
