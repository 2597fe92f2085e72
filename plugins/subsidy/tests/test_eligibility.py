from __future__ import annotations

from pathlib import Path

import pytest

from casework.forms.compiler import compile_form
from casework_programs.subsidy.eligibility import PURPOSES, advice, papers

FORMS = Path(__file__).parents[1] / "forms"
CHECK = compile_form((FORMS / "check.yaml").read_text())
LIKELY = {
    "patient_age": 7,
    "residence": "registered",
    "disease": "leukaemia",
    "insured": True,
    "bill_left": 51326_83,
    "people": 4,
    "income": 5350_00,
    "savings": 38000_00,
    "helped_before": False,
}


def test_the_advice_asks_nothing_that_the_form_does_not():
    assert LIKELY.keys() == {item.link_id for item in CHECK.walk()}


@pytest.mark.parametrize(
    ("changes", "likely"),
    [
        ({}, "yes"),
        ({"income": 8000_00}, "yes"),
        ({"income": 8000_04}, "maybe"),
        ({"income": 24000_04}, "no"),
        ({"savings": 240001_00}, "no"),
        ({"residence": "elsewhere"}, "no"),
        ({"residence": "permit"}, "yes"),
        ({"bill_left": 999_99}, "no"),
        ({"helped_before": True}, "maybe"),
        ({"disease": "not-sure"}, "maybe"),
        ({"insured": False}, "yes"),
    ],
)
def test_what_may_be_expected(changes, likely):
    found = advice({**LIKELY, **changes})
    assert found.likely == likely
    assert len(found.lines) == 1 or changes


def test_nobody_is_sent_away_without_a_next_step():
    found = advice({**LIKELY, "residence": "elsewhere"})
    assert "You may still apply" in str(found.lines[0])
    assert "civil affairs office of your home" in str(found.lines[1])


def test_an_empty_form_is_no_error():
    assert advice({}).likely == "no"


@pytest.mark.parametrize(
    ("answers", "added"),
    [
        ({}, set()),
        ({"minor": True}, {"guardianship"}),
        ({"residence": "permit"}, {"residence-permit"}),
        ({"recognised": ["dibao"]}, {"recognition"}),
        ({"recognised": ["none"]}, set()),
        ({"other_help": True}, {"other-aid"}),
        ({"pay_to": "own"}, {"bank-card"}),
        ({"pay_to": "hospital"}, set()),
    ],
)
def test_only_papers_that_the_answers_call_for_are_asked(answers, added):
    always = {"identity-card", "household-register", "diagnosis", "income", "bills", "other"}
    assert {paper.key for paper in papers(answers)} == always | added


def test_a_diagnosis_needs_the_seal_of_the_hospital():
    diagnosis = next(paper for paper in papers({}) if paper.key == "diagnosis")
    assert "The seal of a ward or a department does not count." in str(diagnosis.help)


def test_every_paper_can_be_named_as_missing():
    form = compile_form((FORMS / "supplement-request.yaml").read_text())
    kind = form.item("missing_kind")
    everything = papers(
        {"minor": True, "residence": "permit", "recognised": ["dibao"], "other_help": True, "pay_to": "own"}
    )
    assert {paper.key: paper.title.text for paper in everything}.items() <= {
        option.code: option.label for option in kind.options
    }.items()


def test_publication_and_sensitive_data_are_agreed_to_apart():
    purposes = {purpose.key: purpose for purpose in PURPOSES}
    assert [key for key, purpose in purposes.items() if purpose.separate] == [
        "process",
        "check",
        "committee",
        "notice",
    ]
    assert not purposes["notice"].required
    assert not purposes["texts"].required
    assert "article 25" in purposes["notice"].text.text
