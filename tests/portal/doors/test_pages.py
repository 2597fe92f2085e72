"""The pages by which patients come in, and those of messages and of the paper from the desk."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
import sqlalchemy as sa

from casework.portal.accounts import account_for_phone, open_client_grant
from casework.portal.codes import give_desk_code, resume_code
from casework.portal.consents import consented, give_consent
from casework.programs import Programs
from casework.staff.model import Account

from .conftest import PURPOSES, Plugin

PHONE = "+8613800138000"


@pytest.fixture(autouse=True)
def reads_english(app):
    app.extra_environ["HTTP_ACCEPT_LANGUAGE"] = "en"


@pytest.fixture
def mother(case, visitor, as_actor):
    account = account_for_phone(visitor(), PHONE)
    open_client_grant(as_actor(account), account.id, case)
    return account


def send_form(page, **fields):
    """Send the form of the page, not that of the language."""
    form = next(form for form in page.forms.values() if set(fields) <= set(form.fields))
    for name, value in fields.items():
        form[name] = value
    return form.submit(expect_errors=True)


def ask_for_code(app, phone="13800138000", address="/my/sign-in"):
    return send_form(app.get(address), phone=phone)


def test_a_patient_signs_in_by_a_code_on_her_phone(app, sent, mother):
    answer = ask_for_code(app)
    assert answer.status_int == 303
    page = answer.follow()
    assert "8000" in page.text
    assert "13800138000" not in page.text
    code = re.search(r"\d{6}", sent()[-1][1]).group()
    answer = send_form(page, code=code)
    assert (answer.status_int, answer.location) == (303, "http://localhost/my")
    assert any(each.startswith("casework=") for each in answer.headers.getall("Set-Cookie"))
    assert app.get("/my/sign-in").status_int == 303
    assert app.get("/my/sign-in/code").status_int == 303


def test_a_known_phone_gets_the_same_answers_as_an_unknown_one(app, mother, application, session):
    from casework.testing.browsing import Browser

    known = ask_for_code(app)
    unknown = ask_for_code(Browser(application, session), "13900139000")
    assert (known.status_int, known.location, known.body) == (
        unknown.status_int,
        unknown.location,
        unknown.body,
    )


def test_going_on_after_signing_in_leads_to_where_one_was_going(app, sent, mother):
    page = ask_for_code(app, address="/my/sign-in?next=/my/applications/7").follow()
    code = re.search(r"\d{6}", sent()[-1][1]).group()
    assert send_form(page, code=code).location == "http://localhost/my/applications/7"


@pytest.mark.parametrize(
    "wanted", ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:1"]
)
def test_going_on_never_leads_elsewhere(app, sent, mother, wanted):
    page = send_form(app.get("/my/sign-in", {"next": wanted}), phone="13800138000").follow()
    code = re.search(r"\d{6}", sent()[-1][1]).group()
    assert send_form(page, code=code).location == "http://localhost/my"


def test_a_landline_is_told_what_to_do_and_stays_typed(app):
    answer = ask_for_code(app, "0757-86223344")
    assert answer.status_int == 422
    assert "paper code" in answer.text
    assert 'value="0757-86223344"' in answer.text


def test_a_wrong_code_is_counted_though_the_page_is_an_error(app, sent):
    page = ask_for_code(app).follow()
    code = re.search(r"\d{6}", sent()[-1][1]).group()
    for _each in range(5):
        page = send_form(page, code=f"{(int(code) + 1) % 10**6:06d}")
        assert page.status_int == 422
    answer = send_form(page, code=code)
    assert answer.status_int == 422
    assert "not good any more" in answer.text


def test_a_code_is_useless_in_another_browser(app, application, session, sent):
    from casework.testing.browsing import Browser

    page = ask_for_code(app).follow()
    code = re.search(r"\d{6}", sent()[-1][1]).group()
    thief = Browser(application, session)
    assert thief.get("/my/sign-in/code").status_int == 303
    ask_for_code(thief, "13900139000")
    assert send_form(thief.get("/my/sign-in/code"), code=code).status_int == 422
    assert send_form(page, code=code).status_int == 303


def test_too_many_texts_are_refused_with_how_long_to_wait(app):
    for _each in range(4):
        ask_for_code(app)
    answer = ask_for_code(app)
    assert (answer.status_int, answer.headers["Retry-After"]) == (429, "60")


def test_no_text_is_sent_for_a_form_of_another_site(app, sent):
    app.post("/my/sign-in", {"phone": "13800138000"}, status=400)
    assert sent() == []


def test_without_an_adapter_the_page_names_the_desk(application, session):
    from casework.testing.browsing import Browser

    kept = application.registry["casework.programs"]
    application.registry["casework.programs"] = Programs({"alms": Plugin()})
    try:
        page = Browser(application, session).get("/my/sign-in", headers={"Accept-Language": "en"})
        assert "code on paper" in page.text
        assert 'name="phone"' not in page.text
    finally:
        application.registry["casework.programs"] = kept


def test_the_outbox_is_there_in_a_demonstration_alone(app, application, settings, mother):
    ask_for_code(app)
    app.get("/outbox", status=404)
    application.registry["casework.settings"] = replace(settings, demo=True)
    try:
        page = app.get("/outbox")
        assert "+8613800138000" in page.text
        assert "Outbox" in page.text
        assert "/outbox" in app.get("/my/sign-in/code").text
    finally:
        application.registry["casework.settings"] = settings


def test_a_paper_code_signs_in_and_says_nothing_when_it_is_wrong(app, case, network, as_actor, session):
    code = give_desk_code(as_actor(network["worker"]), case)
    page = app.get("/my/code")
    wrong = send_form(page, code="AAAAA-AAAAA")
    nonsense = send_form(page, code="!")
    assert wrong.status_int == nonsense.status_int == 422
    answer = send_form(page, code=code.lower())
    assert (answer.status_int, answer.location) == (303, "http://localhost/my")
    assert any(each.startswith("casework=") for each in answer.headers.getall("Set-Cookie"))


def test_a_code_to_come_back_signs_in_again(app, case, mother, as_actor):
    answer = send_form(app.get("/my/code"), code=resume_code(as_actor(mother), case))
    assert answer.status_int == 303


def test_staff_are_sent_home_from_the_pages_of_codes(browse, network, case, as_actor, session):
    code = give_desk_code(as_actor(network["worker"]), case)
    worker = browse(network["worker"])
    page = worker.get("/my/code")
    assert (page.status_int, page.location) == (303, "http://localhost/")
    before = session.scalar(sa.select(sa.func.count()).select_from(Account))
    token = re.search(r'name="csrf_token" value="([^"]+)"', worker.get("/account").text).group(1)
    assert worker.post("/my/code", {"code": code, "csrf_token": token}).location == "http://localhost/"
    assert session.scalar(sa.select(sa.func.count()).select_from(Account)) == before


def test_the_paper_is_printed_in_both_languages_and_once(browse, network, case):
    worker = browse(network["worker"])
    page = worker.get(f"/cases/{case.id}/code")
    paper = next(f for f in page.forms.values() if f.action.endswith("/code")).submit()
    codes = re.findall(r"[0-9A-Z]{5}-[0-9A-Z]{5}(?=<)", paper.text)
    assert len(codes) == 2
    assert codes[0] == codes[1]
    assert 'lang="en"' in paper.text
    assert 'lang="zh-Hans"' in paper.text
    assert "/my/code" in paper.text
    assert codes[0] not in worker.get(f"/cases/{case.id}/code").text


def test_a_paper_is_made_useless_from_the_list(browse, network, case, app):
    worker = browse(network["coordinator"])
    page = worker.get(f"/cases/{case.id}/code")
    paper = next(f for f in page.forms.values() if f.action.endswith("/code")).submit()
    code = re.search(r"[0-9A-Z]{5}-[0-9A-Z]{5}(?=<)", paper.text).group()
    page = worker.get(f"/cases/{case.id}/code")
    next(f for f in page.forms.values() if f.action.endswith("/revoke")).submit("code", status=303)
    assert send_form(app.get("/my/code"), code=code).status_int == 422


def test_messages_go_from_page_to_page(browse, network, case, mother):
    hers, office = browse(mother), browse(network["worker"])
    answer = send_form(hers.get(f"/my/messages/{case.id}"), body="When do I hear from you?")
    assert answer.status_int == 303
    first = office.get("/")
    assert "New messages" in first.text
    assert f"/cases/{case.id}/messages" in first.text
    page = office.get(f"/cases/{case.id}/messages")
    assert "When do I hear from you?" in page.text
    send_form(page, body="Next week.")
    assert "New messages" not in office.get("/").text
    assert "Next week." in hers.get(f"/my/messages/{case.id}").text


def test_the_case_page_shows_what_was_written(browse, network, case, mother):
    send_form(browse(mother).get(f"/my/messages/{case.id}"), body="When do I hear from you?")
    page = browse(network["coordinator"]).get(f"/cases/{case.id}")
    assert "When do I hear from you?" in page.text
    assert f"/cases/{case.id}/code" in page.text


def test_an_empty_message_is_refused_on_its_page(browse, case, mother):
    answer = send_form(browse(mother).get(f"/my/messages/{case.id}"), body=" ")
    assert answer.status_int == 422
    assert "Write a message" in answer.text


def test_the_pages_of_anothers_case_are_not_there(browse, new_case, mother, network):
    other = new_case("另一人")
    hers = browse(mother)
    for address in ("messages", "consents"):
        hers.get(f"/my/{address}/{other.id}", status=404)
    hers.get(f"/cases/{other.id}/code", status=404)
    hers.get(f"/cases/{other.id}/messages", status=404)


def test_a_patient_has_no_pages_of_the_office(browse, case, mother):
    hers = browse(mother)
    for address in ("code", "messages"):
        hers.get(f"/cases/{case.id}/{address}", status=403)


def test_a_consent_is_withdrawn_by_one_click_and_the_answer_names_what_stays(browse, case, mother, as_actor):
    work = as_actor(mother)
    consent = give_consent(work, case, PURPOSES[1], relation="self", how="portal")
    hers = browse(mother)
    token = re.search(r'name="csrf_token" value="([^"]+)"', hers.get(f"/my/messages/{case.id}").text).group(1)
    fields = {"consent": str(consent.id), "csrf_token": token}
    assert hers.post(f"/my/consents/{case.id}/withdraw", fields).status_int == 303
    assert not consented(as_actor(mother), case.id, "publication")
    page = hers.get(f"/my/messages/{case.id}")
    assert "vouchers" in page.text
    hers.post(f"/my/consents/{case.id}/withdraw", fields | {"consent": "999999"}, status=404)


def test_what_was_typed_when_the_session_ran_out_is_back_after_the_next_code(
    browse, case, mother, clock, sent
):
    hers = browse(mother)
    page = hers.get(f"/my/messages/{case.id}")
    clock.move(minutes=31)
    answer = send_form(page, body="A long letter")
    assert answer.location.startswith("http://localhost/my/sign-in?")
    page = send_form(answer.follow(), phone="13800138000").follow()
    answer = send_form(page, code=re.search(r"\d{6}", sent()[-1][1]).group())
    assert answer.location.startswith(f"http://localhost/my/messages/{case.id}?held=")
    assert "A long letter" in answer.follow().text


def test_whoever_signs_out_of_the_portal_comes_back_to_its_door(browse, case, mother):
    hers = browse(mother)
    page = hers.get(f"/my/messages/{case.id}")
    answer = next(form for form in page.forms.values() if form.action.endswith("/sign-out")).submit()
    assert answer.location == "http://localhost/my/sign-in"
