"""The invented district: what it promises to visitors, and that nobody in it can be anybody."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import sessionmaker

from casework import demo
from casework.cases.model import Case, Event
from casework.clock import MovableClock
from casework.db import SYSTEM_ACTOR, ActingSession
from casework.demo.crowd import NO_PLACE
from casework.deployment import DEMO_NAMES
from casework.duties.model import Duty
from casework.duties.queries import my_duties
from casework.forms.model import Response
from casework.forms.queries import my_drafts
from casework.maintenance import system_at_work
from casework.people.codes import RESIDENT_ID
from casework.people.model import HouseholdMember, Person
from casework.people.queries import ID_NUMBER
from casework.people.rules import id_number
from casework.programs import Programs
from casework.security.fields import keys_of
from casework.security.passwords import DEMO_PASSWORD, is_right
from casework.settings import Settings, SettingsError
from casework.staff.model import Account, Grant, Unit
from casework.staff.queries import actor_of
from casework.testing.committed import OwnDatabase
from casework.work import Work

NOW = datetime(2026, 11, 24, 1, 30, tzinfo=UTC)
"""Half past nine on a Tuesday, a working day, in Shanghai."""


PART = "demo: 20 of 200 cases"


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
    assert count(system, Account, Account.kind == "staff") == 40
    assert count(system, Person) == 300
    assert count(system, Case) == 200
    assert count(system, HouseholdMember) > 150


def test_every_state_of_the_program_is_there(system: Work, programs: Programs) -> None:
    states = set(system.session.scalars(sa.select(Case.state)))
    assert states == {state.key for state in programs["casework"].workflow.states}


def test_nobody_has_a_number_that_could_be_anybodys(system: Work) -> None:
    keys, seen = keys_of(system.settings), set()
    for person in system.session.scalars(sa.select(Person)):
        assert person.phone.startswith("+867570"), "no subscriber's number begins with 0"
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
    assert len(seen) == count(system, Person, Person.id_number.is_not(None))


def test_the_fifteen_names_can_sign_in(system: Work) -> None:
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
    mine = sa.select(Case.state).where(Case.worker_id == work.actor.id, Case.closed_at.is_(None))
    states = Counter(work.session.scalars(mine))
    assert 14 <= states.total() <= 18
    assert states["suspended"] == 1
    assert states["closing"] == 1
    assert {line.draft.form_key for line in my_drafts(work)} == {"contact-note", "psychosocial"}


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
