from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from casework.errors import Invalid, Missing, Refused
from casework.funds import queries
from casework.funds.paying import confirm_payment, order_payment, record_slip, send_back
from casework.funds.rules import LARGEST, Balance
from casework.funds.usecases import commit, open_fund, receive, release, take_back

from .conftest import PAYEE, YUAN


@contextmanager
def refused(*sentences: str) -> Iterator[None]:
    """What happens in the block is refused with these words."""
    with pytest.raises(Refused) as raised:
        yield
    said = " ".join(str(each.reason) for each in raised.value.refusals)
    assert all(sentence in said for sentence in sentences), said


def test_money_that_came_in_is_available(fund: Any, books: Any, as_actor: Any) -> None:
    work = as_actor(books["coordinator"])
    assert queries.balance(work, fund.id) == Balance(10_000 * YUAN, 0, 10_000 * YUAN)


def test_what_is_committed_is_held_and_not_available(fund: Any, case: Any, books: Any, as_actor: Any) -> None:
    work = as_actor(books["coordinator"])
    commit(work, fund.id, case, 4_000 * YUAN, key="a")
    assert queries.balance(work, fund.id) == Balance(10_000 * YUAN, 4_000 * YUAN, 6_000 * YUAN)
    assert queries.committed_for(work, fund.id, case.id) == 4_000 * YUAN


def test_more_than_is_available_is_refused_with_both_amounts(
    fund: Any, case: Any, books: Any, as_actor: Any
) -> None:
    work = as_actor(books["coordinator"])
    with refused("Only 10,000.00 yuan of this fund is available, and 10,000.01 yuan is asked for."):
        commit(work, fund.id, case, 10_000 * YUAN + 1, key="a")
    assert queries.balance(work, fund.id).committed == 0


def test_what_was_committed_is_released_in_part_or_whole(
    fund: Any, case: Any, books: Any, as_actor: Any
) -> None:
    work = as_actor(books["coordinator"])
    commit(work, fund.id, case, 4_000 * YUAN, key="a")
    release(work, fund.id, case, amount=1_000 * YUAN, key="b")
    assert queries.committed_for(work, fund.id, case.id) == 3_000 * YUAN
    with refused("3,000.01"):
        release(work, fund.id, case, amount=3_000 * YUAN + 1, key="c")
    assert release(work, fund.id, case, key="d").amount == 3_000 * YUAN
    assert release(work, fund.id, case, key="d").amount == 3_000 * YUAN
    assert release(work, fund.id, case, key="e") is None
    assert queries.balance(work, fund.id) == Balance(10_000 * YUAN, 0, 10_000 * YUAN)


def test_whoever_withdraws_gives_the_money_back_without_seeing_the_fund(
    fund: Any, case: Any, books: Any, as_actor: Any, as_system: Any
) -> None:
    commit(as_actor(books["coordinator"]), fund.id, case, 4_000 * YUAN, key="a")
    work = as_actor(books["nurse"])
    posting = release(work, fund.id, case, key="withdrawn")
    assert posting.actor_id == books["nurse"].id
    assert queries.books(work) == []
    assert queries.balance(as_system(), fund.id).available == 10_000 * YUAN


def test_money_is_not_released_from_under_a_payment(fund: Any, case: Any, books: Any, as_actor: Any) -> None:
    commit(as_actor(books["coordinator"]), fund.id, case, 4_000 * YUAN, key="a")
    work = as_actor(books["fund"])
    order_payment(work, fund_id=fund.id, case=case, amount=3_000 * YUAN, payee=PAYEE, key="o")
    with refused("under way"):
        release(work, fund.id, case, key="b")
    release(work, fund.id, case, amount=1_000 * YUAN, key="c")


def test_no_more_comes_back_than_was_paid(fund: Any, case: Any, pay: Any, books: Any, as_actor: Any) -> None:
    pay(case, 3_000 * YUAN)
    work = as_actor(books["fund"])
    take_back(work, fund.id, case, 1_000 * YUAN, key="t", note="unused")
    take_back(work, fund.id, case, 1_000 * YUAN, key="t", note="unused")
    with refused("Only 2,000.00 yuan was paid"):
        take_back(work, fund.id, case, 2_000 * YUAN + 1, key="u", note="")
    assert queries.balance(work, fund.id) == Balance(8_000 * YUAN, 0, 8_000 * YUAN)


def test_one_key_posts_once_and_means_one_thing(fund: Any, make_case: Any, books: Any, as_actor: Any) -> None:
    one, other = make_case("区广才"), make_case("单大华")
    work = as_actor(books["coordinator"])
    first = commit(work, fund.id, one, 100, key="approve")
    assert commit(work, fund.id, one, 100, key="approve").id == first.id
    assert queries.balance(work, fund.id).committed == 100
    with refused("recorded already, with 1.00 yuan"):
        commit(work, fund.id, one, 200, key="approve")
    with refused("recorded already"):
        commit(work, fund.id, other, 100, key="approve")
    with refused("recorded already"):
        take_back(work, fund.id, one, 100, key="approve", note="")
    work = as_actor(books["finance"])
    second = open_fund(work, key="second", names={"en": "Second"}, unit_id=fund.unit_id)
    with refused("recorded already"):
        receive(work, second, 100, key="first", source="A donor", note="")


def test_a_key_answers_also_when_nothing_is_left(fund: Any, case: Any, books: Any, as_actor: Any) -> None:
    work = as_actor(books["coordinator"])
    first = commit(work, fund.id, case, 10_000 * YUAN, key="all")
    assert commit(work, fund.id, case, 10_000 * YUAN, key="all").id == first.id


