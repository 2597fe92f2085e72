from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
import sqlalchemy as sa

from casework.errors import Invalid, Missing
from casework.security import passwords, queries, usecases
from casework.security.model import HeldPost, SignInAttempts, SignInSession
from casework.security.usecases import NotOpened, Opened, change_password, sign_in
from casework.staff.usecases import disable_account
from casework.work import ANYONE

PASSWORD = "four words in a row"


@pytest.fixture(autouse=True)
def _cheap(cheap_hashing):
    pass


@pytest.fixture
def nurse(network, session):
    account = network["nurse"]
    account.password_hash = passwords.hash_password(PASSWORD)
    session.flush()
    return account


@pytest.fixture
def visit(work, clock):
    """`visit(address)`: the Work of somebody who has not signed in, at the present moment."""

    def make(address="192.0.2.7"):
        return replace(work, actor=ANYONE, now=clock.now(), origin={"address": address, "agent": "Firefox"})

    return make


@pytest.fixture
def signed_in(visit, nurse, as_actor):
    """Somebody signed in: her Work, what was opened, and the session's row."""

    def make():
        opened = sign_in(visit(), "nurse", PASSWORD)
        work = as_actor(nurse)
        work.session.flush()
        return work, opened, queries.session_of(work.session, opened.cookie).session

    return make


def wrong(visit, times, name="nurse", address="192.0.2.7", **more):
    return [sign_in(visit(address), name, "wrong", **more) for _each in range(times)][-1]


def test_the_right_password_opens_a_session(visit, nurse, clock, settings):
    outcome = sign_in(visit(), " ＮＵＲＳＥ ", PASSWORD)
    assert isinstance(outcome, Opened)
    found = queries.session_of(visit().session, outcome.cookie)
    assert found.account.id == nurse.id
    assert found.session.address == "192.0.2.7"
    assert found.session.user_agent == "Firefox"
    assert found.session.id != outcome.cookie
    assert usecases.why_ended(found, clock.now(), settings) is None


def test_each_session_has_a_new_cookie_and_ends_the_one_before_it(visit, nurse):
    first = sign_in(visit(), "nurse", PASSWORD)
    second = sign_in(visit(), "nurse", PASSWORD, replaces=first.cookie)
    assert first.cookie != second.cookie
    assert queries.session_of(visit().session, first.cookie).session.end_reason == "replaced"


def test_a_cookie_chosen_by_somebody_else_is_not_taken_over(visit, nurse):
    chosen = "a" * 43
    opened = sign_in(visit(), "nurse", PASSWORD, browser=chosen, replaces=chosen)
    assert chosen not in {opened.cookie, opened.browser}
    assert queries.session_of(visit().session, chosen) is None


@pytest.mark.parametrize("name", ["nurse", "nobody", "", "x" * 10_000, "worker", "system"])
def test_every_failure_takes_the_same_way(visit, nurse, monkeypatch, name):
    seen = []
    monkeypatch.setattr(passwords, "is_right", lambda stored, password: seen.append((stored, password)))
    outcome = sign_in(visit(), name, "wrong")
    assert isinstance(outcome, NotOpened)
    assert outcome.wait == timedelta()
    assert [password for _stored, password in seen] == ["wrong"]


def test_accounts_without_password_or_closed_cannot_sign_in(visit, nurse, network, session, as_system):
    assert isinstance(sign_in(visit(), "worker", ""), NotOpened)
    disable_account(as_system(), nurse, nurse.version)
    session.flush()
    assert sign_in(visit(), "nurse", PASSWORD) == NotOpened(account_id=nurse.id)


def test_the_password_of_the_demo_opens_nothing_in_production(visit, nurse, session):
    nurse.password_hash = passwords.hash_password(passwords.DEMO_PASSWORD)
    session.flush()
    assert isinstance(sign_in(visit(), "nurse", passwords.DEMO_PASSWORD), Opened)
    production = replace(visit(), settings=replace(visit().settings, mode="production"))
    assert isinstance(sign_in(production, "nurse", passwords.DEMO_PASSWORD), NotOpened)


