from __future__ import annotations

import time
import unicodedata
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from casework.forms.compiler import compile_form
from casework.forms.evaluate import evaluate
from casework.forms.read import merged, read
from casework.i18n import Words
from casework.texts import clean

ZONE = ZoneInfo("Asia/Shanghai")
NOW = datetime(2026, 11, 22, 14, 30, tzinfo=ZONE)
FORM = compile_form(Path(__file__).with_name("trial.yaml").read_text())


def answers(**fields):
    return read(
        FORM, {name.replace("__", "."): [v] if isinstance(v, str) else v for name, v in fields.items()}, ZONE
    )


def one(link_id, text):
    return answers(**{link_id: text}).answers.get(link_id)


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("3", 3),
        (" 3 ", 3),
        ("３", 3),
        ("1,200", 1200),
        ("−3", -3),
        ("-3", -3),
        ("three", "three"),
        ("3.5", "3.5"),
        ("9" * 30, "9" * 30),
        ("", None),
    ],
)
def test_whole_numbers(typed, kept):
    assert one("count", typed) == kept


@pytest.mark.parametrize(
    ("typed", "kept"),
    [("3.50", "3.50"), ("３．５", "3.5"), ("007", "7"), ("1e5", "1e5"), ("1,5", "1,5"), ("NaN", "NaN")],
)
def test_decimals_keep_their_digits(typed, kept):
    assert one("share", typed) == kept


@pytest.mark.parametrize(
    ("typed", "fen"),
    [
        ("200", 20000),
        ("99.5", 9950),
        ("1,234,567.89", 123456789),
        ("¥ 12", 1200),
        ("￥１２．３４", 1234),
        ("12元", 1200),
        ("0.005", "0.005"),
        ("a lot", "a lot"),
    ],
)
def test_money_is_read_in_yuan_and_kept_in_fen(typed, fen):
    assert one("paid", typed) == fen


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("2026-11-22", "2026-11-22"),
        ("2026/1/2", "2026-01-02"),
        ("2026.1.2", "2026-01-02"),
        ("2026年1月2日", "2026-01-02"),
        ("２０２６－０１－０２", "2026-01-02"),
        ("2026-02-30", "2026-02-30"),
        ("26-01-02", "26-01-02"),
        ("9999-01-02", "9999-01-02"),
    ],
)
def test_dates(typed, kept):
    assert one("day", typed) == kept


def test_a_date_in_three_fields():
    assert answers(day__year="２０２６", day__month="1", day__day=" 2").answers == {"day": "2026-01-02"}
    wrong = {"year": "2026", "month": "13", "day": ""}
    assert answers(day__year="2026", day__month="13", day__day="").answers == {"day": wrong}
    assert answers(day__year="", day__month="", day__day="").answers == {}


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("2026-11-22T14:30", "2026-11-22T14:30+08:00"),
        ("2026-11-22 14:30:59", "2026-11-22T14:30+08:00"),
        ("2026-11-22T06:30Z", "2026-11-22T14:30+08:00"),
        ("2026年11月22日 9:05", "2026-11-22T09:05+08:00"),
        ("2026-11-22T25:00", "2026-11-22T25:00"),
        ("0001-01-01T00:00", "0001-01-01T00:00"),
        ("2026-11-22", "2026-11-22"),
    ],
)
def test_moments_are_on_the_clock_of_the_place(typed, kept):
    assert one("at", typed) == kept


def test_rows_close_their_gaps_and_empty_ones_go():
    found = answers(
        needs__0__need="", needs__2__need="q", needs__2__why="x", needs__7__need="p", needs__x__need="p"
    )
    assert found.answers == {"needs": [{"need": "q", "why": "x"}, {"need": "p"}]}


def test_an_open_choice_may_be_typed():
    assert one("other", "x") == "x"
    assert answers(other="_other", other__other="Hakka").answers == {"other": "Hakka"}
    assert answers(other__other="Hakka").answers == {"other": "Hakka"}
    assert answers(other="x", other__other="left over").answers == {"other": "x"}


def test_a_single_field_sent_twice_is_a_problem_and_the_first_is_kept():
    found = answers(urgency=["low", "high"])
    assert found.answers == {"urgency": "low"}
    assert [p.where for p in found.problems] == ["urgency"]
    assert (
        Words("en", [])(found.problems[0].message) == "“Urgency” was sent more than once. Fill it in again."
    )


def test_several_answers_are_no_duplicate():
    found = answers(**{"tags[]": ["a", "b", "a", ""]})
    assert (found.answers, found.problems) == ({"tags": ["a", "b"]}, ())


def test_unknown_fields_are_ignored():
    assert answers(author_id="1", version="9", csrf_token="x", deep="x", _version="1").answers == {}


def test_one_page_replaces_only_its_own_answers():
    page = [FORM.item("count"), FORM.item("needs")]
    assert merged({"count": 3, "day": "x", "needs": [{}]}, {"count": 4}, page) == {"count": 4, "day": "x"}


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("e\u0301", "é"),
        ("\u200b\ufeff admin\u202egnp.exe\u2066", "admingnp.exe"),
        ("a\r\nb\u2028c", "a\nb\nc"),
        ("a\x07\x1b[0m", "a[0m"),
        ("𬭚㛃䶮·阿卜杜", "𬭚㛃䶮·阿卜杜"),
        ("\U0001f468\u200d\U0001f469", "\U0001f468\u200d\U0001f469"),
        ("ＡＢＣ ﬁ", "ＡＢＣ ﬁ"),
        ("a\x00b", "ab"),
    ],
)
def test_the_rule_for_characters(typed, kept):
    assert clean(typed, lines=True) == kept


def test_a_single_line_has_no_line_ends_and_no_joiners():
    assert clean("a\nb\tc\u200d") == "a b c"


@pytest.mark.parametrize("character", ["\x00", "\ud800"], ids=["nul", "surrogate"])
def test_what_no_keyboard_makes_refuses_the_field(character):
    found = answers(tagged=f"a{character}b")
    assert found.answers == {"tagged": "ab"}
    assert [p.where for p in found.problems] == ["tagged"]


@given(st.text(st.characters()), st.booleans())
def test_cleaned_text_is_clean(text, lines):
    once = clean(text, lines=lines)
    assert clean(once, lines=lines) == once
    assert unicodedata.is_normalized("NFC", once)
    once.encode()
    assert not set(once) & {"\x00", "\u202e", "\u200b", "\ufeff"}


FIELDS = st.dictionaries(
    st.sampled_from(
        [i.link_id for i in FORM.walk()]
        + ["day.year", "day.month", "day.day", "other.other", "needs.0.need", "needs.3.why"]
    )
    | st.text(),
    st.lists(
        st.text(st.characters()) | st.sampled_from(["1", "2026", "a", "q", "low", "_other", "2026-01-01"]),
        max_size=3,
    ),
)


@given(FIELDS)
def test_whatever_is_posted_is_read_and_judged(fields):
    found = read(FORM, fields, ZONE)
    verdict = evaluate(FORM, found.answers, now=NOW, roles=("worker",))
    assert evaluate(FORM, verdict.answers, now=NOW, roles=("worker",)).answers == verdict.answers
    assert set(found.answers) <= {item.link_id for item in FORM.walk()}


def test_two_hundred_thousand_fields_are_read_quickly():
    fields = {f"needs.{n}.need": ["q"] for n in range(200_000)}
    before = time.monotonic()
    found = read(FORM, fields, ZONE)
    assert time.monotonic() - before < 1
    assert len(found.answers["needs"]) == 50
    assert [p.where for p in found.problems] == ["needs"]