def test_a_fund_is_for_the_cases_of_its_unit(make_case: Any, books: Any, as_actor: Any) -> None:
    work = as_actor(books["finance"])
    fund = open_fund(work, key="other", names={"en": "Other hospital"}, unit_id=books.units["other"].id)
    receive(work, fund, 100, key="r", source="A donor", note="")
    case = make_case()
    with refused("not for the unit"):
        commit(as_actor(books["finance"]), fund.id, case, 100, key="a")


@pytest.mark.parametrize("amount", [0, -1, LARGEST + 1])
def test_no_amount_but_a_plain_one_is_booked(
    amount: int, fund: Any, case: Any, books: Any, as_actor: Any
) -> None:
    work = as_actor(books["finance"])
    for act in (
        lambda: receive(work, fund, amount, key="x", source="A donor", note=""),
        lambda: commit(work, fund.id, case, amount, key="x"),
        lambda: release(work, fund.id, case, amount=amount, key="x"),
        lambda: take_back(work, fund.id, case, amount, key="x", note=""),
    ):
        with pytest.raises(Invalid):
            act()


def test_a_fund_is_opened_within_reach_and_once(books: Any, as_actor: Any) -> None:
    work = as_actor(books["finance"])
    unit = books.units["hospital"].id
    open_fund(work, key="care", names={"en": "Care"}, unit_id=unit)
    with pytest.raises(Invalid) as invalid:
        open_fund(work, key="care", names={"en": "Again"}, unit_id=unit)
    assert [each.where for each in invalid.value.problems] == ["key"]
    with pytest.raises(Invalid) as invalid:
        open_fund(work, key="Not so", names={"en": " "}, unit_id=unit)
    assert [each.where for each in invalid.value.problems] == ["key", "name"]
    with pytest.raises(Missing):
        open_fund(as_actor(books["fund"]), key="far", names={"en": "Far"}, unit_id=books.units["other"].id)


ACTS = st.lists(
    st.tuples(
        st.sampled_from(
            ["receive", "commit", "release", "take_back", "order", "confirm", "slip", "wrong", "back"]
        ),
        st.integers(0, 1),
        st.integers(1, 500),
    ),
    max_size=25,
)


@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(acts=ACTS)
def test_whatever_is_done_the_books_are_those_of_a_simple_model(
    acts: Any, fund: Any, books: Any, as_actor: Any, as_system: Any, two_cases: Any
) -> None:
    session = as_system().session
    session.expunge_all()  # Whoever keeps the books does not see the cases, and could not read them again.
    savepoint = session.begin_nested()
    held, committed, paid = 10_000 * YUAN, [0, 0], [0, 0]
    live: list[Any] = [None, None]
    for number, (act, which, amount) in enumerate(acts):
        case, key = two_cases[which], f"{number}"
        payment = live[which]
        work = as_actor(books["finance-two" if act == "order" else "finance"])
        try:
            if act == "receive":
                receive(work, fund, amount, key=key, source="A donor", note="")
                held += amount
            elif act == "commit":
                commit(work, fund.id, case, amount * 40 * YUAN, key=key)
                committed[which] += amount * 40 * YUAN
            elif act == "release":
                release(work, fund.id, case, amount=amount, key=key)
                committed[which] -= amount
            elif act == "take_back":
                take_back(work, fund.id, case, amount, key=key, note="")
                paid[which], held = paid[which] - amount, held + amount
            elif act == "order":
                live[which] = order_payment(
                    work, fund_id=fund.id, case=case, amount=amount, payee=PAYEE, key=key
                )
            elif payment is None:
                continue
            elif act == "confirm":
                confirm_payment(work, payment)
            elif act == "back":
                send_back(work, payment, "No.")
                live[which] = None
            else:
                slip = payment.amount + (act == "wrong")
                outcome = record_slip(
                    work, payment, amount=slip, payee_name=PAYEE.name, slip_number=key, paid_on=work.today
                )
                assert outcome.paid == (act == "slip")
                if outcome.paid:
                    held, live[which] = held - payment.amount, None
                    committed[which] -= payment.amount
                    paid[which] += payment.amount
        except Refused:
            pass
        work = as_system()
        assert min(held, *committed, *paid, held - sum(committed)) >= 0
        assert queries.balance(work, fund.id) == Balance(held, sum(committed), held - sum(committed))
        for place, each in enumerate(two_cases):
            assert queries.committed_for(work, fund.id, each.id) == committed[place]
            assert queries.paid_for(work, fund.id, each.id) == paid[place]
    refuse_untrue_books(session)
    savepoint.rollback()


def refuse_untrue_books(session: Any) -> None:
    """Hold that every posting sums to zero, and that the balances are the sums of the entries."""
    session.execute(sa.text("set constraints all immediate"))
    session.execute(sa.text("set constraints all deferred"))
    one_sided = (
        "select posting_id from fund_entries group by posting_id having sum(amount) <> 0 or count(*) <> 2"
    )
    assert session.execute(sa.text(one_sided)).all() == []
    wrong = """
        select b.fund_id from fund_balances b left join (
          select p.fund_id, sum(e.amount) filter (where account = 'bank') bank,
            -sum(e.amount) filter (where account = 'available') available,
            -sum(e.amount) filter (where account = 'committed') committed
          from fund_postings p join fund_entries e on e.posting_id = p.id group by p.fund_id) s using (fund_id)
        where (b.bank, b.available, b.committed) is distinct from
          (coalesce(s.bank, 0), coalesce(s.available, 0), coalesce(s.committed, 0))"""
    assert session.execute(sa.text(wrong)).all() == []
    unpaid = """
        select 1 where (select coalesce(sum(amount), 0) from payments where status = 'paid')
        <> (select coalesce(sum(amount), 0) from fund_postings where kind = 'pay')"""
    assert session.execute(sa.text(unpaid)).all() == []
