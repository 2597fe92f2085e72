from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from casework.cases.model import Case
from casework.cases.usecases import move
from casework.errors import Conflict, Forbidden, Invalid, Missing, Refused
from casework.security.model import SignInSession
from casework.security.passwords import is_right
from casework.security.sessions import begin_session
from casework.staff import admitting, queries, usecases
from casework.staff.model import Account, Grant
from casework.staff.queries import StaffFilter
from casework.testing.referrals import refer_somebody


@pytest.fixture
def typed(network):
    return {
        "name": " 李  娜 ",
        "sign_in_name": "LiNa",
        "phone": "0757 1234",
        "language": "zh_Hans",
        "role": "worker",
        "unit_id": str(network.units["hospital"].id),
        "until": "2026-06-30",
        "reason": "joined the team",
    }


def grant_of(work, account, role):
    return work.session.scalar(
        sa.select(Grant).where(Grant.account_id == account.id, Grant.role == role, Grant.unit_id.is_not(None))
    )


def fields(caught) -> set[str]:
    return {problem.where for problem in caught.value.problems}


def test_a_new_member_has_a_role_and_a_one_time_password(network, as_actor, typed, roles_now, trail) -> None:
    admin = as_actor(network["admin"])
    account, password = admitting.admit_member(admin, typed)
    assert (account.name, account.sign_in_name, account.language) == ("李 娜", "lina", "zh_Hans")
    assert is_right(account.password_hash, password)
    assert roles_now(account) == [("worker", network.units["hospital"].id)]
    assert [(entry["actor"], entry["kind"], entry["action"]) for entry in trail(f"account:{account.id}")] == [
        (network["admin"].id, "setting", "opened"),
        (network["admin"].id, "grant", "given"),
    ]
    assert password not in str(trail(f"account:{account.id}"))


def test_every_problem_of_a_new_member_is_told_at_once(network, as_actor) -> None:
    with pytest.raises(Invalid) as caught:
        admitting.admit_member(
            as_actor(network["admin"]),
            {"sign_in_name": "WORKER", "phone": "1" * 41, "language": "xx", "until": "soon", "unit_id": "-1"},
        )
    assert fields(caught) == {
        "sign_in_name",
        "name",
        "phone",
        "language",
        "role",
        "unit_id",
        "until",
        "reason",
    }


def test_an_account_is_not_opened_for_a_unit_out_of_reach(network, local_admin, as_actor, typed) -> None:
    with pytest.raises(Forbidden):
        admitting.admit_member(as_actor(local_admin), typed | {"unit_id": str(network.units["other"].id)})


def test_a_role_is_given_with_its_end_reason_and_giver(network, as_actor, typed, trail) -> None:
    admin, nurse = as_actor(network["admin"]), network["nurse"]
    admitting.give_role(admin, nurse, typed)
    grant = grant_of(admin, nurse, "worker")
    assert (grant.reason, grant.given_by) == ("joined the team", network["admin"].id)
    assert grant.valid_until == datetime(2026, 6, 30, 16, tzinfo=UTC)
    assert grant.compartments == ["client", "referral"]
    entry = trail(f"account:{nurse.id}")[-1]
    assert (entry["action"], entry["role"], entry["unit"]) == (
        "given",
        "worker",
        network.units["hospital"].id,
    )


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"role": "client"}, "role"),
        ({"role": "former_worker"}, "role"),
        ({"role": "king"}, "role"),
        ({"reason": "  "}, "reason"),
        ({"reason": "x" * 1001}, "reason"),
        ({"until": "2026-03-01"}, "until"),
        ({"unit_id": "9" * 30}, "unit_id"),
    ],
)
def test_a_role_that_is_not_well_described_is_not_given(network, as_actor, typed, change, field) -> None:
    with pytest.raises(Invalid) as caught:
        admitting.give_role(as_actor(network["admin"]), network["nurse"], typed | change)
    assert fields(caught) == {field}


