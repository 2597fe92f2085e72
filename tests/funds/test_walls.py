"""What the database refuses, whatever code does."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DatabaseError

from casework.funds.paying import confirm_payment, order_payment
from casework.funds.usecases import commit, open_fund, receive

from .conftest import PAYEE, YUAN

TABLES = ("fund_postings", "fund_entries", "fund_balances", "fund_cases", "payments")


@pytest.fixture
def payment(fund: Any, case: Any, books: Any, as_actor: Any) -> Any:
    """4,000 yuan committed, 3,000 of it ordered."""
    commit(as_actor(books["coordinator"]), fund.id, case, 4_000 * YUAN, key="approved")
    work = as_actor(books["fund"])
    return order_payment(work, fund_id=fund.id, case=case, amount=3_000 * YUAN, payee=PAYEE, key="ordered")


POST = (
    "insert into fund_postings (fund_id, key, kind, amount, unit_id, case_id, payment_id, actor_id, recorded_at)"
    " select f.id, gen_random_uuid()::text, :kind, :amount, :unit, :case, :payment, 1, now()"
    " from funds f where f.key = 'care'"
)


@pytest.fixture
def attempt(books: Any, as_actor: Any) -> Any:
    """`attempt(sql, as="finance", ...)`: the statement, and what is checked when the transaction ends, undone."""

    def run(statement: str, who: str = "finance", **values: Any) -> None:
        session = as_actor(books[who]).session
        with session.begin_nested() as savepoint:
            session.execute(sa.text(statement), values)
            session.execute(sa.text("set constraints all immediate"))
            savepoint.rollback()
        session.execute(sa.text("set constraints all deferred"))

    return run


def refused(*words: str) -> Any:
    return pytest.raises(DatabaseError, match="|".join(words))


@pytest.mark.parametrize(
    ("kind", "amount", "why"),
    [
        ("commit", 6_000 * YUAN + 1, "not_below_zero"),
        ("release", 4_000 * YUAN + 1, "not_below_zero"),
        ("take_back", 1, "not_below_zero"),
        ("pay", 3_000 * YUAN, "only what was confirmed"),
        ("commit", 0, "amount"),
        ("commit", -5, "amount"),
        ("gift", 5, "kind"),
    ],
)
def test_the_ledger_takes_no_posting_without_the_money(
    kind: str, amount: int, why: str, payment: Any, case: Any, books: Any, attempt: Any
) -> None:
    values = {"kind": kind, "amount": amount, "unit": case.unit_id, "case": case.id}
    with refused(why):
        attempt(POST, **values, payment=payment.id if kind == "pay" else None)


def test_what_the_ledger_pays_is_one_payment_as_it_was_ordered(
    payment: Any, case: Any, make_case: Any, books: Any, as_actor: Any, attempt: Any
) -> None:
    confirm_payment(as_actor(books["finance"]), payment)
    values = {"kind": "pay", "unit": case.unit_id, "payment": payment.id}
    with refused("fk_fund_postings_payment_id_payments"):
        attempt(POST, **values, case=case.id, amount=100)
    with refused("payment that was made"):
        attempt(POST, **values, case=case.id, amount=3_000 * YUAN)
    with refused("a payment is made by the ledger"):
        attempt(
            "update payments set status = 'paid', slip_number = 'x', paid_on = now() where id = :id",
            id=payment.id,
        )


@pytest.mark.parametrize("table", TABLES[:2])
def test_the_run_time_role_changes_nothing_of_the_ledger(table: str, payment: Any, attempt: Any) -> None:
    for statement in (f"update {table} set amount = 1", f"delete from {table}", f"truncate {table}"):
        with refused("permission denied"):
            attempt(statement)


@pytest.mark.parametrize(
    "statement",
    [
        "insert into fund_entries (posting_id, account, amount) select id, 'bank', 1 from fund_postings limit 1",
        "update fund_balances set available = available + 1, bank = bank + 1",
        "insert into fund_balances (fund_id, bank, available, committed) select id + 1, 1, 1, 0 from funds",
        "update fund_cases set committed = 1",
        "delete from fund_cases",
        "delete from payments",
    ],
)
def test_what_the_database_writes_nobody_else_writes(statement: str, payment: Any, attempt: Any) -> None:
    with refused("permission denied"):
        attempt(statement)


@pytest.mark.parametrize(
    "change",
    [
        "amount = 1",
        "payee_name = 'Somebody'",
        "payee_account = 'x'",
        "payee_account_tail = '9999'",
        "ordered_by = 1",
        "case_number = 'x'",
        "uid = gen_random_uuid()",
    ],
)
def test_what_was_ordered_is_never_changed(change: str, payment: Any, attempt: Any) -> None:
    with refused("what was ordered is never changed"):
        attempt(f"update payments set {change}")


def test_the_one_who_ordered_cannot_be_the_one_who_confirmed(payment: Any, attempt: Any) -> None:
    with refused("four_eyes"):
        attempt("update payments set status = 'confirmed', confirmed_by = ordered_by, confirmed_at = now()")


def test_a_payment_that_was_sent_back_stays_so(payment: Any, attempt: Any, books: Any, as_actor: Any) -> None:
    as_actor(books["finance"]).session.execute(sa.text("update payments set status = 'sent_back'"))
    with refused("twice or out of turn"):
        attempt("update payments set status = 'ordered'")


def test_also_the_owner_changes_nothing_of_the_ledger(own_database: Any) -> None:
    for table in TABLES[:2]:
        with refused("the ledger is never changed"), own_database.owner.begin() as connection:
            connection.exec_driver_sql(f"truncate {table} cascade")
        with own_database.owner.begin() as connection:
            triggers = connection.exec_driver_sql(
                f"select tgname from pg_trigger where tgrelid = '{table}'::regclass and not tgisinternal"
            )
            assert {"ledger_stays", "ledger_stays_whole"} <= set(triggers.scalars())


def _count(work: Any) -> dict[str, int]:
    return {table: work.session.scalar(sa.text(f"select count(*) from {table}")) for table in TABLES}


def test_money_is_seen_by_those_who_keep_the_books_of_the_unit(
    payment: Any, books: Any, as_actor: Any
) -> None:
    seen = {name: _count(as_actor(account)) for name, account in books.accounts.items()}
    whole = {"fund_postings": 2, "fund_entries": 4, "fund_balances": 1, "fund_cases": 1, "payments": 1}
    # A hospital sees what was done for its own cases, and what is left for them.
    within = {**whole, "fund_postings": 1, "fund_entries": 2}
    assert {name for name, counts in seen.items() if counts == whole} == {"finance", "finance-two"}
    assert {name for name, counts in seen.items() if counts == within} >= {"coordinator", "fund"}
    nothing = {"worker", "nurse", "committee", "mediator", "purchaser", "auditor", "admin", "other-worker"}
    assert all(not any(seen[name].values()) for name in nothing)
    other = {**dict.fromkeys(TABLES, 0), "fund_balances": 1}
    assert seen["other-coordinator"] == other


def test_nothing_of_one_hospital_is_seen_or_written_in_another(
    books: Any, as_actor: Any, attempt: Any
) -> None:
    work = as_actor(books["finance"])
    fund = open_fund(work, key="care", names={"en": "Care"}, unit_id=books.units["hospital"].id)
    receive(work, fund, 100, key="r", source="A donor", note="")
    assert not any(_count(as_actor(books["other-coordinator"])).values())
    with refused("row-level security"):
        attempt(
            POST, "other-coordinator", kind="receive", amount=5, case=None, payment=None,
            unit=books.units["hospital"].id,
        )  # fmt: skip
    with refused("stays within its unit", "row-level security"):
        attempt(
            POST, "other-coordinator", kind="receive", amount=5, case=None, payment=None,
            unit=books.units["other"].id,
        )  # fmt: skip