def test_a_hash_with_old_parameters_is_made_anew(visit, nurse, session):
    old = passwords.PasswordHasher(time_cost=2, memory_cost=16, parallelism=1).hash(PASSWORD)
    nurse.password_hash = old
    session.flush()
    assert isinstance(sign_in(visit(), "nurse", PASSWORD), Opened)
    assert nurse.password_hash != old
    assert isinstance(sign_in(visit(), "nurse", PASSWORD), Opened)


def test_after_five_failures_even_the_right_password_waits(visit, nurse, clock, monkeypatch):
    assert wrong(visit, 5).wait == timedelta()
    monkeypatch.setattr(passwords, "is_right", None)
    assert sign_in(visit(), "nurse", PASSWORD).wait == timedelta(seconds=30)
    assert sign_in(visit("198.51.100.1"), "nurse", PASSWORD).wait == timedelta(seconds=30)
    monkeypatch.undo()
    clock.move(seconds=31)
    assert isinstance(sign_in(visit(), "nurse", PASSWORD), Opened)


def test_a_hundred_guesses_from_a_hundred_addresses_are_throttled(visit, nurse, clock, monkeypatch):
    hashed = []
    monkeypatch.setattr(passwords, "is_right", lambda *_pair: hashed.append(1))
    for number in range(100):
        sign_in(visit(f"198.51.100.{number}"), "nurse", "wrong")
        clock.move(seconds=1)
    assert len(hashed) <= 7


def test_names_that_do_not_exist_are_throttled_like_those_that_do(visit, nurse):
    known, unknown = wrong(visit, 6, "nurse"), wrong(visit, 6, "nobody")
    assert known.wait == unknown.wait > timedelta()


def test_guessing_many_names_from_one_address_is_throttled_and_fills_nothing(
    visit, nurse, session, monkeypatch
):
    monkeypatch.setattr(passwords, "is_right", lambda *_pair: False)
    outcomes = [sign_in(visit(), f"random {number}", "wrong") for number in range(200)]
    assert sum(outcome.wait == timedelta() for outcome in outcomes) == 50
    assert session.scalar(sa.select(sa.func.count()).select_from(SignInAttempts)) <= 51


def test_the_owner_gets_in_while_strangers_guess(visit, nurse):
    known = sign_in(visit(), "nurse", PASSWORD)
    assert wrong(visit, 20, address="198.51.100.1").wait > timedelta()
    assert sign_in(visit(), "nurse", PASSWORD).wait > timedelta()
    assert isinstance(sign_in(visit(), "nurse", PASSWORD, browser=known.browser), Opened)


def test_a_known_browser_is_throttled_too(visit, nurse):
    known = sign_in(visit(), "nurse", PASSWORD)
    assert wrong(visit, 6, browser=known.browser).wait > timedelta()


def test_a_browser_thrown_out_is_no_longer_known(visit, nurse, as_actor):
    known = sign_in(visit(), "nurse", PASSWORD)
    work = as_actor(nurse)
    usecases.revoke_device(work, queries.fingerprint(known.cookie))
    assert wrong(visit, 5, browser=known.browser).wait == timedelta()
    assert sign_in(visit(), "nurse", PASSWORD, browser=known.browser).wait > timedelta()


def test_one_browser_is_known_for_all_who_share_it(visit, nurse, network, session):
    network["worker"].password_hash = nurse.password_hash
    session.flush()
    first = sign_in(visit(), "nurse", PASSWORD)
    second = sign_in(visit(), "worker", PASSWORD, browser=first.browser)
    assert second.browser == first.browser


