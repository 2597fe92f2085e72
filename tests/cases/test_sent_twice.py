"""The same page sent twice, as by a double click, does its work once; what differs is never swallowed."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from casework.cases.model import Event
from casework.cases.usecases import move
from casework.testing.referrals import refer_somebody
from casework.testing.world import HAND_OVER


@pytest.fixture
def referred(network, as_actor):
    return refer_somebody(as_actor(network["nurse"]), network.units["ward"].id)


@pytest.fixture
def case(network, as_actor, referred):
    """A case of the worker, who serves it."""
    move(as_actor(network["coordinator"]), referred, "assign", worker_id=network["worker"].id)
    referred.state = "intervention"
    as_actor(network["worker"]).session.flush()
    return referred


def kinds(as_system, case) -> list[str]:
    statement = sa.select(Event.kind).where(Event.case_id == case.id).order_by(Event.id)
    return list(as_system().session.scalars(statement))


def hand_over(browser, case, colleague):
    """The page of a hand-over, filled in: its address and fields."""
    path = f"/cases/{case.id}/moves/hand-over"
    form = browser.get(path).forms["form-main"]
    form["worker_id"] = str(colleague.id)
    return path, {**dict(form.submit_fields()), **HAND_OVER}


def test_an_assignment_sent_twice_is_made_once_and_answered_alike(
    browse, network, referred, as_system
) -> None:
    form = browse(network["coordinator"]).get(f"/cases/{referred.id}/moves/assign").forms["form-main"]
    form["worker_id"] = str(network["worker"].id)
    assert form.submit(status=303).location == form.submit(status=303).location
    assert kinds(as_system, referred).count("case.assigned") == 1


def test_the_same_page_with_another_choice_is_told_that_it_came_too_late(
    browse, network, referred, as_system
) -> None:
    coordinator = browse(network["coordinator"])
    form = coordinator.get(f"/cases/{referred.id}/moves/assign").forms["form-main"]
    form["worker_id"] = str(network["worker"].id)
    form.submit(status=303)
    form["worker_id"] = str(network["colleague"].id)
    assert "at the same time" in form.submit(status=409)
    assert kinds(as_system, referred).count("case.assigned") == 1


def test_a_move_that_asks_a_form_is_made_once_and_other_answers_are_shown_again(
    browse, network, case, as_system
) -> None:
    worker = browse(network["worker"])
    form = worker.get(f"/cases/{case.id}/moves/suspend").forms["form-main"]
    for name, value in (
        ("cause", "elsewhere"),
        ("reason", "Surgery."),
        ("until", "2026-03-20"),
        ("client_told", "yes"),
    ):
        form[name] = value
    form.submit(status=303)
    form.submit(status=303)
    assert kinds(as_system, case).count("case.suspended") == 1
    form["reason"] = "Surgery in another town."
    page = form.submit(status=409)
    assert "Surgery in another town." in page
    assert page.forms["form-main"]["_submission"].value != form["_submission"].value


def test_a_hand_over_sent_twice_answers_the_worker_who_has_the_case_no_more(
    browse, network, case, as_system
) -> None:
    worker = browse(network["worker"])
    path, fields = hand_over(worker, case, network["colleague"])
    one, other = worker.post(path, fields, status=303), worker.post(path, fields, status=303)
    assert one.location == other.location
    assert kinds(as_system, case).count("case.handed-over") == 1


def test_somebody_elses_mark_opens_nothing(browse, network, case) -> None:
    worker, nurse = browse(network["worker"]), browse(network["nurse"])
    path, fields = hand_over(worker, case, network["colleague"])
    worker.post(path, fields, status=303)
    token = nurse.get("/account").html.find("input", {"name": "csrf_token"})["value"]
    nurse.post(path, {**fields, "csrf_token": token}, status=403)


@pytest.mark.parametrize("mark", ["x" * 65, "a\x07b", "令牌"])
def test_what_is_no_mark_is_no_request(browse, network, referred, mark: str) -> None:
    form = browse(network["coordinator"]).get(f"/cases/{referred.id}/moves/assign").forms["form-main"]
    form["worker_id"], form["_submission"] = str(network["worker"].id), mark
    form.submit(status=400)
