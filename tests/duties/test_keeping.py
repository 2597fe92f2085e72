"""The live engine on a real database: rows follow the events of a case."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta

import pytest
import sqlalchemy as sa

from casework.cases.events import append_event
from casework.cases.model import Case, Event
from casework.duties import calendars
from casework.duties.calendars import Notice, load_calendar, publish_year, seed_calendar
from casework.duties.editions import FROM_THE_BEGINNING, editions_in_force, register_edition
from casework.duties.exemptions import exempt
from casework.duties.facts import facts_of
from casework.duties.model import CalendarDay, CalendarYear, Duty, Edition
from casework.duties.queries import duties_of, duty, my_duties, open_duties_on_closing
from casework.duties.rules import RuleSet
from casework.duties.usecases import excuse_on_closing, keep_duties, recompute_provisional
from casework.errors import Invalid, Missing, Refused
from casework.handbook.usecases import put_in_force
from casework.people.model import Person, PersonUnit
from casework.staff.usecases import give_case_grant
from casework.testing.calendars import ZONE, days

DONE = {"outcome": "done", "type": "ward"}


@pytest.fixture
def standard(work):
    return put_in_force(work)


@pytest.fixture
def case(work, standard, network):
    """A referred case of the first hospital, with the system as its referrer."""
    hospital = network.units["hospital"].id
    person = Person(
        unit_id=hospital,
        full_name="冼一",
        birth_date=None,
        died_on=None,
        id_number=None,
        id_number_index=None,
        created_by=1,
        created_at=work.now,
        updated_by=1,
        updated_at=work.now,
    )
    work.session.add(person)
    work.session.flush()
    work.session.add(PersonUnit(person_id=person.id, unit_id=hospital))
    case = Case(
        number="H1-CW-2026-00001-0",
        program="casework",
        program_version="test",
        unit_id=hospital,
        person_id=person.id,
        worker_id=None,
        referrer_id=None,
        compartment="case",
        state="referred",
        state_since=work.now,
        urgency="urgent",
        episode=1,
        opened_at=work.now,
        closed_at=None,
    )
    work.session.add(case)
    work.session.flush()
    return case


@pytest.fixture
def later(clock, as_system):
    """`later(hours=3)`: the system at work, so much later."""

    def go(**duration: float):
        clock.move(**duration)
        return as_system()

    return go


def refer(work, case, urgency="urgent", **more):
    return append_event(
        work, case, "referral.received", payload={"urgency": urgency}, compartment="referral", **more
    )


def move(work, case, kind, target, **more):
    payload = {"from": case.state, "to": target}
    case.state = target
    return append_event(work, case, kind, payload=payload, **more)


def rows(work, case) -> dict[str, Duty]:
    statement = sa.select(Duty).where(Duty.case_id == case.id).order_by(Duty.id)
    found = work.session.scalars(statement.execution_options(populate_existing=True))
    return {each.clause: each for each in found}


@contextmanager
def statements(work) -> Iterator[list[str]]:
    """The statements sent within the block, apart from saying who acts."""
    sent: list[str] = []

    def note(_connection, _cursor, statement, *_rest):
        if "set_config" not in statement and not statement.startswith(("SAVEPOINT", "RELEASE")):
            sent.append(statement)

    connection = work.session.connection()
    sa.event.listen(connection, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        sa.event.remove(connection, "before_cursor_execute", note)


def test_a_referral_puts_its_duties_on_the_case(work, case):
    event = refer(work, case)
    found = rows(work, case)
    assert set(found) == {
        "casework.assign-worker",
        "casework.decide-on-referral",
        "casework.first-contact-urgent",
    }
    first = found["casework.first-contact-urgent"]
    assert first.due_at == first.first_due_at == datetime(2026, 3, 3, 15, 59, 59, tzinfo=UTC)
    assert (first.state, first.opened_by, first.unit_id) == ("open", event.id, case.unit_id)


def test_a_duty_that_a_referral_opens_is_the_teams_and_not_the_referrers(work, case):
    refer(work, case)
    assert {each.compartment for each in rows(work, case).values()} == {"case"}


def test_without_a_worker_the_coordinator_answers_for_it_and_then_the_worker(work, case, network):
    refer(work, case)
    first = rows(work, case)["casework.first-contact-urgent"]
    assert (first.owner_role, first.owner_id) == ("coordinator", None)
    case.worker_id = network["worker"].id
    move(work, case, "case.assigned", "screening")
    first = rows(work, case)["casework.first-contact-urgent"]
    assert (first.owner_role, first.owner_id) == ("worker", network["worker"].id)


def test_on_hand_over_open_duties_move_and_decided_ones_stay(work, case, network):
    case.worker_id = network["worker"].id
    refer(work, case)
    move(work, case, "case.accepted", "intake")
    append_event(work, case, "contact.recorded", payload=DONE)
    case.worker_id = network["colleague"].id
    move(work, case, "case.handed-over", "intake")
    found = rows(work, case)
    assert found["casework.first-contact-urgent"].owner_id == network["worker"].id
    assert found["casework.assessment"].owner_id == network["colleague"].id


def test_keeping_takes_four_statements_however_many_events(work, case):
    refer(work, case)
    for _n in range(30):
        append_event(work, case, "contact.recorded", payload=DONE)
    with statements(work) as sent:
        keep_duties(work, case)
    assert len(sent) == 3, sent
    work.session.add(
        Event(
            case_id=case.id,
            compartment="case",
            kind="case.accepted",
            actor_id=1,
            happened_at=work.now,
            recorded_at=work.now,
            payload={},
        )
    )
    work.session.flush()
    with statements(work) as sent:
        keep_duties(work, case)
    assert len(sent) == 4, sent


def test_keeping_again_changes_nothing(work, case):
    refer(work, case)
    before = {key: vars(each).copy() for key, each in rows(work, case).items()}
    keep_duties(work, case)
    after = {key: vars(each).copy() for key, each in rows(work, case).items()}
    for states in (before, after):
        for each in states.values():
            each.pop("_sa_instance_state")
    assert after == before


def test_a_suspension_takes_the_date_away_and_the_return_moves_it(work, case, later):
    refer(work, case)
    move(work, case, "case.suspended", "suspended")
    assert rows(work, case)["casework.first-contact-urgent"].due_at is None
    work = later(days=7)
    move(work, case, "case.resumed", "intake")
    first = rows(work, case)["casework.first-contact-urgent"]
    assert first.due_at == datetime(2026, 3, 10, 15, 59, 59, tzinfo=UTC)
    assert first.first_due_at == datetime(2026, 3, 3, 15, 59, 59, tzinfo=UTC)
    assert first.moved_by == "pause"


def test_closing_with_open_duties_needs_a_reason_which_stays_with_the_missed(work, case, later):
    refer(work, case)
    work = later(days=3)
    missed = {line.clause for line in open_duties_on_closing(work, case)}
    assert missed == {
        "casework.assign-worker",
        "casework.decide-on-referral",
        "casework.first-contact-urgent",
    }
    with pytest.raises(Invalid):
        excuse_on_closing(work, case, "  ")
    excuse_on_closing(work, case, "moved away")
    move(work, case, "case.closed", "closed")
    found = rows(work, case)
    assert {clause for clause, each in found.items() if each.state == "missed"} == missed
    assert all(each.note == "moved away" for each in found.values() if each.state == "missed")
    append_event(
        work, case, "contact.recorded", payload=DONE, happened_at=work.now - timedelta(days=2, hours=23)
    )
    assert rows(work, case)["casework.first-contact-urgent"].state == "missed"


def test_what_the_ending_itself_lifts_or_answers_is_not_listed(work, case):
    refer(work, case)
    assert open_duties_on_closing(work, case, "case.declined") == []
    excuse_on_closing(work, case, "", "case.declined")


def test_death_lifts_what_is_open(work, case):
    refer(work, case)
    append_event(work, case, "person.died")
    found = rows(work, case)
    assert found["casework.first-contact-urgent"].state == "not_applicable"
    assert found["casework.closing-after-death"].state == "open"


def test_an_exemption_has_reason_approver_and_end_and_is_an_event(work, case, later):
    refer(work, case)
    first = rows(work, case)["casework.first-contact-urgent"]
    with pytest.raises(Invalid):
        exempt(work, first, " ", work.today)
    with pytest.raises(Invalid):
        exempt(work, first, "flood", work.today - timedelta(days=1))
    exempt(work, first, "flood", work.today + timedelta(days=3))
    first = rows(work, case)["casework.first-contact-urgent"]
    assert first.state == "exempt"
    assert first.due_at == datetime(2026, 3, 5, 15, 59, 59, tzinfo=UTC)
    event = work.session.scalars(sa.select(Event).where(Event.kind == "duty.exempted")).one()
    assert (event.payload["reason"], event.actor_id) == ("flood", work.actor.id)
    work = later(days=4)
    assert recompute_provisional(work) == 1
    assert rows(work, case)["casework.first-contact-urgent"].state == "open"


def test_what_is_decided_cannot_be_exempted(work, case):
    refer(work, case)
    append_event(work, case, "contact.recorded", payload=DONE)
    with pytest.raises(Refused):
        exempt(work, rows(work, case)["casework.first-contact-urgent"], "late", work.today)


def test_a_provisional_deadline_is_settled_when_the_year_is_loaded(work, case, clock, as_system):
    clock.moment = datetime(2026, 12, 30, 2, 0, tzinfo=UTC)
    work = as_system()
    refer(work, case, "routine")
    first = rows(work, case)["casework.first-contact-routine"]
    assert first.provisional
    assert first.due_at == datetime(2027, 1, 5, 15, 59, 59, tzinfo=UTC)
    bridge = {
        "country": "CN",
        "date": date(2027, 1, 4),
        "is_working": False,
        "name": "元旦",
        "source": "notice",
    }
    work.session.execute(sa.insert(CalendarDay).values(bridge))
    publish_year(work.session, "CN", 2027, Notice("a notice", date(2026, 11, 5)))
    assert recompute_provisional(work) == 1
    first = rows(work, case)["casework.first-contact-routine"]
    assert not first.provisional
    assert first.due_at == datetime(2027, 1, 6, 15, 59, 59, tzinfo=UTC)
    assert first.first_due_at == datetime(2027, 1, 5, 15, 59, 59, tzinfo=UTC)
    assert first.moved_by == "calendar"


def test_my_day_is_grouped_by_how_soon_and_reads_in_one_statement(work, case, later, as_actor, network):
    case.worker_id = network["worker"].id
    give_case_grant(work, account_id=case.worker_id, role="worker", case_id=case.id, reason="test")
    refer(work, case)
    move(work, case, "case.accepted", "intake")
    append_event(work, case, "plan.agreed")
    later(days=1, hours=16)
    work = as_actor(network["worker"])
    with statements(work) as sent:
        day = my_duties(work)
    assert len(sent) == 1
    assert [line.clause for line in day.overdue] == ["casework.first-contact-urgent"]
    assert [line.clause for line in day.this_week] == ["casework.tell-referrer"]
    assert [line.clause for line in day.later] == ["casework.assessment", "casework.review"]
    (line,) = day.overdue
    assert (line.case_number, line.person_name) == ("H1-CW-2026-00001-0", "冼一")
    assert line.number.count(".") == 2
    assert line.title["zh_Hans"] == "紧急转介的首次接触"
    assert not day.empty


def test_what_belongs_to_nobody_in_particular_is_on_the_day_of_the_role(work, case, as_actor, network):
    refer(work, case)
    mine = my_duties(as_actor(network["coordinator"]))
    assert len(mine.this_week) + len(mine.later) + len(mine.today) == 3
    assert my_duties(as_actor(network["other-coordinator"])).empty
    assert my_duties(as_actor(network["supervisor"])).empty


def test_duties_of_another_hospital_do_not_exist(work, case, as_actor, network):
    refer(work, case)
    number = next(iter(rows(work, case).values())).id
    other = as_actor(network["other-coordinator"])
    assert duties_of(other, case) == []
    with pytest.raises(Missing):
        duty(other, case.id, number)
    assert open_duties_on_closing(other, case) == []


def test_a_duty_behind_a_wall_stays_there(work, case, as_actor, network):
    refer(work, case)
    append_event(work, case, "high-risk.found", compartment="mediator")
    assert rows(work, case)["casework.high-risk-contact"].compartment == "mediator"
    seen = {line.clause for line in duties_of(as_actor(network["coordinator"]), case)}
    assert "casework.first-contact-urgent" in seen
    assert "casework.high-risk-contact" not in seen


def test_open_duties_come_first_in_a_case(work, case):
    refer(work, case)
    append_event(work, case, "contact.recorded", payload=DONE)
    states = [line.state for line in duties_of(work, case)]
    assert states == sorted(states, key=lambda state: state != "open")


def test_the_rows_agree_with_judging_the_whole_at_once(work, case, later):
    refer(work, case)
    for hours, kind, target in (
        (30, "case.accepted", "intake"),
        (50, "case.suspended", "suspended"),
        (99, "case.resumed", "intake"),
    ):
        work = later(hours=hours)
        move(work, case, kind, target)
    append_event(work, case, "contact.recorded", payload=DONE, happened_at=work.now - timedelta(days=6))
    found = {
        (each.clause, each.opened_by, each.state, each.due_at, each.closed_by, each.closed_at)
        for each in work.session.scalars(sa.select(Duty).where(Duty.case_id == case.id))
    }
    verdicts = facts_of(work, case).verdicts(work)
    assert found == {(v.clause, v.opened_by, v.state, v.due_at, v.closed_by, v.closed_at) for v in verdicts}


def test_an_edition_is_registered_once_and_the_first_holds_from_the_beginning(work, standard):
    assert put_in_force(work) == standard
    (edition,) = work.session.scalars(sa.select(Edition))
    assert edition.in_force_from == FROM_THE_BEGINNING
    assert edition.texts["casework.review"]["kind"] == "shall"
    (in_force,) = editions_in_force(work.session)
    assert in_force.rules.as_data() == edition.rules


def test_a_later_edition_is_in_force_from_its_day_and_old_duties_keep_theirs(work, case, standard, later):
    refer(work, case)
    work = later(days=1)
    data = editions_in_force(work.session)[0].rules.as_data()
    data["casework.first-contact-urgent"]["within"] = "2 working days"
    second = register_edition(work.session, work.now, RuleSet.from_data(data))
    again = refer(work, case)
    found = {
        each.opened_by: (each.edition_id, each.due_at)
        for each in work.session.scalars(
            sa.select(Duty).where(Duty.clause == "casework.first-contact-urgent")
        )
    }
    assert found[again.id] == (second, datetime(2026, 3, 5, 15, 59, 59, tzinfo=UTC))
    assert {edition for edition, _due in found.values()} == {standard, second}


def test_the_seeded_calendar_is_that_of_the_notices(work):
    seed_calendar(work.session, "CN", range(2024, 2028))
    seeded = load_calendar(work.session, "CN", ZONE)
    assert seeded.published == {2024, 2025, 2026}
    official, day = days(), date(2024, 1, 1)
    while day <= date(2026, 12, 31):
        assert seeded.is_working(day) == official.get(day, day.weekday() < 5), day
        day += timedelta(days=1)


def test_seeding_again_keeps_what_was_entered_by_hand(work):
    seed_calendar(work.session, "CN", [2026])
    change = sa.update(CalendarDay).where(CalendarDay.date == date(2026, 10, 10))
    work.session.execute(change.values(is_working=False, source="flood"))
    seed_calendar(work.session, "CN", [2026])
    assert not load_calendar(work.session, "CN", ZONE).is_working(date(2026, 10, 10))


def test_a_year_without_a_notice_is_loaded_but_not_published(work):
    seed_calendar(work.session, "CN", [2027])
    year = work.session.get(CalendarYear, ("CN", 2027))
    assert year.published_at is None
    with pytest.raises(LookupError):
        seed_calendar(work.session, "XX", [2026])


def test_the_calendar_is_read_again_only_when_it_changed(work, monkeypatch):
    seed_calendar(work.session, "CN", [2026])
    load_calendar(work.session, "CN", ZONE)
    with statements(work) as sent:
        load_calendar(work.session, "CN", ZONE)
    assert len(sent) == 1
    publish_year(work.session, "CN", 2025, calendars.PUBLISHED["CN", 2025])
    with statements(work) as sent:
        assert 2025 in load_calendar(work.session, "CN", ZONE).published
    assert len(sent) == 3
