from __future__ import annotations

from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from casework.forms.compiler import compile_form
from casework.forms.evaluate import evaluate, events_besides, initial_answers
from casework.i18n import Words

NOW = datetime(2026, 11, 22, 14, 30, 20, tzinfo=ZoneInfo("Asia/Shanghai"))
FORM = compile_form(Path(__file__).with_name("trial.yaml").read_text())
GOOD = {"urgency": "low", "needs": [{"need": "p"}]}


def judged(answers, roles=("worker",), **more):
    return evaluate(FORM, answers, now=NOW, roles=roles, **more)


def wrong(answers, roles=("worker",)):
    words = Words("en", [])
    return {p.where: words(p.message) for p in judged(answers, roles).problems}


def test_a_complete_form_has_no_problems():
    assert judged(GOOD).problems == ()


def test_only_enabled_items_are_required():
    assert set(wrong({})) == {"urgency", "needs"}
    assert set(wrong({**GOOD, "urgency": "high"})) == {"alarm"}
    assert set(wrong({**GOOD, "urgency": "high", "alarm": True})) == {"story"}


def test_an_item_under_a_disabled_parent_is_disabled_and_loses_its_value():
    verdict = judged({**GOOD, "alarm": True, "story": "forged", "tags": ["a"], "tagged": "kept: no story"})
    assert {"alarm", "story", "tags"} <= set(verdict.dropped)
    assert verdict.answers == {**GOOD, "tagged": "kept: no story", "made": "2026-11-22"}
    assert "deep" not in verdict.enabled


def test_a_read_only_value_comes_from_the_server():
    verdict = judged({**GOOD, "made": "1999-01-01"})
    assert verdict.answers["made"] == "2026-11-22"
    assert verdict.dropped == ("made",)
    assert judged({**GOOD, "made": "2026-11-22"}).dropped == ()


def test_a_field_that_the_role_may_not_see_is_neither_asked_nor_taken_nor_lost():
    assert "secret" not in wrong(GOOD)
    assert "secret" in wrong(GOOD, roles=("supervisor",))
    verdict = judged({**GOOD, "secret": "forged"}, given={"secret": "old"})
    assert verdict.answers["secret"] == "old"
    assert "secret" in verdict.dropped
    assert "secret" not in verdict.enabled
    assert judged({**GOOD, "secret": "mine"}, roles=None).answers["secret"] == "mine"


def test_unknown_fields_are_dropped():
    verdict = judged({**GOOD, "author_id": 7, "deep": "x", "needs": [{"need": "p", "urgency": "high"}]})
    assert set(verdict.dropped) == {"author_id", "deep", "needs.0.urgency"}


@pytest.mark.parametrize(
    ("answers", "where", "says"),
    [
        ({"urgency": "sky"}, "urgency", "Choose one of the answers offered for “Urgency”."),
        ({"urgency": 3}, "urgency", "Choose one of the answers offered for “Urgency”."),
        ({"count": "three"}, "count", "“Count” must be a whole number, such as 3."),
        ({"count": True}, "count", "“Count” must be a whole number, such as 3."),
        ({"count": 10**40}, "count", "“Count” must be a whole number, such as 3."),
        ({"count": 0}, "count", "“Count” is too small: the least is 1."),
        ({"count": 10}, "count", "“Count” is too great: the most is 9."),
        ({"share": "1.6"}, "share", "“Share” is too great: the most is 1.5."),
        ({"share": 1.5}, "share", "“Share” could not be read. Fill it in again."),
        ({"paid": 49}, "paid", "“Paid” is too small: the least is 0.5."),
        ({"day": "2026-11-23"}, "day", "“Day” lies in the future. Give the time when it happened."),
        ({"day": "31.2.2026"}, "day", "“Day” must be a real date, such as Nov 22, 2026."),
        (
            {"day": {"year": "26", "month": "1", "day": "1"}},
            "day",
            "“Day” must be a real date, such as Nov 22, 2026.",
        ),
        ({"day": "2026-W01-1"}, "day", "“Day” must be a real date, such as Nov 22, 2026."),
        ({"at": "2026-11-22T14:31+08:00"}, "at", "“At” lies in the future. Give the time when it happened."),
        ({"at": "2026-11-22T14:31"}, "at", "“At” must be a real date and time, such as Nov 22, 2026 14:30."),
        (
            {"tags": "a", "urgency": "high", "alarm": True, "story": "x"},
            "tags",
            "“Tags” could not be read. Fill it in again.",
        ),
        (
            {"urgency": "high", "alarm": True, "story": "x" * 12},
            "story",
            "“Story” is 2 characters too long; it may have 10. Shorten it.",
        ),
        ({"other": "\x00"}, "other", "“Other” could not be read. Fill it in again."),
        ({"other": "\ud800"}, "other", "“Other” could not be read. Fill it in again."),
        ({"other": {"a": "b"}}, "other", "“Other” could not be read. Fill it in again."),
        ({"needs": [{}]}, "needs", "Fill in at least one row of “Needs”."),
        ({"needs": [{"need": "p"}, {"need": "q"}]}, "needs.1.why", "Fill in “Why”."),
        ({"needs": [{"need": "p"}] * 51}, "needs", "“Needs” has room for 50 rows."),
    ],
)
def test_each_problem_says_what_where_and_how_to_mend_it(answers, where, says):
    assert wrong({**GOOD, **answers})[where] == says


