"""What somebody may do on a case hangs on the role at a unit, and ends with it."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa

from casework.cases.model import Case
from casework.cases.usecases import move
from casework.errors import Invalid, Missing
from casework.staff import usecases
from casework.staff.model import Grant
from casework.testing.referrals import refer_somebody
from casework.testing.world import HAND_OVER

DAY = timedelta(days=1)


@pytest.fixture
def newcomer(network, as_system):
    """A worker of the first hospital for five days."""
    work = as_system()
    account = usecases.open_account(work, sign_in_name="newcomer", name="Newcomer", password=None)
    give(work, network, account, until=work.now + 5 * DAY)
    return account


def give(work, network, account, until=None, unit="hospital", role="worker") -> None:
    usecases.give_unit_grant(
        work,
        account_id=account.id,
        role=role,
        unit_id=network.units[unit].id,
        reason="test",
        until=until,
    )


@pytest.fixture
def case(network, newcomer, as_actor):
    """A case given to the newcomer."""
    case = refer_somebody(as_actor(network["nurse"]), network.units["ward"].id)
    move(as_actor(network["coordinator"]), case, "assign", worker_id=newcomer.id)
    return case


def seen_by(as_actor, account) -> list[int]:
    return list(as_actor(account).session.scalars(sa.select(Case.id)))


def ends(as_system, account, role="worker"):
    statement = sa.select(Grant.valid_until).where(
        Grant.account_id == account.id, Grant.case_id.is_not(None), Grant.role == role
    )
    return list(as_system().session.scalars(statement.order_by(Grant.id)))


def test_a_case_is_closed_to_its_worker_when_the_role_runs_out(
    case, newcomer, as_actor, as_system, clock
) -> None:
    assert ends(as_system, newcomer) == [clock.now() + 5 * DAY]
    clock.move(days=4)
    assert seen_by(as_actor, newcomer) == [case.id]
    clock.move(days=1)
    assert seen_by(as_actor, newcomer) == []


def test_a_role_given_for_longer_takes_the_cases_along(
    case, newcomer, network, as_actor, as_system, clock
) -> None:
    give(as_actor(network["admin"]), network, newcomer, until=clock.now() + 20 * DAY)
    assert ends(as_system, newcomer) == [clock.now() + 20 * DAY]
    give(as_actor(network["admin"]), network, newcomer)
    assert ends(as_system, newcomer) == [None]


def test_a_role_given_again_after_it_ran_out_gives_the_open_cases_back(
    case, newcomer, network, as_actor, as_system, clock
) -> None:
    clock.move(days=6)
    give(as_actor(network["admin"]), network, newcomer)
    assert seen_by(as_actor, newcomer) == [case.id]


def test_a_role_elsewhere_gives_nothing_back(case, newcomer, network, as_actor, as_system, clock) -> None:
    clock.move(days=6)
    give(as_actor(network["admin"]), network, newcomer, unit="other")
    give(as_actor(network["admin"]), network, newcomer, role="fund_officer")
    assert ends(as_system, newcomer) == [clock.now() - DAY]


def test_when_one_of_two_roles_ends_the_other_bounds_the_case(
    case, newcomer, network, as_actor, as_system, clock
) -> None:
    give(as_actor(network["admin"]), network, newcomer)
    longest = as_system().session.scalars(
        sa.select(Grant.id).where(Grant.account_id == newcomer.id, Grant.valid_until.is_(None))
    )
    unit_grant = next(
        number for number in longest if as_system().session.get(Grant, number).unit_id is not None
    )
    usecases.end_grant(as_actor(network["admin"]), unit_grant)
    assert ends(as_system, newcomer) == [clock.now() + 5 * DAY]
    assert seen_by(as_actor, newcomer) == [case.id]


def hand_over(as_actor, network, case, to) -> None:
    as_actor(network["coordinator"])
    case.state = "intervention"
    move(as_actor(network["coordinator"]), case, "hand-over", worker_id=to.id, answers=HAND_OVER)


def test_a_former_worker_reads_on_no_longer_than_he_works_there(
    case, newcomer, network, as_actor, as_system, clock
) -> None:
    hand_over(as_actor, network, case, network["colleague"])
    assert ends(as_system, newcomer, "former_worker") == [clock.now() + 5 * DAY]


def test_who_works_there_no_more_does_not_become_a_former_worker(
    case, newcomer, network, as_actor, as_system, clock
) -> None:
    clock.move(days=6)
    hand_over(as_actor, network, case, network["colleague"])
    assert ends(as_system, newcomer, "former_worker") == []


def test_a_closed_account_does_not_become_a_former_worker(
    case, newcomer, network, as_actor, as_system
) -> None:
    usecases.disable_account(as_actor(network["admin"]), newcomer, newcomer.version)
    hand_over(as_actor, network, case, network["colleague"])
    assert ends(as_system, newcomer, "former_worker") == []


def test_a_case_goes_to_nobody_but_a_worker_there(network, as_actor, as_system, newcomer, clock) -> None:
    case = refer_somebody(as_actor(network["nurse"]), network.units["ward"].id)
    clock.move(days=6)
    for account in (newcomer, network["other-worker"], network["supervisor"]):
        with pytest.raises(Invalid) as caught:
            move(as_actor(network["coordinator"]), case, "assign", worker_id=account.id)
        assert [problem.where for problem in caught.value.problems] == ["worker_id"]
        with pytest.raises(Missing):
            usecases.give_case_grant(
                as_system(), account_id=account.id, case_id=case.id, role="worker", reason="x"
            )
