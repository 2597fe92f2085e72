"""Responses, and the definitions that they were made under."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from casework.db import Base, Identified, Versioned


class FormDefinition(Base):
    """A form as it was when somebody first wrote on it: kept for ever, never changed."""

    __tablename__ = "form_definitions"

    hash: Mapped[str] = mapped_column(primary_key=True)
    key: Mapped[str]
    source: Mapped[dict[str, Any]]
    first_used_at: Mapped[datetime]


class Response(Identified, Versioned, Base):
    """One set of answers to one version of a form.

    A draft belongs to its author and to one case, or to the person for whom one is to be opened, and
    holds what was typed, right or wrong.
    Signing makes a new row, whose answers never change: to amend is to sign another that
    supersedes it, upon which its status becomes `amended`. `submission` is the random mark of the page that was
    filled in, so that sending it twice signs once. `reason` says why a response was amended.
    """

    __tablename__ = "responses"
    __table_args__ = (
        sa.CheckConstraint("status in ('draft', 'signed', 'amended')", name="status"),
        sa.CheckConstraint("(status = 'draft') = (signed_at is null)", name="signed"),
        sa.CheckConstraint("status = 'draft' or case_id is not null", name="signed_on_a_case"),
        sa.Index(
            "uq_responses_draft",
            "author_id",
            "case_id",
            "person_id",
            "form_key",
            unique=True,
            postgresql_where=sa.text("status = 'draft'"),
            postgresql_nulls_not_distinct=True,
        ),
        sa.Index(
            "uq_responses_submission",
            "author_id",
            "submission",
            unique=True,
            postgresql_where=sa.text("submission is not null"),
        ),
        sa.Index("ix_responses_case_id_form_key_id", "case_id", "form_key", sa.text("id desc")),
    )

    person_id: Mapped[int | None] = mapped_column(sa.ForeignKey("persons.id"))
    case_id: Mapped[int | None] = mapped_column(sa.ForeignKey("cases.id"))
    compartment: Mapped[str]
    form_key: Mapped[str]
    form_hash: Mapped[str] = mapped_column(sa.ForeignKey("form_definitions.hash"))
    status: Mapped[str]  # draft | signed | amended
    answers: Mapped[dict[str, Any]]
    submission: Mapped[str | None]
    author_id: Mapped[int] = mapped_column(sa.ForeignKey("accounts.id"))
    signed_by: Mapped[int | None] = mapped_column(sa.ForeignKey("accounts.id"))
    signed_at: Mapped[datetime | None]
    happened_at: Mapped[datetime | None]
    episode: Mapped[int] = mapped_column(sa.Integer, default=1, server_default="1")
    supersedes_id: Mapped[int | None] = mapped_column(sa.ForeignKey("responses.id"), unique=True)
    reason: Mapped[str | None]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
