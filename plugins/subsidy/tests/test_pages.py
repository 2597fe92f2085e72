from __future__ import annotations

from casework_programs.subsidy.queries import all_terms, hospital_account


def fill_terms(form, **changes):
    for name, value in {"valid_from": "2026-04-01", **changes}.items():
        form[name] = value
    return form.submit(expect_errors=True)


def test_a_member_votes_without_learning_a_name(office, browse):
    case = office.recommended()
    browser = browse(office.network["committee"])
    assert "Applications to vote on" in browser.get("/").text
    page = browser.get("/programs/subsidy/committee").click("陈某")
    assert "陈小华" not in page.text
    assert case.number not in page.text
    assert "9,796" in page.text
    form = page.forms["form-main"]
    form["vote"] = "no"
    answer = form.submit(expect_errors=True)
    assert answer.status_int == 422
    assert "Write why" in answer.text
    form = answer.forms["form-main"]
    form["reason"] = "Another fund is there."
    assert form.submit().follow().status_int == 200
    assert "Another fund" not in browser.get(f"/programs/subsidy/committee/{case.id}").text
    browser.get(f"/cases/{case.id}", status=403)


def test_the_arithmetic_is_shown_line_by_line_to_those_who_work_on_it(office, browse):
    case = office.submitted()
    fund = browse(office.network["fund"])
    assert "A first look" in fund.get(f"/cases/{case.id}").click("Arithmetic").text
    worker = browse(office.network["worker"])
    page = worker.get(f"/cases/{office.begin(name='李明').id}").click("Arithmetic")
    assert "not handed in yet" in page.text


def test_the_frozen_arithmetic_tells_the_votes(office, browse):
    case = office.decided()
    page = browse(office.network["coordinator"]).get(f"/programs/subsidy/cases/{case.id}/arithmetic")
    assert "人民币玖仟柒佰玖拾陆元整" in page.text
    assert "The committee voted for it." in page.text


def test_everybody_reads_the_notices_and_no_machine_keeps_them(office, browse, app):
    case = office.decided()
    office.move(case, "publish-notice", "fund")
    answer = app.get("/notices")
    assert "陈某" in answer.text
    assert "陈小华" not in answer.text
    assert case.number not in answer.text
    assert answer.headers["X-Robots-Tag"].startswith("noindex")
    assert '<meta name="robots" content="noindex' in answer.text


def test_terms_are_set_on_a_page_with_every_problem_at_once(office, browse):
    browser = browse(office.network["chief"])
    page = browser.get("/programs/subsidy/terms")
    assert "In force since" in page.text
    form = page.click("Set new terms").forms["form-main"]
    answer = fill_terms(form, line="much", committee_votes="4")
    assert answer.status_int == 422
    assert 'href="#line"' in answer.text
    assert 'href="#committee_votes"' in answer.text
    assert fill_terms(answer.forms["form-main"], line="1300", committee_votes="3").status_int == 303
    newest = all_terms(office.as_system(), office.fund.id)[0]
    assert (newest.data["line"], newest.valid_from.isoformat()) == ("1300", "2026-04-01")
    assert newest.data["diseases"]
    again = fill_terms(browser.get(f"/programs/subsidy/terms/{office.fund.id}/new").forms["form-main"])
    assert "Choose another day" in again.text


def test_terms_of_a_fund_are_set_by_those_who_keep_it_alone(office, browse):
    address = f"/programs/subsidy/terms/{office.fund.id}/new"
    browse(office.network["fund"]).get(address, status=403)
    browse(office.network["coordinator"]).get(address, status=404)


def test_the_account_of_the_hospital_is_set_on_a_page(office, browse):
    hospital = office.network.units["hospital"].id
    browser = browse(office.network["coordinator"])
    form = browser.get(f"/programs/subsidy/accounts/{hospital}").forms["form-main"]
    form["account"] = "?"
    answer = form.submit(expect_errors=True)
    assert answer.status_int == 422
    form = answer.forms["form-main"]
    form["account"] = "4400 9876 5432"
    form.submit().follow()
    assert hospital_account(office.as_system(), office.network.units["ward"].id).account == "440098765432"


def test_the_pages_of_a_case_go_with_every_state(office, browse):
    case = office.submitted()
    fund = browse(office.network["fund"])
    page = fund.get(f"/cases/{case.id}")
    assert "Accept the application" in page.text
    assert fund.get(f"/cases/{case.id}/moves/ask-supplement").status_int == 200
    page = fund.get(f"/cases/{case.id}/moves/accept")
    assert page.forms["form-main"].submit().follow().status_int == 200
    assert office.dossier(case).case.state == "accepted"


def test_what_was_signed_with_a_step_is_corrected_by_nobody_else(office, browse):
    case = office.recommended()
    review = office.dossier(case).signed("subsidy.review")
    address = f"/cases/{case.id}/responses/{review.id}/amend"
    assert 'name="_reason"' in browse(office.network["supervisor"]).get(address).text
    for name in ("coordinator", "supervisor-two"):
        browser = browse(office.network[name])
        browser.get(address.removesuffix("/amend"))
        browser.get(address, status=403)
