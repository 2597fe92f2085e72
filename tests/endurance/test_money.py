"""Public money under people who act at the same moment, and under processes that die."""

from __future__ import annotations

import os
import subprocess
import sys
from collections import Counter
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from casework.cases.model import Case
from casework.errors import Refused
from casework.funds import queries
from casework.funds.model import Fund, FundPosting, Payment
from casework.funds.paying import confirm_payment, order_payment, record_slip
from casework.funds.rules import Balance, Payee
from casework.funds.usecases import commit, open_fund, receive, release
from casework.staff.model import Account

THREADS = 20
ENOUGH_FOR = 7
YUAN = 100
PAYEE = Payee("First hospital", "Bank of the District", "6222020000000000001")
NUMBERS = count(1)


@pytest.fixture(scope="module")
def bookkeepers(ground: Any) -> Any:
    """The network, in which those who keep the books see them, whichever programs are enabled."""
    with ground.work() as work:
        work.session.execute(
            sa.text(
                "update grants set compartments = compartments || '{finance}' where unit_id is not null"
                " and role in ('finance', 'fund_officer', 'coordinator')"
                " and not 'finance' = any(compartments)"
            )
        )
    return ground.network


@pytest.fixture
def fund(ground: Any, bookkeepers: Any) -> Fund:
    """A fund of the hospital with 7,000 yuan."""
    with ground.work(bookkeepers["finance"]) as work:
        unit = ground.network.units["hospital"].id
        fund = open_fund(work, key=f"fund-{next(NUMBERS)}", names={"en": "Fund"}, unit_id=unit)
        receive(work, fund, ENOUGH_FOR * 1_000 * YUAN, key=f"{fund.key} r", source="A donor", note="")
    return fund


@pytest.fixture
def confirmed(ground: Any, fund: Fund, bookkeepers: Any) -> Payment:
    """A payment of 1,000 yuan that waits for the bank's slip."""
    case_id = ground.case("referred")
    with ground.work(bookkeepers["coordinator"]) as work:
        case = work.session.get_one(Case, case_id)
        commit(work, fund.id, case, 1_000 * YUAN, key=f"{fund.key} {case_id}")
        key = f"{fund.key} {case_id} pay"
        payment = order_payment(work, fund_id=fund.id, case=case, amount=1_000 * YUAN, payee=PAYEE, key=key)
    with ground.work(bookkeepers["finance"]) as work:
        confirm_payment(work, payment)
    return payment


def refuse_untrue_books(ground: Any, fund: Fund, expected: Balance) -> None:
    """Hold that the balance is the expected one, and the sum of what was posted and paid."""
    with ground.work() as work:
        assert queries.balance(work, fund.id) == expected
        sums = dict(
            work.session.execute(
                sa.select(FundPosting.kind, sa.func.sum(FundPosting.amount))
                .where(FundPosting.fund_id == fund.id)
                .group_by(FundPosting.kind)
            ).all()
        )
        paid = work.session.scalar(
            sa.select(sa.func.sum(Payment.amount)).where(Payment.fund_id == fund.id, Payment.status == "paid")
        )
        entries = "select sum(e.amount) from fund_entries e join fund_postings p on p.id = posting_id where fund_id = :fund"
        assert work.session.scalar(sa.text(entries), {"fund": fund.id}) == 0
    assert expected.bank == sums["receive"] - sums.get("pay", 0)
    assert expected.committed == sums.get("commit", 0) - sums.get("release", 0) - sums.get("pay", 0)
    assert (paid or 0) == sums.get("pay", 0)


def test_twenty_approve_at_once_and_the_money_is_enough_for_seven(
    ground: Any, at_once: Any, fund: Fund
) -> None:
    cases = [ground.case("referred") for _each in range(THREADS)]

    def approve(case_id: int) -> str:
        with ground.work(ground.network["coordinator"]) as work:
            case = work.session.get_one(Case, case_id)
            commit(work, fund.id, case, 1_000 * YUAN, key=f"{fund.key} approve {case_id}")
        return "approved"

    answers = at_once([partial(approve, case_id) for case_id in cases])
    told = Counter(each if isinstance(each, str) else type(each) for each in answers)
    assert told == {"approved": ENOUGH_FOR, Refused: THREADS - ENOUGH_FOR}
    refuse_untrue_books(ground, fund, Balance(7_000 * YUAN, 7_000 * YUAN, 0))


