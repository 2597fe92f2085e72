"""Names, identity numbers, phone numbers, ages and masks: what is kept, refused and shown."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from casework.i18n import Message
from casework.people import rules
from casework.people.rules import IdNumber

TODAY = date(2026, 11, 22)


def resident(text: str) -> IdNumber:
    read = rules.id_number("01", text, TODAY)
    assert isinstance(read, IdNumber), read
    return read


@pytest.mark.parametrize(
    ("number", "born", "sex"),
    [
        ("11010519491231002X", date(1949, 12, 31), "2"),  # the example of GB 11643-1999
        ("440605188703150026", date(1887, 3, 15), "2"),
        ("440605188703150114", date(1887, 3, 15), "1"),
        ("44062218650801013X", date(1865, 8, 1), "1"),  # a county that has another number today
        ("810000188005070090", date(1880, 5, 7), "1"),  # residence permit, Hong Kong
        ("999999190001010015", date(1900, 1, 1), "1"),
    ],
)
def test_a_resident_number_tells_birth_and_sex(number: str, born: date, sex: str) -> None:
    read = resident(number)
    assert (read.number, read.birth_date, read.sex, read.historic) == (number, born, sex, False)


def test_an_unknown_place_and_a_great_age_are_hints_and_no_reason_to_refuse() -> None:
    assert len(resident("11010519491231002X").warnings) == 0
    assert len(resident("440605188703150026").warnings) == 1
    assert len(resident("999999190001010015").warnings) == 2


@pytest.mark.parametrize(
    "typed", ["11010519491231002x", " 110105 19491231 002X ", "１１０１０５１９４９１２３１００２Ｘ"]
)
def test_width_spaces_and_a_small_x_do_not_matter(typed: str) -> None:
    assert resident(typed).number == "11010519491231002X"


def test_an_old_number_of_15_digits_is_marked_historic() -> None:
    read = resident("440622080301013")
    assert (read.birth_date, read.sex, read.historic) == (date(1908, 3, 1), "1", True)


@pytest.mark.parametrize(
    ("typed", "complaint"),
    [
        ("440605188703150027", "does not fit"),
        ("440605180002290118", "does not exist"),
        ("440605", "18 characters"),
        ("44060518870315002Y", "18 characters"),
        ("٤٤٠٦٠٥١٨٨٧٠٣١٥٠٠٢٦", "18 characters"),
        ("4" * 5000, "18 characters"),
        ("", "18 characters"),
    ],
)
def test_a_wrong_resident_number_is_refused_with_the_reason(typed: str, complaint: str) -> None:
    read = rules.id_number("01", typed, TODAY)
    assert isinstance(read, Message)
    assert complaint in str(read)


def test_a_birth_in_the_future_is_refused() -> None:
    read = rules.id_number("01", "440605188703150026", date(1887, 3, 14))
    assert isinstance(read, Message)
    assert "future" in str(read)
    assert isinstance(rules.id_number("01", "440605188703150026", date(1887, 3, 15)), IdNumber)


@pytest.mark.parametrize("position", range(18))
@pytest.mark.parametrize("number", ["440605188703150026", "11010519491231002X"])
def test_one_wrong_digit_never_passes(number: str, position: int) -> None:
    for digit in "0123456789X":
        if digit != number[position]:
            wrong = number[:position] + digit + number[position + 1 :]
            assert isinstance(rules.id_number("01", wrong, TODAY), Message), wrong


@pytest.mark.parametrize(
    ("kind", "typed", "kept"),
    [
        ("06", "h12345678", "H12345678"),
        ("07", "１２３４５６７８", "12345678"),
        ("03", "e 1234 5678", "E12345678"),
        ("91", "P440123456", "P440123456"),
        ("04", "军字第1234567号", "军字第1234567号"),
    ],
)
def test_other_documents_have_their_own_numbers(kind: str, typed: str, kept: str) -> None:
    assert rules.id_number(kind, typed, TODAY) == IdNumber(kept)


@pytest.mark.parametrize(
    ("kind", "typed"), [("06", "A12345678"), ("07", "1234567"), ("03", "12"), ("03", "<script>")]
)
def test_a_number_of_the_wrong_shape_is_refused(kind: str, typed: str) -> None:
    assert isinstance(rules.id_number(kind, typed, TODAY), Message)


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        (" 陈大文 ", "陈大文"),
        ("阿不都热西提 • 艾合买提", "阿不都热西提·艾合买提"),
        ("𬭚㛃䶮", "𬭚㛃䶮"),
        ("José  Núñez", "José Núñez"),
        ("Jose\u0301", "José"),
        ("John O'Brien-Smith", "John O'Brien-Smith"),
        ("陈\u3000大文", "陈 大文"),
        ("ﬁ Ａ", "ﬁ Ａ"),  # NFC only: compatibility characters stay as the person writes them
    ],
)
def test_a_name_is_kept_in_one_form(typed: str, kept: str) -> None:
    assert rules.name(typed) == kept


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "   ",
        "张\u200b三",
        "张\u202e三",
        "张\x00三",
        "张\ud800三",
        "张\ue000三",
        "\u2066张三",
        "123",
        "·",
        "a" * 201,
    ],
)
def test_a_name_that_cannot_be_seen_or_is_none_is_refused(typed: str) -> None:
    assert isinstance(rules.name(typed), Message)


def test_a_name_of_200_characters_is_accepted() -> None:
    assert rules.name("艾" * 200) == "艾" * 200


@settings(deadline=None)
@given(st.text(max_size=250))
def test_any_text_is_judged_and_what_is_kept_is_kept_again(typed: str) -> None:
    kept = rules.name(typed)
    if not isinstance(kept, Message):
        assert rules.name(kept) == kept
        assert kept.encode()
        rules.masked_name(kept)
    for kind in ("01", "03", "06"):
        rules.id_number(kind, typed, TODAY)
    number = rules.phone(typed, "CN", "0757")
    if isinstance(number, str):
        assert rules.phone(number, "CN", "0757") == number
        rules.shown_phone(number, "CN")
    rules.birth_date(typed, TODAY)
    rules.line(typed, 100)


@pytest.mark.parametrize(
    ("typed", "kept", "shown"),
    [
        ("13800138000", "+8613800138000", "138 0013 8000"),
        ("138 0013 8000", "+8613800138000", "138 0013 8000"),
        ("１３８００１３８０００", "+8613800138000", "138 0013 8000"),
        ("+86 13800138000", "+8613800138000", "138 0013 8000"),
        ("0757-86223344", "+8675786223344", "0757 8622 3344"),
        ("86223344", "+8675786223344", "0757 8622 3344"),
        ("0757-86223344转801", "+8675786223344;ext=801", None),
        ("400-810-5888", "+864008105888", None),
        ("+852 9123 4567", "+85291234567", "+852 9123 4567"),
        ("12345", "12345", "12345"),
        ("", "", ""),
    ],
)
def test_a_phone_number_is_kept_in_one_form(typed: str, kept: str, shown: str | None) -> None:
    assert rules.phone(typed, "CN", "0757") == kept
    assert rules.shown_phone(kept, "CN") == shown if shown is not None else rules.shown_phone(kept, "CN")


@pytest.mark.parametrize(
    "typed", ["1380013800", "12306123061230612306", "99999", "call me", "1" * 99, "+", "😀", "12900138000"]
)
def test_a_wrong_phone_number_is_refused(typed: str) -> None:
    assert isinstance(rules.phone(typed, "CN", "0757"), Message)


@pytest.mark.parametrize(
    ("typed", "born", "precision"),
    [
        ("1958-06-09", date(1958, 6, 9), "day"),
        ("1958-6-9", date(1958, 6, 9), "day"),
        ("1958-06", date(1958, 6, 1), "month"),
        ("1958", date(1958, 1, 1), "year"),
        ("", None, "day"),
    ],
)
def test_a_birth_date_may_be_known_in_part(typed: str, born: date | None, precision: str) -> None:
    assert rules.birth_date(typed, TODAY) == (born, precision)
    assert rules.birth_date(rules.written_birth_date(born, precision), TODAY) == (born, precision)


@pytest.mark.parametrize(
    "typed", ["1958-02-30", "2026-11-23", "1700", "58", "1958--09", "٢٠٢٠", "0000", "1958-00-00-00"]
)
def test_an_impossible_birth_date_is_refused(typed: str) -> None:
    assert isinstance(rules.birth_date(typed, TODAY), Message)


def test_a_birth_date_with_month_zero_is_not_taken_for_a_year() -> None:
    assert isinstance(rules.birth_date("1958-00-09", TODAY), Message)


@pytest.mark.parametrize(
    ("born", "on", "years"),
    [
        (date(2012, 11, 22), date(2026, 11, 21), 13),
        (date(2012, 11, 22), date(2026, 11, 22), 14),
        (date(2012, 2, 29), date(2026, 2, 28), 13),
        (date(2012, 2, 29), date(2026, 3, 1), 14),
        (date(2026, 11, 22), date(2026, 11, 22), 0),
    ],
)
def test_age_counts_completed_years(born: date, on: date, years: int) -> None:
    assert rules.age(born, on) == years


@pytest.mark.parametrize(
    ("name", "masked"),
    [
        ("陈", "陈*"),
        ("陈文", "陈*"),
        ("陈大华", "陈*华"),
        ("欧阳娜娜", "欧**娜"),
        ("阿不都热西提·艾合买提", "阿**提"),
        ("𬭚㛃䶮", "𬭚*䶮"),
        ("John Smith", "J. S."),
    ],
)
def test_a_masked_name_keeps_no_more_than_its_ends(name: str, masked: str) -> None:
    assert rules.masked_name(name) == masked


def test_masked_numbers_show_the_end_only() -> None:
    assert rules.masked_number("440605188703150026") == "440605********0026"
    assert rules.masked_number("E12345678") == "*****5678"
    assert rules.masked_number("A12345") == "******"
    assert rules.masked_tail("0026") == "********0026"
    assert rules.masked_tail("") == ""
    assert rules.masked_phone("+8613800138000") == "**********8000"
    assert rules.masked_phone("+8675786223344;ext=801") == "**********3344"
    assert rules.masked_phone("12345") == "12345"
