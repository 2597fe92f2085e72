from __future__ import annotations

import csv
import io
import re
from typing import Any

import pytest
import sqlalchemy as sa

from casework.audit.model import AuditEntry
from casework.funds import queries
from casework.funds.paying import confirm_payment, order_payment
from casework.funds.rules import Balance
from casework.funds.usecases import commit, receive

from .conftest import PAYEE, YUAN


@pytest.fixture
def payment(fund: Any, case: Any, books: Any, as_actor: Any, as_system: Any) -> Any:
    """3,000 yuan ordered by the fund officer."""
    commit(as_actor(books["coordinator"]), fund.id, case, 3_000 * YUAN, key="approved")
    work = as_actor(books["fund"])
    payment = order_payment(work, fund_id=fund.id, case=case, amount=3_000 * YUAN, payee=PAYEE, key="ordered")
    as_system()
    return payment


def test_a_fund_is_opened_and_money_recorded_on_its_pages(books: Any, browse: Any, as_actor: Any) -> None:
    finance = browse(books["finance"])
    page = finance.get("/funds/new")
    page = page.forms["form-main"].submit(status=422)
    for told in ("short name of 2 to 40", "Give the fund&#39;s name", "Choose the unit"):
        assert told in page.text
    form = page.forms["form-main"]
    form["key"], form["name"], form["unit_id"] = "care-fund", "关爱基金", str(books.units["hospital"].id)
    page = form.submit().follow()
    assert "It holds nothing yet" in page.text
    form = page.click("Record money received").forms["form-main"]
    form["amount"], form["source"] = "３，０００.50", "District office"
    page = form.submit().follow()
    assert "3,000.50 yuan was recorded" in page.text
    assert "CN¥3,000.50" in page.text
    work = as_actor(books["fund"])
    (book,) = queries.books(work)
    assert book.balance == Balance(300050, 0, 300050)
    assert "关爱基金" in browse(books["fund"]).get("/funds").text


@pytest.mark.parametrize(
    ("amount", "said"),
    [
        ("NaN", "in digits"),
        ("1e3", "in digits"),
        ("1.005", "two decimals"),
        ("-5", "above zero"),
        ("0", "above zero"),
        ("", "Enter the amount"),
        ("100000000000.01", "Check the amount"),
    ],
)
def test_an_odd_amount_is_told_and_kept(amount: str, said: str, fund: Any, books: Any, browse: Any) -> None:
    form = browse(books["finance"]).get(f"/funds/{fund.id}/receive").forms["form-main"]
    form["amount"] = amount
    page = form.submit(status=422)
    assert said in page.text
    assert "Write from whom" in page.text
    assert page.forms["form-main"]["amount"].value == amount


def test_a_page_sent_twice_records_the_money_once(fund: Any, books: Any, browse: Any, as_actor: Any) -> None:
    form = browse(books["finance"]).get(f"/funds/{fund.id}/receive").forms["form-main"]
    form["amount"], form["source"] = "500", "District office"
    assert form.submit().status_int == form.submit().status_int == 303
    form["amount"] = "600"
    assert "recorded already, with 500.00 yuan" in form.submit(status=409).text
    assert queries.balance(as_actor(books["finance"]), fund.id).bank == 10_500 * YUAN


def test_a_ledger_is_read_page_by_page(fund: Any, books: Any, browse: Any, as_actor: Any) -> None:
    work = as_actor(books["finance"])
    for number in range(queries.PAGE):
        receive(work, fund, 100, key=f"gift {number}", source=f"Giver {number:03}", note="")
    page = browse(books["finance"]).get(f"/funds/{fund.id}")
    assert page.text.count("Giver ") == queries.PAGE
    assert "The district" not in page.text
    page = page.click("Older")
    assert "The district" in page.text
    assert "Giver " not in page.text


NASTY = (
    "=1+1",
    "+86 138",
    "-5",
    "@张三",
    " =1+1",
    "＝1+1",
    '=HYPERLINK("http://example.invalid","x")',
    "=cmd|' /C calc'!A0",
    'Office; "quoted", with a comma',
)


def test_no_cell_of_the_sheet_is_a_formula_and_all_can_be_read(
    fund: Any, books: Any, browse: Any, as_actor: Any
) -> None:
    work = as_actor(books["finance"])
    for number, text in enumerate(NASTY):
        receive(work, fund, 100, key=f"nasty {number}", source=text, note=f"{text}\n{text}")
    answer = browse(books["finance"]).get(f"/funds/{fund.id}/ledger.csv")
    assert answer.content_type == "text/csv"
    assert "attachment" in answer.headers["Content-Disposition"]
    rows = list(csv.reader(io.StringIO(answer.body.decode("utf-8-sig"), newline="")))
    assert len(rows) == len(NASTY) + 2
    for cell in (cell for row in rows for cell in row):
        assert not re.match(r"\s*[=+\-@＝＋－＠]|[\t\r\n]", cell), cell
    kept = [text.strip() for text in NASTY]
    assert [row[5].removeprefix("'") for row in reversed(rows[1:-1])] == kept
    assert rows[-1][2:6] == ["Received", "", "10000", "The district"]