def test_nobody_gives_a_role_to_himself(network, as_actor, typed) -> None:
    with pytest.raises(Forbidden):
        admitting.give_role(as_actor(network["admin"]), network["admin"], typed)


@pytest.mark.parametrize("unit", ["district", "other", "other-ward", "centre"])
def test_an_administrator_of_a_hospital_gives_nothing_beyond_it(
    network, local_admin, as_actor, typed, unit
) -> None:
    with pytest.raises(Forbidden):
        admitting.give_role(
            as_actor(local_admin), network["nurse"], typed | {"unit_id": str(network.units[unit].id)}
        )


@pytest.mark.parametrize("name", ["worker", "supervisor", "coordinator", "auditor", "nurse"])
def test_who_is_no_administrator_gives_nothing(network, as_actor, typed, name) -> None:
    with pytest.raises(Forbidden):
        admitting.give_role(as_actor(network[name]), network["colleague"], typed | {"role": "supervisor"})


def test_a_role_held_as_long_already_is_not_given_twice(network, as_actor, typed) -> None:
    admin = as_actor(network["admin"])
    with pytest.raises(Invalid) as caught:
        admitting.give_role(admin, network["worker"], typed)
    assert fields(caught) == {"role"}
    admitting.give_role(admin, network["nurse"], typed)
    admitting.give_role(admin, network["nurse"], typed | {"until": ""})


def test_nobody_but_open_accounts_of_staff_gets_a_role(network, as_actor, as_system, typed) -> None:
    nurse = network["nurse"]
    patient = usecases.open_account(as_system(), sign_in_name="p", name="P", password=None, kind="portal")
    usecases.disable_account(as_system(), nurse, nurse.version)
    admin = as_actor(network["admin"])
    for account in (nurse, patient):
        with pytest.raises(Missing):
            admitting.give_role(admin, account, typed)
    with pytest.raises(Missing):
        usecases.give_unit_grant(
            admin, account_id=10**9, role="worker", unit_id=int(typed["unit_id"]), reason="x"
        )


def test_an_ended_role_is_over_at_once_and_is_written_down(
    network, local_admin, as_actor, as_system, roles_now, trail
) -> None:
    grant = grant_of(as_system(), network["nurse"], "referrer")
    usecases.end_grant(as_actor(local_admin), grant.id)
    assert roles_now(network["nurse"]) == []
    assert as_actor(network["nurse"]).actor.grants == ()
    entry = trail(f"account:{network['nurse'].id}")[-1]
    assert (entry["actor"], entry["action"], entry["role"]) == (local_admin.id, "ended", "referrer")


def test_ending_a_role_twice_changes_nothing(network, as_actor, as_system, clock, trail) -> None:
    grant = grant_of(as_system(), network["nurse"], "referrer")
    usecases.end_grant(as_actor(network["admin"]), grant.id)
    ended, told = grant.valid_until, len(trail(f"account:{network['nurse'].id}"))
    clock.move(hours=1)
    usecases.end_grant(as_actor(network["admin"]), grant.id)
    as_system().session.refresh(grant)
    assert grant.valid_until == ended
    assert len(trail(f"account:{network['nurse'].id}")) == told


def test_a_role_out_of_reach_is_not_there_to_be_ended(network, local_admin, as_actor, as_system) -> None:
    for name, role in (("other-worker", "worker"), ("committee", "committee")):
        grant = grant_of(as_system(), network[name], role)
        with pytest.raises(Missing):
            usecases.end_grant(as_actor(local_admin), grant.id)
    grant = grant_of(as_system(), network["nurse"], "referrer")
    with pytest.raises(Missing):
        usecases.end_grant(as_actor(network["supervisor"]), grant.id)


def test_nobody_ends_his_own_role(network, as_actor, as_system) -> None:
    grant = grant_of(as_system(), network["admin"], "administrator")
    with pytest.raises(Forbidden):
        usecases.end_grant(as_actor(network["admin"]), grant.id)


def second_admin(network, work, until=None):
    usecases.give_unit_grant(
        work,
        account_id=network["finance"].id,
        role="administrator",
        unit_id=network.units["district"].id,
        reason="cover",
        until=until,
    )
    return network["finance"]


