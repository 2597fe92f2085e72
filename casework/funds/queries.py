"""Reading funds, their ledger, and payments. What the actor may not see is not there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from casework.errors import Missing
from casework.funds.model import Fund, FundBalance, FundCase, FundPosting, Payment
from casework.funds.rules import Balance
from casework.staff.model import Account, Unit
from casework.work import Work

PAGE = 50
"""Rows of one page of a list."""

PAYEE_ACCOUNT = "payments.payee_account"
"""The place that account numbers are sealed for."""


def fund(work: Work, fund_id: int) -> Fund:
    """A fund by its number, else Missing."""
    found = work.session.get(Fund, fund_id)
    if found is None:
        raise Missing
    return found


def fund_by_key(work: Work, key: str) -> Fund | None:
    """The fund of that key, if there is one."""
    return work.session.scalars(sa.select(Fund).where(Fund.key == key)).one_or_none()


def funds(work: Work) -> Sequence[Fund]:
    """All funds of the network, by key: that there is a fund is no secret, what it holds is."""
    return work.session.scalars(sa.select(Fund).order_by(Fund.key)).all()


@dataclass(frozen=True)
class Book:
    """A fund whose money the actor sees, and what it holds."""

    fund: Fund
    unit_names: Mapping[str, str]
    balance: Balance


def books(work: Work, fund_id: int | None = None) -> Sequence[Book]:
    """The funds whose money the actor sees, by key, with what they hold; all, or the one of a number."""
    columns = FundBalance.__table__.c
    statement = (
        sa.select(Fund, Unit.names, columns.bank, columns.committed, columns.available)
        .join(Unit, Unit.id == Fund.unit_id)
        .join(FundBalance, columns.fund_id == Fund.id)
        .order_by(Fund.key)
    )
    if fund_id is not None:
        statement = statement.where(Fund.id == fund_id)
    return [Book(row[0], row[1], Balance(*row[2:])) for row in work.session.execute(statement)]


def book(work: Work, fund_id: int) -> Book:
    """A fund whose money the actor sees, else Missing."""
    found = books(work, fund_id)
    if not found:
        raise Missing
    return found[0]


def balance(work: Work, fund_id: int) -> Balance:
    """What a fund holds now, else Missing. Read anew, as the database writes it."""
    columns = FundBalance.__table__.c
    statement = sa.select(columns.bank, columns.committed, columns.available)
    row = work.session.execute(statement.where(columns.fund_id == fund_id)).one_or_none()
    if row is None:
        raise Missing
    return Balance(*row)


def committed_for(work: Work, fund_id: int, case_id: int) -> int:
    """What of a fund is promised to a case and not yet paid."""
    columns = FundCase.__table__.c
    statement = sa.select(columns.committed).where(columns.fund_id == fund_id, columns.case_id == case_id)
    return work.session.scalar(statement) or 0


def paid_for(work: Work, fund_id: int, case_id: int) -> int:
    """What of a fund was paid for a case and not taken back."""
    columns = FundCase.__table__.c
    statement = sa.select(columns.paid).where(columns.fund_id == fund_id, columns.case_id == case_id)
    return work.session.scalar(statement) or 0


@dataclass(frozen=True)
class Line:
    """One line of the ledger, and who entered it."""

    posting: FundPosting
    actor_name: str


@dataclass(frozen=True)
class Page:
    """One page of a list, newest first, and the number to continue before, if there is more."""

    rows: Sequence[Any]
    older: int | None


def ledger(work: Work, fund_id: int, *, before: int | None = None, limit: int | None = PAGE) -> Page:
    """The postings of a fund that the actor sees, newest first; without a limit, all of them."""
    statement = (
        sa.select(FundPosting, Account.name)
        .join(Account, Account.id == FundPosting.actor_id)
        .where(FundPosting.fund_id == fund_id)
        .order_by(FundPosting.id.desc())
    )
    if before is not None:
        statement = statement.where(FundPosting.id < before)
    if limit is not None:
        statement = statement.limit(limit + 1)
    rows = [Line(posting, name) for posting, name in work.session.execute(statement)]
    more = limit is not None and len(rows) > limit
    rows = rows[:limit]
    return Page(rows, rows[-1].posting.id if more else None)


@dataclass(frozen=True)
class PaymentRow:
    """One line of a list of payments."""

    payment: Payment
    fund_names: Mapping[str, str]
    unit_names: Mapping[str, str]


def list_payments(
    work: Work, statuses: Sequence[str], *, before: int | None = None, limit: int = PAGE
) -> Page:
    """The payments that the actor sees in any of the states, newest first."""
    statement = (
        sa.select(Payment, Fund.names, Unit.names)
        .join(Fund, Fund.id == Payment.fund_id)
        .join(Unit, Unit.id == Payment.unit_id)
        .where(Payment.status.in_(statuses))
        .order_by(Payment.id.desc())
        .limit(limit + 1)
    )
    if before is not None:
        statement = statement.where(Payment.id < before)
    rows = [PaymentRow(*row) for row in work.session.execute(statement)]
    more, rows = len(rows) > limit, rows[:limit]
    return Page(rows, rows[-1].payment.id if more else None)


def count_payments(work: Work) -> Mapping[str, int]:
    """How many payments the actor sees that wait, by state."""
    statement = (
        sa.select(Payment.status, sa.func.count())
        .where(Payment.status.in_(("ordered", "confirmed")))
        .group_by(Payment.status)
    )
    return {row[0]: row[1] for row in work.session.execute(statement)}


def payment(work: Work, payment_id: int) -> Payment:
    """A payment by its number, else Missing."""
    found = work.session.get(Payment, payment_id)
    if found is None:
        raise Missing
    return found


def payments_of(work: Work, case_id: int) -> Sequence[Payment]:
    """The payments of a case, oldest first."""
    statement = sa.select(Payment).where(Payment.case_id == case_id).order_by(Payment.id)
    return work.session.scalars(statement).all()
