from __future__ import annotations

import cn2an
import pytest
from hypothesis import given
from hypothesis import strategies as st

from casework.funds.rules import LARGEST, Payee, clean_payee, in_capitals, same_name, typed_amount, yuan
from casework.i18n import Message


@pytest.mark.parametrize(
    ("text", "fen"),
    [
        ("3,000.50", 300050),
        ("３０００", 300000),
        ("３，０００．５", 300050),
        ("¥3000", 300000),
        ("￥3,000.05元", 300005),
        ("人民币 12 元整", 1200),
        ("CNY 0.01", 1),
        (" 9796 ", 979600),
        ("007", 700),
        ("100000000000", LARGEST),
    ],
)
def test_an_amount_is_understood_however_it_is_written(text: str, fen: int) -> None:
    assert typed_amount(text) == fen


@pytest.mark.parametrize(
    "text",
    [
        *("", " ", "NaN", "inf", "Infinity", "1e3", "1E3", "0x10", "1_000", "３e３", "+5", "-5", "−5", "--5"),
        *("1.005", "0.001", "5.", ".5", "1.2.3", "1,00", "1,0000", ",100", "1 000 x", "3000 dollars", "$5"),
        *("٣", "三千", "0", "0.00", "100000000000.01", "9" * 16, "9" * 5000, "5\x00", "=5", "1/2", "½"),
    ],
)
def test_what_is_no_amount_is_refused_with_a_sentence(text: str) -> None:
    if text == "5\x00":
        assert typed_amount(text) == 500, "what nobody can see is not there"
    else:
        assert isinstance(typed_amount(text), Message)


@given(st.integers(1, LARGEST))
def test_an_amount_written_is_the_amount_read(fen: int) -> None:
    assert typed_amount(yuan(fen)) == fen


@given(st.text())
def test_any_text_is_an_amount_or_told(text: str) -> None:
    found = typed_amount(text)
    assert isinstance(found, Message) or 0 < found <= LARGEST


@pytest.mark.parametrize(
    ("fen", "words"),
    [
        (140950, "人民币壹仟肆佰零玖元伍角整"),
        (600714, "人民币陆仟零柒元壹角肆分"),
        (168032, "人民币壹仟陆佰捌拾元叁角贰分"),
        (10700053, "人民币壹拾万柒仟元伍角叁分"),
        (1640902, "人民币壹万陆仟肆佰零玖元零贰分"),
        (32504, "人民币叁佰贰拾伍元零肆分"),
        (61000000, "人民币陆拾壹万元整"),
        (5, "人民币伍分"),
        (50, "人民币伍角整"),
        (979600, "人民币玖仟柒佰玖拾陆元整"),
        (0, "人民币零元整"),
        (10000100000, "人民币壹亿零壹仟元整"),
        (100000000, "人民币壹佰万元整"),
        (LARGEST, "人民币壹仟亿元整"),
        (100100100, "人民币壹佰万壹仟零壹元整"),
    ],
)
def test_an_amount_in_capitals_is_written_as_on_a_bill(fen: int, words: str) -> None:
    assert in_capitals(fen) == words


def test_there_are_no_capitals_below_zero() -> None:
    with pytest.raises(ValueError, match="below zero"):
        in_capitals(-1)


@given(st.integers(1, LARGEST))
def test_capitals_are_read_back_as_the_same_amount(fen: int) -> None:
    words = in_capitals(fen)
    assert words.startswith("人民币")
    assert words.endswith(("元整", "角整", "分"))
    assert "零零" not in words
    assert _read(words.removeprefix("人民币").removesuffix("整")) == fen


def _read(words: str) -> int:
    """Capitals as fen, by the values of their signs alone."""
    total = section = whole = digit = 0
    for sign in words:
        if sign in "零壹贰叁肆伍陆柒捌玖":
            digit = "零壹贰叁肆伍陆柒捌玖".index(sign)
        elif sign in "拾佰仟":
            section, digit = section + digit * 10 ** ("拾佰仟".index(sign) + 1), 0
        elif sign == "万":
            whole, section, digit = whole + (section + digit) * 10**4, 0, 0
        elif sign == "亿":
            whole, section, digit = (whole + section + digit) * 10**8, 0, 0
        else:
            amount, whole, section, digit = whole + section + digit, 0, 0, 0
            total += amount * {"元": 100, "角": 10, "分": 1}[sign]
    return total


@given(st.integers(1, 9999 * 100))
def test_another_writer_of_capitals_agrees_below_ten_thousand(fen: int) -> None:
    theirs = cn2an.an2cn(f"{fen // 100}.{fen % 100:02}", "rmb").removesuffix("整")
    assert in_capitals(fen).removeprefix("人民币").removesuffix("整") == theirs


def test_a_name_on_a_slip_agrees_whatever_its_width_and_spaces() -> None:
    assert same_name("First Hospital（East）", "first  hospital(east)")
    assert not same_name("区广才", "区广材")


def test_a_payee_is_kept_without_gaps_and_shown_without_its_account() -> None:
    payee = clean_payee(Payee(" 区 广才 ", "Bank", "６２２２ 0200-0001"))
    assert (payee.name, payee.account) == ("区 广才", "622202000001")
    assert "6222" not in repr(payee)
