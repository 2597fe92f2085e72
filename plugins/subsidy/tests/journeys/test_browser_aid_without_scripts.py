"""Asking for aid on a phone that runs no scripts: from the first question to the status page."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from casework.forms.library import library_for
from casework.i18n import Words
from casework.resources import share
from casework.testing.reader import Reader

from .steps import FORM, PAGES, agree, ask_first, begin, fill, send_photos, sign_in_by_phone, titles


@pytest.fixture
def language():
    return "zh_Hans"


@pytest.fixture
def plain(browser, service, language):
    """A reader on a phone that runs no scripts."""
    words = Words(language, [share("locale"), *service.programs.folders("locale")])
    context = browser.new_context(
        java_script_enabled=False,
        viewport={"width": 360, "height": 740},
        locale=words.html_language,
        has_touch=True,
    )
    yield Reader(context.new_page(), service.url, words, library_for(service.programs))
    context.close()


def test_aid_is_applied_for_without_scripts(plain, office, language):
    plain.open("/help")
    plain.follow("Can I get help?")
    ask_first(plain)
    sign_in_by_phone(plain)
    begin(plain, office.network.units["hospital"].names[language])
    plain.follow(titles(plain)[0])
    for number, answers in enumerate(PAGES):
        expect(plain.page.get_by_role("heading", level=1)).to_have_text(titles(plain)[number])
        fill_step_by_step(plain, answers)
        plain.press("Continue")
    home = plain.path.removesuffix("/tasks")
    send_photos(plain)
    agree(plain)
    plain.follow("Look at everything and hand it in")
    plain.press("Hand in the application")
    plain.follow("See how far it is")
    expect(plain.page).to_have_url(re.compile(f"{home}$"))
    expect(plain.page.get_by_role("heading", level=1)).to_have_text(plain.say("Handed in"))


def fill_step_by_step(plain, answers):
    """Answer what is asked; a question that an answer brings forth comes with "Update"."""
    form = plain.library[FORM]
    waiting = {key: answer for key, answer in answers.items() if form.item(key).enable_when}
    fill(plain, FORM, {key: answer for key, answer in answers.items() if key not in waiting})
    if waiting:
        plain.press("Update")
        fill(plain, FORM, waiting)
