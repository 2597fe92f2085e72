"""Filling in, keeping, signing and correcting in a browser without scripts."""

from __future__ import annotations

import re
from typing import Any

import pytest
import sqlalchemy as sa

from casework.cases.usecases import move, refer
from casework.forms import queries
from casework.forms.library import library_of
from casework.forms.model import Response
from casework.forms.usecases import start_answers
from casework.people.usecases import register_person

NAUGHTY = "<script>alert('x')</script>\"'><img src=x onerror=alert(1)> {{ 7*7 }} %(x)s %"


@pytest.fixture
def case(network, as_actor):
    nurse = as_actor(network["nurse"])
    person = register_person(nurse, unit_id=network.units["ward"].id, full_name="陈<b>大文")
    answers = {
        **start_answers(nurse, library_of(nurse)["referral"]),
        "urgency": "routine",
        "reasons": ["financial"],
        "agrees": "yes",
    }
    ward = network.units["ward"].id
    opened = refer(nurse, program_key="casework", unit_id=ward, person_id=person.id, answers=answers)
    coordinator = as_actor(network["coordinator"])
    move(coordinator, opened, "assign", worker_id=network["worker"].id)
    coordinator.session.commit()
    return opened


@pytest.fixture
def desk(case, network, as_actor):
    return as_actor(network["worker"])


@pytest.fixture
def browser(desk, browse, network):
    return browse(network["worker"])


@pytest.fixture
def url(case):
    return f"/cases/{case.id}/forms/contact-note"


def signed(desk, case, key="contact-note"):
    return queries.latest_signed(desk, case, key)


def test_a_contact_note_needs_one_field_and_one_button(browser, url, desk, case):
    page = browser.get(url)
    form = page.forms["form-main"]
    form["content"] = "Rang the daughter."
    answer = form.submit("_action", value="sign", status=303)
    assert answer.location.endswith(f"/cases/{case.id}")
    assert signed(desk, case).answers["content"] == "Rang the daughter."


def test_what_has_to_be_mended_leads_to_its_field_and_loses_nothing(browser, url):
    form = browser.get(url).forms["form-main"]
    form["minutes"] = "about ten"
    page = form.submit("_action", value="sign", status=422)
    assert 'href="#content"' in page
    assert 'href="#minutes"' in page
    assert page.forms["form-main"]["minutes"].value == "about ten"
    assert page.html.title.text.startswith("Error:")


def test_a_draft_is_kept_and_resumed(browser, url, desk, case):
    form = browser.get(url).forms["form-main"]
    form["content"] = "Half a sent"
    kept = browser.post(f"{url}/draft", {**dict(form.submit_fields()), "_action": "update"}, status=303)
    page = kept.follow()
    assert page.forms["form-main"]["content"].value == "Half a sent"
    assert page.forms["form-main"]["_version"].value == "1"
    drafts = browser.get("/drafts")
    assert "Contact note" in drafts
    assert url in drafts


def test_a_script_that_saves_gets_the_version_and_the_time(browser, url):
    fields = dict(browser.get(url).forms["form-main"].submit_fields())
    answer = browser.post(f"{url}/draft", fields, headers={"Accept": "application/json"})
    assert answer.json == {"_version": "1", "saved": "10:00"}
    fields |= {"_version": "1", "content": "more"}
    assert (
        browser.post(f"{url}/draft", fields, headers={"Accept": "application/json"}).json["_version"] == "2"
    )
    assert browser.post(
        f"{url}/draft", {**fields, "content": "x"}, headers={"Accept": "application/json"}, status=409
    )