def test_the_last_administrator_of_the_network_stays(network, as_actor, as_system) -> None:
    admin = network["admin"]
    cover = second_admin(network, as_system(), until=as_system().now + timedelta(days=7))
    grant = grant_of(as_system(), admin, "administrator")
    work = as_actor(cover)
    with pytest.raises(Refused):
        usecases.end_grant(work, grant.id)
    with pytest.raises(Refused):
        usecases.disable_account(work, admin, admin.version)
    with pytest.raises(Refused):
        usecases.disable_account(as_system(), admin, admin.version)


def test_of_two_administrators_one_may_go(network, as_actor, as_system, roles_now) -> None:
    second = second_admin(network, as_system())
    grant = grant_of(as_system(), network["admin"], "administrator")
    usecases.end_grant(as_actor(second), grant.id)
    assert roles_now(network["admin"]) == []
    with pytest.raises(Missing):
        usecases.end_grant(as_actor(network["admin"]), grant_of(as_system(), second, "administrator").id)


def test_a_closed_administrator_does_not_count_as_one_who_stays(network, as_actor, as_system) -> None:
    second = second_admin(network, as_system())
    usecases.disable_account(as_actor(network["admin"]), second, second.version)
    with pytest.raises(Refused):
        usecases.disable_account(as_system(), network["admin"], network["admin"].version)


def test_an_administrator_of_one_hospital_may_be_the_last_there(
    network, local_admin, as_actor, as_system
) -> None:
    usecases.end_grant(as_actor(network["admin"]), grant_of(as_system(), local_admin, "administrator").id)


def test_a_closed_account_is_signed_out_everywhere(
    network, local_admin, as_actor, as_system, clock, settings, trail
) -> None:
    nurse = network["nurse"]
    session = as_system().session
    begin_session(session, nurse, now=clock.now(), settings=settings)
    usecases.disable_account(as_actor(local_admin), nurse, nurse.version)
    row = session.scalar(sa.select(SignInSession).where(SignInSession.account_id == nurse.id))
    session.refresh(row)
    assert (row.ended_at, row.end_reason) == (clock.now(), "disabled")
    assert nurse.disabled_at == clock.now()
    assert trail(f"account:{nurse.id}")[-1]["action"] == "disabled"


def test_an_account_that_was_changed_meanwhile_is_not_closed(network, as_actor) -> None:
    nurse = network["nurse"]
    with pytest.raises(Conflict):
        usecases.disable_account(as_actor(network["admin"]), nurse, nurse.version + 1)
    assert nurse.disabled_at is None


def test_nobody_closes_his_own_account_or_that_of_the_system(network, as_actor, as_system) -> None:
    with pytest.raises(Forbidden):
        usecases.disable_account(as_actor(network["admin"]), network["admin"], network["admin"].version)
    system = as_system().session.get(type(network["admin"]), 1)
    with pytest.raises(Missing):
        usecases.disable_account(as_actor(network["admin"]), system, system.version)


@pytest.mark.parametrize("name", ["other-worker", "committee", "admin"])
def test_an_administrator_of_a_hospital_closes_nobody_who_works_beyond_it(
    network, local_admin, as_actor, name
) -> None:
    with pytest.raises(Forbidden):
        usecases.disable_account(as_actor(local_admin), network[name], network[name].version)


def test_who_is_no_administrator_closes_nobody(network, as_actor) -> None:
    for name in ("worker", "supervisor", "coordinator", "auditor"):
        with pytest.raises(Forbidden):
            usecases.disable_account(as_actor(network[name]), network["colleague"], 1)