def test_a_condition_within_a_row_asks_its_own_row():
    verdict = judged({**GOOD, "needs": [{"need": "q", "why": "x"}, {"need": "p", "why": "forged"}]})
    assert verdict.answers["needs"] == [{"need": "q", "why": "x"}, {"need": "p"}]
    assert verdict.dropped == ("needs.1.why",)
    assert "needs.0.why" in verdict.enabled
    assert "needs.1.why" not in verdict.enabled


@pytest.mark.parametrize(("count", "enabled"), [(5, False), (6, True), (None, False), ("six", False)])
def test_numbers_are_compared_as_numbers(count, enabled):
    assert ("many" in judged({**GOOD, "count": count}).enabled) is enabled


def test_not_equal_holds_without_an_answer():
    form = compile_form(
        "form: t\ntitle: T\nevent: form.signed\ncompartment: case\nitems:\n"
        "  - {id: a, type: choice, text: A, repeats: yes, privacy: L1, options: [{code: x, label: X}, {code: y, label: Y}]}\n"
        "  - {id: b, type: string, text: B, privacy: L1, enable_when: a != x}\n"
    )
    for answer, enabled in (([], True), (["y"], True), (["x", "y"], False)):
        assert ("b" in evaluate(form, {"a": answer}, now=NOW).enabled) is enabled


def test_initial_answers_know_what_day_it_is():
    assert initial_answers(FORM, NOW) == {"at": "2026-11-22T14:30+08:00", "made": "2026-11-22"}


def test_further_events_follow_their_conditions():
    assert events_besides(FORM, {"urgency": "high", "alarm": True}, NOW) == ["high-risk.found"]
    assert events_besides(FORM, {"urgency": "high"}, NOW) == []


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
PLAUSIBLE = st.sampled_from(
    [
        "low",
        "high",
        True,
        False,
        "a",
        ["a"],
        ["a", "b"],
        1,
        7,
        "x",
        "2026-01-01",
        [{"need": "q"}],
        [{"need": "p", "why": "w"}],
    ]
)
LINK_IDS = [item.link_id for item in FORM.walk()]
ANSWERS = st.dictionaries(st.sampled_from(LINK_IDS) | st.text(max_size=5), PLAUSIBLE | JSON)


@given(ANSWERS)
def test_whatever_is_sent_no_disabled_item_survives_and_nothing_fails(answers):
    verdict = judged(answers)
    assert set(verdict.answers) <= verdict.enabled | {"secret"}
    for number, row in enumerate(verdict.answers.get("needs", [])):
        assert all(f"needs.{number}.{link_id}" in verdict.enabled for link_id in row)
    words = Words("zh_Hans", [])
    assert all(words(problem.message) for problem in verdict.problems)
    assert all(problem.where in verdict.enabled for problem in verdict.problems)


@given(ANSWERS)
def test_judging_twice_is_judging_once(answers):
    once = judged(answers)
    twice = judged(once.answers)
    assert twice.answers == once.answers
    assert twice.dropped == ()
    assert twice.enabled == once.enabled


@given(ANSWERS)
def test_every_sent_value_survives_or_is_named_as_dropped(answers):
    verdict = judged(answers)
    for key, value in answers.items():
        if value in (None, "", [], {}) or key == "needs":
            continue
        assert key in verdict.dropped or verdict.answers[key] == value
