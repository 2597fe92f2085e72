from __future__ import annotations

import json
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from casework.i18n import Words
from casework_programs.subsidy.assessment import REFUSALS, Assessment
from casework_programs.subsidy.facts import Award, Facts, Member
from casework_programs.subsidy.means import means_test
from casework_programs.subsidy.terms import Terms

D = Decimal
HERE = Path(__file__).parent
TERMS = Terms.from_data(yaml.safe_load((HERE.parent / "terms.yaml").read_text()))
FAMILY = Facts.from_data(yaml.safe_load((HERE / "family.yaml").read_text()))


def earning(per_head: str, **changes) -> Facts:
    """The family with this income per head."""
    return replace(FAMILY, members=(Member("one", wage=D(per_head)),), savings=D(0), **changes)


def spending(amount: str) -> dict[str, Decimal]:
    return {"living": D(0), "medical": D(amount), "education": D(0), "rehabilitation": D(0)}


def test_the_worked_example_comes_to_9796():
    found = means_test(TERMS, FAMILY)
    assert found.income_per_head == D("1337.50")
    assert found.band == "B"
    assert found.out_of_pocket == D("51326.83")
    assert found.need == D("21326.83")
    assert found.award == 9796
    assert found.award_fen == 979600
    assert found.left_to_family == D("11530.83")
    assert found.refusal is None
    assert found.terms == TERMS.hash


def test_every_line_of_the_worked_example_can_be_read():
    words = Words("en", [])
    assert [
        f"{line.key}: {words(line.how)} = {words(line.result)}" for line in means_test(TERMS, FAMILY).lines
    ] == [
        "income: 4,200.00 + 0.00 + 1,150.00 + 0.00 = 5,350.00 yuan",
        "per-head: 5,350.00 ÷ 4 people = 1,337.50 yuan",
        "assets: 38,000.00; the limit is 24 × 1,200.00 × 4 people = 115,200.00 = Within the limit",
        "band: 1,337.50 lies from 1,200.00 to 1,800.00 = B: Just above the line",
        "out-of-pocket: 186,420.35 − 98,733.10 − 21,560.42 − 14,800.00 = 51,326.83 yuan",
        "need: 51,326.83 − 30,000.00 = 21,326.83 yuan",
        "base: 21,326.83 − 5,000.00 = 16,326.83 yuan",
        "share: 16,326.83 × 60% for band B = 9,796.098 yuan",
        (
            "caps: 20,000.00 for one application; in a year 20,000.00 − 3,000.00; "
            "in a life 60,000.00 − 3,000.00 = 17,000.00 yuan"
        ),
        "budget: What the fund holds and has not promised. = 1,000,000.00 yuan",
        "award: The least of these amounts, rounded down to whole yuan; at least 200.00. = 9,796.00 yuan",
        "left: 21,326.83 − 9,796.00 = 11,530.83 yuan",
    ]


@pytest.mark.parametrize(
    ("per_head", "band"),
    [("1199.99", "A"), ("1200.00", "B"), ("1800.00", "B"), ("1800.01", "D"), ("0", "A")],
)
def test_the_ends_of_the_bands(per_head, band):
    assert means_test(TERMS, earning(per_head)).band == band


@pytest.mark.parametrize(
    ("per_head", "spent", "band"),
    [
        ("1800.01", "17280.10", "C"),
        ("2000", "19200", "D"),  # exactly the least ratio is not more than it
        ("2000", "19200.01", "C"),
        ("5599.99", "60000", "C"),
        ("5600", "60000", "D"),  # the disposable income itself is too much
    ],
)
def test_unavoidable_spending_makes_hardship_above_the_line(per_head, spent, band):
    found = means_test(TERMS, earning(per_head, rigid=spending(spent)))
    assert found.band == band
    assert "unavoidable" in [line.key for line in found.lines]


