"""Each hospital is filled with a row or more of every protected table; then everybody looks and writes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import ProgrammingError

from casework.audit.walls import POLICIES as AUDIT
from casework.cases.model import Case, Event
from casework.db import NOBODY, ActingSession
from casework.forms.model import Response
from casework.funds.walls import POLICIES as FUNDS
from casework.people.model import Person, PersonUnit
from casework.security.visibility import POLICIES
from casework.staff.usecases import found_unit, give_unit_grant, open_account
from casework.testing.network import Network
from casework.work import Work

As = Callable[..., Work]
Sides = tuple[Any, Any]
"""Two hospitals as tests/architecture/conftest.py fills them."""

NOBODYS = ("portal_phones", "phone_codes", "access_codes", "texts")
"""Numbers, codes and texts of the portal, which the system alone reads."""

PUBLIC = ("consent_texts",)
"""Words without a word of anybody's."""

RECORDS = tuple(table for table in POLICIES if table not in {*AUDIT, *FUNDS, *NOBODYS, *PUBLIC, "grants"})
"""The core's protected tables, besides the trail, the grants and the ledger (tests/funds/test_walls.py),
which have rules of their own."""

CHANGED = {
    "household_members": "relation = 'x'",
    "duties": "note = 'x'",
    "documents": "problem = 'x'",
    "consents": "purpose = 'x'",
    "portal_messages": "body = 'x'",
    "portal_phones": "phone_tail = 'x'",
    "phone_codes": "phone_tail = 'x'",
    "access_codes": "used_at = now()",
    "texts": "reason = 'x'",
}
"""What is tried on each table that has no version."""

_PHONE = "phone, phone_index, phone_tail"
ADDED = {
    "portal_phones": f"insert into portal_phones (account_id, {_PHONE}, verified_at)"
    " values (:account, 'x', 'x', 'x', now())",
    "phone_codes": f"insert into phone_codes (code, browser, {_PHONE}, made_at, expires_at)"
    " values ('x', 'x', 'x', 'x', 'x', now(), now() + interval '1 day')",
    "access_codes": "insert into access_codes (code, kind, case_id, made_by, made_at, expires_at)"
    " values ('x', 'desk', :case, :account, now(), now() + interval '1 day')",
    "texts": "insert into texts (key, recipient, body, purpose, language, created_at)"
    " values ('x', 'x', 'x', 'x', 'en', now())",
}
"""A row that would open a case, an account or a phone to whoever added it."""


def _event(case: Case, compartment: str, by: int, now: Any) -> Event:
    return Event(
        case_id=case.id, compartment=compartment, kind="form.signed", actor_id=by, happened_at=now,
        recorded_at=now, response_id=None, payload={"canary": compartment},
    )  # fmt: skip


def rows(session: ActingSession, table: str) -> set[str]:
    """Every row of a table that is seen now, as text."""
    return set(session.execute(sa.text(f"select to_jsonb(t)::text from {table} t")).scalars())


def rows_of(as_system: Callable[[], Work], table: str, side: Any) -> set[str]:
    """The rows of a protected table that belong to one hospital."""
    person, case = side.case.person_id, side.case.id
    mine = {
        "cases": f"id = {case}",
        "persons": f"id = {person}",
        "households": f"unit_id = {side.ward}",
        "portal_phones": f"phone_tail = 'of {case}'",
        "phone_codes": f"phone_tail = 'of {case}'",
        **dict.fromkeys(("person_units", "household_members", "person_tokens"), f"person_id = {person}"),
    }.get(table, f"case_id = {case}")
    found = as_system().session.execute(sa.text(f"select to_jsonb(t)::text from {table} t where {mine}"))
    return set(found.scalars())


def compartments(work: Work, table: str, case: Case) -> set[str]:
    found = work.session.execute(
        sa.text(f"select compartment from {table} where case_id = :case"), {"case": case.id}
    )
    return set(found.scalars())


# What people see.


def test_without_an_actor_there_are_no_rows(
    sides: Sides, network: Network, session: ActingSession, as_system: Callable[[], Work]
) -> None:
    seen_by_the_system = {table: len(rows(as_system().session, table)) for table in POLICIES}
    assert {table for table, count in seen_by_the_system.items() if not count} <= {"audit_chain"}
    session.act_as(NOBODY, as_system().now)
    session.act_as(NOBODY, session.info["now"])
    assert {table: len(rows(session, table)) for table in POLICIES} == dict.fromkeys(POLICIES, 0)
    session.execute(sa.text("select set_config('casework.actor', '', true)"))
    assert {table: len(rows(session, table)) for table in POLICIES} == dict.fromkeys(POLICIES, 0)


