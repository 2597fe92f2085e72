"""The chain and what finds out whoever meddles with it. Each test commits and cleans up as the owner."""

from __future__ import annotations

import threading
from contextlib import suppress
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import sessionmaker

from casework.audit.anchor import Head, anchor_path, drop_anchor, read_anchors
from casework.audit.model import AuditEntry
from casework.audit.seal import seal
from casework.audit.trail import record
from casework.audit.verify import verify
from casework.db import SYSTEM_ACTOR, ActingSession
from casework.jobs import QueuedJobs
from casework.programs import Programs
from casework.settings import Settings
from casework.work import Actor, Work

NOW = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)
WORKER = Actor(id=7, name="Wang Fang")


@pytest.fixture
def own_settings(tmp_path):
    return Settings(mode="test", state_dir=str(tmp_path))


@pytest.fixture
def begin(own_database, own_settings):
    """`with begin(actor) as work:` is one transaction, kept at the end."""
    sessions = sessionmaker(own_database.engine, class_=ActingSession)

    class Beginning:
        def __init__(self, actor=WORKER):
            self.actor = actor

        def __enter__(self):
            self.session = sessions()
            self.session.act_as(self.actor.id, NOW)
            return Work(self.session, self.actor, NOW, Programs({}), own_settings, QueuedJobs())

        def __exit__(self, kind, error, trace):
            if kind is None:
                self.session.commit()
            self.session.close()

    return Beginning


@pytest.fixture
def as_owner(own_database):
    def execute(*statements):
        with own_database.owner.begin() as connection:
            for table in ("audit_entries", "audit_chain"):
                connection.execute(sa.text(f"alter table {table} disable trigger user"))
            for statement in statements:
                connection.execute(sa.text(statement))
            for table in ("audit_entries", "audit_chain"):
                connection.execute(sa.text(f"alter table {table} enable trigger user"))

    return execute


@pytest.fixture(autouse=True)
def empty_trail(as_owner):
    yield
    as_owner("truncate audit_entries, audit_chain, audit_pending restart identity")


@pytest.fixture
def seal_all(begin):
    def run():
        with begin(Actor(SYSTEM_ACTOR, "", "system")) as work:
            return seal(work)

    return run


@pytest.fixture
def judge(begin, own_settings):
    def run():
        with begin(Actor(SYSTEM_ACTOR, "", "system")) as work:
            return verify(work.session, anchor_path(own_settings))

    return run


@pytest.fixture
def ten_sealed(begin, seal_all):
    for number in range(10):
        with begin() as work:
            record(work, "setting", f"case:{number}", old=number, new="新")
    assert seal_all() == 10


def test_a_whole_trail_is_found_whole(ten_sealed, begin, judge):
    with begin() as work:
        record(work, "grant", "account:3")
    verdict = judge()
    assert verdict.intact
    assert (verdict.links, verdict.waiting, verdict.anchors) == (10, 1, 1)
    assert str(next(iter(verdict.sentences()))) == "The audit trail is whole: 10 links hold."


def test_an_empty_trail_is_whole(judge, seal_all):
    assert seal_all() == 0
    assert judge().intact


def test_what_is_undone_leaves_no_entry(begin, judge):
    with suppress(ZeroDivisionError), begin() as work:
        record(work, "setting", "case:1")
        raise ZeroDivisionError
    assert judge().waiting == 0


@pytest.mark.parametrize("link", [1, 4, 10])
@pytest.mark.parametrize(
    "meddling",
    [
        "update audit_entries set details = '{{\"old\": 99}}' where id = {link}",
        "update audit_entries set recorded_at = recorded_at + interval '1 microsecond' where id = {link}",
        "update audit_entries set actor_id = 8 where id = {link}",
        "update audit_entries set actor_name = '', session = actor_name where id = {link}",
        "delete from audit_entries where id = {link}",
        "update audit_chain set sealed_at = sealed_at - interval '1 second' where sequence = {link}",
        "update audit_chain set hash = sha256(hash) where sequence = {link}",
        "delete from audit_chain where sequence = {link}",
    ],
)
def test_meddling_is_found_and_its_first_link_named(ten_sealed, as_owner, judge, meddling, link):
    as_owner(meddling.format(link=link))
    verdict = judge()
    assert not verdict.intact
    assert verdict.bad.sequence == link
    assert verdict.links == link - 1


def test_two_swapped_entries_are_found(ten_sealed, as_owner, judge):
    as_owner(
        "update audit_chain set entry_id = -1 where sequence = 3",
        "update audit_chain set entry_id = 3 where sequence = 6",
        "update audit_chain set entry_id = 6 where sequence = 3",
    )
    assert judge().bad.sequence == 3


def test_a_cut_off_end_is_found_by_the_anchor(ten_sealed, as_owner, judge):
    as_owner("delete from audit_chain where sequence > 7", "delete from audit_entries where id > 7")
    verdict = judge()
    assert verdict.bad.sequence == 8
    assert "3 links more" in str(verdict.bad.why)


def test_an_emptied_trail_is_found_by_the_anchor(ten_sealed, as_owner, judge):
    as_owner("truncate audit_entries, audit_chain, audit_pending")
    assert judge().bad.sequence == 1


