from __future__ import annotations

from datetime import date

import pytest

from casework.documents.queries import documents_of
from casework.errors import Invalid, Refused
from casework.funds.paying import confirm_payment, record_slip, send_back
from casework.funds.queries import balance, committed_for, payments_of
from casework.funds.usecases import commit
from casework.people.usecases import record_death
from casework_programs.subsidy.deciding import first_look
from casework_programs.subsidy.queries import assessment_of
from casework_programs.subsidy.usecases import expire_idle, set_terms

YUAN = 100


def told(caught):
    return " ".join(refusal.reason.text for refusal in caught.value.refusals)


def kinds(office, case):
    return [event.kind for event in office.dossier(case).events]


def pay(office, case):
    """Confirm the payment that was ordered and record its slip."""
    [payment] = [each for each in payments_of(office.at("finance"), case.id) if each.status == "ordered"]
    confirm_payment(office.at("finance"), payment)
    work = office.at("finance-two")
    slip = {"amount": payment.amount, "payee_name": payment.payee_name}
    record_slip(work, payment, **slip, slip_number=f"S-{payment.id}", paid_on=work.today)
    return payment


def test_what_a_decision_rests_on_is_frozen_with_its_terms(office):
    case = office.recommended()
    frozen = assessment_of(office.as_system(), case.id)
    set_terms(office.at("chief"), office.fund.id, date(2026, 3, 3), {**office.TERMS, "deductible": "0"})
    again = assessment_of(office.as_system(), case.id)
    assert (again.award, again.terms_hash) == (9796 * YUAN, frozen.terms_hash)
    assert again.facts["budget_left"] == "100000"


def test_the_means_test_uses_the_terms_of_the_day_of_the_application(office, clock):
    before = office.visited()
    set_terms(office.at("chief"), office.fund.id, date(2026, 3, 3), {**office.TERMS, "rates": {"A": "0.8"}})
    clock.move(days=1)
    office.move(before, "recommend", "supervisor", office.REVIEW)
    assert assessment_of(office.as_system(), before.id).award == 9796 * YUAN


def test_a_bill_of_another_application_stops_the_recommendation(office):
    office.recommended(name="李明", born="2001-02-03")
    case = office.visited(name="王芳", born="2002-02-03")
    twice = {**office.REVIEW, "bills": [{"bill_number": "０４４０ 1", "bill_total": 18642035}]}
    with pytest.raises(Refused) as caught:
        office.move(case, "recommend", "supervisor", twice)
    assert "part of application" in str([each.reason.values for each in caught.value.refusals])
    assert office.dossier(case).case.state == "first_review"


def test_a_second_application_for_the_same_illness_stops(office):
    office.recommended()
    case = office.visited()
    other = {**office.REVIEW, "bills": [{"bill_number": "other", "bill_total": 18642035}]}
    with pytest.raises(Refused) as caught:
        office.move(case, "recommend", "supervisor", other)
    assert "same illness" in str([each.reason.values for each in caught.value.refusals])


def test_less_may_be_recommended_and_never_more(office):
    case = office.visited()
    less = {**office.REVIEW, "recommendation": "grant-less"}
    with pytest.raises(Invalid, match="recommended_amount"):
        office.move(case, "recommend", "supervisor", {**less, "recommended_amount": 9797 * YUAN})
    office.move(case, "recommend", "supervisor", {**less, "recommended_amount": 5000 * YUAN})
    assert assessment_of(office.as_system(), case.id).award == 5000 * YUAN


def test_discretion_leaves_the_means_aside_and_not_the_caps(office):
    case = office.visited()
    rich = [{**row, "income_wage": 2000000} for row in office.REVIEW["household"]]
    review = {**office.REVIEW, "household": rich}
    with pytest.raises(Refused):
        office.move(case, "recommend", "supervisor", review)
    wish = {**review, "recommendation": "discretion"}
    with pytest.raises(Invalid):
        office.move(case, "recommend", "supervisor", {**wish, "recommended_amount": 20001 * YUAN})
    office.move(case, "recommend", "supervisor", {**wish, "recommended_amount": 3000 * YUAN})
    assert assessment_of(office.as_system(), case.id).award == 3000 * YUAN


