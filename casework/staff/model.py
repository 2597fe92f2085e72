"""Units, accounts and grants: who works where and what each may do there."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from casework.db import Base, Identified, Versioned


class Unit(Identified, Base):
    """A node of the organisation tree. `names` holds its name by language."""

    __tablename__ = "units"

    parent_id: Mapped[int | None] = mapped_column(sa.ForeignKey("units.id"), index=True)
    kind: Mapped[str]  # district | hospital | ward | town | centre
    code: Mapped[str] = mapped_column(unique=True)
    names: Mapped[dict[str, Any]]
    phone: Mapped[str] = mapped_column(default="", server_default="")


class UnitReach(Base):
    """The closure of the tree: each unit reaches itself and everything below it."""

    __tablename__ = "unit_reach"

    ancestor_id: Mapped[int] = mapped_column(sa.ForeignKey("units.id"), primary_key=True)
    unit_id: Mapped[int] = mapped_column(sa.ForeignKey("units.id"), primary_key=True, index=True)


class Account(Identified, Versioned, Base):
    """A person, or the system, that signs in. `sign_in_name` is stored folded, so that case and
    width do not make two accounts. A portal account stands for one served person."""

    __tablename__ = "accounts"

    kind: Mapped[str]  # staff | portal | system
    sign_in_name: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    password_hash: Mapped[str | None]
    language: Mapped[str | None]
    person_id: Mapped[int | None] = mapped_column(sa.ForeignKey("persons.id"), index=True)
    phone: Mapped[str] = mapped_column(default="", server_default="")
    created_at: Mapped[datetime]
    disabled_at: Mapped[datetime | None]


class Grant(Identified, Base):
    """A role given at a unit or on one case, from - until, with a reason: the only source of access.

    `compartments` are the walled parts of cases that the role opens there.
    """

    __tablename__ = "grants"
    __table_args__ = (
        sa.CheckConstraint("(unit_id is null) <> (case_id is null)", name="one_place"),
        sa.Index("ix_grants_account_id_case_id", "account_id", "case_id"),
        sa.Index("ix_grants_case_id", "case_id", postgresql_where=sa.text("case_id is not null")),
    )

    account_id: Mapped[int] = mapped_column(sa.ForeignKey("accounts.id"))
    role: Mapped[str]
    unit_id: Mapped[int | None] = mapped_column(sa.ForeignKey("units.id"))
    case_id: Mapped[int | None] = mapped_column(sa.ForeignKey("cases.id"))
    compartments: Mapped[list[str]]
    valid_from: Mapped[datetime]
    valid_until: Mapped[datetime | None]
    reason: Mapped[str]
    given_by: Mapped[int] = mapped_column(sa.ForeignKey("accounts.id"))
    given_at: Mapped[datetime]
