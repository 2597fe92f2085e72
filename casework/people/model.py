"""The people served, where they are known, how they are found, and who belongs to whom."""

from __future__ import annotations

import uuid
from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from casework.db import Base, Identified, Versioned


class Person(Identified, Versioned, Base):
    """Whoever is served. One person may have many cases.

    Codes are those of casework/people/codes.py; empty text means not known. `birth_date` with the
    precision `month` or `year` is the first day of that month or year. `phone` is in E.164 form, or
    a public short number. `phone_message_safe` says whether a message may be left there.

    The identity number is kept sealed (casework/security/fields.py) and bound to `uid`, which,
    unlike `id`, is known before the row is; found by its blind index; shown by its tail.
    """

    __tablename__ = "persons"
    __table_args__ = (
        sa.CheckConstraint("birth_date_precision in ('day', 'month', 'year')", name="birth_date_precision"),
        sa.CheckConstraint(
            "(id_number is null) = (id_number_index is null) and (id_number is null or id_type <> '')",
            name="id_number_whole",
        ),
    )

    uid: Mapped[uuid.UUID] = mapped_column(default=uuid.uuid4, unique=True)
    unit_id: Mapped[int] = mapped_column(sa.ForeignKey("units.id"), index=True)
    full_name: Mapped[str]
    other_names: Mapped[str] = mapped_column(default="", server_default="")
    sex: Mapped[str] = mapped_column(default="0", server_default="0")
    birth_date: Mapped[date | None]
    birth_date_precision: Mapped[str] = mapped_column(default="day", server_default="day")
    phone: Mapped[str] = mapped_column(default="", server_default="")
    phone_message_safe: Mapped[bool] = mapped_column(default=False, server_default=sa.false())
    spoken: Mapped[str] = mapped_column(default="", server_default="")
    interpreter: Mapped[bool] = mapped_column(default=False, server_default=sa.false())
    address: Mapped[str] = mapped_column(default="", server_default="")
    id_type: Mapped[str] = mapped_column(default="", server_default="")
    id_number: Mapped[bytes | None]
    id_number_index: Mapped[bytes | None] = mapped_column(index=True)
    id_number_tail: Mapped[str] = mapped_column(default="", server_default="")
    mrn: Mapped[str] = mapped_column(default="", server_default="")
    died_on: Mapped[date | None]
    disclosure: Mapped[str] = mapped_column(default="unknown", server_default="unknown")
    created_by: Mapped[int] = mapped_column(sa.ForeignKey("accounts.id", use_alter=True))
    created_at: Mapped[datetime]
    updated_by: Mapped[int] = mapped_column(sa.ForeignKey("accounts.id", use_alter=True))
    updated_at: Mapped[datetime]


class PersonUnit(Base):
    """A unit where the person is known: the one of the registration and every later one."""

    __tablename__ = "person_units"

    person_id: Mapped[int] = mapped_column(sa.ForeignKey("persons.id"), primary_key=True)
    unit_id: Mapped[int] = mapped_column(sa.ForeignKey("units.id"), primary_key=True, index=True)


class PersonToken(Base):
    """A text by which a person is found (see casework/people/tokens.py).

    Tokens are rows and not an array with a GIN index, because row-level security lets an index
    answer only conditions whose operators are leakproof: comparisons of text are, `@>`, `&&`, LIKE
    and the trigram operators are not. The collation "C" makes a range of tokens a prefix.
    """

    __tablename__ = "person_tokens"

    token: Mapped[str] = mapped_column(sa.Text(collation="C"), primary_key=True)
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("persons.id"), primary_key=True, index=True)


class Household(Identified, Versioned, Base):
    """People who live together and share what they have. It is seen by who sees any member."""

    __tablename__ = "households"

    unit_id: Mapped[int] = mapped_column(sa.ForeignKey("units.id"), index=True)
    address: Mapped[str] = mapped_column(default="", server_default="")
    created_by: Mapped[int] = mapped_column(sa.ForeignKey("accounts.id"))
    created_at: Mapped[datetime]


class HouseholdMember(Identified, Base):
    """A person's time in a household; `relation` to its head by GB/T 4761. `until` None means now."""

    __tablename__ = "household_members"
    __table_args__ = (
        sa.CheckConstraint("until is null or until >= since", name="until_after_since"),
        sa.Index(
            "uq_household_members_person_id_now",
            "person_id",
            unique=True,
            postgresql_where=sa.text("until is null"),
        ),
    )

    household_id: Mapped[int] = mapped_column(sa.ForeignKey("households.id"), index=True)
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("persons.id"), index=True)
    relation: Mapped[str]
    since: Mapped[date]
    until: Mapped[date | None]


class CasePerson(Identified, Versioned, Base):
    """A contact person of a case: next of kin, carer, guardian, referrer.

    Either a registered person (`person_id`) or a name with a phone number of its own. `relation` is
    what the contact is to the person served, by GB/T 4761.
    """

    __tablename__ = "case_persons"
    __table_args__ = (sa.CheckConstraint("person_id is not null or name <> ''", name="named"),)

    case_id: Mapped[int] = mapped_column(sa.ForeignKey("cases.id"), index=True)
    compartment: Mapped[str] = mapped_column(default="case", server_default="case")
    person_id: Mapped[int | None] = mapped_column(sa.ForeignKey("persons.id"), index=True)
    name: Mapped[str] = mapped_column(default="", server_default="")
    phone: Mapped[str] = mapped_column(default="", server_default="")
    phone_message_safe: Mapped[bool] = mapped_column(default=False, server_default=sa.false())
    relation: Mapped[str]
    role: Mapped[str]
    note: Mapped[str] = mapped_column(default="", server_default="")
    created_by: Mapped[int] = mapped_column(sa.ForeignKey("accounts.id"))
    created_at: Mapped[datetime]
