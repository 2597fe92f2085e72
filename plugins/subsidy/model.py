"""What aid keeps besides its cases: terms, frozen means tests, bills, votes, public notices.

Amounts are integer fen. What a decision rests on is added and never changed.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from casework.db import Base, Identified


class FundTerms(Identified, Base):
    """The terms of a fund from a day on, until the next ones; `data` is read by terms.Terms."""

    __tablename__ = "subsidy_terms"
    __table_args__ = (sa.UniqueConstraint("fund_id", "valid_from"),)

    fund_id: Mapped[int] = mapped_column(sa.ForeignKey("funds.id"))
    valid_from: Mapped[date]
    data: Mapped[dict[str, Any]]
    hash: Mapped[str]
    set_by: Mapped[int] = mapped_column(sa.ForeignKey("accounts.id"))
    set_at: Mapped[datetime]


class HospitalAccount(Identified, Base):
    """Where aid for the bills of a hospital is paid to, from when it was set until it is set again.

    An account of an organization, which stands on its invoices; of people no number is kept here.
    """

    __tablename__ = "subsidy_hospital_accounts"
    __table_args__ = (sa.Index("ix_subsidy_hospital_accounts_unit_id_id", "unit_id", sa.text("id desc")),)

    unit_id: Mapped[int] = mapped_column(sa.ForeignKey("units.id"))
    name: Mapped[str]
    bank: Mapped[str]
    account: Mapped[str]
    set_by: Mapped[int] = mapped_column(sa.ForeignKey("accounts.id"))
    set_at: Mapped[datetime]


class FrozenAssessment(Identified, Base):
    """A means test as it was when the amount was recommended: facts, terms, every line, what was found.

    `round` counts the recommendations of a case; an appeal that is granted leads to a new one.
    """

    __tablename__ = "subsidy_assessments"
    __table_args__ = (
        sa.UniqueConstraint("case_id", "round"),
        sa.CheckConstraint("award >= 0", name="award"),
    )

    case_id: Mapped[int] = mapped_column(sa.ForeignKey("cases.id"))
    compartment: Mapped[str]
    round: Mapped[int] = mapped_column(sa.Integer)
    fund_id: Mapped[int] = mapped_column(sa.ForeignKey("funds.id"))
    terms_id: Mapped[int] = mapped_column(sa.ForeignKey("subsidy_terms.id"))
    terms_hash: Mapped[str]
    facts: Mapped[dict[str, Any]]
    result: Mapped[dict[str, Any]]
    findings: Mapped[dict[str, Any]]
    award: Mapped[int]
    made_by: Mapped[int] = mapped_column(sa.ForeignKey("accounts.id"))
    made_at: Mapped[datetime]


class Bill(Identified, Base):
    """A bill that an application counts, known again in another one by the hash of its number."""

    __tablename__ = "subsidy_bills"
    __table_args__ = (sa.UniqueConstraint("case_id", "hash"), sa.Index("ix_subsidy_bills_hash", "hash"))

    case_id: Mapped[int] = mapped_column(sa.ForeignKey("cases.id"))
    compartment: Mapped[str]
    hash: Mapped[str]
    total: Mapped[int]


class Vote(Identified, Base):
    """What one member of the committee said in one round; said once, and never changed."""

    __tablename__ = "subsidy_votes"
    __table_args__ = (
        sa.UniqueConstraint("case_id", "round", "member_id"),
        sa.CheckConstraint("vote in ('yes', 'no', 'recused')", name="vote"),
    )

    case_id: Mapped[int] = mapped_column(sa.ForeignKey("cases.id"))
    compartment: Mapped[str]
    round: Mapped[int] = mapped_column(sa.Integer)
    member_id: Mapped[int] = mapped_column(sa.ForeignKey("accounts.id"))
    vote: Mapped[str]  # yes | no | recused
    reason: Mapped[str]
    voted_at: Mapped[datetime]


class PublicNotice(Identified, Base):
    """What is shown in public about an award, and nothing more; taken away when its days are over.

    `name` is masked before it comes here, and `age` is only that of a child; the towns, funds and the
    rest are what everybody may read.
    """

    __tablename__ = "subsidy_notices"
    __table_args__ = (
        sa.UniqueConstraint("case_id", "round"),
        sa.Index("ix_subsidy_notices_gone_at", "gone_at"),
    )

    case_id: Mapped[int] = mapped_column(sa.ForeignKey("cases.id"))
    compartment: Mapped[str]
    round: Mapped[int] = mapped_column(sa.Integer)
    name: Mapped[str]
    age: Mapped[int | None] = mapped_column(sa.Integer)
    town_names: Mapped[dict[str, Any]]
    fund_names: Mapped[dict[str, Any]]
    amount: Mapped[int]
    phone: Mapped[str]
    shown_at: Mapped[datetime]
    gone_at: Mapped[datetime]
