"""Drafts of an edition, as coordinators write them."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from casework.db import Base, Identified, Versioned


class EditionDraft(Identified, Versioned, Base):
    """The next edition while it is written; one at a time.

    `files` holds the texts that differ from the edition in force, by the name of their file, such
    as `standards/en/06-management.md`. `effects` is what the draft would have done to past cases,
    as casework/handbook/effects.py found it last, with the hash of the rules that it compared.
    """

    __tablename__ = "edition_drafts"
    __table_args__ = (
        sa.CheckConstraint("status in ('draft', 'proposed', 'published', 'discarded')", name="status"),
        sa.Index(
            "uq_edition_drafts_open",
            sa.text("(true)"),
            unique=True,
            postgresql_where=sa.text("status in ('draft', 'proposed')"),
        ),
    )

    number: Mapped[str]
    note: Mapped[str] = mapped_column(default="", server_default="")
    in_force_on: Mapped[date]
    files: Mapped[dict[str, Any]]
    status: Mapped[str]
    begun_by: Mapped[int] = mapped_column(sa.ForeignKey("accounts.id"))
    begun_at: Mapped[datetime]
    changed_by: Mapped[int] = mapped_column(sa.ForeignKey("accounts.id"))
    changed_at: Mapped[datetime]
    proposed_by: Mapped[int | None] = mapped_column(sa.ForeignKey("accounts.id"))
    proposed_at: Mapped[datetime | None]
    edition_id: Mapped[int | None] = mapped_column(sa.ForeignKey("editions.id"))
    effects: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))


class HandbookPrint(Identified, Base):
    """One making of the book: of an edition, of a draft, or of what the programs brought along.

    `content` is the hash of all that is printed, so that the same book is made once. `status` is one
    of making | made | failed, with the reason in `problem`.
    """

    __tablename__ = "handbook_prints"
    __table_args__ = (
        sa.CheckConstraint("status in ('making', 'made', 'failed')", name="status"),
        sa.Index("ix_handbook_prints_content", "content"),
    )

    language: Mapped[str]  # zh_Hans | en | both
    edition_id: Mapped[int | None] = mapped_column(sa.ForeignKey("editions.id"))
    draft_id: Mapped[int | None] = mapped_column(sa.ForeignKey("edition_drafts.id"))
    content: Mapped[str] = mapped_column(default="", server_default="")
    status: Mapped[str]
    problem: Mapped[str] = mapped_column(default="", server_default="")
    pdf: Mapped[bytes | None] = mapped_column(deferred=True)
    sha256: Mapped[str] = mapped_column(default="", server_default="")
    size: Mapped[int] = mapped_column(sa.Integer, default=0, server_default="0")
    asked_by: Mapped[int] = mapped_column(sa.ForeignKey("accounts.id"))
    asked_at: Mapped[datetime]
    made_at: Mapped[datetime | None]
