"""The invented district: what it promises to visitors, and that nobody in it can be anybody."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import sessionmaker

from casework import demo
from casework.cases.model import Case, Event
from casework.clock import MovableClock
from casework.db import SYSTEM_ACTOR, ActingSession
from casework.demo.crowd import NO_PLACE
from casework.deployment import DEMO_NAMES
from casework.documents.queries import documents_of
from casework.duties.model import Duty
from casework.duties.queries import my_duties
from casework.forms.model import Response
from casework.forms.queries import my_drafts
from casework.funds.model import FundPosting, Payment
from casework.funds.queries import balance, funds
from casework.maintenance import system_at_work
from casework.people.codes import RESIDENT_ID
from casework.people.model import HouseholdMember, Person
from casework.people.queries import ID_NUMBER
from casework.people.rules import id_number
from casework.portal.accounts import account_for_phone
from casework.portal.model import PortalMessage
from casework.portal.queries import demo_applicants
from casework.programs import Programs
from casework.security.cookies import cookie_name
from casework.security.fields import keys_of
from casework.security.passwords import DEMO_PASSWORD, is_right
from casework.settings import Settings, SettingsError
from casework.staff.model import Account, Grant, Unit
from casework.staff.queries import actor_of
from casework.testing.committed import OwnDatabase
from casework.testing.live import serving
from casework.work import Work
from casework_programs.subsidy.committee import waiting_cases
from casework_programs.subsidy.model import FrozenAssessment
from casework_programs.subsidy.queries import all_terms, public_notices

NOW = datetime(2026, 11, 24, 1, 30, tzinfo=UTC)
"""Half past nine on a Tuesday, a working day, in Shanghai."""


PART = "demo: 20 of 200 cases"

APPLICATIONS = 28


class Undone(Exception):
    """Undoes a load."""


def as_is(work: Work) -> list[Any]:
    """Everything that a load makes, but for what is random on purpose: salts, marks and keys."""
    session = work.session
    return [
        session.execute(statement).all()
        for statement in (
            sa.select(
                Person.full_name, Person.birth_date, Person.phone, Person.id_number_tail, Person.created_at
            ).order_by(Person.full_name, Person.phone),
            sa.select(Case.number, Case.state, Case.urgency, Case.opened_at, Case.closed_at).order_by(
                Case.number
            ),
            sa.select(Case.number, Event.kind, Event.happened_at, Event.recorded_at, Event.payload)
            .join(Case, Case.id == Event.case_id)
            .where(Event.kind != "case.assigned", Event.kind != "case.handed-over")
            .order_by(Case.number, Event.id),
            sa.select(Response.form_key, Response.status, Response.answers, Response.signed_at).order_by(
                Response.id
            ),
            sa.select(Case.number, Duty.clause, Duty.state, Duty.due_at, Duty.note)
            .join(Case, Case.id == Duty.case_id)
            .order_by(Case.number, Duty.opened_at, Duty.clause),
        )
    ]


@dataclass
class Loading:
    """A load that is watched: what was said, and what there was after `PART` of it."""

    gives_up: bool = False
    said: list[str] = field(default_factory=list)
    part: list[Any] = field(default_factory=list)

    def load(self, work: Work) -> None:
        demo.play(work, lambda line: self.hear(work, line))

    def hear(self, work: Work, line: str) -> None:
        self.said.append(line)
        if line == PART:
            self.part = as_is(work)
            if self.gives_up:
                raise Undone


@pytest.fixture(scope="module")
def failed(own_database: OwnDatabase, settings: Settings, programs: Programs) -> Loading:
    """A load that failed after a part."""
    loading = Loading(gives_up=True)
    at_work = system_at_work(own_database.url, settings, programs, MovableClock(NOW))
    with pytest.raises(Undone), at_work as work:
        loading.load(work)
    return loading


@pytest.fixture(scope="module")
def whole(own_database: OwnDatabase, settings: Settings, programs: Programs, failed: Loading) -> Loading:
    """A load after one that failed."""
    assert failed.part
    with own_database.engine.connect() as connection:
        assert connection.scalar(sa.select(sa.func.count()).select_from(Unit)) == 0
    with system_at_work(own_database.url, settings, programs, MovableClock(NOW)) as work:
        loading = Loading()
        loading.load(work)
    return loading


@pytest.fixture(scope="module")
def loaded(own_database: OwnDatabase, whole: Loading) -> OwnDatabase:
    """A database in which the demo is loaded."""
    assert whole.said
    return own_database


@pytest.fixture
def system(loaded: OwnDatabase, settings: Settings, programs: Programs) -> Iterator[Work]:
    """The system at work in the district."""
    with system_at_work(loaded.url, settings, programs, MovableClock(NOW)) as work:
        yield work


def as_member(work: Work, name: str) -> Work:
    """Somebody of the district at work."""
    account = work.session.scalars(sa.select(Account).where(Account.sign_in_name == name)).one()
    work.session.act_as(account.id, work.now)
    actor = actor_of(work.session, account, work.now)
    return Work(work.session, actor, work.now, work.programs, work.settings, work.jobs)


def count(work: Work, model: Any, *conditions: Any) -> int:
    return work.session.scalar(sa.select(sa.func.count()).select_from(model).where(*conditions)) or 0


def test_the_district_is_as_large_as_promised(system: Work) -> None:
    kinds = Counter(system.session.scalars(sa.select(Unit.kind)))
    assert (kinds["district"], kinds["hospital"], kinds["centre"]) == (1, 6, 8)
    wards = Counter(system.session.scalars(sa.select(Unit.parent_id).where(Unit.kind == "ward")))
    assert set(wards.values()) <= {3, 4}
    assert len(wards) == 6
    assert count(system, Account, Account.kind == "staff") == 44
    assert count(system, Person) == 300 + APPLICATIONS
    assert count(system, Case, Case.program == "casework") == 200
    assert count(system, Case, Case.program == "subsidy") == APPLICATIONS
    assert count(system, HouseholdMember) > 150


@pytest.mark.parametrize("key", ["casework", "subsidy"])
def test_every_state_of_the_program_is_there(system: Work, programs: Programs, key: str) -> None:
    states = set(system.session.scalars(sa.select(Case.state).where(Case.program == key)))
    assert states == {state.key for state in programs[key].workflow.states}


def test_nobody_has_a_number_that_could_be_anybodys(system: Work) -> None:
    keys, seen = keys_of(system.settings), set()
    for person in system.session.scalars(sa.select(Person)):
        assert not person.phone or person.phone.startswith("+867570"), "no subscriber's number begins with 0"
        if person.id_number is None:
            continue
        number = keys.open(ID_NUMBER, person.uid, person.id_number)
        seen.add(number)
        assert number.startswith(NO_PLACE) or person.id_type != RESIDENT_ID
        if person.id_type == RESIDENT_ID:
            judged = id_number(RESIDENT_ID, number, system.today)
            assert getattr(judged, "birth_date", None) == person.birth_date
        else:
            assert number.startswith("X0000")
    applied_twice = 1  # a child for whom the family applies a second time, from outside
    assert len(seen) == count(system, Person, Person.id_number.is_not(None)) - applied_twice


def test_all_names_that_are_shown_can_sign_in(system: Work) -> None:
    for name in DEMO_NAMES:
        account = system.session.scalars(sa.select(Account).where(Account.sign_in_name == name)).one()
        assert account.language is None
        if name in ("nurse", "patient"):  # all share one hash, which takes its time
            assert is_right(account.password_hash, DEMO_PASSWORD)
    hashes = system.session.scalars(
        sa.select(Account.password_hash).where(Account.password_hash.is_not(None)).distinct()
    )
    assert len(hashes.all()) == 1


def test_the_worker_has_something_of_everything_to_do_today(system: Work) -> None:
    work = as_member(system, "worker")
    day = my_duties(work)
    assert len(day.today) == 3, [line.clause for line in day.today]
    assert len(day.overdue) == 2, [line.clause for line in day.overdue]
    mine = sa.select(Case.state).where(
        Case.worker_id == work.actor.id, Case.closed_at.is_(None), Case.program == "casework"
    )
    states = Counter(work.session.scalars(mine))
    assert 14 <= states.total() <= 18
    assert states["suspended"] == 1
    assert states["closing"] == 1
    assert {line.draft.form_key for line in my_drafts(work)} == {
        "contact-note",
        "psychosocial",
        "subsidy.application",
    }


@pytest.mark.parametrize(("name", "state"), [("coordinator", "referred"), ("supervisor", "closing")])
def test_something_waits_for_those_who_decide(system: Work, name: str, state: str) -> None:
    assert count(as_member(system, name), Case, Case.state == state) >= 2


def test_the_patient_sees_one_case(system: Work) -> None:
    work = as_member(system, "patient")
    assert work.actor.kind == "portal"
    assert work.session.scalars(sa.select(Case.person_id)).all() == [work.actor.person_id]
    roles = sa.select(Grant.role).where(Grant.account_id == work.actor.id)
    assert work.session.scalars(roles).all() == ["client"]


def test_some_things_came_late_and_some_were_missed_with_a_reason(system: Work) -> None:
    states = Counter(system.session.scalars(sa.select(Duty.state)))
    assert states["met"] > 1000
    assert states["late"] >= 20
    assert 1 <= states["missed"] <= 20
    assert count(system, Duty, Duty.state == "open", Duty.due_at < NOW) >= 10
    assert count(system, Duty, Duty.state == "missed", Duty.note != "") >= 1
    late = Event.recorded_at - Event.happened_at > sa.text("interval '24 hours'")
    assert count(system, Event, Event.kind == "contact.recorded", late) >= 5


def test_nothing_happens_today_or_later_and_all_within_thirteen_months(system: Work) -> None:
    begin, end = system.session.execute(
        sa.select(sa.func.min(Event.happened_at), sa.func.max(Event.recorded_at))
    ).one()
    assert end < NOW.replace(hour=0)
    assert (NOW - end).days <= 3
    assert 300 <= (NOW - begin).days <= 400


def test_the_same_day_makes_the_same_district_even_after_a_load_that_failed(
    failed: Loading, whole: Loading
) -> None:
    assert failed.part[1]
    for before, after in zip(failed.part, whole.part, strict=True):
        assert before == after


def test_progress_is_told(whole: Loading) -> None:
    assert whole.said[0] == "demo: 20 of 200 cases"
    assert whole.said[-1] == "demo: 200 of 200 cases"


def test_a_database_in_use_is_left_alone(loaded: OwnDatabase, settings: Settings, programs: Programs) -> None:
    with (
        system_at_work(loaded.url, settings, programs, MovableClock(NOW)) as work,
        pytest.raises(SettingsError, match="in use already"),
    ):
        demo.play(work, lambda _line: None)


def test_production_refuses_it() -> None:
    with pytest.raises(SettingsError, match="no invented people"):
        demo.load(Settings(mode="production"))


def test_the_audit_trail_of_the_year_names_who_acted(loaded: OwnDatabase) -> None:
    with sessionmaker(loaded.engine, class_=ActingSession)() as session:
        session.act_as(SYSTEM_ACTOR, NOW)
        actors = session.scalars(sa.select(Event.actor_id).distinct()).all()
    assert len(actors) >= 30


def test_the_worked_example_is_granted_to_the_yuan(system: Work) -> None:
    statement = (
        sa.select(FrozenAssessment)
        .join(Case, Case.id == FrozenAssessment.case_id)
        .where(Case.state == "approved")
    )
    [frozen] = system.session.scalars(statement)
    assert frozen.award == 9796_00
    assert frozen.facts["paid_year"] == "3000"
    assert [document.title for document in documents_of(system, frozen.case_id, "award")]


def test_the_books_agree_with_what_happened(system: Work) -> None:
    assert len(funds(system)) == 2
    for fund in funds(system):
        sums = dict(
            system.session.execute(
                sa.select(FundPosting.kind, sa.func.sum(FundPosting.amount))
                .where(FundPosting.fund_id == fund.id)
                .group_by(FundPosting.kind)
            ).all()
        )
        kept = balance(system, fund.id)
        paid = system.session.scalar(
            sa.select(sa.func.sum(Payment.amount)).where(Payment.fund_id == fund.id, Payment.status == "paid")
        )
        assert sums["pay"] == paid
        assert kept.bank == sums["receive"] - sums["pay"] + sums.get("take_back", 0)
        assert kept.committed == sums["commit"] - sums["pay"] - sums.get("release", 0) > 0
        assert kept.bank == kept.committed + kept.available


def test_the_terms_have_changed_since_a_year_ago(system: Work) -> None:
    for fund in funds(system):
        assert [row.data["line"] for row in all_terms(system, fund.id)] == ["1200", "1130"]


PARTS = {
    "application.begun": "applies",
    "application.submitted": "applies",
    "application.verified": "visits",
    "application.recommended": "recommends",
    "vote.cast": "votes",
    "application.approved": "decides",
    "application.rejected": "decides",
    "payment.ordered": "orders",
    "appeal.decided": "decides anew",
}


def test_nobody_has_two_parts_in_one_application(system: Work) -> None:
    parts: dict[tuple[int, int], set[str]] = defaultdict(set)
    for event in system.session.scalars(sa.select(Event).where(Event.kind.in_(PARTS))):
        parts[event.case_id, event.actor_id].add(PARTS[event.kind])
    assert {len(each) for each in parts.values()} == {1}
    for payment in system.session.scalars(sa.select(Payment)):
        took = [payment.ordered_by, payment.confirmed_by, payment.settled_by]
        known = [each for each in took if each is not None]
        assert len(set(known)) == len(known)


@pytest.mark.parametrize("name", ["committee1", "committee2", "committee3", "committee4"])
def test_the_committee_has_something_to_vote_on(system: Work, name: str) -> None:
    assert waiting_cases(as_member(system, name))


def test_notices_are_shown_in_public_now(system: Work) -> None:
    assert {notice.name for notice in public_notices(system)} >= {"卢*棠", "邝*珍"}


def test_patients_are_listed_by_phones_that_nobody_has(system: Work) -> None:
    listed = demo_applicants(system)
    assert len({each.state.text for each in listed}) == len(listed) >= 12
    assert all(each.phone.startswith("+12025550") for each in listed)


def test_messages_went_both_ways_and_one_waits(system: Work) -> None:
    assert {True, False} == set(system.session.scalars(sa.select(PortalMessage.from_client)))
    assert count(system, PortalMessage, PortalMessage.from_client, PortalMessage.read_at.is_(None)) >= 1


def test_whoever_signs_in_gets_a_first_page(
    loaded: OwnDatabase, settings: Settings, programs: Programs
) -> None:
    with serving(loaded.url, settings, programs, MovableClock(NOW)) as service:
        with service.work() as work:
            listed = {each.phone for each in demo_applicants(work)}
            accounts = [account_for_phone(work, phone) for phone in sorted(listed)]
            accounts += work.session.scalars(sa.select(Account).where(Account.sign_in_name.in_(DEMO_NAMES)))
        wrong = []
        for account in accounts:
            cookie = f"{cookie_name(settings)}={service.sign_in(account)}"
            pages = ["/my"] if account.kind == "portal" else ["/", *PAGES.get(account.sign_in_name, ())]
            for page in pages:
                asked = Request(service.url + page, headers={"Cookie": cookie})
                try:
                    with urlopen(asked, timeout=60) as answer:
                        status = answer.status
                except HTTPError as error:
                    status = error.code
                if status != 200:
                    wrong.append((account.sign_in_name, page, status))
    assert not wrong


PAGES = {
    "fund": ["/funds", "/cases"],
    "finance": ["/funds", "/payments"],
    "committee1": ["/programs/subsidy/committee"],
    "coordinator": ["/cases"],
    "chief": ["/cases"],
}