@pytest.mark.parametrize("table", RECORDS)
def test_nothing_of_one_hospital_is_seen_in_another(
    table: str, sides: Sides, network: Network, as_actor: As, as_system: Callable[[], Work]
) -> None:
    for here, there in (sides, sides[::-1]):
        mine, theirs = rows_of(as_system, table, here), rows_of(as_system, table, there)
        assert mine
        assert theirs
        for account in (here.nurse, here.worker, here.coordinator, here.supervisor):
            assert not rows(as_actor(account).session, table) & theirs, account.sign_in_name
        seen = rows(as_actor(here.supervisor).session, table) | rows(as_actor(here.worker).session, table)
        assert seen & mine


@pytest.mark.parametrize("name", ["committee", "finance", "mediator", "purchaser", "auditor", "admin"])
def test_a_role_for_the_whole_network_opens_no_record(
    name: str, sides: Sides, network: Network, as_actor: As
) -> None:
    session = as_actor(network[name]).session
    assert {table: len(rows(session, table)) for table in RECORDS} == dict.fromkeys(RECORDS, 0)


def test_a_client_of_the_portal_sees_no_record_without_a_grant(
    sides: Sides, as_actor: As, as_system: Callable[[], Work]
) -> None:
    account = open_account(
        as_system(),
        sign_in_name="patient",
        name="Patient",
        password=None,
        kind="portal",
        person_id=sides[0].case.person_id,
    )
    session = as_actor(account).session
    assert {table: len(rows(session, table)) for table in RECORDS} == dict.fromkeys(RECORDS, 0)


def test_a_person_known_in_two_hospitals_brings_no_case_along(
    sides: Sides, network: Network, as_actor: As, as_system: Callable[[], Work]
) -> None:
    here, there = sides
    work = as_system()
    work.session.add(PersonUnit(person_id=here.case.person_id, unit_id=there.ward))
    work.session.flush()
    session = as_actor(there.coordinator).session
    assert here.case.person_id in session.scalars(sa.select(Person.id)).all()
    for table in ("cases", "events", "responses", "duties", "goals", "case_persons"):
        assert not rows(session, table) & rows_of(as_system, table, here)
        session = as_actor(there.coordinator).session


def test_a_private_note_is_for_the_worker_and_the_supervisor(
    sides: Sides, network: Network, as_actor: As
) -> None:
    readers = {
        account.sign_in_name
        for account in network.accounts.values()
        if "process_note" in compartments(as_actor(account), "events", sides[0].case)
    }
    assert readers == {"worker", "supervisor"}


@pytest.mark.parametrize(
    ("name", "seen"),
    [
        ("worker", {"case", "client", "referral", "process_note", "safety"}),
        ("supervisor", {"case", "client", "referral", "process_note", "safety"}),
        ("coordinator", {"case", "client", "referral", "safety", "finance"}),
        ("nurse", {"client", "referral"}),
        ("colleague", set()),
        ("fund", set()),
        ("other-worker", set()),
    ],
)
def test_each_sees_of_a_history_what_the_role_opens(
    name: str, seen: set[str], sides: Sides, network: Network, as_actor: As
) -> None:
    assert compartments(as_actor(network[name]), "events", sides[0].case) == seen


def test_a_referrer_sees_of_a_case_only_its_referral(sides: Sides, network: Network, as_actor: As) -> None:
    case, work = sides[0].case, as_actor(network["nurse"])
    assert work.session.scalars(sa.select(Case.id)).all() == [case.id]
    assert compartments(work, "responses", case) == {"referral"}
    kinds = work.session.scalars(sa.select(Event.kind).where(Event.compartment != "client")).all()
    assert set(kinds) == {"referral.received"}
    for table in ("duties", "goals", "case_persons"):
        assert rows(work.session, table) == set()


def test_another_nurse_of_the_ward_sees_no_referral_but_her_own(
    sides: Sides, network: Network, as_actor: As, as_system: Callable[[], Work]
) -> None:
    work = as_system()
    account = open_account(work, sign_in_name="night", name="Night", password=None)
    give_unit_grant(work, account_id=account.id, role="referrer", unit_id=sides[0].ward, reason="test")
    session = as_actor(account).session
    assert rows(session, "cases") == rows(session, "responses") == set()


def test_a_draft_is_its_authors_alone(
    sides: Sides, network: Network, as_actor: As, as_system: Callable[[], Work]
) -> None:
    signed = (
        as_system().session.scalars(sa.select(Response).where(Response.case_id == sides[0].case.id)).first()
    )
    work = as_actor(network["worker"])
    draft = Response(
        case_id=sides[0].case.id, compartment="case", form_key="plan", form_hash=signed.form_hash, status="draft",
        answers={}, author_id=network["worker"].id, created_at=work.now, updated_at=work.now, version=1,
    )  # fmt: skip
    work.session.add(draft)
    work.session.flush()
    for account in network.accounts.values():
        drafts = (
            as_actor(account).session.scalars(sa.select(Response.id).where(Response.status == "draft")).all()
        )
        assert drafts == ([draft.id] if account.sign_in_name == "worker" else [])


