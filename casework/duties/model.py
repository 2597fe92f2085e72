"""Editions of the standard, the duties that they put on cases, and the calendar of working days."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from casework.db import Base, Identified


class Edition(Identified, Base):
    """An immutable, published set of rules and texts, in force from a moment on.

    `rules` are those of casework/duties/rules.py by clause; `texts` hold, by clause, its class,
    number, and its title and sentence by language. `hash` is over both, and over the number of an
    edition that people published: `proposed_by` and `published_by` are two. `files` are all its
    texts by the name of their file; an edition without them is what the programs brought along.
    """

    __tablename__ = "editions"
    __table_args__ = (
        sa.CheckConstraint("status in ('in force', 'withdrawn')", name="status"),
        sa.CheckConstraint("published_by <> proposed_by", name="two_people"),
    )

    hash: Mapped[str] = mapped_column(unique=True)
    rules: Mapped[dict[str, Any]]
    texts: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    status: Mapped[str] = mapped_column(default="in force", server_default="in force")
    in_force_from: Mapped[datetime]
    published_at: Mapped[datetime]
    number: Mapped[str | None]
    note: Mapped[str] = mapped_column(default="", server_default="")
    files: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    proposed_by: Mapped[int | None] = mapped_column(sa.ForeignKey("accounts.id"))
    published_by: Mapped[int | None] = mapped_column(sa.ForeignKey("accounts.id"))


class Duty(Identified, Base):
    """What a clause requires on a case, as casework/duties/judge.py found it last.

    `due_at` is None while its clock stands still. `first_due_at` is the date first given and never
    changes; `moved_by` says why the present one differs: pause, calendar or exemption. `owner_id`
    is the worker who answers for it; without one, everybody who holds `owner_role` at the unit
    does. `note` is the reason typed when the case was closed with the duty open, or when it was
    exempted.
    """

    __tablename__ = "duties"
    __table_args__ = (
        sa.UniqueConstraint("case_id", "clause", "opened_by"),
        sa.CheckConstraint(
            "state in ('open', 'met', 'late', 'missed', 'exempt', 'not_applicable')", name="state"
        ),
        sa.CheckConstraint("closed_at is null or closed_at >= opened_at", name="closed_after_opened"),
        sa.CheckConstraint("(closed_at is null) = (closed_by is null)", name="closed_by_event"),
        sa.Index(
            "ix_duties_owner_id_due_at", "owner_id", "due_at", postgresql_where=sa.text("state = 'open'")
        ),
        sa.Index("ix_duties_case_id_due_at", "case_id", "due_at", postgresql_where=sa.text("state = 'open'")),
        sa.Index(
            "ix_duties_owner_role_unit_id_due_at",
            "owner_role",
            "unit_id",
            "due_at",
            postgresql_where=sa.text("state = 'open' and owner_id is null"),
        ),
        sa.Index("ix_duties_unit_id_state_due_at", "unit_id", "state", "due_at"),
        sa.Index("ix_duties_provisional", "case_id", postgresql_where=sa.text("provisional")),
        sa.Index("ix_duties_opened_by", "opened_by"),
    )

    case_id: Mapped[int] = mapped_column(sa.ForeignKey("cases.id"))
    unit_id: Mapped[int] = mapped_column(sa.ForeignKey("units.id"))
    compartment: Mapped[str]
    clause: Mapped[str]
    edition_id: Mapped[int] = mapped_column(sa.ForeignKey("editions.id"))
    opened_by: Mapped[int] = mapped_column(sa.ForeignKey("events.id"))
    opened_at: Mapped[datetime]
    due_at: Mapped[datetime | None]
    first_due_at: Mapped[datetime | None]
    moved_by: Mapped[str] = mapped_column(default="", server_default="")
    provisional: Mapped[bool]
    state: Mapped[str]
    owner_role: Mapped[str]
    owner_id: Mapped[int | None] = mapped_column(sa.ForeignKey("accounts.id"))
    closed_by: Mapped[int | None] = mapped_column(sa.ForeignKey("events.id"))
    closed_at: Mapped[datetime | None]
    note: Mapped[str] = mapped_column(default="", server_default="")
    updated_at: Mapped[datetime]


class CalendarDay(Base):
    """A day that departs from the plain week: a holiday, or a weekend day that is worked."""

    __tablename__ = "calendar_days"

    country: Mapped[str] = mapped_column(primary_key=True)
    date: Mapped[date] = mapped_column(primary_key=True)
    is_working: Mapped[bool]
    name: Mapped[str]
    source: Mapped[str]


class CalendarYear(Base):
    """A year whose days have been loaded.

    `published_at` is the day of the official notice, None while there is none: deadlines that
    reach into such a year are provisional. `hash` is over its days.
    """

    __tablename__ = "calendar_years"

    country: Mapped[str] = mapped_column(primary_key=True)
    year: Mapped[int] = mapped_column(sa.Integer, primary_key=True)
    published_at: Mapped[date | None]
    notice: Mapped[str]
    hash: Mapped[str]
