"""Two people, or one in two windows, change the same thing: the second sees both texts and loses nothing."""

from __future__ import annotations

import html
from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa

from casework.cases.model import Case, Event
from casework.cases.usecases import move
from casework.db import ActingSession
from casework.forms.model import Response
from casework.people.model import Person
from casework.plans.model import Goal
from casework.testing.browsing import Browser
from casework.testing.world import World
from casework.work import Work

from .test_texts import hostile_parts
from .typing_in import fill, main_form

MINE = "mine \"'><xss-probe onprobe=1>"
THEIRS = "theirs </textarea><xss-probe onprobe=1>"

Browse = Callable[..., Browser]
SUSPENSION = {"cause": "elsewhere", "reason": MINE, "until": "2026-03-20", "client_told": "yes"}


def shows(page: Any, *texts: str) -> None:
    """The page holds these texts, as text."""
    assert list(hostile_parts(page)) == []
    for text in texts:
        assert text in html.unescape(page.text), text


def submit(page: Any, status: int, /, **values: str) -> Any:
    form = main_form(page)
    for name, value in values.items():
        form[name] = value
    sign = "_action" if any(name == "_action" for name in form.fields) else None
    return form.submit(sign, "sign", status=status) if sign else form.submit(status=status)


def test_a_goal(world: World, browse: Browse, session: ActingSession, as_system: Callable[[], Work]) -> None:
    browser, goal = browse(world.people["worker"]), world.goals["own"]
    first, second = (browser.get(f"/cases/{goal.case_id}/goals/{goal.id}") for _window in range(2))
    submit(first, 303, text=THEIRS)
    shows(submit(second, 409, text=MINE), MINE, THEIRS)
    as_system()
    assert session.get_one(Goal, goal.id).text == THEIRS


def test_the_rating_of_a_goal(
    world: World, browse: Browse, session: ActingSession, as_system: Callable[[], Work]
) -> None:
    browser, goal = browse(world.people["worker"]), world.goals["own"]
    first, second = (browser.get(f"/cases/{goal.case_id}/goals/{goal.id}/rating") for _window in range(2))
    submit(first, 303, rating="1", status="reached")
    submit(second, 409, rating="-2", status="dropped")
    as_system()
    assert session.get_one(Goal, goal.id).rating == 1


def test_a_person(
    world: World, browse: Browse, session: ActingSession, as_system: Callable[[], Work]
) -> None:
    person = world.persons["own"]
    path = f"/people/{person.id}/edit"
    first, second = browse(world.people["nurse"]).get(path), browse(world.people["worker"]).get(path)
    submit(first, 303, address=THEIRS)
    shows(submit(second, 409, address=MINE), MINE, THEIRS)
    as_system()
    assert session.get_one(Person, person.id).address == THEIRS


def test_a_correction(
    world: World, browse: Browse, session: ActingSession, as_system: Callable[[], Work]
) -> None:
    browser, note = browse(world.people["worker"]), world.responses["own"]
    path = f"/cases/{note.case_id}/responses/{note.id}/amend"
    first, second = (browser.get(path) for _window in range(2))
    submit(first, 303, content=THEIRS, _reason="A slip.")
    shows(submit(second, 409, content=MINE, _reason="Another slip."), MINE, THEIRS)
    as_system()
    later = session.scalars(sa.select(Response).where(Response.supersedes_id == note.id)).one()
    assert later.answers["content"] == THEIRS


def test_a_draft_in_two_windows(world: World, browse: Browse) -> None:
    browser, case = browse(world.people["worker"]), world.cases["own"]
    path = f"/cases/{case.id}/forms/contact-note"
    first, second = (browser.get(path) for _window in range(2))
    for page, text, status in ((first, THEIRS, 303), (second, MINE, 409)):
        form = main_form(page)
        form["content"] = text
        answer = browser.press(form, "later", status=status)
    shows(answer, MINE, THEIRS)


def test_signing_in_one_window_what_another_keeps_as_a_draft(world: World, browse: Browse) -> None:
    browser, case = browse(world.people["worker"]), world.cases["own"]
    path = f"/cases/{case.id}/forms/contact-note"
    first, second = (browser.get(path) for _window in range(2))
    form = main_form(first)
    form["content"] = THEIRS
    browser.press(form, "later")
    shows(submit(second, 409, content=MINE), MINE, THEIRS)
    assert THEIRS in html.unescape(browser.get(path).text)


def test_a_quick_contact_leaves_the_draft_of_a_longer_note_alone(world: World, browse: Browse) -> None:
    browser, case = browse(world.people["worker"]), world.cases["own"]
    page = browser.get(f"/cases/{case.id}/forms/contact-note")
    form = main_form(page)
    form["content"] = MINE
    browser.press(form, "later")
    token = form["csrf_token"].value
    browser.post(f"/cases/{case.id}/contacts", {"content": "Rang.", "csrf_token": token}, status=303)
    assert MINE in html.unescape(browser.get(f"/cases/{case.id}/forms/contact-note").text)


