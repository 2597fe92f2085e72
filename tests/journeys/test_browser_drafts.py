"""Nothing that was typed is lost: to a closed window, to a session that ended, to a colleague, without scripts."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from casework.i18n import LANGUAGES
from casework.security.passwords import hash_password
from casework.testing.network import PASSWORD

TYPED = "Sat with him for an hour.\nHe spoke of his wife and of the bill."
WHAT_HAPPENED = "What happened?"


@pytest.fixture
def language():
    return "zh_Hans"


def saved(reader):
    """The line that says that a draft is kept."""
    return reader.page.locator("[data-saved][data-state=done]")


def test_a_draft_outlives_the_window_in_which_it_was_typed(enter, case):
    worker = enter("worker", f"{case}/forms/contact-note")
    worker.type(WHAT_HAPPENED, TYPED)
    expect(saved(worker)).to_be_visible()
    worker.page.close()
    worker = enter("worker")
    worker.look("day-with-draft")
    worker.follow("Contact note")
    expect(worker.field(WHAT_HAPPENED)).to_have_value(TYPED)


def test_a_window_closed_at_once_still_leaves_a_draft(enter, case):
    worker = enter("worker", f"{case}/forms/contact-note")
    worker.type(WHAT_HAPPENED, TYPED)
    with worker.page.expect_response("**/draft") as answer:
        worker.page.evaluate(
            """() => {
              Object.defineProperty(document, "hidden", { value: true })
              document.dispatchEvent(new Event("visibilitychange"))
            }"""
        )
    assert answer.value.ok


@pytest.mark.parametrize(
    ("page", "label", "button"),
    [("forms/contact-note", WHAT_HAPPENED, "Sign"), ("moves/accept", "Why?", "Take the case on")],
)
def test_a_session_that_ended_in_the_middle_of_a_form_loses_nothing(
    enter, case, service, people, page, label, button
):
    with service.work() as work:
        work.session.merge(people["worker"]).password_hash = hash_password(PASSWORD)
    worker = enter("worker", f"{case}/{page}")
    worker.page.route("**/draft", lambda route: route.abort())  # not even the draft got through
    worker.type(label, TYPED)
    service.clock.move(hours=2)
    worker.press(button)
    told = "You were signed out, but what you typed is kept. Sign in again and it will be back in its form."
    expect(worker.main).to_contain_text(worker.say(told))
    worker.look(f"sign-in-{page.partition('/')[0]}")
    worker.type("Sign-in name", "worker")
    worker.main.get_by_label(worker.say("Password"), exact=True).fill(PASSWORD)
    worker.press("Sign in", worker.main)
    expect(worker.field(label)).to_have_value(TYPED)


def test_the_second_of_two_windows_sees_both_texts(enter, case):
    first, second = (
        enter("worker", f"{case}/forms/contact-note"),
        enter("worker", f"{case}/forms/contact-note"),
    )
    first.type(WHAT_HAPPENED, "He is well.")
    expect(saved(first)).to_be_visible()
    second.type(WHAT_HAPPENED, "He is not well.")
    expect(second.page.locator("[data-saved][data-state=conflict]")).to_be_visible()
    second.press("Sign")
    expect(second.page.get_by_role("heading", level=1)).to_have_text(second.say("Changed at the same time"))
    expect(second.main).to_contain_text("He is well.")
    expect(second.main).to_contain_text("He is not well.")
    second.look("conflict")
    second.press("Keep mine instead")
    expect(second.field(WHAT_HAPPENED)).to_have_value("He is not well.")


def test_a_contact_recorded_in_passing_leaves_the_longer_note_that_was_begun(enter, case):
    worker = enter("worker", f"{case}/forms/contact-note")
    worker.type(WHAT_HAPPENED, TYPED)
    expect(saved(worker)).to_be_visible()
    worker.open("/")
    worker.unfold("Record a contact")
    worker.type("What was seen, said and agreed", "Met him in the corridor.")
    worker.press("Save the contact")
    worker.follow("Contact note")
    expect(worker.field(WHAT_HAPPENED)).to_have_value(TYPED)


def test_a_case_can_be_carried_without_scripts(browser, enter, service, people, case):
    worker = enter("worker")
    context = browser.new_context(
        java_script_enabled=False,
        viewport={"width": 360, "height": 740},
        storage_state=worker.page.context.storage_state(),
    )
    page = context.new_page()
    page.goto(service.url + case)
    page.get_by_role("link", name=worker.say("Contact note"), exact=True).click()
    page.get_by_label(worker.say(WHAT_HAPPENED)).fill(TYPED)
    page.get_by_role("group", name=worker.say("Has the risk changed?")).get_by_label(
        worker.say("Higher than before"), exact=True
    ).check()
    page.get_by_role("button", name=worker.say("Update"), exact=True).last.click()
    danger = page.get_by_role("group", name=worker.say("Is somebody in danger?"))
    danger.get_by_label(worker.say("No"), exact=True).check()
    page.get_by_role("button", name=worker.say("Sign"), exact=True).click()
    expect(page.get_by_role("main")).to_contain_text("He spoke of his wife")
    page.get_by_label(worker.say("Show"), exact=True).select_option(label=worker.say("Goals"))
    page.locator("#timeline").get_by_role("button").click()
    expect(page.get_by_role("main")).not_to_contain_text("He spoke of his wife")
    context.close()


@pytest.mark.parametrize("language", LANGUAGES)
def test_pages_of_the_house_have_no_fault(enter, people, case):
    worker = enter("worker", "/account")
    worker.look("account")
    worker.open("/handbook")
    worker.look("handbook")
    worker.open("/cases")
    worker.look("cases")
    worker.open("/search?q=ou")
    worker.look("search")
    worker.main.get_by_role("link").filter(has_text="区广才").last.click()
    expect(worker.page).to_have_url(re.compile("/people/"))
    worker.look("person")
    worker.open(f"{worker.path}/edit")
    worker.look("person-edit")
    nurse = enter("nurse", "/refer/new?name=区广才")
    nurse.look("register")
    admin = enter("admin", "/staff")
    admin.look("staff")
    admin.open(f"/staff/{people['worker'].id}")
    admin.look("staff-member")
    admin.open(f"/staff/{people['worker'].id}/grants")
    admin.look("staff-role")
    admin.open("/staff/new")
    admin.look("staff-new")
    auditor = enter("auditor", "/audit")
    auditor.look("audit")
