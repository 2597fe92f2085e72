"""People act on one record at the same moment: one wins, the others are told, nothing is torn."""

from __future__ import annotations

import re
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
import sqlalchemy as sa
from webtest import TestResponse

from casework.cases.events import append_event
from casework.cases.model import Case, Event
from casework.cases.usecases import move, refer
from casework.errors import Conflict
from casework.forms.library import library_of
from casework.forms.usecases import sign, start_answers
from casework.people.model import Person
from casework.people.usecases import register_person
from casework.plans.model import Goal
from casework.testing.referrals import REFERRAL
from casework.testing.world import GOAL, HAND_OVER

THREADS = 8


def statuses(answers: list[Any]) -> Counter[int]:
    return Counter(answer.status_int for answer in answers)


def filled(page: Any, **answers: str) -> list[tuple[str, str]]:
    """The fields of the page's form as a browser sends them when only `answers` were typed."""
    forms = TestResponse(body=page.body, content_type="text/html", charset="utf-8").forms.values()
    form = next(each for each in forms if answers.keys() & each.fields.keys())
    besides = {"csrf_token", "_action", *answers}
    return [*((name, value) for name, value in form.submit_fields() if name not in besides), *answers.items()]


def test_one_of_two_makes_the_move_and_the_other_is_told(ground: Any, desk: Any, at_once: Any) -> None:
    case_id = ground.case("referred")
    first, second = desk("coordinator"), desk("coordinator")
    path = f"/cases/{case_id}/moves/assign"
    fields = {
        "case_version": re.search(r'name="case_version" value="(\d+)"', first.get(path).text)[1],
        "worker_id": str(ground.network["worker"].id),
    }
    answers = at_once([partial(each.post, path, fields) for each in (first, second)])
    assert statuses(answers) == {303: 1, 409: 1}
    assert "at the same time" in next(each for each in answers if each.status_int == 409).text
    with ground.work() as work:
        kinds = list(work.session.scalars(sa.select(Event.kind).where(Event.case_id == case_id)))
    assert kinds.count("case.assigned") == 1
    ground.refuse_torn([case_id])


def test_two_different_moves_from_one_state_do_not_both_happen(ground: Any, at_once: Any) -> None:
    case_id = ground.case()
    with ground.work() as work:
        seen = work.session.get_one(Case, case_id).version

    def suspend() -> None:
        with ground.work(ground.network["worker"]) as work:
            until = f"{work.today + timedelta(days=10)}"
            answers = {"cause": "elsewhere", "reason": "Surgery.", "until": until, "client_told": True}
            move(work, work.session.get_one(Case, case_id), "suspend", seen_version=seen, answers=answers)

    def hand_over() -> None:
        with ground.work(ground.network["worker"]) as work:
            case, colleague = work.session.get_one(Case, case_id), ground.network["colleague"].id
            move(work, case, "hand-over", seen_version=seen, worker_id=colleague, answers=HAND_OVER)

    answers = at_once([suspend, hand_over])
    assert Counter(type(each) for each in answers) == {type(None): 1, Conflict: 1}
    ground.refuse_torn([case_id])


def test_twenty_refer_at_once_and_every_case_has_a_number_of_its_own(ground: Any, at_once: Any) -> None:
    persons = [ground.person() for _each in range(20)]

    def refer_one(person_id: int) -> str:
        with ground.work(ground.network["nurse"]) as work:
            now = work.now.astimezone(work.zone).isoformat(timespec="minutes")
            return refer(
                work,
                program_key="casework",
                unit_id=ground.network.units["ward"].id,
                person_id=person_id,
                answers={**REFERRAL, "referred_at": now},
            ).number

    numbers = at_once([partial(refer_one, person_id) for person_id in persons])
    assert not [each for each in numbers if isinstance(each, Exception)]
    assert len(set(numbers)) == 20
    serials = sorted(int(number.split("-")[3]) for number in numbers)
    assert serials == list(range(serials[0], serials[0] + 20))


def test_one_page_sent_eight_times_opens_one_case(ground: Any, desk: Any, at_once: Any) -> None:
    nurse, person_id = desk("nurse"), ground.person()
    page = nurse.get(f"/refer/{person_id}")
    fields = filled(
        page,
        unit_id=str(ground.network.units["ward"].id),
        urgency="urgent",
        agrees="yes",
        source="ward",
        knows_diagnosis="partly",
        **{"reasons[]": "financial"},
    )
    answers = at_once([partial(nurse.post, f"/refer/{person_id}", fields)] * THREADS)
    assert statuses(answers) == {303: THREADS}
    with ground.work() as work:
        cases = list(work.session.scalars(sa.select(Case.id).where(Case.person_id == person_id)))
    assert len(cases) == 1
    ground.refuse_torn(cases)


