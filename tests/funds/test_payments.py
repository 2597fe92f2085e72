from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from casework.cases.model import Case
from casework.errors import Invalid
from casework.funds import queries
from casework.funds.paying import confirm_payment, order_payment, record_slip, reveal_account, send_back
from casework.funds.rules import Balance, Payee
from casework.funds.usecases import commit
from casework.programs import Programs

from .conftest import PAYEE, YUAN
from .test_ledger import refuse_untrue_books, refused

AMOUNT = 3_000 * YUAN


@pytest.fixture
def committed(fund: Any, case: Case, books: Any, as_actor: Any) -> Any:
    """4,000 yuan committed to the case."""
    return commit(as_actor(books["coordinator"]), fund.id, case, 4_000 * YUAN, key="approved")


@pytest.fixture
def order(committed: Any, fund: Any, case: Case, books: Any, as_actor: Any) -> Any:
    """`order()`: 3,000 yuan ordered by the fund officer; each part can be another one."""

    def make(who: str = "fund", **other: Any) -> Any:
        wanted = {
            "fund_id": fund.id,
            "case": case,
            "amount": AMOUNT,
            "payee": PAYEE,
            "key": "ordered",
            **other,
        }
        return order_payment(as_actor(books[who]), **wanted)

    return make


@pytest.fixture
def slip(books: Any, as_actor: Any) -> Any:
    """`slip(payment)`: the bank's slip recorded by finance; each part can be another one."""

    def enter(payment: Any, **other: Any) -> Any:
        work = as_actor(books["finance"])
        said = {
            "amount": AMOUNT,
            "payee_name": PAYEE.name,
            "slip_number": "S1",
            "paid_on": work.today,
            **other,
        }
        return record_slip(work, payment, **said)

    return enter


def test_a_payment_goes_from_hand_to_hand(
    order: Any, slip: Any, fund: Any, books: Any, as_actor: Any, as_system: Any
) -> None:
    payment = order()
    assert (payment.status, payment.ordered_by) == ("ordered", books["fund"].id)
    confirm_payment(as_actor(books["finance"]), payment)
    outcome = slip(payment)
    assert outcome.paid
    payment = queries.payment(as_actor(books["finance"]), payment.id)
    assert (payment.status, payment.slip_number, payment.confirmed_by) == ("paid", "S1", books["finance"].id)
    assert queries.balance(as_system(), fund.id) == Balance(7_000 * YUAN, 1_000 * YUAN, 6_000 * YUAN)
    refuse_untrue_books(as_system().session)


def test_whoever_orders_does_not_confirm(order: Any, books: Any, as_actor: Any) -> None:
    payment = order("finance")
    with refused("You ordered this payment yourself."):
        confirm_payment(as_actor(books["finance"]), payment)
    confirm_payment(as_actor(books["finance-two"]), payment)


def test_no_more_is_paid_than_is_committed(order: Any) -> None:
    with refused("Only 4,000.00 yuan is committed to this case, and 4,000.01 yuan is asked for."):
        order(amount=4_000 * YUAN + 1)


def test_a_case_has_one_payment_under_way(order: Any, books: Any, as_actor: Any) -> None:
    payment = order()
    with refused("under way"):
        order(key="again", amount=100)
    send_back(as_actor(books["finance"]), payment, "The account is closed.")
    assert order(key="again", amount=100).status == "ordered"


def test_one_key_orders_once(order: Any) -> None:
    assert order().id == order().id
    with refused("ordered already, with 3,000.00 yuan"):
        order(amount=100)


@pytest.mark.parametrize(
    ("payee", "where"),
    [
        (replace(PAYEE, name=" "), "payee_name"),
        (replace(PAYEE, bank=""), "payee_bank"),
        (replace(PAYEE, account="12"), "payee_account"),
        (replace(PAYEE, account="6222-0200; drop"), "payee_account"),
        (replace(PAYEE, purpose="cash"), "purpose"),
    ],
)
def test_money_goes_to_a_whole_account_and_never_in_cash(payee: Payee, where: str, order: Any) -> None:
    with pytest.raises(Invalid) as invalid:
        order(payee=payee)
    assert [each.where for each in invalid.value.problems] == [where]


def test_the_number_of_an_account_is_sealed(order: Any, books: Any, as_actor: Any) -> None:
    payment = order()
    assert PAYEE.account.encode() not in payment.payee_account
    assert PAYEE.account.endswith(payment.payee_account_tail)
    assert reveal_account(as_actor(books["finance"]), payment) == PAYEE.account


