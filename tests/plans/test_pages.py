from __future__ import annotations

import pytest

from casework.cases.queries import dossier_of


@pytest.fixture
def worker(browse, network):
    return browse(network["worker"])


def fill(form, values) -> None:
    for name, value in values.items():
        form[name] = value


def goals_of(as_system, case):
    return dossier_of(as_system(), case.id).goals


def test_a_goal_is_set_changed_and_rated_from_the_case(worker, case, typed, as_system) -> None:
    page = worker.get(f"/cases/{case.id}")
    form = page.click("Set a goal", index=0).forms["form-main"]
    fill(form, typed)
    page = form.submit(status=303).follow()
    card = page.html.find(id="goals").text
    assert "He gets home by himself" in card
    assert "under way" in card
    form = page.click("Change", href="/goals/").forms["form-main"]
    assert form["due_on"].value == "2026-04-30"
    assert form["importance"].value == "3"
    form["text"] = "He cooks for himself"
    page = form.submit(status=303).follow()
    form = page.click("Rate", href="/rating").forms["form-main"]
    fill(form, {"rating": "1", "status": "reached"})
    page = form.submit(status=303).follow()
    card = page.html.find(id="goals").text
    assert "He cooks for himself" in card
    assert "better than expected" in card
    assert "60" in card
    assert goals_of(as_system, case)[0].version == 3


def test_a_goal_sent_twice_is_set_once_and_another_one_beside_it(worker, case, typed, as_system) -> None:
    form = worker.get(f"/cases/{case.id}/goals/new").forms["form-main"]
    fill(form, typed)
    assert form.submit(status=303).location == form.submit(status=303).location
    assert [goal.text for goal in goals_of(as_system, case)] == [typed["text"]]
    form["text"] = "Typed after going back"
    form.submit(status=303)
    again = worker.get(f"/cases/{case.id}/goals/new").forms["form-main"]
    fill(again, typed)
    again.submit(status=303)
    texts = sorted(goal.text for goal in goals_of(as_system, case))
    assert texts == sorted([typed["text"], typed["text"], "Typed after going back"])


def test_what_was_typed_comes_back_with_every_problem(worker, case, as_system) -> None:
    form = worker.get(f"/cases/{case.id}/goals/new").forms["form-main"]
    fill(form, {"text": "<i>home</i>", "domain": "mood", "difficulty": "0", "due_on": "2020-01-01"})
    page = form.submit(status=422)
    summary = [link["href"] for link in page.html.select(".govuk-error-summary a")]
    assert summary == ["#baseline", "#target", "#measure", "#due_on", "#importance"]
    again = page.forms["form-main"]
    assert (again["text"].value, again["domain"].value, again["difficulty"].value) == (
        "<i>home</i>",
        "mood",
        "0",
    )
    assert "<i>home" not in page.text
    assert goals_of(as_system, case) == []


def set_one(worker, case, typed):
    form = worker.get(f"/cases/{case.id}/goals/new").forms["form-main"]
    fill(form, typed)
    return form.submit(status=303).follow()


def test_two_windows_are_told_of_each_other(worker, case, typed, as_system) -> None:
    page = set_one(worker, case, typed).click("Change", href="/goals/")
    first, second = page.forms["form-main"], worker.get(page.request.path).forms["form-main"]
    first["target"] = "Climbs stairs"
    first.submit(status=303)
    second["measure"] = ""
    assert "Climbs stairs" in second.submit(status=409)
    second["measure"] = "Steps"
    conflict = second.submit(status=409)
    assert "Steps" in conflict
    assert "Climbs stairs" in conflict
    assert goals_of(as_system, case)[0].measure == "Metres walked"


def test_a_rating_with_a_problem_does_not_forget_what_was_seen(worker, case, typed, as_system) -> None:
    page = set_one(worker, case, typed)
    form = page.click("Rate", href="/rating").forms["form-main"]
    change = page.click("Change", href="/goals/").forms["form-main"]
    change["target"] = "Climbs stairs"
    change.submit(status=303)
    form["status"] = "reached"
    form = form.submit(status=422).forms["form-main"]
    assert form["version"].value == "1"
    form["rating"] = "0"
    form.submit(status=409)
    assert goals_of(as_system, case)[0].rating is None


@pytest.mark.parametrize("version", ["", "x", "-1", "9" * 10, "²"])
def test_a_version_that_is_none_is_refused(worker, case, typed, version) -> None:
    form = set_one(worker, case, typed).click("Change", href="/goals/").forms["form-main"]
    form["version"].force_value(version)
    form.submit(status=400)


@pytest.mark.parametrize(
    ("name", "status"),
    [
        ("supervisor", 403),
        ("coordinator", 403),
        ("nurse", 403),
        ("colleague", 404),
        ("other-worker", 404),
        ("admin", 404),
    ],
)
def test_goals_are_written_by_the_worker_of_the_case_alone(
    browse, network, worker, case, typed, as_system, name, status
) -> None:
    set_one(worker, case, typed)
    goal = goals_of(as_system, case)[0]
    other = browse(network[name])
    for path in ("goals/new", f"goals/{goal.id}", f"goals/{goal.id}/rating"):
        other.get(f"/cases/{case.id}/{path}", status=status)


def test_a_goal_that_is_not_there_is_missing(worker, case) -> None:
    worker.get(f"/cases/{case.id}/goals/999999", status=404)
    worker.get(f"/cases/{case.id}/goals/999999/rating", status=404)


def test_on_a_suspended_case_no_goal_is_offered_or_set(worker, case, typed, as_system) -> None:
    form = worker.get(f"/cases/{case.id}/goals/new").forms["form-main"]
    fill(form, typed)
    as_system()
    case.state = "suspended"
    as_system().session.flush()
    assert "Goals are kept while the case is served" in form.submit(status=409)
    assert "Set a goal" not in worker.get(f"/cases/{case.id}")
