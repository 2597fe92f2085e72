from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
import yaml

from casework_programs.subsidy.duplicates import Earlier, bill_key, identity, same_bills, same_help, sums
from casework_programs.subsidy.facts import Award, Facts
from casework_programs.subsidy.terms import Terms

D = Decimal
HERE = Path(__file__).parent
TERMS = Terms.from_data(yaml.safe_load((HERE.parent / "terms.yaml").read_text()))
FAMILY = Facts.from_data(yaml.safe_load((HERE / "family.yaml").read_text()))
TODAY = date(2026, 11, 22)
GRANTED = Earlier("SA-2025-0001", "leukaemia", date(2025, 11, 23), under_way=False, awarded=D(9796))


def severities(findings):
    return [(finding.check, finding.severity) for finding in findings]


@pytest.mark.parametrize(
    ("once", "earlier", "found"),
    [
        ("life", GRANTED, [(1, "stops")]),
        ("life", replace(GRANTED, applied_on=date(1999, 1, 1)), [(1, "stops")]),
        ("year", GRANTED, [(1, "stops")]),
        ("year", replace(GRANTED, applied_on=date(2025, 11, 22)), [(1, "ask")]),
        ("none", GRANTED, [(1, "ask")]),
        ("life", replace(GRANTED, disease="breast-cancer"), [(1, "ask")]),
        ("life", replace(GRANTED, awarded=D(0)), []),
        ("none", replace(GRANTED, awarded=D(0), under_way=True), [(1, "stops")]),
        ("life", replace(GRANTED, awarded=D(0), under_way=True, disease="other-cancer"), []),
    ],
)
def test_the_same_help_twice(once, earlier, found):
    terms = replace(TERMS, once=once)
    assert severities(same_help(terms, "leukaemia", TODAY, [earlier])) == found


def test_a_year_from_the_29th_of_february_ends_on_the_1st_of_march():
    leap = replace(GRANTED, applied_on=date(2024, 2, 29))
    assert severities(same_help(TERMS, "leukaemia", date(2025, 2, 28), [leap])) == [(1, "stops")]
    assert severities(same_help(TERMS, "leukaemia", date(2025, 3, 1), [leap])) == [(1, "ask")]


@pytest.mark.parametrize("typed", ["0440-123 456a", "０４４０１２３４５６Ａ", " 0440/123.456 a"])
def test_a_bill_is_known_again_however_its_number_is_typed(typed):
    assert bill_key(typed) == "0440123456A"
    (finding,) = same_bills([typed], {"0440123456A": "SA-2026-0009"})
    assert (finding.check, finding.severity) == (2, "stops")
    assert "SA-2026-0009" in str(finding.text)


def test_a_bill_written_twice_is_asked_about_and_another_is_not():
    assert severities(same_bills(["123", "1-2-3", "124", " "], {})) == [(2, "ask")]


def test_all_sources_together_never_exceed_the_costs():
    left = D("51326.83") - 30000
    assert sums(FAMILY, left) == []
    assert severities(sums(FAMILY, left + D("0.01"))) == [(3, "stops")]
    asked_for = replace(FAMILY, awards=(Award("x", D(60000), "applied"),))
    assert sums(asked_for) == []
    received = replace(FAMILY, awards=(Award("x", D(60000), "paid"),))
    assert severities(sums(received)) == [(3, "stops")]


@pytest.mark.parametrize(
    ("number", "born", "ages", "found"),
    [
        ("440605188703150026", date(1887, 3, 15), (0, 150), ["ask"]),  # older than anybody: look again
        ("440605188703150026", date(1887, 3, 16), (0, 150), ["ask", "stops"]),
        ("440605188703150026", None, (0, 18), ["ask", "stops"]),
        ("440605188703150027", None, (0, 150), ["stops"]),
        ("440605180002290118", None, (0, 150), ["stops"]),
        (None, date(2019, 5, 1), (0, 18), ["ask"]),
        (None, date(2008, 11, 22), (0, 18), ["ask"]),
        (None, date(2007, 11, 22), (0, 18), ["ask", "stops"]),
        (None, None, (0, 18), ["ask"]),
    ],
)
def test_identity_and_age_are_held_against_the_fund(number, born, ages, found):
    findings = identity(number, born, replace(TERMS, ages=ages), TODAY)
    assert [finding.severity for finding in findings] == found
    assert all(finding.check == 8 and str(finding.then) for finding in findings)
