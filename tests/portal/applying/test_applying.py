from __future__ import annotations

import logging

import pytest
import sqlalchemy as sa

from casework.cases.model import Case, Event
from casework.errors import Missing
from casework.forms.model import Response
from casework.people.model import Person
from casework.people.usecases import register_person
from casework.portal.applying import begin_application
from casework.portal.consents import consents_of
from casework.staff.model import Grant

from .applicants import WHO


def case_of(as_system, applicant) -> Case:
    return as_system().session.get_one(Case, applicant.case_id)


def events_of(as_system, applicant) -> list[str]:
    statement = sa.select(Event.kind).where(Event.case_id == applicant.case_id).order_by(Event.id)
    return list(as_system().session.scalars(statement))


def draft_of(as_system, applicant) -> Response:
    statement = sa.select(Response).where(Response.case_id == applicant.case_id, Response.status == "draft")
    return as_system().session.scalars(statement).one()


def count(as_system, model) -> int:
    return as_system().session.scalar(sa.select(sa.func.count()).select_from(model))


def test_an_application_goes_from_the_first_page_to_the_receipt(applicant, as_system) -> None:
    applicant.begin()
    page = applicant.browser.get(applicant.home).follow()
    assert "Not begun" in page.text
    applicant.do_everything()
    check = applicant.browser.get(f"{applicant.home}/check")
    assert "Leukaemia" in check.text
    assert "still missing" not in check.text
    receipt = applicant.hand_in().follow()
    case = case_of(as_system, applicant)
    assert case.number in receipt.text
    assert (case.state, case.compartment) == ("submitted", "aid")
    work = as_system()
    (signed,) = work.session.scalars(sa.select(Response).where(Response.status == "signed")).all()
    assert signed.answers["cost"] == 5200050
    assert signed.answers["members"] == [{"member_name": "陈母", "income": 300000}]
    assert (signed.compartment, signed.author_id) == ("application", applicant.account.id)
    assert signed.form_hash
    assert [c.purpose for c in consents_of(work, case.id)] == ["processing"]
    assert [c.relation for c in consents_of(work, case.id)] == ["guardian"]
    kinds = events_of(as_system, applicant)
    assert kinds[0] == "application.begun"
    assert kinds.count("application.submitted") == 1


def test_the_person_is_a_record_of_its_own_whoever_is_known_already(
    applicant, network, as_actor, as_system
) -> None:
    nurse = as_actor(network["nurse"])
    known = register_person(
        nurse,
        unit_id=network.units["hospital"].id,
        full_name="陈小雨",
        birth_date="1887-03-15",
        id_type="01",
        id_number="440605188703150026",
    )
    answer = applicant.begin(id_type="01", id_number="440605188703150026", birth_date="1887-03-15")
    assert answer.status_int == 303
    assert case_of(as_system, applicant).person_id != known.id
    found = as_system().session.scalars(sa.select(Person).where(Person.full_name == "陈小雨")).all()
    assert len(found) == 2


def test_what_is_wrong_with_the_person_is_told_all_at_once(applicant, as_system) -> None:
    wrong = {"full_name": "", "id_type": "01", "id_number": "440605188703150027", "birth_date": "2999-01-01"}
    answer = applicant.beginning(**wrong).submit(status=422)
    wrong = [link["href"] for link in answer.html.select(".govuk-error-summary a")]
    assert wrong == ["#full_name", "#birth_date", "#id_number"]
    assert 'value="440605188703150027"' in answer.text
    assert count(as_system, Case) == 0


def test_for_whom_and_where_is_asked_first(applicant) -> None:
    form = applicant.browser.get("/my/apply/trial").forms["form-main"]
    assert "full_name" not in form.fields
    asked = form.submit(status=422)
    wrong = [link["href"] for link in asked.html.select(".govuk-error-summary a")]
    assert wrong == ["#for_whom", "#unit_id"]


