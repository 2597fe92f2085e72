from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path

import pytest
import yaml

from casework.duties.source import Source, read_rules
from casework_programs.subsidy.facts import LAYERS
from casework_programs.subsidy.terms import BANDS, DISEASES, Terms, TermsError

FOLDER = Path(__file__).parents[1]
EXAMPLE = yaml.safe_load((FOLDER / "terms.yaml").read_text())


def problems_of(**changes) -> dict[str, str]:
    with pytest.raises(TermsError) as caught:
        Terms.from_data({**EXAMPLE, **changes})
    return {problem.where: str(problem.message) for problem in caught.value.problems}


def test_the_example_says_that_it_is_one():
    assert (FOLDER / "terms.yaml").read_text().startswith("# AN EXAMPLE, and nobody's real terms.")
    assert Terms.from_data(EXAMPLE).marginal_line == Decimal("1800.0")


def test_the_example_gives_the_times_that_the_standard_names():
    rules = read_rules([Source(FOLDER / "standards", "subsidy")])
    terms = Terms.from_data(EXAMPLE)
    for clause, amount, unit in (
        ("subsidy.notice-period", terms.notice_days, "days"),
        ("subsidy.appeal", terms.appeal_days, "days"),
        ("subsidy.supplement-time", terms.supplement_days, "working days"),
        ("subsidy.committee", terms.decision_days, "working days"),
    ):
        limit = rules.limit(clause)
        assert (limit.amount, limit.unit) == (amount, unit), clause


def test_terms_are_read_back_as_they_were_written():
    terms = Terms.from_data(EXAMPLE)
    again = Terms.from_data(json.loads(json.dumps(terms.as_data())))
    assert again == terms
    assert again.hash == terms.hash


def test_the_hash_follows_what_is_meant_and_not_how_it_is_written():
    terms = Terms.from_data(EXAMPLE)
    assert Terms.from_data({**EXAMPLE, "line": "1200.00"}).hash == terms.hash
    assert Terms.from_data({**EXAMPLE, "line": 1200}).hash == terms.hash
    assert Terms.from_data({**EXAMPLE, "line": "1200.01"}).hash != terms.hash


@pytest.mark.parametrize(
    ("changes", "where", "says"),
    [
        ({"line": "twelve"}, "line", "Write a number such as 1200.00, in quotes."),
        ({"line": 1200.5}, "line", "in quotes"),
        ({"line": True}, "line", "in quotes"),
        ({"line": "-1"}, "line", "Write a number"),
        ({"line": "0"}, "line", "more than 0"),
        ({"line": "NaN"}, "line", "Write a number"),
        ({"minimum": "1e3"}, "minimum", "Write a number"),
        ({"deductible": "0.005"}, "deductible", "Write a number"),
        ({"marginal_factor": "0.9"}, "marginal_factor", "at least 1"),
        ({"rates": {}}, "rates", "for each band that is helped"),
        ({"rates": {"A": "1.01"}}, "rates.A", "between 0 and 1"),
        ({"rates": {"D": "0.1"}}, "rates.D", "Only the bands A, B and C"),
        ({"cap_year": "100"}, "cap_year", "The caps grow"),
        ({"minimum": "30000"}, "minimum", "above the most for one application"),
        ({"once": "twice"}, "once", "life, year, none"),
        ({"ages": [18, 0]}, "ages", "such as [0, 18]"),
        ({"ages": [0]}, "ages", "such as [0, 18]"),
        ({"ages": "all"}, "ages", "such as [0, 18]"),
        ({"diseases": ["flu"]}, "diseases", "“flu” is not known; there are: leukaemia"),
        ({"residences": "here"}, "residences", "a list of codes"),
        ({"second_home": "no"}, "second_home", "true or false"),
        ({"notice_days": 0}, "notice_days", "at least 1"),
        ({"committee_votes": 4}, "committee_votes", "odd number"),
        ({"committee_yes": 1}, "committee_yes", "at least 2"),
        ({"committee_votes": 5, "committee_yes": 2}, "committee_yes", "A majority"),
        ({"gift": "1"}, "gift", "have no “gift”"),
    ],
)
def test_what_is_wrong_is_named_with_how_to_mend_it(changes, where, says):
    assert says in problems_of(**changes)[where]


def test_all_problems_are_found_at_once():
    assert {"line", "once", "ages"} <= problems_of(line="x", once="x", ages=[]).keys()
    with pytest.raises(TermsError):
        Terms.from_data({})


def test_the_forms_offer_every_illness_that_terms_know():
    for name in ("application", "review", "check"):
        form = yaml.safe_load((FOLDER / "forms" / f"{name}.yaml").read_text())
        offered = {
            option["code"] for item in _items(form) if item["id"] == "disease" for option in item["options"]
        }
        assert offered - {"not-sure"} == DISEASES.keys()


def test_every_layer_and_band_has_its_place():
    review = yaml.safe_load((FOLDER / "forms" / "review.yaml").read_text())
    assert {f"reimbursed_{layer}" for layer in LAYERS} <= {item["id"] for item in _items(review)}
    assert set(Terms.from_data(EXAMPLE).rates) < BANDS.keys()


def _items(container):
    for item in container.get("items", ()):
        yield item
        yield from _items(item)
