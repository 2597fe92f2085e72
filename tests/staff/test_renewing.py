"""A new password, given by an administrator."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from casework.cases.usecases import move
from casework.errors import Conflict, Forbidden, Missing, Refused
from casework.security import queries, throttle
from casework.security.model import SignInAttempts, SignInSession
from casework.security.passwords import is_right
from casework.staff import usecases
from casework.staff.renewing import give_new_password
from casework.testing.referrals import refer_somebody


def test_a_new_password_is_made_up_and_signs_out_everywhere(
    network, local_admin, as_actor, as_system, trail, browse
) -> None:
    nurse = network["nurse"]
    browse(nurse)
    seen = nurse.version
    password = give_new_password(as_actor(local_admin), nurse, seen)
    assert is_right(nurse.password_hash, password)
    assert nurse.version == seen + 1
    rows = as_system().session.scalars(sa.select(SignInSession).where(SignInSession.account_id == nurse.id))
    assert {row.end_reason for row in rows} == {"password"}
    entry = trail(f"account:{nurse.id}")[-1]
    assert (entry["actor"], entry["kind"], entry["action"]) == (local_admin.id, "setting", "password given")
    assert password not in str(trail(f"account:{nurse.id}"))


def test_whoever_waited_after_wrong_passwords_may_sign_in_at_once(network, as_actor, as_system) -> None:
    nurse, work = network["nurse"], as_system()
    key = throttle.key("name", nurse.sign_in_name)
    work.session.add(SignInAttempts(key=key, count=9, window_start=work.now, blocked_until=work.now))
    work.session.flush()
    give_new_password(as_actor(network["admin"]), nurse, nurse.version)
    assert queries.counters(work.session, [key]) == []


@pytest.mark.parametrize("name", ["other-worker", "committee", "admin"])
def test_nobody_who_works_beyond_the_reach_gets_one(network, local_admin, as_actor, name) -> None:
    with pytest.raises(Forbidden):
        give_new_password(as_actor(local_admin), network[name], network[name].version)


def test_a_case_beyond_the_reach_counts_as_a_role(network, local_admin, as_actor, as_system) -> None:
    worker = network["worker"]
    usecases.give_unit_grant(
        as_system(),
        account_id=worker.id,
        role="worker",
        unit_id=network.units["other"].id,
        reason="cover",
    )
    case = refer_somebody(as_actor(network["other-nurse"]), network.units["other-ward"].id)
    move(as_actor(network["other-coordinator"]), case, "assign", worker_id=worker.id)
    with pytest.raises(Forbidden):
        give_new_password(as_actor(local_admin), worker, worker.version)
    give_new_password(as_actor(network["admin"]), worker, worker.version)


def test_nobody_gives_himself_one_and_only_administrators_give_any(network, as_actor) -> None:
    admin = network["admin"]
    for actor, account in [("admin", admin), ("supervisor", network["nurse"]), ("auditor", network["nurse"])]:
        with pytest.raises(Forbidden):
            give_new_password(as_actor(network[actor]), account, account.version)


def test_staff_choose_no_password_for_a_patient_or_the_system(network, as_actor, as_system) -> None:
    patient = usecases.open_account(as_system(), sign_in_name="p", name="P", password=None, kind="portal")
    system = as_system().session.get(type(patient), 1)
    for account in (patient, system):
        with pytest.raises(Missing):
            give_new_password(as_actor(network["admin"]), account, account.version)


def test_a_changed_or_closed_account_gets_none(network, as_actor) -> None:
    nurse, admin = network["nurse"], as_actor(network["admin"])
    with pytest.raises(Conflict):
        give_new_password(admin, nurse, nurse.version + 1)
    usecases.disable_account(admin, nurse, nurse.version)
    with pytest.raises(Refused):
        give_new_password(admin, nurse, nurse.version)
    assert nurse.password_hash is None


def test_the_page_asks_first_and_shows_the_password_once(browse, network, session) -> None:
    admin, nurse = browse(network["admin"]), network["nurse"]
    theirs = browse(nurse)
    theirs.get("/account")
    question = admin.get(f"/staff/{nurse.id}").click("Give a new password").forms["form-main"]
    page = question.submit(status=200)
    password = page.html.find("output").text
    assert is_right(session.get(type(nurse), nurse.id).password_hash, password)
    assert page.headers["Cache-Control"] == "no-store"
    assert theirs.get("/account", status=303).location.endswith("/sign-in?next=%2Faccount")
    assert password not in page.click("To this person's page")
    question.submit(status=409)


def test_the_page_is_for_administrators_within_their_reach(browse, network, local_admin, as_system) -> None:
    nurse = network["nurse"]
    for name in ("supervisor", "coordinator", "auditor", "worker"):
        browse(network[name]).get(f"/staff/{nurse.id}/password", status=403)
    far = browse(local_admin)
    for account_id in (network["other-worker"].id, 1):
        far.get(f"/staff/{account_id}/password", status=404)
    mine = browse(network["admin"])
    assert "Give a new password" not in mine.get(f"/staff/{network['admin'].id}")
    mine.get(f"/staff/{network['admin'].id}/password").forms["form-main"].submit(status=403)