def test_the_ratio_of_the_example_is_said_in_percent():
    facts = replace(FAMILY, members=(Member("a", wage=D(2675)), Member("b", wage=D(2675))), savings=D(0))
    line = next(
        line
        for line in means_test(TERMS, replace(facts, rigid=spending("51326.83"))).lines
        if line.key == "unavoidable"
    )
    assert Words("en", [])(line.result) == "79.95%"


def test_income_per_head_is_rounded_half_up():
    members = tuple(Member(str(n), wage=D("1200.005") if n else D(0)) for n in range(2))
    assert means_test(TERMS, replace(FAMILY, members=members)).income_per_head == D("600.00")
    halves = (Member("one", wage=D("0.05")), Member("two"))
    assert means_test(TERMS, replace(FAMILY, members=halves)).income_per_head == D("0.03")


def test_who_does_not_count_has_neither_head_nor_income():
    away = Member("brother in prison", counts=False, wage=D(9000))
    assert means_test(TERMS, replace(FAMILY, members=(*FAMILY.members, away))).income_per_head == D("1337.50")


def test_a_business_that_loses_money_counts_as_nothing():
    shop = Member("father", wage=D(4200), business=D(-3000))
    assert means_test(TERMS, replace(FAMILY, members=(shop, *FAMILY.members[1:]))).income_per_head == D(
        "1337.50"
    )


def test_a_thirteenth_month_of_pay_is_a_twelfth_more_each_month():
    pay = Member("father", wage=D(13 * 4200) / 12)
    assert means_test(TERMS, replace(FAMILY, members=(pay, *FAMILY.members[1:]))).income_per_head == D(
        "1425.00"
    )


@pytest.mark.parametrize("award", [Award("x", D(30000), "applied"), Award("x", D(30000), "paid", False)])
def test_aid_only_asked_for_or_for_other_costs_lowers_nothing(award):
    assert means_test(TERMS, replace(FAMILY, awards=(award,))).need == D("51326.83")


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        ({"residence": "elsewhere"}, "residence"),
        ({"residence": "permit", "permit_months": 5}, "residence"),
        ({"savings": D("115200.01")}, "assets"),
        ({"second_home": True}, "assets"),
        ({"members": (Member("rich", wage=D(9000)),), "savings": D(0)}, "income"),
        ({"awards": (Award("x", D(60000), "paid"),)}, "covered"),
        ({"total_cost": D(100)}, "covered"),
        ({"paid_year": D(19900)}, "cap-reached"),
        ({"paid_life": D(60000)}, "cap-reached"),
        ({"budget_left": D(150)}, "no-money"),
        ({"budget_left": D(-1)}, "no-money"),
        ({"awards": (Award("x", D("46300.00"), "paid"),)}, "below-minimum"),
        ({"awards": (Award("x", D("46326.83"), "paid"),)}, "below-minimum"),
    ],
)
def test_what_is_refused_says_why(changes, refusal):
    found = means_test(TERMS, replace(FAMILY, **changes))
    assert (found.refusal, found.award) == (refusal, 0)
    assert found.lines[-1].result == REFUSALS[refusal]


def test_terms_can_be_for_an_age_and_an_illness():
    narrow = replace(TERMS, ages=(0, 6), diseases=("congenital-heart",))
    assert means_test(narrow, FAMILY).refusal == "age"
    assert means_test(replace(narrow, ages=(0, 7)), FAMILY).refusal == "disease"
    assert means_test(replace(narrow, ages=(7, 7), diseases=()), FAMILY).refusal is None


def test_assets_at_the_limit_are_within_it():
    assert means_test(TERMS, replace(FAMILY, savings=D(115200))).refusal is None


def test_a_permit_held_long_enough_is_enough():
    assert means_test(TERMS, replace(FAMILY, residence="permit", permit_months=6)).refusal is None


def test_what_is_left_in_the_fund_bounds_the_award():
    assert means_test(TERMS, replace(FAMILY, budget_left=D("5000.99"))).award == 5000


