from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
import sqlalchemy as sa

from casework.cases.events import append_event
from casework.cases.model import Case, Event
from casework.cases.usecases import move
from casework.documents.usecases import keep_document
from casework.portal.presentation import in_days
from casework.portal.queries import usual_time

from .applicants import photo

MOST = 20


@contextmanager
def counted() -> Iterator[list[str]]:
    sent: list[str] = []

    def note(_connection, _cursor, statement, *_rest) -> None:
        if not statement.startswith(("SAVEPOINT", "RELEASE", "ROLLBACK")):
            sent.append(statement)

    sa.event.listen(sa.Engine, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        sa.event.remove(sa.Engine, "before_cursor_execute", note)


@pytest.fixture
def handed_in(applicant):
    applicant.begin()
    applicant.do_everything()
    applicant.hand_in()
    return applicant


def case_of(work, applicant) -> Case:
    return work.session.get_one(Case, applicant.case_id)


def ask_for_more(as_actor, network, applicant) -> None:
    work = as_actor(network["fund"])
    move(work, case_of(work, applicant), "ask", reason="Secret thoughts of the office.")


def test_the_page_says_how_far_it_is_since_when_and_whom_to_call(handed_in, as_system) -> None:
    work = as_system()
    work.session.execute(sa.text("update units set phone = '0757-86220001' where code = 'H1'"))
    page = handed_in.browser.get(handed_in.home)
    text = page.text
    assert "Handed in" in text
    assert "Somebody looks whether everything is there." in text
    assert "You need not do anything at the moment." in text
    assert "2 March 2026" in text or "Mar 2, 2026" in text
    assert page.html.find("a", href="tel:0757-86220001")
    assert page.html.select_one("[aria-current=step]").text.strip().startswith("Examine")
    assert case_of(as_system(), handed_in).number in text


def test_the_page_says_what_to_do_and_leads_there(handed_in, as_actor, network, as_system) -> None:
    ask_for_more(as_actor, network, handed_in)
    page = handed_in.browser.get(handed_in.home)
    assert "Answer what we asked." in page.text
    assert "Secret thoughts" not in page.text
    assert page.html.select_one("[aria-current=step]").text.strip().startswith("Examine")
    form = page.click("Answer", index=0).forms["form-main"]
    assert form.submit(status=422).html.find("a", href="#answer")
    form["answer"] = "Here it is."
    answered = form.submit().follow()
    assert "You need not do anything" in answered.text
    case = case_of(as_system(), handed_in)
    assert case.state == "submitted"
    statement = sa.select(Event).where(Event.case_id == case.id, Event.kind == "application.answered")
    event = as_system().session.scalars(statement).one()
    assert (event.actor_id, event.compartment) == (handed_in.account.id, "aid")


def test_papers_can_be_added_when_they_are_asked_for_and_those_alone_removed(
    handed_in, as_actor, network, clock
) -> None:
    clock.move(minutes=5)
    ask_for_more(as_actor, network, handed_in)
    page = handed_in.browser.get(handed_in.home).click("Add papers").click("Bill")
    assert "Remove" not in page.text
    page = handed_in.add_photo("bill", photo("blue")).follow()
    assert page.text.count("Remove") == 1


def test_no_case_moves_by_what_is_not_the_applicants(handed_in, as_system) -> None:
    for step in ("decide", "look", "ask", "reopen"):
        handed_in.browser.get(f"{handed_in.home}/steps/{step}", status=403)
    handed_in.browser.get(f"{handed_in.home}/steps/nothing", status=404)
    assert case_of(as_system(), handed_in).state == "submitted"


def test_a_step_out_of_turn_is_refused_with_its_reason(handed_in, as_system) -> None:
    assert "not possible" in handed_in.browser.get(f"{handed_in.home}/steps/answer", status=409).text


def test_the_same_step_sent_twice_is_taken_once(handed_in, as_system) -> None:
    page = handed_in.browser.get(f"{handed_in.home}/steps/withdraw")
    assert "This ends your application." in page.text
    form = page.forms["form-main"]
    form["reason"] = "We got help elsewhere."
    first, second = form.submit(), form.submit()
    assert first.location == second.location
    work = as_system()
    statement = sa.select(Event).where(Event.kind == "application.withdrawn")
    (event,) = work.session.scalars(statement).all()
    assert event.payload["reason"] == "We got help elsewhere."
    assert case_of(work, handed_in).state == "withdrawn"
    assert "Withdrawn" in handed_in.browser.get(handed_in.home).text


def test_a_step_is_not_taken_when_something_happened_meanwhile(handed_in, as_actor, network) -> None:
    form = handed_in.browser.get(f"{handed_in.home}/steps/remark").forms["form-main"]
    form["answer"] = "By the way."
    ask_for_more(as_actor, network, handed_in)
    told = form.submit(status=409)
    assert told.forms["form-main"]["answer"].value == "By the way."


def test_a_guard_judges_by_what_the_applicant_may_not_see(handed_in, as_actor, network, as_system) -> None:
    """The file is closed to her, and the database acts as the system; her name stands in the history."""
    work = as_system()
    append_event(work, case_of(work, handed_in), "application.seen", compartment="aid")
    handed_in.browser.get(handed_in.home)
    visible = as_actor(handed_in.account)
    kinds = visible.session.scalars(sa.select(Event.kind).where(Event.case_id == handed_in.case_id)).all()
    assert "application.seen" not in kinds
    assert "application.submitted" not in kinds


def decide_after(as_system, clock, settings, applicant, days: int) -> None:
    clock.move(days=days)
    work = as_system()
    work.session.refresh(case_of(work, applicant))
    case = case_of(work, applicant)
    case.state, case.state_since = "decided", work.now
    append_event(
        work,
        case,
        "application.decided",
        payload={"from": "submitted", "to": "decided", "move": "decide"},
        compartment="aid",
    )
    applicant.browser.sign_in_as(applicant.account, work.now, settings)


def test_what_is_usual_is_said_from_five_cases_on(
    applicant, as_system, clock, trial_programs, settings
) -> None:
    for number, days in enumerate((2, 4, 6, 8, 30)):
        assert usual_time(as_system(), trial_programs["trial"], "submitted") is None
        applicant.begin(full_name=f"陈小{'雨雪霜露云'[number]}")
        applicant.do_everything()
        applicant.hand_in()
        decide_after(as_system, clock, settings, applicant, days)
    assert usual_time(as_system(), trial_programs["trial"], "submitted") == timedelta(days=6)
    applicant.begin(full_name="陈小虹")
    applicant.do_everything()
    assert "about 6 days" in applicant.hand_in().follow().text
    assert "about 6 days" in applicant.browser.get(applicant.home).text


@pytest.mark.parametrize(
    ("hours", "words"),
    [(3, "less than a day"), (30, "about 1 day"), (24 * 9, "about 9 days"), (24 * 30, "about 4 weeks")],
)
def test_times_are_told_as_people_say_them(hours: int, words: str) -> None:
    message = in_days(timedelta(hours=hours))
    text = message.plural if message.plural and message.count != 1 else message.text
    assert text % message.values == words


def test_the_first_page_of_a_patient_is_her_own(applicant) -> None:
    applicant.begin()
    assert applicant.browser.get("/", status=303).location == "http://localhost/my"
    page = applicant.browser.get("/my")
    assert page.html.find("a", href=applicant.home).text == "Go on"
    assert "My day" not in page.text


def test_a_case_of_another_program_is_shown_as_far_as_it_is(applicant, network, as_actor, as_system) -> None:
    from casework.portal.accounts import open_client_grant
    from casework.testing.referrals import refer_somebody

    case = refer_somebody(as_actor(network["nurse"]), network.units["ward"].id)
    open_client_grant(as_system(), applicant.account.id, case)
    page = applicant.browser.get("/my")
    assert case.number in page.text
    assert "Referred" in page.text
    applicant.browser.get(f"/my/applications/{case.id}", status=404)


@pytest.mark.parametrize("papers", [0, 6])
def test_the_page_needs_few_statements_whatever_there_is(handed_in, as_system, papers) -> None:
    import io

    work = as_system()
    for number in range(papers):
        keep_document(
            work,
            case_of(work, handed_in),
            kind="bill",
            upload=io.BytesIO(photo()),
            file_name=f"{number}.jpg",
        )
    handed_in.browser.get(handed_in.home)
    with counted() as sent:
        handed_in.browser.get(handed_in.home)
    assert len(sent) <= MOST, "\n".join(" ".join(each.split())[:150] for each in sent)