def test_the_same_page_sent_twice_begins_one_application(applicant, as_system) -> None:
    form = applicant.beginning()
    first, second = form.submit(), form.submit()
    assert first.location == second.location
    assert count(as_system, Case) == 1


def test_a_second_application_for_the_same_person_asks_whether_to_go_on_or_start_over(
    applicant, as_system
) -> None:
    applicant.begin()
    applicant.fill("illness")
    assert "Go on with the application for 陈小雨" in applicant.browser.get("/my/apply/trial").text
    asked = applicant.beginning().submit(status=409)
    assert asked.html.find("a", href=f"{applicant.home}")
    assert draft_of(as_system, applicant).answers["disease"] == "Leukaemia"
    over = asked.forms["form-main"].submit("again")
    assert over.location.endswith(f"{applicant.home}/tasks")
    assert count(as_system, Case) == 1
    assert "Leukaemia" not in applicant.browser.get(f"{applicant.home}/check").text


def test_twins_have_an_application_each(applicant, as_system) -> None:
    applicant.begin()
    applicant.begin(full_name="陈小雪")
    assert count(as_system, Case) == 2
    assert count(as_system, Person) == 2


def test_what_is_typed_wrongly_is_kept_and_has_to_be_mended(applicant, as_system) -> None:
    applicant.begin()
    path = f"{applicant.home}/pages/money"
    form = applicant.browser.get(path).forms["form-main"]
    form["cost"] = "about 3000"
    page = applicant.browser.post(path, [*form.submit_fields(), ("_action", "next")], status=422)
    assert 'href="#cost"' in page.text
    assert applicant.browser.get(path).forms["form-main"]["cost"].value == "about 3000"
    assert draft_of(as_system, applicant).answers["cost"] == "about 3000"


def test_a_page_that_another_answer_hides_is_not_asked(applicant) -> None:
    applicant.begin()
    assert "Anything else" not in applicant.browser.get(f"{applicant.home}/tasks").text
    applicant.fill("illness")
    tasks = applicant.browser.get(f"{applicant.home}/tasks").text
    assert "Anything else" in tasks
    assert "4 of 4" in applicant.browser.get(f"{applicant.home}/pages/more").text
    applicant.fill("illness", treated="no", where="")
    assert applicant.browser.get(f"{applicant.home}/pages/more", status=303).location.endswith("/tasks")


def test_forged_fields_change_nothing_and_are_logged(applicant, as_system, caplog) -> None:
    applicant.begin()
    form = applicant.browser.get(f"{applicant.home}/pages/illness").forms["form-main"]
    fields = dict(form.submit_fields()) | {
        "disease": "Leukaemia",
        "treated": "no",
        "where": "the moon",
        "given": "everything",
        "cost": "1",
        "state": "decided",
        "_action": "next",
    }
    with caplog.at_level(logging.WARNING):
        applicant.browser.post(f"{applicant.home}/pages/illness", fields)
    answers = draft_of(as_system, applicant).answers
    assert answers == {"disease": "Leukaemia", "treated": False, "given": "nothing yet"}
    (line,) = [each.getMessage() for each in caplog.records if "dropped fields" in each.getMessage()]
    assert "fields=given,where" in line
    assert "moon" not in line
    assert case_of(as_system, applicant).state == "draft"


def test_one_more_row_is_there_without_scripts(applicant) -> None:
    applicant.begin()
    path = f"{applicant.home}/pages/family"
    form = applicant.browser.get(path).forms["form-main"]
    form["members.0.member_name"] = "陈母"
    answer = applicant.browser.press(form, "row:members")
    page = answer.follow()
    assert "members.1.member_name" in page.forms["form-main"].fields
    assert page.forms["form-main"]["members.0.member_name"].value == "陈母"


