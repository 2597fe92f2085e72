from __future__ import annotations

from datetime import date
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from casework.plans.rules import attainment, judge_goal, plan_attainment, written

TODAY = date(2026, 3, 2)
WEIGHTS = st.integers(0, 9)
RATINGS = st.integers(-2, 2)


@pytest.mark.parametrize(
    ("weights", "ratings", "expected"),
    [
        ((3, 2, 1), (1, 0, -1), 54.41),
        ((1, 1, 1), (-1, -1, -1), 36.31),
        ((3, 2, 1), (0, 0, 0), 50.00),
        ((3, 2, 1), (-1, -1, -2), 34.58),
        ((0, 0, 0), (-1, -1, -1), 36.31),
        ((9,), (2,), 70.00),
    ],
)
def test_attainment_is_that_of_goal_attainment_scaling(weights, ratings, expected) -> None:
    assert round(attainment(zip(weights, ratings, strict=True)), 2) == expected


def test_without_goals_there_is_no_attainment() -> None:
    assert attainment([]) is None
    assert plan_attainment([]) == (None, None)


@given(st.lists(st.tuples(WEIGHTS, RATINGS), min_size=1, max_size=9))
def test_attainment_does_not_depend_on_order_and_mirrors_around_50(pairs) -> None:
    value = attainment(pairs)
    assert attainment(reversed(pairs)) == pytest.approx(value)
    assert attainment([(weight, -rating) for weight, rating in pairs]) == pytest.approx(100 - value)


def goal(rating, status="open", importance=1, difficulty=1, baseline_rating=-1):
    return SimpleNamespace(
        rating=rating,
        status=status,
        importance=importance,
        difficulty=difficulty,
        baseline_rating=baseline_rating,
    )


def test_a_plan_counts_rated_goals_by_importance_times_difficulty_and_no_dropped_ones() -> None:
    goals = [
        goal(1, "reached", 3, 1),
        goal(0, "reached", 2, 1),
        goal(-1, "partly", 1, 1),
        goal(None),
        goal(2, "dropped", 3, 3),
    ]
    before, now = plan_attainment(goals)
    assert round(now, 2) == 54.41
    assert round(before, 2) == round(attainment([(3, -1), (2, -1), (1, -1)]), 2)


def test_a_goal_is_judged_whole(typed) -> None:
    judged, problems = judge_goal(typed | {"text": " e\u0301cole\r\ndone "}, TODAY)
    assert not problems
    assert (judged.text, judged.due_on, judged.importance) == ("école\ndone", date(2026, 4, 30), 3)


def test_every_problem_of_a_goal_is_told_at_once() -> None:
    judged, problems = judge_goal({"text": " ", "domain": "x", "due_on": "soon", "importance": "4"}, TODAY)
    assert judged is None
    assert {problem.where for problem in problems} == {
        "text", "baseline", "target", "measure", "domain", "due_on", "importance", "difficulty",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("field", "value"),
    [("text", "x" * 1001), ("due_on", "2026-03-01"), ("due_on", "0000-01-01"), ("difficulty", "-1")],
)
def test_a_goal_within_its_limits_only(typed, field, value) -> None:
    _judged, problems = judge_goal(typed | {field: value}, TODAY)
    assert [problem.where for problem in problems] == [field]


def test_the_day_of_an_older_goal_may_stay_as_it_was(typed) -> None:
    past = typed | {"due_on": "2026-02-01"}
    assert judge_goal(past, TODAY)[0] is None
    assert judge_goal(past, TODAY, kept=date(2026, 2, 1))[0] is not None


def test_codes_are_written_in_words() -> None:
    assert str(written("domain", "care")) == "Care and discharge"
    assert str(written("rating", -1)) == "less than expected"
    assert written("rating", None) == ""
    assert written("text", "care") == "care"
