from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa

from casework.cases.model import Case
from casework.funds.model import Fund, Payment
from casework.funds.paying import confirm_payment, order_payment, record_slip
from casework.funds.rules import Payee
from casework.funds.usecases import commit, open_fund, receive
from casework.staff.usecases import give_unit_grant, open_account
from casework.testing.committed import own_database
from casework.testing.network import Network
from casework.testing.referrals import refer_somebody
from casework.work import Work

__all__ = ["own_database"]

YUAN = 100
PAYEE = Payee("First hospital", "Bank of the District", "6222020000000000001", "hospital-bill")


def open_the_books(work: Work) -> None:
    """Open the wall before money to those who keep it, whichever programs are enabled."""
    work.session.execute(
        sa.text(
            "update grants set compartments = compartments || '{finance}' where unit_id is not null"
            " and role in ('finance', 'fund_officer', 'coordinator') and not 'finance' = any(compartments)"
        )
    )


@pytest.fixture
def books(network: Network, as_system: Callable[[], Work]) -> Network:
    """The network with a second finance officer, and those who keep the books able to read them."""
    work = as_system()
    account = open_account(work, sign_in_name="finance-two", name="Finance Two", password=None, language="en")
    district = network.units["district"].id
    give_unit_grant(work, account_id=account.id, role="finance", unit_id=district, reason="test")
    network.accounts["finance-two"] = account
    open_the_books(work)
    return network


@pytest.fixture
def fund(books: Network, as_actor: Callable[..., Work]) -> Fund:
    """A fund of the district with 10,000 yuan."""
    work = as_actor(books["finance"])
    fund = open_fund(
        work, key="care", names={"en": "Care fund", "zh_Hans": "关爱基金"}, unit_id=books.units["district"].id
    )
    receive(work, fund, 10_000 * YUAN, key="first", source="The district", note="")
    return fund


@pytest.fixture
def make_case(books: Network, as_actor: Callable[..., Work], as_system: Callable[[], Work]) -> Any:
    """`make_case("区广才")`: a case of the first hospital."""

    def make(name: str = "区广才", *, ward: str = "ward", nurse: str = "nurse") -> Case:
        case = refer_somebody(as_actor(books[nurse]), books.units[ward].id, name)
        as_system()
        return case

    return make


@pytest.fixture
def case(make_case: Any) -> Case:
    """A case of the first hospital."""
    return make_case()


@pytest.fixture
def two_cases(make_case: Any) -> list[Case]:
    """Two cases of the first hospital."""
    return [make_case("区广才"), make_case("单大华")]


@pytest.fixture
def pay(fund: Fund, books: Network, as_actor: Callable[..., Work]) -> Callable[..., Payment]:
    """`pay(case, amount)`: committed, ordered, confirmed and paid by those whose turn it is."""

    def through(case: Case, amount: int, slip: str = "slip 1") -> Payment:
        commit(as_actor(books["coordinator"]), fund.id, case, amount, key=f"approve {slip}")
        work = as_actor(books["fund"])
        payment = order_payment(
            work, fund_id=fund.id, case=case, amount=amount, payee=PAYEE, key=f"order {slip}"
        )
        work = as_actor(books["finance"])
        confirm_payment(work, payment)
        outcome = record_slip(
            work, payment, amount=amount, payee_name=PAYEE.name, slip_number=slip, paid_on=work.today
        )
        assert outcome.paid
        return outcome.payment

    return through
