from __future__ import annotations

import pytest
import sqlalchemy as sa

from casework.cases.model import Case, Event
from casework.forms.model import Response
from casework.people.usecases import register_person
from casework.portal.accounts import open_client_grant
from casework.staff.model import Grant

from .applicants import Applicant


@pytest.fixture
def person(network, as_actor):
    return register_person(
        as_actor(network["worker"]),
        unit_id=network.units["hospital"].id,
        full_name="霍阿公",
        birth_date="1948-01-01",
        confirmed=True,
    )


@pytest.fixture
def desk(network, browse, person) -> Applicant:
    """A worker who fills in an application together with an old man."""
    worker = Worker(browse(network["worker"]), network.units["hospital"].id)
    form = worker.browser.get(f"/people/{person.id}").click("New application: Trial aid").forms["form-main"]
    form["unit_id"] = str(worker.unit_id)
    answer = form.submit()
    worker.case_id = int(answer.location.split("/")[-3])
    return worker


class Worker(Applicant):
    """Fills in the same pages, under the case."""

    @property
    def home(self) -> str:
        return f"/cases/{self.case_id}/application"

    def agree(self):
        form = self.browser.get(f"{self.home}/consents").forms["form-main"]
        form["processing"] = True
        form["relation"] = "self"
        return form.submit()


def draft_of(as_system, case_id) -> Response:
    statement = sa.select(Response).where(Response.case_id == case_id, Response.status == "draft")
    return as_system().session.scalars(statement).one()


def test_a_worker_fills_it_in_and_hands_it_in_for_somebody(desk, person, network, as_system) -> None:
    desk.do_everything()
    receipt = desk.hand_in().follow()
    work = as_system()
    case = work.session.get_one(Case, desk.case_id)
    assert case.number in receipt.text
    assert (case.person_id, case.state, case.worker_id) == (person.id, "submitted", network["worker"].id)
    (grant,) = work.session.scalars(sa.select(Grant).where(Grant.case_id == case.id)).all()
    assert (grant.account_id, grant.role) == (network["worker"].id, "worker")
    page = desk.browser.get(f"/cases/{case.id}")
    assert "Papers that were asked for" in page.text


def test_the_same_page_begins_one_application_for_the_person(network, browse, person, as_system) -> None:
    browser = browse(network["worker"])
    form = browser.get(f"/people/{person.id}/apply/trial").forms["form-main"]
    form["unit_id"] = str(network.units["hospital"].id)
    assert form.submit().location == form.submit().location
    assert as_system().session.scalar(sa.select(sa.func.count()).select_from(Case)) == 1
    assert (
        "There is an application for this person already."
        in browser.get(f"/people/{person.id}/apply/trial").text
    )


def test_what_the_worker_began_is_the_applicants_as_soon_as_she_comes(desk, applicant, as_system) -> None:
    desk.fill("illness")
    work = as_system()
    open_client_grant(work, applicant.account.id, work.session.get_one(Case, desk.case_id))
    applicant.case_id = desk.case_id
    page = applicant.browser.get(f"{applicant.home}/pages/illness")
    assert page.forms["form-main"]["disease"].value == "Leukaemia"
    assert draft_of(as_system, desk.case_id).author_id == applicant.account.id
    told = desk.browser.get(f"{desk.home}/tasks")
    assert "Mother is filling in this application." in told.text
    form = dict(page.forms["form-main"].submit_fields()) | {"disease": "Mine", "_action": "next"}
    desk.browser.post(f"{desk.home}/pages/illness", form, status=400)  # another session's token
    assert draft_of(as_system, desk.case_id).answers["disease"] == "Leukaemia"
    applicant.fill("illness", disease="Hers")
    assert draft_of(as_system, desk.case_id).answers["disease"] == "Hers"


def test_the_worker_goes_on_in_her_place_when_she_asks_for_it(desk, applicant, as_system, network) -> None:
    desk.fill("illness")
    work = as_system()
    open_client_grant(work, applicant.account.id, work.session.get_one(Case, desk.case_id))
    applicant.case_id = desk.case_id
    applicant.browser.get(f"{applicant.home}/tasks")
    stale = desk.browser.get(f"{desk.home}/tasks")
    refused = dict(desk.browser.get(f"{desk.home}/pages/money").forms["form-main"].submit_fields())
    desk.browser.post(f"{desk.home}/pages/money", refused | {"cost": "5", "_action": "next"}, status=409)
    form = next(each for each in stale.forms.values() if each.action == f"{desk.home}/tasks")
    assert "Leukaemia" in form.submit().follow().click("The illness").text
    draft = draft_of(as_system, desk.case_id)
    assert (draft.author_id, draft.answers["disease"]) == (network["worker"].id, "Leukaemia")
    trail = as_system().session.execute(sa.text("select details from audit_entries where kind = 'write'"))
    assert "taken over" in str(trail.all())


def test_the_case_page_leads_to_the_application_and_to_who_may_be_the_same(desk, network, as_actor) -> None:
    register_person(
        as_actor(network["nurse"]),
        unit_id=network.units["hospital"].id,
        full_name="霍阿公",
        birth_date="1948",
        confirmed=True,
    )
    page = desk.browser.get(f"/cases/{desk.case_id}")
    assert page.click("Fill it in for the person").request.path == f"{desk.home}/tasks"
    card = page.html.find(id="application")
    assert "Perhaps known already" in card.text
    assert "霍阿公" in card.text


def test_handing_in_leads_to_the_pages_of_the_application(desk) -> None:
    answer = desk.browser.get(f"/cases/{desk.case_id}/moves/submit", status=303)
    assert answer.location.endswith(f"{desk.home}/tasks")


def test_nobody_refers_to_a_program_that_people_apply_to(network, browse, person) -> None:
    page = browse(network["nurse"]).get(f"/refer/{person.id}")
    assert "Trial aid" not in page.text


@pytest.mark.parametrize("name", ["nurse", "coordinator", "fund", "supervisor"])
def test_only_a_worker_begins_for_somebody(network, browse, person, name) -> None:
    browse(network[name]).get(f"/people/{person.id}/apply/trial", status=403)


def test_a_colleague_does_not_fill_it_in(desk, network, browse) -> None:
    assert browse(network["colleague"]).get(f"{desk.home}/tasks", status=404)
    assert browse(network["fund"]).get(f"{desk.home}/tasks", status=403)


def test_who_began_stands_in_the_history(desk, network, as_system) -> None:
    statement = sa.select(Event).where(Event.case_id == desk.case_id, Event.kind == "application.begun")
    event = as_system().session.scalars(statement).one()
    assert (event.actor_id, event.compartment) == (network["worker"].id, "application")