def test_roles_are_seen_by_their_holder_and_by_who_manages_or_checks_there(
    network: Network, as_actor: As
) -> None:
    def holders(name: str) -> int:
        return as_actor(network[name]).session.scalar(
            sa.text("select count(distinct account_id) from grants")
        )

    first, whole = 6, len(network.accounts)
    counts = {
        name: holders(name)
        for name in ("nurse", "worker", "fund", "supervisor", "coordinator", "admin", "auditor")
    }
    assert counts == {
        "nurse": 1, "worker": 1, "fund": 1, "supervisor": first, "coordinator": first, "admin": whole, "auditor": whole,
    }  # fmt: skip


def test_the_trail_is_read_by_those_who_check_the_whole_network(
    sides: Sides, network: Network, as_actor: As, as_system: Callable[[], Work]
) -> None:
    work = as_system()
    local = open_account(work, sign_in_name="local", name="Local", password=None)
    give_unit_grant(
        work, account_id=local.id, role="auditor", unit_id=network.units["hospital"].id, reason="test"
    )
    readers = {
        account.sign_in_name
        for account in (*network.accounts.values(), local)
        if rows(as_actor(account).session, "audit_entries")
    }
    assert readers == {"auditor", "admin"}


def test_a_role_reaches_a_unit_that_is_founded_later(
    sides: Sides, network: Network, as_system: Callable[[], Work], as_actor: As
) -> None:
    ward = found_unit(
        as_system(), parent=network.units["hospital"], kind="ward", code="H1W2", names={"en": "Ward 2"}
    )
    assert ward.id in as_actor(network["supervisor"]).actor.units()
    assert ward.id not in as_actor(network["other-supervisor"]).actor.units()


# What people write.


@pytest.mark.parametrize("compartment", ["case", "client", "referral", "process_note", "safety", "finance"])
def test_nobody_writes_on_a_case_of_another_hospital(compartment: str, sides: Sides, as_actor: As) -> None:
    here, there = sides
    for account in (here.nurse, here.worker, here.coordinator, here.supervisor):
        work = as_actor(account)
        refused = pytest.raises(ProgrammingError, match="row-level security")
        with refused, work.session.begin_nested():
            work.session.add(_event(there.case, compartment, account.id, work.now))
            work.session.flush()


def test_nobody_writes_behind_a_wall_that_is_closed_to_him(sides: Sides, as_actor: As) -> None:
    side = sides[0]
    closed = ((side.nurse, "case"), (side.coordinator, "process_note"), (side.worker, "finance"))
    for account, compartment in closed:
        work = as_actor(account)
        refused = pytest.raises(ProgrammingError, match="row-level security")
        with refused, work.session.begin_nested():
            work.session.add(_event(side.case, compartment, account.id, work.now))
            work.session.flush()


@pytest.mark.parametrize(
    "table", [table for table in (*RECORDS, *NOBODYS) if POLICIES[table].changed is not None]
)
def test_nothing_of_another_hospital_is_changed(
    table: str, sides: Sides, as_actor: As, as_system: Callable[[], Work]
) -> None:
    here, there = sides
    before = rows_of(as_system, table, there)
    assert before
    change = CHANGED.get(table, "version = 99")
    for account in (here.nurse, here.worker, here.coordinator, here.supervisor):
        as_actor(account).session.execute(sa.text(f"update {table} set {change}"))
    assert rows_of(as_system, table, there) == before


@pytest.mark.parametrize("table", NOBODYS)
def test_numbers_codes_and_texts_of_the_portal_are_nobodys(
    table: str, sides: Sides, network: Network, as_actor: As, as_system: Callable[[], Work]
) -> None:
    account = sides[0].patient
    for each in (*network.accounts.values(), account):
        session = as_actor(each).session
        assert rows(session, table) == set(), each.sign_in_name
    kept = rows_of(as_system, table, sides[0])
    assert kept
    for each in (*network.accounts.values(), account):
        as_actor(each).session.execute(sa.text(f"update {table} set {CHANGED[table]}"))
    assert rows_of(as_system, table, sides[0]) == kept


@pytest.mark.parametrize("table", NOBODYS)
def test_nobody_puts_a_number_a_code_or_a_text_into_the_portal(
    table: str, sides: Sides, as_actor: As
) -> None:
    side = sides[0]
    for account in (side.coordinator, side.patient):
        session = as_actor(account).session
        refused = pytest.raises(ProgrammingError, match="row-level security")
        with refused, session.begin_nested():
            session.execute(sa.text(ADDED[table]), {"case": side.case.id, "account": account.id})


def test_nobody_gives_himself_a_grant(sides: Sides, network: Network, as_actor: As) -> None:
    for name in ("worker", "admin"):
        session = as_actor(network[name]).session
        refused = pytest.raises(ProgrammingError, match="row-level security")
        with refused, session.begin_nested():
            session.execute(
                sa.text(
                    "insert into grants (account_id, role, case_id, compartments, valid_from, reason, given_by, given_at)"
                    " values (:me, 'worker', :case, '{case}', now() - interval '1 year', 'x', :me, now())"
                ),
                {"me": network[name].id, "case": sides[1].case.id},
            )