def test_success_forgives_the_failures_of_the_name(visit, nurse):
    wrong(visit, 4)
    assert isinstance(sign_in(visit(), "nurse", PASSWORD), Opened)
    assert wrong(visit, 4).wait == timedelta()
    assert isinstance(sign_in(visit(), "nurse", PASSWORD), Opened)


def test_of_attempts_made_at_once_only_the_free_ones_are_answered(visit, nurse, monkeypatch):
    """While the right password is being hashed, five wrong ones are counted."""
    right = passwords.is_right

    def meanwhile(stored, password):
        monkeypatch.setattr(passwords, "is_right", right)
        wrong(visit, 5)
        return right(stored, password)

    monkeypatch.setattr(passwords, "is_right", meanwhile)
    assert sign_in(visit(), "nurse", PASSWORD).wait > timedelta()


@pytest.mark.parametrize(("minutes", "reason"), [(29, None), (30, "idle"), (31, "idle"), (60 * 12, "age")])
def test_an_unused_session_ends(signed_in, clock, settings, minutes, reason):
    work, opened, _row = signed_in()
    clock.move(minutes=minutes)
    found = queries.session_of(work.session, opened.cookie)
    assert usecases.why_ended(found, clock.now(), settings) == reason


def test_a_session_in_use_ends_after_its_longest_time(signed_in, clock, settings):
    work, opened, _row = signed_in()
    for _each in range(36):
        clock.move(minutes=20)
        found = queries.session_of(work.session, opened.cookie)
        usecases.mark_seen(work.session, found, clock.now(), settings)
        work.session.expire_all()
    found = queries.session_of(work.session, opened.cookie)
    assert usecases.why_ended(found, clock.now(), settings) == "age"


def test_use_is_written_down_once_a_minute(signed_in, clock, settings):
    work, opened, row = signed_in()
    before = row.seen_at
    for seconds, seen in ((59, before), (1, before + timedelta(seconds=60))):
        clock.move(seconds=seconds)
        found = queries.session_of(work.session, opened.cookie)
        usecases.mark_seen(work.session, found, clock.now(), settings)
        work.session.expire_all()
        assert queries.session_of(work.session, opened.cookie).session.seen_at == seen


def test_a_clock_set_back_revives_nothing(signed_in, clock, settings):
    work, opened, _row = signed_in()
    clock.move(minutes=31)
    usecases.mark_ended(work.session, queries.session_of(work.session, opened.cookie), "idle", clock.now())
    clock.move(hours=-1)
    found = queries.session_of(work.session, opened.cookie)
    assert usecases.why_ended(found, clock.now(), settings) == "idle"


def test_a_closed_account_is_out_at_once(signed_in, as_system, nurse, clock, settings):
    work, opened, _row = signed_in()
    disable_account(as_system(), nurse, nurse.version)
    found = queries.session_of(work.session, opened.cookie)
    assert usecases.why_ended(found, clock.now(), settings) == "disabled"


def test_a_new_password_ends_the_other_sessions_and_not_this_one(signed_in, visit, nurse, as_actor):
    other = sign_in(visit(), "nurse", PASSWORD)
    work, opened, row = signed_in()
    assert change_password(work, row, PASSWORD, "quite another sentence") == []
    assert queries.session_of(work.session, other.cookie).session.end_reason == "password"
    assert queries.session_of(work.session, opened.cookie).session.ended_at is None
    assert isinstance(sign_in(visit(), "nurse", PASSWORD), NotOpened)
    assert isinstance(sign_in(visit(), "nurse", "quite another sentence"), Opened)


@pytest.mark.parametrize(
    ("old", "new", "where"),
    [
        ("wrong", "quite another sentence", "old_password"),
        (PASSWORD, "short", "new_password"),
        (PASSWORD, "my nurse pass", "new_password"),
    ],
)
def test_a_password_is_not_changed_with_a_wrong_old_or_a_weak_new_one(signed_in, nurse, old, new, where):
    work, _opened, row = signed_in()
    before = nurse.password_hash
    assert [problem.where for problem in change_password(work, row, old, new)] == [where]
    assert nurse.password_hash == before