def test_a_chain_made_anew_is_found_by_the_anchor(ten_sealed, as_owner, judge, seal_all):
    as_owner(
        "update audit_entries set actor_id = 8 where id = 2",
        "truncate audit_chain",
        "insert into audit_pending select id from audit_entries",
    )
    seal_all()
    verdict = judge()
    assert verdict.bad.sequence == 10
    assert "anchored" in str(verdict.bad.why)


def test_an_entry_added_around_the_chain_is_found(ten_sealed, as_owner, judge):
    as_owner(
        "insert into audit_entries (recorded_at, actor_id, actor_name, session, kind, route, method, subject, status,"
        " address, request_id, details) select recorded_at, actor_id, actor_name, session, kind, route, method,"
        " subject, status, address, request_id, details from audit_entries where id = 4"
    )
    verdict = judge()
    assert not verdict.intact
    assert verdict.stray == (11,)


def test_a_broken_line_of_the_anchor_file_is_told(ten_sealed, own_settings, judge):
    with anchor_path(own_settings).open("a") as file:
        file.write("what?\n")
    assert judge().broken_anchors == 1


def test_anchors_are_private_and_not_repeated(ten_sealed, own_settings, seal_all):
    path = anchor_path(own_settings)
    assert path.stat().st_mode & 0o077 == 0
    seal_all()
    assert len(path.read_text().splitlines()) == 1
    drop_anchor(path, Head(11, b"\0" * 32, NOW))
    assert set(read_anchors(path)[0]) == {10, 11}


def test_a_head_whose_anchor_was_lost_is_anchored_by_the_next_run(ten_sealed, own_settings, seal_all):
    anchor_path(own_settings).unlink()
    assert seal_all() == 0
    assert set(read_anchors(anchor_path(own_settings))[0]) == {10}


def test_the_head_is_not_anchored_before_it_is_committed(begin, own_settings):
    with begin() as work:
        record(work, "setting", "case:1")
    with suppress(ZeroDivisionError), begin(Actor(SYSTEM_ACTOR, "", "system")) as work:
        assert seal(work) == 1
        raise ZeroDivisionError
    assert not anchor_path(own_settings).exists()


def test_parallel_writers_and_seals_make_one_chain_without_a_gap(begin, seal_all, judge):
    def write():
        for number in range(100):
            with begin() as work:
                record(work, "setting", f"case:{number}")

    def keep_sealing():
        while not ended.is_set():
            seal_all()

    ended = threading.Event()
    writers = [threading.Thread(target=write) for _each in range(4)]
    sealers = [threading.Thread(target=keep_sealing) for _each in range(2)]
    for thread in writers + sealers:
        thread.start()
    for thread in writers:
        thread.join()
    ended.set()
    for thread in sealers:
        thread.join()
    seal_all()
    verdict = judge()
    assert verdict.intact
    assert (verdict.links, verdict.waiting) == (400, 0)


def test_an_entry_of_a_long_transaction_is_sealed_after_younger_ones(begin, seal_all, judge):
    with begin() as slow:
        record(slow, "setting", "case:1")
        with begin() as quick:
            record(quick, "setting", "case:2")
        assert seal_all() == 1
    assert seal_all() == 1
    assert judge().intact


@pytest.mark.parametrize(
    "statement",
    [
        "update audit_entries set actor_id = 8",
        "delete from audit_entries",
        "truncate audit_entries",
        "update audit_chain set sequence = 1",
        "delete from audit_chain",
        "truncate audit_chain",
    ],
)
def test_neither_the_run_time_role_nor_the_owner_changes_the_trail(ten_sealed, own_database, statement):
    for engine in (own_database.engine, own_database.owner):
        with engine.connect() as connection:
            connection.execute(sa.text("select set_config('casework.actor', '1', false)"))
            with pytest.raises(DBAPIError) as error:
                connection.execute(sa.text(statement))
        assert error.value.orig.sqlstate == "42501"


def test_only_who_holds_audit_for_the_whole_network_reads_the_trail(
    ten_sealed, own_database, as_owner, begin
):
    def grant(account, unit):
        return (
            "insert into grants (account_id, role, unit_id, compartments, valid_from, reason, given_by, given_at)"
            f" values ({account}, 'auditor', {unit}, '{{audit}}', '{NOW - timedelta(days=1)}', 'test', 1, '{NOW}')"
        )

    def seen_by(account):
        with begin(Actor(account, "")) as work:
            return len(work.session.scalars(sa.select(AuditEntry)).all())

    people = "insert into accounts (id, kind, sign_in_name, name, created_at) overriding system value values "
    units = "insert into units (id, parent_id, kind, code, names) overriding system value values "
    as_owner(
        units + "(901, null, 'district', 'D', '{}'), (902, 901, 'hospital', 'H', '{}')",
        "insert into unit_reach (ancestor_id, unit_id) values (901, 901), (901, 902), (902, 902)",
        *(people + f"({n}, 'staff', 's{n}', 's{n}', '{NOW}')" for n in (911, 912)),
        grant(911, 901),
        grant(912, 902),
    )
    assert [seen_by(911), seen_by(912), seen_by(7), seen_by(0), seen_by(SYSTEM_ACTOR)] == [10, 0, 0, 0, 10]
    as_owner(
        "delete from grants where account_id in (911, 912)",
        "delete from accounts where id in (911, 912)",
        "delete from unit_reach where unit_id in (901, 902)",
        "delete from units where id = 902",
        "delete from units where id = 901",
    )