def test_who_is_close_to_the_family_neither_visits_nor_recommends(office):
    case = office.submitted()
    office.move(case, "accept", "fund")
    office.move(case, "assign", "fund", worker_id=office.network["colleague"].id)
    with pytest.raises(Refused, match="Let others"):
        office.move(case, "verify", "colleague", {**office.VISIT, "relation": True})
    office.move(case, "verify", "colleague", office.VISIT)
    related = {**office.REVIEW, "related": True, "related_how": "A cousin."}
    with pytest.raises((Refused, Invalid)):
        office.move(case, "recommend", "supervisor", related)


def test_no_more_is_promised_than_the_fund_has(office):
    case = office.decided(notice=False)
    other = office.begin(name="李明", born="2001-02-03")
    commit(office.at("chief"), office.fund.id, other, 95_000 * YUAN, key="elsewhere")
    with pytest.raises(Refused, match="available"):
        office.move(case, "approve", "coordinator")
    assert office.dossier(case).case.state == "committee"
    assert balance(office.at("finance"), office.fund.id).committed == 95_000 * YUAN


def test_a_refusal_says_why_what_to_bring_and_until_when_to_appeal(office):
    case = office.decided("no")
    office.move(case, "reject", "coordinator", office.REFUSAL)
    [letter] = documents_of(office.at("coordinator"), case.id, "refusal")
    values = letter.letter_values
    assert values["reason"] == "其他原因"
    assert values["bring"] == "Bank statements of 12 months."
    assert values["until"] == "2026-04-01"
    assert values["lines"][0]["how"].startswith("4,200.00")


def test_a_withdrawn_award_is_free_again(office):
    case = office.approved()
    office.move(case, "withdraw", "colleague", reason="They found other help.")
    assert balance(office.at("finance"), office.fund.id).committed == 0


def test_a_payment_that_was_sent_back_is_ordered_anew(office):
    case = office.ordered()
    with pytest.raises(Refused, match="under way"):
        office.move(case, "order-payment", "fund")
    [payment] = payments_of(office.at("finance"), case.id)
    send_back(office.at("finance"), payment, "The account is closed.")
    assert kinds(office, case)[-1] == "payment.sent-back"
    office.move(case, "order-payment", "fund")
    assert [each.status for each in payments_of(office.at("finance"), case.id)] == ["sent_back", "ordered"]


def test_the_settlement_must_add_up(office):
    case = office.ordered()
    pay(office, case)
    said = {"settled_on": "2026-03-02", "receipt_number": "R", "used_amount": 1, "returned_amount": 0}
    with pytest.raises(Invalid, match="returned_amount"):
        office.move(case, "settle", "fund", said)


def test_money_that_is_asked_back_returns_to_the_fund(office):
    case = office.ordered()
    pay(office, case)
    office.move(case, "claim-back", "coordinator", reason="The bill was false.")
    back = {
        "settled_on": "2026-03-02",
        "receipt_number": "R",
        "used_amount": 0,
        "returned_amount": 9796 * YUAN,
    }
    office.move(case, "record-repayment", "fund", back, reason="Nothing is left to follow.")
    assert balance(office.at("finance"), office.fund.id).bank == 100_000 * YUAN