def test_taking_the_ledger_out_is_recorded(fund: Any, books: Any, browse: Any, as_system: Any) -> None:
    browse(books["finance"]).get(f"/funds/{fund.id}/ledger.csv")
    entries = as_system().session.scalars(sa.select(AuditEntry).where(AuditEntry.kind == "export"))
    assert [entry.subject for entry in entries] == [f"fund:{fund.id}"]


def test_a_payment_is_confirmed_and_recorded_by_finance(
    payment: Any, fund: Any, books: Any, browse: Any, as_actor: Any
) -> None:
    page = browse(books["finance"]).get("/payments").click("First hospital")
    assert PAYEE.account not in page.text
    assert "0001" in page.text
    page = page.forms[_form(page, "/confirm")].submit().follow()
    assert "It can be paid now" in page.text
    form = page.forms[_form(page, "/slip")]
    form["amount"], form["payee_name"], form["slip_number"] = "3000", "first hospital", "SLIP 1"
    form["paid_on"] = "2026-03-02"
    page = form.submit().follow()
    assert "recorded as paid" in page.text
    assert queries.balance(as_actor(books["finance"]), fund.id) == Balance(7_000 * YUAN, 0, 7_000 * YUAN)
    assert form.submit().status_int == 303
    assert queries.balance(as_actor(books["finance"]), fund.id).bank == 7_000 * YUAN


def _form(page: Any, action: str) -> Any:
    return next(
        key for key, form in page.forms.items() if form.action.endswith(action) and isinstance(key, int)
    )


def test_a_slip_that_disagrees_is_told_and_has_to_be_confirmed_again(
    payment: Any, books: Any, browse: Any, as_actor: Any
) -> None:
    confirm_payment(as_actor(books["finance"]), payment)
    page = browse(books["finance-two"]).get(f"/payments/{payment.id}")
    form = page.forms[_form(page, "/slip")]
    form["amount"], form["payee_name"], form["slip_number"] = "2999.99", "Somebody", "1"
    form["paid_on"] = "2026-03-02"
    page = form.submit().follow()
    assert "The slip says 2,999.99 yuan and the order says 3,000.00 yuan." in page.text
    assert "The slip names “Somebody”" in page.text
    assert "Confirm the payment" in page.text
    assert queries.payment(as_actor(books["finance"]), payment.id).status == "ordered"


def test_a_payment_is_sent_back_with_a_reason(payment: Any, books: Any, browse: Any) -> None:
    page = browse(books["finance"]).get(f"/payments/{payment.id}")
    form = page.forms[_form(page, "/send-back")]
    page = form.submit(status=422)
    assert "Write why" in page.text
    form = page.forms[_form(page, "/send-back")]
    form["reason"] = "The account is closed."
    page = form.submit().follow()
    assert "Sent back: The account is closed." in page.text
    assert "First hospital" in page.click("Back to the payments").text


def test_reading_an_account_number_is_recorded(payment: Any, books: Any, browse: Any, as_system: Any) -> None:
    page = browse(books["finance"]).get(f"/payments/{payment.id}")
    assert PAYEE.account in page.forms[_form(page, "/account")].submit().text
    entries = as_system().session.scalars(sa.select(AuditEntry).where(AuditEntry.kind == "reveal"))
    assert [(entry.subject, entry.actor_id) for entry in entries] == [
        (f"payment:{payment.id}", books["finance"].id)
    ]


def test_whoever_ordered_is_told_that_somebody_else_must_confirm(
    fund: Any, case: Any, books: Any, browse: Any, as_actor: Any
) -> None:
    commit(as_actor(books["coordinator"]), fund.id, case, 100, key="approved")
    work = as_actor(books["finance"])
    mine = order_payment(work, fund_id=fund.id, case=case, amount=100, payee=PAYEE, key="ordered")
    browser = browse(books["finance"])
    page = browser.get(f"/payments/{mine.id}")
    assert "Somebody else must confirm it" in page.text
    assert "Confirm the payment" not in page.text
    token = page.forms[_form(page, "/send-back")]["csrf_token"].value
    assert browser.post(f"/payments/{mine.id}/confirm", {"csrf_token": token}, status=409)