def test_what_is_frozen_is_read_back_the_same():
    found = means_test(TERMS, FAMILY)
    again = Assessment.from_data(json.loads(json.dumps(found.as_data())))
    assert again == found
    words = Words("en", [])
    assert [words(line.result) for line in again.lines] == [words(line.result) for line in found.lines]
    facts = replace(FAMILY, rigid=spending("100.10"))
    assert Facts.from_data(json.loads(json.dumps(facts.as_data()))) == facts
    assert Facts.from_data(json.loads(json.dumps(FAMILY.as_data()))) == FAMILY


def test_facts_need_somebody_who_counts_and_no_negative_amounts():
    with pytest.raises(ValueError, match="nobody counts"):
        replace(FAMILY, members=(Member("away", counts=False),))
    with pytest.raises(ValueError, match="negative"):
        replace(FAMILY, savings=D(-1))


amounts = st.decimals(0, 500000, places=2)
households = st.lists(
    st.builds(
        Member, st.just("x"), wage=amounts, business=st.decimals(-9999, 9999, places=2), transfer=amounts
    ),
    min_size=1,
    max_size=4,
).map(tuple)
families = st.builds(
    Facts,
    members=st.one_of(
        households, st.decimals(0, 2000, places=2).map(lambda wage: (Member("x", wage=wage), Member("y")))
    ),
    age=st.integers(0, 100),
    disease=st.just("leukaemia"),
    residence=st.sampled_from(["registered", "permit"]),
    permit_months=st.integers(0, 24),
    savings=st.decimals(0, 60000, places=2),
    securities=st.just(D(0)),
    other_property=st.just(D(0)),
    second_home=st.just(False),
    total_cost=amounts,
    reimbursed=st.fixed_dictionaries({"basic": st.decimals(0, 200000, places=2)}),
    awards=st.lists(
        st.builds(Award, st.just("x"), amounts, st.sampled_from(["applied", "approved", "paid"])), max_size=2
    ).map(tuple),
    rigid=st.one_of(st.none(), amounts.map(lambda spent: spending(str(spent)))),
    paid_year=st.decimals(0, 30000, places=2),
    paid_life=st.decimals(0, 70000, places=2),
    budget_left=st.decimals(-100, 100000, places=2),
)


@settings(deadline=None)
@given(families)
def test_an_award_is_never_negative_and_never_above_any_bound(facts):
    found = means_test(TERMS, facts)
    assert found.award >= 0
    assert found.award == found.award.to_integral_value()
    assert (found.award == 0) == (found.refusal is not None)
    if found.award:
        assert found.award >= TERMS.minimum
        assert found.award <= TERMS.cap_application
        assert found.award + facts.paid_year <= TERMS.cap_year
        assert found.award + facts.paid_life <= TERMS.cap_life
        assert found.award <= min(facts.budget_left, found.need)
        covered = sum(facts.reimbursed.values()) + sum(a.amount for a in facts.awards if a.counts)
        assert covered + found.award <= facts.total_cost


@settings(deadline=None)
@given(families, st.decimals(0, 50000, places=2))
def test_higher_costs_never_lower_the_award(facts, more):
    before = means_test(TERMS, facts).award
    assert means_test(TERMS, replace(facts, total_cost=facts.total_cost + more)).award >= before


@settings(deadline=None)
@given(families, st.decimals(0, 50000, places=2))
def test_more_other_aid_never_raises_the_award(facts, more):
    before = means_test(TERMS, facts).award
    awards = (*facts.awards, Award("new", more, "paid"))
    assert means_test(TERMS, replace(facts, awards=awards)).award <= before


@settings(deadline=None)
@given(families)
def test_the_same_facts_give_the_same_assessment(facts):
    again = Facts.from_data(json.loads(json.dumps(facts.as_data())))
    assert means_test(TERMS, again) == means_test(TERMS, facts)