@pytest.mark.parametrize(
    ("other", "said"),
    [
        ({"amount": AMOUNT - 1}, "The slip says 2,999.99 yuan and the order says 3,000.00 yuan."),
        ({"payee_name": "Second hospital"}, "The slip names “Second hospital”"),
    ],
)
def test_a_slip_that_disagrees_pays_nothing_and_the_order_waits_again(
    other: Any, said: str, order: Any, slip: Any, fund: Any, books: Any, as_actor: Any, as_system: Any
) -> None:
    payment = order()
    confirm_payment(as_actor(books["finance"]), payment)
    outcome = slip(payment, **other)
    assert not outcome.paid
    assert said in str(outcome.refusals[0].reason)
    payment = queries.payment(as_actor(books["finance"]), payment.id)
    assert (payment.status, payment.confirmed_by, payment.slip_number) == ("ordered", None, None)
    assert queries.balance(as_system(), fund.id).bank == 10_000 * YUAN
    with refused("To be confirmed"):
        slip(payment)
    confirm_payment(as_actor(books["finance-two"]), payment)
    assert slip(payment).paid


def test_one_slip_proves_one_payment(order: Any, slip: Any, books: Any, as_actor: Any) -> None:
    first = order(amount=1_000 * YUAN)
    confirm_payment(as_actor(books["finance"]), first)
    assert slip(first, amount=1_000 * YUAN).paid
    second = order(amount=1_000 * YUAN, key="second")
    confirm_payment(as_actor(books["finance"]), second)
    outcome = slip(second, amount=1_000 * YUAN)
    assert "the same slip number" in str(outcome.refusals[0].reason)


def test_what_was_paid_is_not_paid_again(
    order: Any, slip: Any, fund: Any, books: Any, as_actor: Any, as_system: Any
) -> None:
    payment = order()
    with refused("To be confirmed"):
        slip(payment)
    confirm_payment(as_actor(books["finance"]), payment)
    assert slip(payment).paid
    assert slip(payment).paid
    for act in (
        lambda: slip(payment, slip_number="S2"),
        lambda: confirm_payment(as_actor(books["finance"]), payment),
        lambda: send_back(as_actor(books["finance"]), payment, "No."),
    ):
        with refused("the payment is now “Paid”"):
            act()
    assert queries.balance(as_system(), fund.id).bank == 7_000 * YUAN


def test_what_a_slip_lacks_is_told_before_anything_happens(
    order: Any, slip: Any, books: Any, as_actor: Any
) -> None:
    payment = order()
    confirm_payment(as_actor(books["finance"]), payment)
    with pytest.raises(Invalid) as invalid:
        slip(payment, payee_name="", slip_number=" ", paid_on=date(2026, 3, 3))
    assert [each.where for each in invalid.value.problems] == ["slip_number", "payee_name", "paid_on"]
    with pytest.raises(Invalid) as invalid:
        slip(payment, paid_on=date(2026, 3, 1))
    assert [each.where for each in invalid.value.problems] == ["paid_on"]
    assert queries.payment(as_actor(books["finance"]), payment.id).status == "confirmed"


def test_the_program_of_the_case_hears_of_every_change(
    order: Any, programs: Programs, books: Any, as_actor: Any, case: Case
) -> None:
    heard = []

    def paid(work: Any, payment: Any) -> None:
        heard.append((payment.status, work.actor.name, work.session.get_one(Case, payment.case_id).number))

    class Listening:
        def get(self, key: str) -> Any:
            return replace(programs[key], paid=paid)

    def at_work(name: str) -> Any:
        return replace(as_actor(books[name]), programs=Listening())

    number, payment = case.number, order()
    confirm_payment(at_work("finance"), payment)
    said = {"payee_name": PAYEE.name, "slip_number": "S1", "paid_on": date(2026, 3, 2)}
    assert not record_slip(at_work("finance"), payment, amount=1, **said).paid
    confirm_payment(at_work("finance-two"), payment)
    confirm_payment(at_work("finance-two"), payment)
    assert record_slip(at_work("finance"), payment, amount=AMOUNT, **said).paid
    assert heard == [
        ("confirmed", "Finance", number),
        ("ordered", "Finance", number),
        ("confirmed", "Finance Two", number),
        ("paid", "Finance", number),
    ]