def test_a_move_that_was_overtaken_keeps_what_was_typed(
    world: World, browse: Browse, session: ActingSession, as_system: Callable[[], Work]
) -> None:
    browser, case = browse(world.people["worker"]), world.cases["own"]
    page = browser.get(f"/cases/{case.id}/moves/suspend")
    review = browser.get(f"/cases/{case.id}/moves/begin-review")
    submit(review, 303)
    overtaken = submit(page, 409, **SUSPENSION)
    shows(overtaken, MINE, "Review")
    as_system()
    assert session.get_one(Case, case.id).state == "review"
    submit(overtaken, 303)
    as_system()
    assert session.get_one(Case, case.id).state == "suspended"
    assert MINE in html.unescape(browser.get(f"/cases/{case.id}/timeline").text)


def test_the_same_move_sent_twice_happens_once(
    world: World, browse: Browse, session: ActingSession, as_system: Callable[[], Work]
) -> None:
    browser, case = browse(world.people["worker"]), world.cases["own"]
    page = browser.get(f"/cases/{case.id}/moves/begin-review")
    assert submit(page, 303).location == submit(page, 303).location
    as_system()
    happened = sa.select(sa.func.count()).where(Event.case_id == case.id, Event.kind == "case.reviewing")
    assert session.scalar(happened) == 1


@pytest.mark.parametrize("version", ["", "x", "-1", "1e3", "１", "99999999999", "0"])
def test_a_move_says_which_case_it_saw(world: World, browse: Browse, version: str) -> None:
    browser, case = browse(world.people["worker"]), world.cases["own"]
    form = main_form(browser.get(f"/cases/{case.id}/moves/begin-review"))
    form["case_version"] = version
    form.submit(status=409 if version == "0" else 400)


def close(world: World, as_actor: Callable[..., Work], as_system: Callable[[], Work]) -> None:
    """Somebody closes the worker's case."""
    work = as_system()
    case = work.session.get_one(Case, world.cases["own"].id)
    case.state, case.closed_at, case.version = "closed", work.now, case.version + 1
    work.session.flush()
    work.session.commit()


def test_who_writes_while_somebody_closes_the_case_loses_nothing(
    world: World,
    browse: Browse,
    as_actor: Callable[..., Work],
    as_system: Callable[[], Work],
    session: ActingSession,
) -> None:
    browser, case, goal = browse(world.people["worker"]), world.cases["own"], world.goals["own"]
    note = browser.get(f"/cases/{case.id}/forms/contact-note")
    change = browser.get(f"/cases/{case.id}/goals/{goal.id}")
    suspend = browser.get(f"/cases/{case.id}/moves/suspend")
    close(world, as_actor, as_system)
    shows(submit(note, 409, content=MINE), MINE)
    assert MINE in html.unescape(browser.get(f"/cases/{case.id}/forms/contact-note").text)
    submit(change, 409, text=MINE)
    shows(submit(suspend, 409, **SUSPENSION), MINE)
    as_system()
    assert session.get_one(Case, case.id).state == "closed"
    assert session.get_one(Goal, goal.id).text == "goal of own"
    signed = sa.select(Response.answers["content"].astext).where(
        Response.case_id == case.id, Response.status != "draft"
    )
    assert MINE not in session.scalars(signed).all()


def test_who_writes_while_the_case_is_handed_over_is_told_and_changes_nothing(
    world: World, browse: Browse, as_actor: Callable[..., Work], as_system: Callable[[], Work]
) -> None:
    from casework.testing.world import HAND_OVER

    browser, case = browse(world.people["worker"]), world.cases["own"]
    note = browser.get(f"/cases/{case.id}/forms/contact-note")
    supervisor = as_actor(world.people["supervisor"])
    there = supervisor.session.get_one(Case, case.id)
    move(supervisor, there, "hand-over", worker_id=world.network["second-worker"].id, answers=HAND_OVER)
    supervisor.session.commit()
    submit(note, 403, content=MINE)


def test_a_reason_that_cannot_be_seen_is_none(world: World, browse: Browse) -> None:
    browser, case = browse(world.people["supervisor"]), world.cases["own"]
    admin, account = browse(world.people["admin"]), world.accounts["unit"]
    for reason in ("\u200b", " \u2060 \ufeff", "\u202e"):
        page = admin.get(f"/staff/{account.id}/grants")
        form = fill(main_form(page), reason, role="fund_officer")
        form["reason"] = reason
        form.submit(status=422)
        form = next(
            f
            for f in browser.get(f"/people/{world.persons['own'].id}").forms.values()
            if "reveal" in f.action
        )
        form["reason"] = reason
        form.submit(status=422)
    assert case.id