def test_two_windows_see_both_texts_escaped_and_nothing_is_lost(browser, url, desk, case):
    one = dict(browser.get(url).forms["form-main"].submit_fields())
    two = dict(browser.get(url).forms["form-main"].submit_fields())
    browser.post(f"{url}/draft", {**one, "content": "First & saved"}, status=303)
    page = browser.post(f"{url}/draft", {**two, "content": NAUGHTY}, status=409)
    assert "First &amp; saved" in page
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert" in page
    again = next(f for f in page.forms.values() if f.action.endswith("/draft"))
    again.submit("_action", status=303)
    assert queries.draft_for(desk, case, "contact-note").answers["content"] == NAUGHTY


def test_a_page_sent_twice_signs_once(browser, url, desk, case):
    form = browser.get(url).forms["form-main"]
    form["content"] = "Once."
    form.submit("_action", value="sign", status=303)
    form.submit("_action", value="sign", status=303)
    rows = desk.session.scalars(sa.select(Response).where(Response.form_key == "contact-note")).all()
    assert len(rows) == 1


def test_forged_fields_are_dropped_with_a_line_in_the_log(browser, url, desk, case, caplog):
    fields = dict(browser.get(url).forms["form-main"].submit_fields())
    forged = {
        "risk_high": "yes",
        "status": "draft",
        "author_id": "1",
        "case_id": "2",
        "compartment": "finance",
    }
    with caplog.at_level("WARNING", "casework.forms"):
        browser.post(url, {**fields, "content": "secret words", **forged}, status=303)
    found = signed(desk, case)
    assert not forged.keys() & found.answers.keys()
    assert (found.compartment, found.case_id) == ("case", case.id)
    assert "fields=risk_high" in caplog.text
    assert "secret words" not in caplog.text


def test_a_field_sent_twice_is_refused(browser, url):
    fields = list(browser.get(url).forms["form-main"].submit_fields())
    browser.post(url, [*fields, ("content", "a"), ("content", "b")], status=400)


def test_what_a_change_shows_comes_alone(browser, url):
    fields = dict(browser.get(url).forms["form-main"].submit_fields())
    answer = browser.post("/forms/contact-note/shown", {**fields, "risk_change": "higher"})
    assert 'id="when-risk_high" hx-swap-oob="true"' in answer
    assert 'name="content"' not in answer
    same = browser.post(
        "/forms/contact-note/shown", [*fields.items(), ("risk_change", "higher"), ("_shown[]", "risk_high")]
    )
    assert "when-" not in same
    gone = browser.post("/forms/contact-note/shown", [*fields.items(), ("_shown[]", "risk_high")])
    assert 'id="when-risk_high"' in gone
    assert 'name="risk_high"' not in gone


def test_a_response_is_read_escaped_and_printed(browser, url, desk, case):
    fields = dict(browser.get(url).forms["form-main"].submit_fields())
    browser.post(url, {**fields, "content": NAUGHTY, "participants": NAUGHTY, "minutes": "30"}, status=303)
    page = browser.get(f"/cases/{case.id}/responses/{signed(desk, case).id}")
    assert "<script>alert" not in page
    assert "<img src=x" not in page
    assert "陈&lt;b&gt;大文" in page
    assert re.search(r"30\s*minutes", page.text)


def test_correcting_keeps_both_texts(browser, url, desk, case):
    fields = dict(browser.get(url).forms["form-main"].submit_fields())
    browser.post(url, {**fields, "content": "Rang the daughter."}, status=303)
    old = f"/cases/{case.id}/responses/{signed(desk, case).id}"
    page = browser.get(f"{old}/amend")
    form = page.forms["form-main"]
    form["content"] = "Rang the son."
    assert "Write why" in form.submit("_action", value="sign", status=422)
    form["_reason"] = "Wrong person"
    new = form.submit("_action", value="sign", status=303).follow()
    assert "Rang the son." in new
    assert "Wrong person" in new
    former = browser.get(old)
    assert "Rang the daughter." in former
    assert "This was corrected" in former
    assert "Changed at the same time" in form.submit("_action", value="sign", status=409)