def test_after_a_death_only_the_bill_is_paid(office):
    case = office.approved(review={"unpaid_bill": 4000 * YUAN})
    work = office.at("supervisor")
    record_death(work, office.dossier(case).person, work.today)
    own = {
        **office.AGREEMENT,
        "payee_kind": "own",
        "payee_name": "李秀英",
        "payee_bank": "Bank",
        "payee_account": "6222020000000000004",
    }
    with pytest.raises(Invalid):
        office.move(case, "sign-agreement", "colleague", own)
    office.move(case, "sign-agreement", "colleague", office.AGREEMENT)
    office.move(case, "order-payment", "fund")
    [payment] = payments_of(office.at("finance"), case.id)
    assert payment.amount == 4000 * YUAN
    assert committed_for(office.at("finance"), office.fund.id, case.id) == 4000 * YUAN


def test_nothing_is_handed_in_without_the_consents_that_are_needed(office):
    case = office.begin(consents=False)
    with pytest.raises(Refused, match="Agree to"):
        office.move(case, "submit", "worker", office.APPLICATION)


def test_missing_papers_are_asked_for_once(office):
    case = office.submitted()
    asked = {"missing": [{"missing_kind": "income", "missing_what": "Pay slips"}]}
    office.move(case, "ask-supplement", "fund", asked)
    office.move(case, "answer-supplement", "worker", {"added": "Pay slips", "cannot_get": False})
    with pytest.raises(Refused, match="once"):
        office.move(case, "ask-supplement", "fund", asked)
    office.move(case, "accept", "fund")
    assert office.dossier(case).case.state == "accepted"


def test_what_nobody_goes_on_with_ends_by_itself(office, clock):
    draft, asked = office.begin(), office.submitted(name="李明")
    missing = {"missing": [{"missing_kind": "income", "missing_what": "Pay slips"}]}
    office.move(asked, "ask-supplement", "fund", missing)
    clock.move(days=14)
    assert expire_idle(office.as_system()) == 0
    clock.move(days=1)
    assert expire_idle(office.as_system()) == 1
    assert office.dossier(asked).case.state == "expired"
    clock.move(days=16)
    assert expire_idle(office.as_system()) == 1
    assert office.dossier(draft).case.state == "expired"


def test_the_arithmetic_can_be_looked_at_before_anything_is_confirmed(office):
    case = office.submitted()
    worked = first_look(office.at("fund"), office.dossier(case))
    assert worked.assessment.award == 9796


def test_an_appeal_is_decided_by_others_and_reviewed_by_others(office, clock):
    case = office.decided("no")
    office.move(case, "reject", "coordinator", office.REFUSAL)
    with pytest.raises(Refused, match="can ask for another look until"):
        office.move(case, "close", "fund")
    office.move(case, "appeal", "colleague", {"appeal_why": "The income has changed.", "appeal_new": False})
    answer = {"result": "grant", "explanation": "The income was not asked.", "other_help": ""}
    with pytest.raises(Refused, match="refused this"):
        office.move(case, "decide-appeal-grant", "coordinator", answer)
    office.move(case, "decide-appeal-grant", "chief", answer)
    with pytest.raises(Refused, match="recommended"):
        office.move(case, "recommend", "supervisor", office.REVIEW)
    office.move(case, "recommend", "supervisor-two", office.REVIEW)
    assert assessment_of(office.as_system(), case.id).round == 2


def test_an_appeal_comes_within_its_days_and_once(office, clock):
    case, late = office.submitted(), office.submitted(name="李明", born="2001-02-03")
    office.move(case, "reject", "coordinator", office.REFUSAL)
    office.move(late, "reject", "coordinator", office.REFUSAL)
    why = {"appeal_why": "The income has changed.", "appeal_new": False}
    clock.move(days=30)
    office.move(case, "appeal", "worker", why)
    answer = {"result": "uphold", "explanation": "It has not.", "other_help": "Civil affairs."}
    office.move(case, "decide-appeal-uphold", "chief", answer)
    with pytest.raises(Refused, match="final"):
        office.move(case, "appeal", "worker", why)
    clock.move(days=1)
    with pytest.raises(Refused, match="over"):
        office.move(late, "appeal", "worker", why)
    for each in (late, case):
        office.move(each, "close", "fund", reason="The days of the appeal are over.")
