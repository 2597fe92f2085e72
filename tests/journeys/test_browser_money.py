"""Public money on the screens of those who keep the books: received, promised, ordered, paid.

LOOK_AT=folder keeps a picture of every page, to be looked at.
"""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from playwright.sync_api import expect

from casework.cases.model import Case
from casework.funds.paying import order_payment
from casework.funds.queries import fund_by_key
from casework.funds.rules import Payee
from casework.funds.usecases import commit

AMOUNT = 979_600
PAYEE = Payee("第一医院", "区农商银行", "6222020000000000001")


@pytest.fixture
def books(service, people):
    """The network, in which those who keep the books see them, whichever programs are enabled."""
    with service.work() as work:
        work.session.execute(
            sa.text(
                "update grants set compartments = compartments || '{finance}' where unit_id is not null"
                " and role in ('finance', 'fund_officer', 'coordinator')"
                " and not 'finance' = any(compartments)"
            )
        )
    return people


@pytest.fixture
def order(service, books, case):
    """`order()`: the coordinator approves, and the fund officer orders the payment; its number."""

    def place():
        with service.work(books["coordinator"]) as work:
            fund = fund_by_key(work, "care-fund")
            promised = work.session.get_one(Case, int(case.rpartition("/")[2]))
            commit(work, fund.id, promised, AMOUNT, key="approved")
        with service.work() as work:
            promised = work.session.get_one(Case, promised.id)
            return order_payment(
                work, fund_id=fund.id, case=promised, amount=AMOUNT, payee=PAYEE, key="ordered"
            ).id

    return place


def test_money_comes_in_and_is_paid_by_two(books, enter, order):
    reader = enter("finance", "/funds")
    reader.look("funds-none")
    open_a_fund(reader, reader.words.names(books.units["district"].names))
    receive(reader)
    number = order()
    reader.page.reload()
    reader.look("fund")
    reader.page.goto(reader.page.url.partition("/funds")[0] + "/payments")
    reader.look("payments")
    reader.follow(PAYEE.name)
    reader.look("payment-ordered")
    reader.press("Confirm the payment")
    record(reader, "9,976.00", "payment-wrong-slip")
    expect(reader.main).to_contain_text(
        reader.say(
            "The slip says %(slip)s yuan and the order says %(ordered)s yuan.",
            slip="9,976.00",
            ordered="9,796.00",
        )
    )
    reader.press("Confirm the payment")
    record(reader, "9796", "payment-paid")
    expect(reader.main).to_contain_text(reader.say("The payment is recorded as paid."))
    reader = enter("fund", f"/payments/{number}")
    reader.look("payment-for-the-fund-officer")
    reader.page.goto(reader.page.url.partition("/payments")[0] + "/funds")
    reader.look("funds")


def open_a_fund(reader, unit):
    reader.follow("Open a fund")
    reader.press("Open the fund")
    reader.look("fund-to-mend")
    reader.type(reader.say("Name (%(language)s)", language="简体中文"), "关爱基金")
    reader.type(reader.say("Name (%(language)s)", language="English"), "Care fund")
    reader.type("Short name", "care-fund")
    reader.select("Unit that keeps the fund", unit)
    reader.press("Open the fund")
    expect(reader.main).to_contain_text(reader.say("The fund was opened. It holds nothing yet."))
    reader.look("fund-empty")


def receive(reader):
    reader.follow("Record money received")
    reader.type("Amount in yuan", "1e5")
    reader.press("Record the money")
    reader.look("receipt-to-mend")
    reader.type("Amount in yuan", "５００，０００．５０")
    reader.type("From whom", "区民政局")
    reader.type("Note", "No. 2026-17")
    reader.press("Record the money")
    expect(reader.main).to_contain_text(
        reader.say("%(amount)s yuan was recorded as received.", amount="500,000.50")
    )


def record(reader, amount, look):
    reader.type("Amount in yuan", amount)
    reader.type("Payee on the slip", PAYEE.name)
    reader.type("Number of the slip", "2026030200017")
    reader.type("Paid on", "2026-03-02")
    reader.press("Record the payment")
    reader.look(look)
