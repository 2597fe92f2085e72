"""What the scripts add to pages that work without them."""

from __future__ import annotations

import json

import pytest
from playwright.sync_api import expect

from casework.testing.looking import page


@pytest.fixture
def form(browser, samples):
    with page(browser, "desk", "en") as opened:
        opened.goto(f"{samples}/en/assessment")
        yield opened


def answering(opened, *answers):
    """Answer calls to /go/save one after another, the last one for ever; the requests are listed."""
    asked = []

    def answer(route):
        asked.append(route.request)
        status, values = answers[min(len(asked), len(answers)) - 1]
        route.fulfill(status=status, content_type="application/json", body=json.dumps(values))

    opened.route("**/go/save", answer)
    return asked


def test_a_draft_is_saved_while_it_is_written_and_the_version_is_taken_over(form):
    asked = answering(form, (200, {"version": 4, "saved": "11:05"}))
    form.fill("#mood", "calm")
    expect(form.locator("[data-saved]")).to_contain_text("11:05")
    assert asked[0].headers["x-csrf-token"] == "sample-token"
    assert "mood=calm" in asked[0].post_data
    assert form.input_value("input[name=version]") == "4"


def test_a_draft_that_could_not_be_saved_is_tried_again(form):
    asked = answering(form, (503, {}), (200, {"version": 4, "saved": "11:06"}))
    form.fill("#mood", "calm")
    expect(form.locator("[data-saved]")).to_have_attribute("data-state", "failed")
    expect(form.locator("[data-saved]")).to_contain_text("11:06")
    assert len(asked) == 2


def test_a_draft_changed_by_somebody_else_is_not_overwritten(form):
    asked = answering(form, (409, {}))
    form.fill("#mood", "calm")
    expect(form.locator("[data-saved]")).to_have_attribute("data-state", "conflict")
    form.fill("#mood", "calm and clear")
    form.wait_for_timeout(2000)
    assert len(asked) == 1


def test_a_signed_out_person_is_told_and_keeps_the_text(form):
    answering(form, (401, {}))
    form.fill("#mood", "calm")
    form.wait_for_selector("#hint-bar:not([hidden]) [data-hint=signed-out]:not([hidden])")
    assert form.input_value("#mood") == "calm"


def test_sending_the_form_waits_for_the_save_on_its_way(form):
    answering(form, (200, {"version": 9, "saved": "11:07"}))
    sent = []
    form.route("**/go/form", lambda route: (sent.append(route.request.post_data), route.fulfill(status=204)))
    form.fill("#mood", "calm")
    with form.expect_request("**/go/save"):
        pass
    form.click("button[value=sign]")
    expect(form.locator("input[name=version]")).to_have_value("9")
    form.wait_for_timeout(300)
    assert len(sent) == 1
    assert "version=9" in sent[0]
    assert "act=sign" in sent[0]


def test_leaving_with_unsaved_text_is_asked_about(form, samples):
    answering(form, (503, {}))
    asked = []
    form.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.accept()))
    form.click("#mood")
    form.keyboard.type("calm")
    form.goto(f"{samples}/en/cases")
    assert asked == ["beforeunload"]


def test_leaving_with_saved_text_is_not_asked_about(form, samples):
    answering(form, (200, {"version": 4, "saved": "11:05"}))
    asked = []
    form.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.accept()))
    form.click("#mood")
    form.keyboard.type("calm")
    expect(form.locator("[data-saved]")).to_contain_text("11:05")
    form.goto(f"{samples}/en/cases")
    assert asked == []


def test_nothing_is_kept_in_the_browser(form):
    answering(form, (200, {"version": 4, "saved": "11:05"}))
    form.fill("#mood", "calm")
    expect(form.locator("[data-saved]")).to_contain_text("11:05")
    kept = form.evaluate(
        "async () => [localStorage.length, sessionStorage.length, (await indexedDB.databases()).length]"
    )
    assert kept == [0, 0, 0]


def test_faults_have_the_focus_and_lead_to_their_fields(form):
    assert form.evaluate("document.activeElement.className") == "govuk-error-summary"
    form.click("text=Choose whether there are thoughts of self-harm")
    assert form.evaluate("document.activeElement.id") == "risk"


@pytest.mark.parametrize(
    ("status", "swapped"), [(200, True), (422, True), (403, False), (500, False), (503, False)]
)
def test_htmx_carries_the_token_and_swaps_only_answers(form, status, swapped):
    seen = []
    form.route(
        "**/go/part",
        lambda route: (seen.append(route.request.headers), route.fulfill(status=status, body="<p>part</p>")),
    )
    form.evaluate(
        """() => {
          document.querySelector("#main").insertAdjacentHTML("beforeend", '<button id="part" hx-post="/go/part" hx-target="#there">x</button><div id="there"></div>')
          htmx.process(document.querySelector("#main"))
        }"""
    )
    form.click("#part")
    form.wait_for_timeout(400)
    assert seen[0]["x-csrf-token"] == "sample-token"
    assert (form.inner_text("#there") == "part") is swapped
    assert form.is_visible("[data-hint=failed]") is not swapped


def test_paper_carries_no_navigation(form):
    form.emulate_media(media="print")
    assert not form.is_visible(".top")
    assert not form.is_visible(".form-bar")
    assert form.is_visible("h1")


def test_every_sample_is_whole_without_scripts(browser, samples):
    context = browser.new_context(java_script_enabled=False, viewport={"width": 360, "height": 740})
    opened = context.new_page()
    for name in ("sign_in", "my_day", "cases", "case", "assessment", "search", "status"):
        opened.goto(f"{samples}/en/{name}")
        assert opened.is_visible("h1")
        assert opened.locator("[data-print]:visible").count() == 0
        assert opened.locator("#hint-bar:visible").count() == 0
    context.close()