def test_a_script_keeps_the_page_by_itself(applicant, as_system) -> None:
    applicant.begin()
    path = f"{applicant.home}/pages/illness"
    form = applicant.browser.get(path).forms["form-main"]
    fields = dict(form.submit_fields()) | {"disease": "Leuk"}
    kept = applicant.browser.post(path, fields, headers={"Accept": "application/json"}).json
    assert draft_of(as_system, applicant).answers["disease"] == "Leuk"
    again = fields | {"disease": "Leukaemia", "_seen": kept["_seen"]}
    applicant.browser.post(path, again, headers={"Accept": "application/json"})
    assert draft_of(as_system, applicant).answers["disease"] == "Leukaemia"


def test_two_windows_are_told_of_each_other_and_lose_nothing(applicant, as_system) -> None:
    applicant.begin()
    path = f"{applicant.home}/pages/money"
    first, second = (applicant.browser.get(path).forms["form-main"] for _window in range(2))
    first["cost"], second["cost"] = "100", "200"
    applicant.browser.post(path, [*first.submit_fields(), ("_action", "next")], status=303)
    told = applicant.browser.post(path, [*second.submit_fields(), ("_action", "next")], status=409)
    assert told.forms["form-main"]["cost"].value == "200"
    assert draft_of(as_system, applicant).answers["cost"] == 10000
    applicant.browser.post(path, [*told.forms["form-main"].submit_fields(), ("_action", "next")], status=303)
    assert draft_of(as_system, applicant).answers["cost"] == 20000


def test_two_windows_on_different_pages_do_not_disturb_each_other(applicant, as_system) -> None:
    applicant.begin()
    money = applicant.browser.get(f"{applicant.home}/pages/money").forms["form-main"]
    applicant.fill("illness")
    money["cost"] = "100"
    applicant.browser.post(
        f"{applicant.home}/pages/money", [*money.submit_fields(), ("_action", "next")], status=303
    )
    answers = draft_of(as_system, applicant).answers
    assert (answers["disease"], answers["cost"]) == ("Leukaemia", 10000)


def test_what_is_missing_is_named_with_the_way_to_it(applicant, as_system) -> None:
    applicant.begin()
    applicant.fill("illness")
    check = applicant.browser.get(f"{applicant.home}/check")
    links = [link["href"] for link in check.html.select(".govuk-error-summary a")]
    home = applicant.home
    assert links == [
        f"{home}/pages/money?check=1",
        f"{home}/papers/id-card",
        f"{home}/papers/bill",
        f"{home}/consents",
    ]
    assert "form-main" not in check.forms
    token = check.html.find("input", {"name": "csrf_token"})["value"]
    refused = applicant.browser.post(f"{home}/submit", {"csrf_token": token}, status=422)
    assert "still missing" in refused.text
    assert case_of(as_system, applicant).state == "draft"
    problems = applicant.browser.get(links[0])
    assert 'href="#cost"' in problems.text


def test_handing_in_again_shows_the_first_number(applicant, as_system) -> None:
    applicant.begin()
    applicant.do_everything()
    first, second = (applicant.browser.get(f"{applicant.home}/check").forms["form-main"] for _tab in range(2))
    answers = [first.submit(), second.submit(), first.submit()]
    number = case_of(as_system, applicant).number
    assert all(number in answer.follow().text for answer in answers)
    assert events_of(as_system, applicant).count("application.submitted") == 1
    assert count(as_system, Case) == 1
    assert (
        as_system().session.scalar(
            sa.select(sa.func.count()).select_from(Response).where(Response.status == "signed")
        )
        == 1
    )


def test_nothing_is_filled_in_after_handing_in(applicant, as_system) -> None:
    applicant.begin()
    form = applicant.browser.get(f"{applicant.home}/pages/illness").forms["form-main"]
    applicant.do_everything()
    applicant.hand_in()
    fields = dict(form.submit_fields()) | {"disease": "None", "_action": "next"}
    applicant.browser.post(f"{applicant.home}/pages/illness", fields, status=409)
    for page in ("tasks", "check", "pages/illness"):
        assert applicant.browser.get(f"{applicant.home}/{page}", status=303).location.endswith(applicant.home)