def test_one_note_sent_eight_times_is_signed_once(ground: Any, desk: Any, at_once: Any) -> None:
    worker, case_id = desk("worker"), ground.case()
    path = f"/cases/{case_id}/forms/contact-note"
    fields = [*filled(worker.get(path), content="Once."), ("_action", "sign")]
    assert statuses(at_once([partial(worker.post, path, fields)] * THREADS)) == {303: THREADS}
    assert ground.notes([case_id]) == ["Once."]
    ground.refuse_torn([case_id])


def test_a_contact_sent_twice_from_my_day_is_recorded_once(ground: Any, desk: Any, at_once: Any) -> None:
    worker, case_id = desk("worker"), ground.case()
    forms = TestResponse(body=worker.get("/").body, content_type="text/html", charset="utf-8").forms.values()
    path = f"/cases/{case_id}/contacts"
    (form,) = (each for each in forms if each.action.endswith(path))
    form["content"] = "By the bed."
    fields = [field for field in form.submit_fields() if field[0] != "csrf_token"]
    assert statuses(at_once([partial(worker.post, path, fields)] * 2)) == {303: 2}
    assert ground.notes([case_id]) == ["By the bed."]


def test_a_draft_that_saves_itself_while_it_is_signed_comes_to_nothing_torn(
    ground: Any, desk: Any, at_once: Any
) -> None:
    worker, case_id = desk("worker"), ground.case()
    path = f"/cases/{case_id}/forms/contact-note"
    for attempt in range(4):
        page = worker.get(path)
        first = filled(page, content=f"Begun {attempt}.")
        assert worker.post(f"{path}/draft", first).status_int == 303
        fields = filled(worker.get(path), content=f"Done {attempt}.")
        signing = partial(worker.post, path, [*fields, ("_action", "sign")])
        saving = partial(worker.post, f"{path}/draft", fields)
        signed, *saved = at_once([signing, saving, saving])
        assert signed.status_int == 303, signed.text
        assert {each.status_int for each in saved} <= {303, 409}
    assert sorted(ground.notes([case_id])) == [f"Done {attempt}." for attempt in range(4)]
    ground.refuse_torn([case_id])


def test_two_windows_of_one_draft_do_not_overwrite_each_other(ground: Any, desk: Any, at_once: Any) -> None:
    worker, case_id = desk("worker"), ground.case()
    path = f"/cases/{case_id}/forms/contact-note"
    windows = [filled(worker.get(path), content=text) for text in ("One window.", "Another window.")]
    answers = at_once([partial(worker.post, f"{path}/draft", fields) for fields in windows])
    assert statuses(answers) == {303: 1, 409: 1}
    told = next(each for each in answers if each.status_int == 409).text
    assert "One window." in told
    assert "Another window." in told


def test_two_who_edit_one_person_both_see_both_texts(ground: Any, desk: Any, at_once: Any) -> None:
    person_id = ground.person()
    desks = [desk("nurse"), desk("coordinator")]
    path = f"/people/{person_id}/edit"
    pages = [each.get(path) for each in desks]
    sent = [filled(page, address=f"Street {number}") for number, page in enumerate(pages)]
    answers = at_once([partial(each.post, path, fields) for each, fields in zip(desks, sent, strict=True)])
    assert statuses(answers) == {303: 1, 409: 1}
    with ground.work() as work:
        assert work.session.get_one(Person, person_id).address in {"Street 0", "Street 1"}


def test_two_who_edit_one_goal_both_see_both_texts(ground: Any, desk: Any, at_once: Any) -> None:
    worker, case_id = desk("worker"), ground.case()
    due = {**GOAL, "due_on": "2099-01-01"}
    assert worker.post(f"/cases/{case_id}/goals/new", due).status_int == 303
    with ground.work() as work:
        goal = work.session.scalars(sa.select(Goal).where(Goal.case_id == case_id)).one()
    path = f"/cases/{case_id}/goals/{goal.id}"
    sent = [{**due, "text": text, "version": str(goal.version)} for text in ("First.", "Second.")]
    answers = at_once([partial(worker.post, path, fields) for fields in sent])
    assert statuses(answers) == {303: 1, 409: 1}
    told = next(each for each in answers if each.status_int == 409).text
    assert "First." in told
    assert "Second." in told
    ground.refuse_torn([case_id])


def test_one_identity_number_is_registered_once(ground: Any, at_once: Any) -> None:
    def register(_number: int) -> int:
        with ground.work(ground.network["nurse"]) as work:
            return register_person(
                work,
                unit_id=ground.network.units["hospital"].id,
                full_name="区广才",
                id_type="01",
                id_number="440605188703150026",
                confirmed=True,
            ).id

    answers = at_once([partial(register, number) for number in range(4)])
    assert sum(isinstance(each, int) for each in answers) == 1, answers