def test_guessing_the_old_password_from_a_stolen_session_is_throttled(signed_in, monkeypatch):
    work, _opened, row = signed_in()
    for _each in range(5):
        change_password(work, row, "wrong", "quite another sentence")
    assert len(change_password(work, row, PASSWORD, "quite another sentence")) == 1


def test_nobody_ends_the_session_of_another(signed_in, network, as_actor):
    _work, _opened, row = signed_in()
    other = as_actor(network["worker"])
    with pytest.raises(Missing):
        usecases.revoke_device(other, row.id)
    usecases.end_other_sessions(other, SignInSession(id="none"))
    assert row.ended_at is None


def test_only_ones_own_devices_are_listed(signed_in, visit, network, session, nurse, as_actor):
    network["worker"].password_hash = nurse.password_hash
    session.flush()
    sign_in(visit(), "worker", PASSWORD)
    work, _opened, row = signed_in()
    assert [device.id for device in queries.devices(work)] == [row.id]


@pytest.mark.parametrize("name", ["", "   ", "x" * 101])
def test_a_name_has_1_to_100_characters(signed_in, name):
    work, _opened, _row = signed_in()
    with pytest.raises(Invalid):
        usecases.change_name(work, name)


def test_what_was_typed_goes_back_to_its_owner_once(signed_in, visit, network, as_actor, nurse):
    work, opened, _row = signed_in()
    found = queries.session_of(work.session, opened.cookie)
    held_id = usecases.hold_post(visit(), found, "/cases/1/contact", {"note": "long", "who[]": ["a", "b"]})
    assert usecases.where_to(visit(), nurse, held_id, "/x") == f"/cases/1/contact?held={held_id}"
    assert usecases.where_to(visit(), network["worker"], held_id, "/x") == "/"
    assert usecases.where_to(visit(), nurse, "", "/x") == "/x"
    other = as_actor(network["worker"])
    assert usecases.take_held(other, held_id, "/cases/1/contact") is None
    work = as_actor(nurse)
    assert usecases.take_held(work, held_id, "/cases/2/contact") is None
    assert usecases.take_held(work, held_id, "/cases/1/contact") == {"note": "long", "who[]": ["a", "b"]}
    assert usecases.take_held(work, held_id, "/cases/1/contact") is None
    assert [held.id for held in queries.held_posts(work)] == [held_id]


def test_at_most_twenty_forms_are_kept(signed_in, visit, clock, session, as_actor, nurse):
    work, opened, _row = signed_in()
    found = queries.session_of(work.session, opened.cookie)
    for number in range(25):
        clock.move(seconds=1)
        usecases.hold_post(visit(), found, f"/{number}", {"note": "x"})
        session.flush()
    kept = session.scalars(sa.select(HeldPost.path)).all()
    assert sorted(kept) == sorted(f"/{number}" for number in range(5, 25))


def test_what_has_served_is_forgotten(signed_in, visit, clock, session, work):
    _work, opened, _row = signed_in()
    wrong(visit, 6)
    found = queries.session_of(session, opened.cookie)
    usecases.hold_post(visit(), found, "/a", {"note": "x"})
    session.flush()
    clock.move(hours=1)
    usecases.purge(visit())
    assert [
        session.scalar(sa.select(sa.func.count()).select_from(model)) for model in (SignInAttempts, HeldPost)
    ] == [2, 1]
    clock.move(days=8)
    usecases.purge(visit())
    assert [
        session.scalar(sa.select(sa.func.count()).select_from(model)) for model in (SignInAttempts, HeldPost)
    ] == [0, 0]
    assert session.scalar(sa.select(sa.func.count()).select_from(SignInSession)) == 1
    clock.move(days=180)
    usecases.purge(visit())
    assert session.scalar(sa.select(sa.func.count()).select_from(SignInSession)) == 0