def test_twenty_ask_for_one_act_and_it_is_done_once(ground: Any, at_once: Any, fund: Fund) -> None:
    case_id = ground.case("referred")

    def approve() -> int:
        with ground.work(ground.network["coordinator"]) as work:
            case = work.session.get_one(Case, case_id)
            return commit(work, fund.id, case, 1_000 * YUAN, key=f"{fund.key} once").id

    answers = at_once([approve] * THREADS)
    assert len(set(answers)) == 1, answers
    refuse_untrue_books(ground, fund, Balance(7_000 * YUAN, 1_000 * YUAN, 6_000 * YUAN))


def test_money_is_committed_or_given_back_and_never_both_ways(ground: Any, at_once: Any, fund: Fund) -> None:
    case_id = ground.case("referred")
    with ground.work(ground.network["coordinator"]) as work:
        commit(work, fund.id, work.session.get_one(Case, case_id), 1_000 * YUAN, key=f"{fund.key} c")

    def act(number: int) -> bool:
        with ground.work(ground.network["coordinator"]) as work:
            case, key = work.session.get_one(Case, case_id), f"{fund.key} {number}"
            if number % 2:
                return release(work, fund.id, case, key=key) is not None
            order_payment(work, fund_id=fund.id, case=case, amount=1_000 * YUAN, payee=PAYEE, key=key)
        return True

    answers = at_once([partial(act, number) for number in range(THREADS)])
    assert answers.count(True) == 1
    assert not [each for each in answers if not isinstance(each, bool | Refused)]


def test_twenty_record_one_slip_and_it_is_paid_once(
    ground: Any, at_once: Any, fund: Fund, confirmed: Payment
) -> None:
    def pay(slip: str) -> bool:
        with ground.work(ground.network["finance"]) as work:
            payment = queries.payment(work, confirmed.id)
            said = {"payee_name": PAYEE.name, "slip_number": slip, "paid_on": work.today}
            return record_slip(work, payment, amount=payment.amount, **said).paid

    answers = at_once([partial(pay, f"slip {number % 2}") for number in range(THREADS)])
    assert Counter(type(each) for each in answers) == {bool: THREADS // 2, Refused: THREADS // 2}
    assert True in answers
    refuse_untrue_books(ground, fund, Balance(6_000 * YUAN, 0, 6_000 * YUAN))


def test_twenty_confirm_and_one_has_confirmed(ground: Any, at_once: Any, fund: Fund) -> None:
    case_id = ground.case("referred")
    with ground.work(ground.network["coordinator"]) as work:
        case = work.session.get_one(Case, case_id)
        commit(work, fund.id, case, 1_000 * YUAN, key=f"{fund.key} c")
        payment = order_payment(
            work, fund_id=fund.id, case=case, amount=1_000 * YUAN, payee=PAYEE, key=f"{fund.key} o"
        )

    def confirm(who: Account) -> str:
        with ground.work(who) as work:
            confirm_payment(work, queries.payment(work, payment.id))
        return who.name

    people = [ground.network["finance"], ground.network["fund"]]
    answers = at_once([partial(confirm, people[number % 2]) for number in range(THREADS)])
    winners = {each for each in answers if isinstance(each, str)}
    assert len(winners) == 1
    assert not [each for each in answers if not isinstance(each, str | Refused)]


def test_whoever_dies_while_paying_has_paid_or_not_and_is_followed_by_one_who_pays_once(
    own_database: Any, ground: Any, fund: Fund, confirmed: Payment
) -> None:
    program = [sys.executable, str(Path(__file__).with_name("dying_payer.py"))]
    told = subprocess.run(
        [*program, own_database.url, str(ground.network["finance"].id), str(confirmed.id)],
        env={name: value for name, value in os.environ.items() if not name.startswith("CASEWORK_")},
        capture_output=True,
        check=True,
        text=True,
        timeout=60,
    )
    *dead, last = told.stdout.splitlines()
    assert len(dead) > 10
    assert set(dead) == {"confirmed 0 died"}
    assert last == "paid 1 lived"
    refuse_untrue_books(ground, fund, Balance(6_000 * YUAN, 0, 6_000 * YUAN))
