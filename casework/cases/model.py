"""The case and its events."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from casework.db import Base, Identified, Versioned


class Case(Identified, Versioned, Base):
    """One person's course through one program, at one unit, in one state.

    `program_version` is the hash of the workflow that the case was last moved under.
    """

    __tablename__ = "cases"
    __table_args__ = (
        sa.Index("ix_cases_worker_id_id", "worker_id", sa.text("id desc")),
        sa.Index("ix_cases_unit_id_id", "unit_id", sa.text("id desc")),
        sa.Index("ix_cases_unit_id_state_id", "unit_id", "state", sa.text("id desc")),
        sa.Index("ix_cases_referrer_id_id", "referrer_id", sa.text("id desc")),
    )

    number: Mapped[str] = mapped_column(sa.Text(collation="C"), unique=True)
    program: Mapped[str]
    program_version: Mapped[str]
    unit_id: Mapped[int] = mapped_column(sa.ForeignKey("units.id"))
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("persons.id"), index=True)
    worker_id: Mapped[int | None] = mapped_column(sa.ForeignKey("accounts.id"))
    referrer_id: Mapped[int | None] = mapped_column(sa.ForeignKey("accounts.id"))
    compartment: Mapped[str] = mapped_column(default="case", server_default="case")
    state: Mapped[str]
    state_since: Mapped[datetime]
    urgency: Mapped[str]  # emergency | urgent | routine
    episode: Mapped[int] = mapped_column(sa.Integer, default=1, server_default="1")
    opened_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]


class CaseNumber(Base):
    """The last number given for a series such as NH1-CW-2026."""

    __tablename__ = "case_numbers"

    series: Mapped[str] = mapped_column(primary_key=True)
    last: Mapped[int] = mapped_column(sa.Integer)


class Event(Identified, Base):
    """An append-only fact about a case: what, who, when it happened and when it was recorded."""

    __tablename__ = "events"
    __table_args__ = (
        sa.Index("ix_events_case_id_happened_at_id", "case_id", "happened_at", "id"),
        sa.Index("ix_events_kind_happened_at", "kind", "happened_at"),
    )

    case_id: Mapped[int] = mapped_column(sa.ForeignKey("cases.id"))
    compartment: Mapped[str]
    kind: Mapped[str]
    actor_id: Mapped[int] = mapped_column(sa.ForeignKey("accounts.id"))
    happened_at: Mapped[datetime]
    recorded_at: Mapped[datetime]
    response_id: Mapped[int | None] = mapped_column(sa.ForeignKey("responses.id"))
    payload: Mapped[dict[str, Any]]
