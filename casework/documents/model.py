"""Documents of a case: photos and papers that were handed in, and letters that were issued."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from casework.db import Base, Identified


class Document(Identified, Base):
    """One paper of a case. Its content lies in the store under a random name, never under the typed one.

    `uid` is the random part of its address. `kind` is the word of whoever asked for it (such as
    `income`), and `page` counts the papers of one kind. `title` is an English source text or, for a
    letter, its own title; `name` is what the person's file was called. `submission` is the random mark
    of the page that sent it, so that sending it twice keeps one.

    A letter is `making` until a job has set it, then `made`, or `failed` with the `problem`; `template`
    and `letter_values` are what it is made from, in `language`. `key` names what it answers, so that one
    event brings one letter of a kind. What was handed in is `kept`. A removed document stays as a
    row; its file is taken away some weeks later, when `store_name` becomes empty.
    """

    __tablename__ = "documents"
    __table_args__ = (
        sa.CheckConstraint("status in ('kept', 'making', 'made', 'failed')", name="status"),
        sa.CheckConstraint("store_name is null or (sha256 is not null and bytes is not null)", name="stored"),
        sa.UniqueConstraint("case_id", "compartment", "kind", "page"),
        sa.Index(
            "uq_documents_submission",
            "added_by",
            "submission",
            unique=True,
            postgresql_where=sa.text("submission is not null"),
        ),
        sa.Index(
            "uq_documents_letter",
            "case_id",
            "compartment",
            "kind",
            "key",
            unique=True,
            postgresql_where=sa.text("key is not null"),
        ),
        sa.Index(
            "ix_documents_removed_at",
            "removed_at",
            postgresql_where=sa.text("removed_at is not null and store_name is not null"),
        ),
    )

    uid: Mapped[str] = mapped_column(unique=True)
    case_id: Mapped[int] = mapped_column(sa.ForeignKey("cases.id"))
    compartment: Mapped[str]
    kind: Mapped[str]
    page: Mapped[int] = mapped_column(sa.Integer)
    title: Mapped[str]
    name: Mapped[str]
    media_type: Mapped[str]
    bytes: Mapped[int | None]
    width: Mapped[int | None] = mapped_column(sa.Integer)
    height: Mapped[int | None] = mapped_column(sa.Integer)
    sha256: Mapped[str | None]
    store_name: Mapped[str | None] = mapped_column(unique=True)
    status: Mapped[str]
    added_by: Mapped[int] = mapped_column(sa.ForeignKey("accounts.id"))
    added_at: Mapped[datetime]
    removed_by: Mapped[int | None] = mapped_column(sa.ForeignKey("accounts.id"))
    removed_at: Mapped[datetime | None]
    submission: Mapped[str | None]
    key: Mapped[str | None]
    number: Mapped[str | None]
    language: Mapped[str | None]
    template: Mapped[str | None]
    letter_values: Mapped[dict[str, Any] | None]
    problem: Mapped[str | None]
