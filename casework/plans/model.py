"""Goals: what a case is meant to reach, how it is measured, and how far it came."""

from __future__ import annotations

from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from casework.db import Base, Identified, Versioned


class Goal(Identified, Versioned, Base):
    """One goal of a case in one episode.

    `importance` and `difficulty` are 0 to 3; `rating` is -2 to +2 on the goal attainment scale,
    and `baseline_rating` where the person stood when the goal was set (usually -1).
    """

    __tablename__ = "goals"
    __table_args__ = (
        sa.Index("ix_goals_case_id", "case_id"),
        sa.CheckConstraint("importance between 0 and 3 and difficulty between 0 and 3", name="weight"),
        sa.CheckConstraint("rating between -2 and 2 and baseline_rating between -2 and 2", name="rating"),
    )

    case_id: Mapped[int] = mapped_column(sa.ForeignKey("cases.id"))
    compartment: Mapped[str] = mapped_column(default="case", server_default="case")
    episode: Mapped[int] = mapped_column(sa.Integer)
    text: Mapped[str]
    domain: Mapped[str]
    baseline: Mapped[str]
    target: Mapped[str]
    measure: Mapped[str]
    due_on: Mapped[date]
    importance: Mapped[int] = mapped_column(sa.Integer)
    difficulty: Mapped[int] = mapped_column(sa.Integer)
    status: Mapped[str]  # open | reached | partly | dropped
    baseline_rating: Mapped[int] = mapped_column(sa.Integer, default=-1, server_default="-1")
    rating: Mapped[int | None] = mapped_column(sa.Integer)
    rated_at: Mapped[datetime | None]
    set_by: Mapped[int] = mapped_column(sa.ForeignKey("accounts.id"))
    set_at: Mapped[datetime]