def test_the_list_shows_those_within_reach_by_role_unit_and_name(network, local_admin, as_actor) -> None:
    def names(account, **wanted):
        return {row.sign_in_name for row in queries.list_staff(as_actor(account), StaffFilter(**wanted)).rows}

    first = {"nurse", "worker", "colleague", "supervisor", "coordinator", "fund", "local-admin"}
    for reader in (local_admin, network["supervisor"], network["coordinator"]):
        assert names(reader) == first
    assert {"other-worker", "admin", "nurse"} <= names(network["auditor"])
    assert names(network["admin"], role="worker") == {"worker", "colleague", "other-worker"}
    assert names(network["admin"], unit_id=network.units["other"].id) == {
        "other-nurse", "other-worker", "other-coordinator", "other-supervisor",
    }  # fmt: skip
    assert names(network["admin"], text="OTHER-N") == {"other-nurse"}
    assert names(network["admin"], text="%") == set()
    assert names(network["worker"]) == {"worker"}


def test_the_list_is_read_page_by_page_both_ways(network, as_actor) -> None:
    work = as_actor(network["admin"])
    everybody = [row.id for row in queries.list_staff(work, StaffFilter()).rows]
    first = queries.list_staff(work, StaffFilter(), limit=6)
    second = queries.list_staff(work, StaffFilter(), limit=6, before=first.older)
    back = queries.list_staff(work, StaffFilter(), limit=6, after=second.newer)
    assert [row.id for page in (first, second) for row in page.rows] == everybody[:12]
    assert [row.id for row in back.rows] == everybody[:6]
    assert (first.newer, back.newer) == (None, None)


def test_a_member_out_of_reach_is_not_there(network, local_admin, as_actor) -> None:
    assert queries.member_of_staff(as_actor(local_admin), network["nurse"].id) is network["nurse"]
    for account_id in (network["other-worker"].id, network["admin"].id, 1, 10**12):
        with pytest.raises(Missing):
            queries.member_of_staff(as_actor(local_admin), account_id)


def test_with_the_role_of_a_worker_end_the_cases_that_it_opened(
    network, as_actor, as_system, trail, roles_now
) -> None:
    worker = network["worker"]
    case = refer_somebody(as_actor(network["nurse"]), network.units["ward"].id)
    move(as_actor(network["coordinator"]), case, "assign", worker_id=worker.id)
    assert as_actor(worker).session.scalars(sa.select(Case.id)).all() == [case.id]
    usecases.end_grant(as_actor(network["admin"]), grant_of(as_system(), worker, "worker").id)
    assert as_actor(worker).session.scalars(sa.select(Case.id)).all() == []
    assert trail(f"account:{worker.id}")[-1]["cases"] == 1
    assert queries.open_cases_of(as_actor(network["admin"]), worker.id) == 1


def test_cases_stay_open_to_a_worker_whose_other_role_still_reaches_them(
    network, as_actor, as_system
) -> None:
    worker = network["worker"]
    case = refer_somebody(as_actor(network["nurse"]), network.units["ward"].id)
    move(as_actor(network["coordinator"]), case, "assign", worker_id=worker.id)
    usecases.give_unit_grant(
        as_system(), account_id=worker.id, role="worker", unit_id=network.units["ward"].id, reason="ward"
    )
    hospital = network.units["hospital"].id
    grant = as_system().session.scalar(
        sa.select(Grant).where(Grant.account_id == worker.id, Grant.unit_id == hospital)
    )
    usecases.end_grant(as_actor(network["admin"]), grant.id)
    assert as_actor(worker).session.scalars(sa.select(Case.id)).all() == [case.id]


def test_of_two_who_take_a_sign_in_name_at_once_one_is_told(network, as_actor, typed, monkeypatch) -> None:
    admin = as_actor(network["admin"])

    def meanwhile(_password: str) -> str:
        taken = {"kind": "staff", "sign_in_name": "lina", "name": "Another", "created_at": admin.now}
        admin.session.execute(sa.insert(Account).values(taken))
        return "hash"

    monkeypatch.setattr(usecases, "hash_password", meanwhile)
    with pytest.raises(Invalid) as caught:
        admitting.admit_member(admin, typed)
    assert fields(caught) == {"sign_in_name"}
    assert admin.session.scalar(sa.select(Account.name).where(Account.sign_in_name == "lina")) == "Another"
