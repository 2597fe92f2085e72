from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import yaml

from casework.errors import Invalid
from casework.forms.evaluate import evaluate, initial_answers
from casework.forms.library import Library
from casework_programs.subsidy.assessment import REFUSALS
from casework_programs.subsidy.facts import Facts, facts_of
from casework_programs.subsidy.means import means_test
from casework_programs.subsidy.terms import Terms

NOW = datetime(2026, 11, 22, 14, 30, tzinfo=ZoneInfo("Asia/Shanghai"))
FORMS = Library({"subsidy": Path(__file__).parents[1] / "forms"})
HERE = Path(__file__).parent
TERMS = Terms.from_data(yaml.safe_load((HERE.parent / "terms.yaml").read_text()))
FAMILY = Facts.from_data(yaml.safe_load((HERE / "family.yaml").read_text()))
KEYS = {
    f"subsidy.{name}"
    for name in [
        "agreement",
        "appeal",
        "appeal-decision",
        "application",
        "check",
        "follow-up",
        "objection",
        "objection-findings",
        "refusal",
        "review",
        "settlement",
        "supplement",
        "supplement-request",
        "visit",
    ]
}
ANSWERS = yaml.safe_load((HERE / "answers.yaml").read_text())
APPLICATION, REVIEW = ANSWERS["application"], ANSWERS["review"]


def problems_of(key, answers):
    verdict = evaluate(FORMS[key], answers, now=NOW)
    return {problem.where for problem in verdict.problems}


def test_every_form_of_the_program_is_there_and_compiles():
    assert list(FORMS.problems()) == []
    assert {form.key for form in FORMS} == KEYS


@pytest.mark.parametrize("form", list(FORMS), ids=lambda form: form.key)
def test_what_a_form_begins_with_is_valid(form):
    start = initial_answers(form, NOW)
    verdict = evaluate(form, start, now=NOW)
    assert verdict.answers == start
    assert not {problem.where for problem in verdict.problems} & start.keys()


def test_what_applicants_share_stands_apart_from_the_file():
    shared = {form.key.removeprefix("subsidy.") for form in FORMS if form.compartment == "application"}
    assert shared == {
        *("agreement", "appeal", "appeal-decision", "application", "check", "refusal"),
        *("supplement", "supplement-request"),
    }
    assert {form.compartment for form in FORMS} == {"application", "case"}


def test_the_family_of_the_example_can_hand_in_its_application():
    assert problems_of("subsidy.application", APPLICATION) == set()


def test_pages_of_the_application_are_small():
    form = FORMS["subsidy.application"]
    assert form.paged
    assert all(len([item for item in page.items if not item.enable_when]) <= 6 for page in form.sections)


@pytest.mark.parametrize(
    ("changes", "asked"),
    [
        ({"residence": "permit"}, {"residence_months"}),
        ({"housing": "public"}, {"rent"}),
        ({"disease": "other-cancer"}, {"disease_name"}),
        ({"pay_to": "own"}, {"account_holder"}),
        ({"awards": []}, {"awards"}),
        ({"awards": [], "other_help": False}, set()),
        ({"declared": None}, {"declared"}),
        ({"applicant_phone": "86223344"}, {"applicant_phone"}),
        ({"household": []}, {"household"}),
        ({"total_cost": -1}, {"total_cost"}),
    ],
)
def test_the_application_asks_what_the_answers_call_for(changes, asked):
    assert problems_of("subsidy.application", {**APPLICATION, **changes}) == asked


def test_answers_to_questions_that_are_not_asked_change_nothing():
    verdict = evaluate(
        FORMS["subsidy.application"], {**APPLICATION, "rent": 1, "account_holder": "patient"}, now=NOW
    )
    assert verdict.answers == APPLICATION
    assert set(verdict.dropped) == {"rent", "account_holder"}


def test_the_review_begins_with_what_the_application_says():
    application, review = FORMS["subsidy.application"], FORMS["subsidy.review"]
    shared = {item.link_id: item for item in application.walk() if review.item(item.link_id)}
    assert {
        "household",
        "awards",
        "bills",
        "savings",
        "total_cost",
        "spent_medical",
        "disease",
    } <= shared.keys()
    for link_id, item in shared.items():
        twin = review.item(link_id)
        assert (twin.kind, twin.repeats, [o.code for o in twin.options]) == (
            item.kind,
            item.repeats,
            [o.code for o in item.options],
        )


def test_the_confirmed_answers_give_the_award_of_the_example():
    assert problems_of("subsidy.review", REVIEW) == set()
    facts = facts_of(
        REVIEW, applied_on=date(2026, 11, 22), paid_year=300000, paid_life=300000, budget_left=100000000
    )
    assert facts.age == FAMILY.age
    assert facts.rigid is None
    assert means_test(TERMS, facts).award == Decimal(9796)


def test_spending_that_was_looked_at_is_a_fact():
    facts = facts_of(
        {**REVIEW, "spent_medical": 5132683}, applied_on=NOW.date(), paid_year=0, paid_life=0, budget_left=0
    )
    assert sum(facts.rigid.values()) == Decimal("51326.83")


def test_a_household_of_nobody_is_refused():
    nobody = {**REVIEW, "household": [{**row, "member_counts": False} for row in REVIEW["household"]]}
    with pytest.raises(Invalid) as caught:
        facts_of(nobody, applied_on=NOW.date(), paid_year=0, paid_life=0, budget_left=0)
    assert [problem.where for problem in caught.value.problems] == ["household"]


def test_every_outcome_of_the_means_test_can_be_the_reason_of_a_refusal():
    reasons = {option.code: option.label for option in FORMS["subsidy.refusal"].item("reason").options}
    assert {code: text.text for code, text in REFUSALS.items()}.items() <= reasons.items()


@pytest.mark.parametrize(
    ("answers", "asked"),
    [
        ({"payee_kind": "hospital", "signer": "self"}, set()),
        ({"payee_kind": "own", "signer": "self"}, {"payee_name", "payee_bank", "payee_account"}),
        ({"payee_kind": "hospital", "signer": "guardian"}, {"signer_identity"}),
        (
            {"payee_kind": "hospital", "signer": "agent", "signer_identity": "110105194912310021"},
            {"signer_identity"},
        ),
    ],
)
def test_an_agreement_names_who_is_paid_and_who_signs(answers, asked):
    signed = {"agrees": "yes", "signer_name": "李秀英", "signed_on": "2026-11-22", **answers}
    assert problems_of("subsidy.agreement", signed) == asked


def test_only_those_who_settle_an_objection_see_who_raised_it():
    objection = {
        "objected_on": "2026-11-22",
        "objection_way": "phone",
        "objector_named": True,
        "objector_name": "王某",
        "objection_about": ["income"],
        "objection_text": "They own a shop.",
    }
    form = FORMS["subsidy.objection"]
    assert "objector_name" in evaluate(form, objection, now=NOW, roles={"fund_officer"}).enabled
    assert "objector_name" not in evaluate(form, objection, now=NOW, roles={"worker"}).enabled
