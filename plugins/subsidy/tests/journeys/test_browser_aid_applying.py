"""A mother asks for aid on her phone, from "Can I get help?" to the receipt.

LOOK_AT=folder keeps a picture of every page, to be looked at.
"""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from playwright.sync_api import expect

from casework.cases.model import Case, Event
from casework.documents.model import Document

from .steps import (
    CHILD,
    FORM,
    PAGES,
    agree,
    ask_first,
    begin,
    fill,
    send_photos,
    sign_in_by_phone,
    titles,
)

LOOKED_AT = (0, 2, 5, 8, 10)
"""The pages of questions that differ in what they ask with."""


@pytest.fixture
def language():
    return "zh_Hans"


@pytest.fixture
def hospital(office, language):
    return office.network.units["hospital"].names[language]


def test_a_mother_applies_on_her_phone(visit, service, hospital):
    mother = visit("/help", "phone")
    mother.look("aid-help")
    mother.follow("Can I get help?")
    mother.look("aid-check")
    mother.press("See the answer")
    expect(mother.main.get_by_role("alert").get_by_role("link")).to_have_count(9)  # all at once
    mother.look("aid-check-problems")
    ask_first(mother, look=True)
    sign_in_by_phone(mother, look=True)
    begin(mother, hospital, look=True)
    mother.look("aid-tasks")
    fill_in(mother)
    send_photos(mother, look=True)
    agree(mother, look=True)
    mother.look("aid-tasks-done")
    mother.follow("Look at everything and hand it in")
    mother.look("aid-check-answers")
    hand_in_twice(mother, service)
    mother.look("aid-status-submitted")
    expect(mother.main).to_contain_text(CHILD)


def fill_in(mother):
    """Page after page; what is wrong is told on its page, and nothing is lost."""
    pages = titles(mother)
    mother.follow(pages[0])
    mother.press("Continue")
    expect(mother.main.get_by_role("alert")).to_be_visible()
    mother.look("aid-page-problems")
    for number, answers in enumerate(PAGES):
        expect(mother.page.get_by_role("heading", level=1)).to_have_text(pages[number])
        fill(mother, FORM, answers)
        if number in LOOKED_AT:
            mother.look(f"aid-page-{number + 1}")
        mother.press("Continue")
    expect(mother.page.get_by_role("heading", level=1)).to_have_text(mother.say("What there is to do"))


def hand_in_twice(mother, service):
    """Pressed twice, and gone back: one application, and the page says how far it is."""
    mother.button("Hand in the application").dblclick()
    expect(mother.page.get_by_role("heading", level=1)).to_have_text(
        mother.say("Your application was handed in")
    )
    mother.look("aid-receipt")
    mother.page.go_back()
    expect(mother.page.get_by_role("heading", level=1)).to_have_text(mother.say("Handed in"))
    with service.work() as work:
        [case] = work.session.scalars(sa.select(Case))
        submitted = sa.select(sa.func.count()).where(Event.kind == "application.submitted")
        assert (case.state, work.session.scalar(submitted)) == ("submitted", 1)
        kept = work.session.scalars(sa.select(Document)).all()
        assert {(each.width, each.height) for each in kept} == {(1200, 1600)}  # turned upright