def test_a_paged_form_goes_on_section_by_section_and_leads_back_to_what_is_missing(
    network, as_actor, browse, case, desk
):
    as_actor(network["coordinator"])
    screening = {
        "eligible": True,
        **dict.fromkeys(("self_harm", "harm_to_others", "abuse", "no_carer", "cannot_pay", "leaving"), False),
        "result": "accept",
        "reason": "fits",
    }
    move(as_actor(network["worker"]), case, "accept", answers=screening)
    desk.session.commit()
    browser = browse(network["worker"])
    url = f"/cases/{case.id}/forms/psychosocial"
    page = browser.get(url)
    assert page.forms["form-main"]["_section"].value == "concern"
    form = page.forms["form-main"]
    form["problem"] = "Cannot pay."
    page = browser.post(
        f"{url}/draft", {**dict(form.submit_fields()), "_action": "next"}, status=303
    ).follow()
    assert page.forms["form-main"]["_section"].value == "daily"
    assert queries.draft_for(desk, case, "psychosocial").answers["problem"] == "Cannot pay."
    last = browser.get(f"{url}?section=opinion").forms["form-main"]
    last["formulation"] = "Illness took the income."
    page = last.submit("_action", value="sign", status=303).follow()
    assert "section=risk" in page
    assert page.forms["form-main"]["formulation"].value == "Illness took the income."
    row = dict(page.forms["form-main"].submit_fields()) | {
        "needs.0.need": "financial",
        "_action": "row:needs",
    }
    answer = browser.post(f"{url}/draft", row, status=303)
    assert answer.location.endswith("section=opinion#needs")
    page = answer.follow()
    assert "needs.1.need" in page.forms["form-main"].fields


def test_a_form_is_not_written_in_a_state_that_does_not_use_it(browser, case):
    assert "is not written while" in browser.get(f"/cases/{case.id}/forms/plan", status=409)
    browser.get(f"/cases/{case.id}/forms/referral", status=404)
    browser.get(f"/cases/{case.id}/forms/nothing", status=404)


def test_a_case_that_may_not_be_seen_has_no_forms(case, url, desk, browse, network):
    stranger = browse(network["other-worker"])
    stranger.get(url, status=404)
    stranger.get(f"/cases/{case.id}/responses/1", status=404)


def test_a_draft_is_discarded_by_its_author_alone(browser, url, desk, case, browse, network):
    fields = dict(browser.get(url).forms["form-main"].submit_fields())
    browser.post(f"{url}/draft", fields, status=303)
    number = queries.draft_for(desk, case, "contact-note").id
    colleague = browse(network["colleague"])
    token = colleague.get("/drafts").text.split('name="csrf_token" value="')[1].split('"')[0]
    colleague.post(f"/drafts/{number}/discard", {"csrf_token": token}, status=404)
    page = browser.get("/drafts")
    form = next(f for f in page.forms.values() if f.action.endswith("/discard"))
    assert "No drafts" in form.submit(status=303).follow()


@pytest.mark.parametrize("fields", [{"_version": "one"}, {"_version": "9" * 40}, {"_section": "x" * 200}])
def test_absurd_control_fields_are_bad_requests(browser, url, fields: dict[str, Any]):
    sent = dict(browser.get(url).forms["form-main"].submit_fields())
    browser.post(f"{url}/draft", {**sent, **fields}, status=400)


def test_what_was_typed_before_a_session_ended_is_on_the_page_after_signing_in_again(
    browser, url, clock, browse, network
):
    fields = list(browser.get(url).forms["form-main"].submit_fields())
    typed = [field for field in fields if field[0] != "content"] + [("content", "Typed too slowly.")]
    clock.move(hours=2)
    answer = browser.post(url, typed, status=303)
    assert "held=" in answer.location
    held = answer.location.split("held=")[1].split("&")[0]
    page = browse(network["worker"]).get(f"{url}?held={held}")
    assert page.forms["form-main"]["content"].value == "Typed too slowly."