def test_a_note_while_the_case_is_handed_over_is_whole_or_refused(
    ground: Any, desk: Any, at_once: Any
) -> None:
    for attempt in range(3):
        case_id = ground.case()
        worker, also = desk("worker"), desk("worker")
        move_path, note_path = f"/cases/{case_id}/moves/hand-over", f"/cases/{case_id}/contacts"
        page = worker.get(move_path)
        colleague = str(ground.network["colleague"].id)
        handing = partial(worker.post, move_path, filled(page, worker_id=colleague, **HAND_OVER))
        noting = partial(also.post, note_path, {"content": f"Last visit {attempt}."})
        handed, noted = at_once([handing, noting])
        assert handed.status_int == 303, handed.text
        assert noted.status_int in {303, 403}
        assert len(ground.notes([case_id])) == (noted.status_int == 303)
        ground.refuse_torn([case_id])


def test_an_event_waits_for_one_that_bears_on_the_same_duties(ground: Any, at_once: Any) -> None:
    case_id = ground.case()
    found, noted = threading.Event(), threading.Event()

    def find_high_risk() -> None:
        with ground.work(ground.network["worker"]) as work:
            append_event(work, work.session.get_one(Case, case_id), "high-risk.found")
            found.set()
            noted.wait(0.5)

    def note() -> None:
        found.wait(10)
        with ground.work(ground.network["worker"]) as work:
            append_event(work, work.session.get_one(Case, case_id), "contact.recorded")
        noted.set()

    assert at_once([find_high_risk, note]) == [None, None]
    ground.refuse_torn([case_id])


def test_events_at_the_same_moment_leave_the_duties_that_all_of_them_demand(
    ground: Any, at_once: Any
) -> None:
    case_id = ground.case()

    def note(number: int) -> None:
        with ground.work(ground.network["worker"]) as work:
            case, form = work.session.get_one(Case, case_id), library_of(work)["contact-note"]
            sign(work, form, case, {**start_answers(work, form), "content": f"Visit {number}."})

    def hand_over() -> None:
        with ground.work(ground.network["worker"]) as work:
            case, colleague = work.session.get_one(Case, case_id), ground.network["colleague"].id
            move(work, case, "hand-over", worker_id=colleague, answers=HAND_OVER)

    answers = at_once([partial(note, number) for number in range(6)] + [hand_over])
    assert answers == [None] * 7
    ground.refuse_torn([case_id])


@pytest.fixture
def losing(own_database: Any) -> Iterator[Callable[[int, str], None]]:
    """`losing(2)`: the next two transactions that add an event lose a deadlock, at once or at their end."""
    function = """
        create function lose() returns trigger language plpgsql as $$ begin
        if nextval('losses') <= 0 then raise exception 'lost' using errcode = '40P01'; end if;
        return null; end $$"""
    trigger = """
        drop trigger if exists lose on events;
        create constraint trigger lose after insert on events deferrable initially {moment}
        for each row execute function lose()"""
    with own_database.owner.begin() as connection:
        # What a sequence has given out stays given out when the transaction is undone.
        connection.exec_driver_sql("create sequence losses minvalue -1000")
        connection.exec_driver_sql("grant all on sequence losses to public")
        connection.exec_driver_sql(function)

    def lose(times: int, moment: str = "immediate") -> None:
        with own_database.owner.begin() as connection:
            connection.execute(sa.text("select setval('losses', :before)"), {"before": -times})
            connection.exec_driver_sql(trigger.format(moment=moment))

    yield lose
    with own_database.owner.begin() as connection:
        connection.exec_driver_sql("drop trigger lose on events; drop function lose; drop sequence losses")


def test_whoever_loses_a_deadlock_is_tried_again_unseen_and_in_the_end_asked_to_come_back(
    ground: Any, desk: Any, losing: Callable[..., None]
) -> None:
    worker, case_id = desk("worker"), ground.case()
    losing(2)
    assert worker.post(f"/cases/{case_id}/contacts", {"content": "Once."}).status_int == 303
    for times, moment in ((3, "immediate"), (1, "deferred")):
        losing(times, moment)
        answer = worker.post(f"/cases/{case_id}/contacts", {"content": "Never."})
        assert answer.status_int == 503
        assert "The service is not available for a moment" in answer.text
        assert answer.headers["Retry-After"] == "5"
    losing(0)
    assert ground.notes([case_id]) == ["Once."]
    ground.refuse_torn([case_id])