@pytest.mark.parametrize(
    "path",
    [
        "", "/tasks", "/pages/illness", "/check", "/papers", "/papers/id-card", "/consents",
        "/consents/publishing", "/receipt", "/steps/withdraw",
    ],
)  # fmt: skip
def test_a_strangers_application_is_not_there(applicant, neighbour, network, browse, path) -> None:
    applicant.begin()
    applicant.do_everything()
    applicant.hand_in()
    neighbour.begin(full_name="李大山")
    neighbour.browser.get(f"{applicant.home}{path}", status=404)
    for name in ("worker", "fund", "coordinator"):
        browse(network[name]).get(f"{applicant.home}{path}", status=404)


@pytest.mark.parametrize(
    "path",
    ["/pages/illness", "/papers/id-card", "/papers/id-card/desk", "/consents", "/submit", "/start-over"],
)
def test_nothing_can_be_sent_to_a_strangers_application(applicant, neighbour, as_system, path) -> None:
    applicant.begin()
    applicant.do_everything()
    neighbour.begin(full_name="李大山")
    page = neighbour.browser.get(f"{neighbour.home}/pages/illness")
    fields = dict(page.forms["form-main"].submit_fields()) | {"disease": "Stolen", "_action": "next"}
    neighbour.browser.post(f"{applicant.home}{path}", fields, status=404)
    assert draft_of(as_system, applicant).answers["disease"] == "Leukaemia"
    assert case_of(as_system, applicant).state == "draft"


def test_only_who_signed_in_on_the_portal_begins_on_her_own(network, as_actor, trial_programs) -> None:
    with pytest.raises(Missing):
        begin_application(as_actor(network["worker"]), trial_programs["trial"], WHO, submission="x")


def test_nothing_ties_the_account_but_the_application_itself(applicant, as_system) -> None:
    applicant.begin(for_whom="self", full_name="陈妈妈", birth_date="1985-01-01")
    work = as_system()
    grants = work.session.scalars(sa.select(Grant).where(Grant.account_id == applicant.account.id)).all()
    assert [(grant.role, grant.case_id) for grant in grants] == [("client", applicant.case_id)]
    assert sorted(grants[0].compartments) == ["application", "released"]


def test_many_begun_applications_are_enough(applicant, monkeypatch) -> None:
    monkeypatch.setattr("casework.portal.applying.AT_MOST", 2)
    applicant.begin()
    applicant.begin(full_name="陈小雪")
    assert "many applications" in applicant.beginning(full_name="陈小霜").submit(status=409).text


def test_a_session_that_ends_in_the_middle_loses_nothing(applicant, clock, settings, as_system) -> None:
    applicant.begin()
    path = f"{applicant.home}/pages/illness"
    form = applicant.browser.get(path).forms["form-main"]
    form["disease"] = "Leukaemia"
    clock.move(hours=20)
    answer = applicant.browser.post(path, [*form.submit_fields(), ("_action", "next")], status=303)
    assert answer.location.startswith("http://localhost/my/sign-in?")
    held = answer.location.split("held=")[1]
    applicant.browser.sign_in_as(applicant.account, clock.now(), settings)
    page = applicant.browser.get(f"{path}?held={held}")
    assert page.forms["form-main"]["disease"].value == "Leukaemia"
    fields = [*page.forms["form-main"].submit_fields(), ("_action", "later")]
    applicant.browser.post(path, fields, status=303)
    assert draft_of(as_system, applicant).answers["disease"] == "Leukaemia"


def test_whoever_is_signed_out_is_asked_for_her_phone(app, network) -> None:
    answer = app.get("/my/applications/7/tasks", status=303)
    assert answer.location == "http://localhost/my/sign-in?next=%2Fmy%2Fapplications%2F7%2Ftasks"
