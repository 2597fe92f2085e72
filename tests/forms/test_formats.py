from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from casework.forms.compiler import compile_form
from casework.forms.evaluate import evaluate
from casework.forms.formats import Phones
from casework.forms.presentation import parts_of
from casework.forms.read import read
from casework.forms.sheet import make_sheet
from casework.forms.source import FormErrors

ZONE = ZoneInfo("Asia/Shanghai")
NOW = datetime(2026, 11, 22, 14, 30, tzinfo=ZONE)
TEXT = """\
form: numbers
title: Numbers
event: form.signed
compartment: case
items:
  - {id: identity, type: string, text: Identity number, privacy: L5, format: identity-number}
  - {id: phone, type: string, text: Phone, privacy: L4, format: phone}
  - {id: account, type: string, text: Account, privacy: L5, format: bank-account}
"""
FORM = compile_form(TEXT)


def judged(**fields):
    answers = read(FORM, {name: [text] for name, text in fields.items()}, ZONE).answers
    verdict = evaluate(FORM, answers, now=NOW)
    return verdict.answers, [str(problem.message) for problem in verdict.problems]


@pytest.mark.parametrize(
    ("field", "typed", "kept"),
    [
        ("identity", "11010519491231002x", "11010519491231002X"),
        ("identity", "４４０６０５１８８７０３１５００２６", "440605188703150026"),
        ("identity", " 810000 188005070090 ", "810000188005070090"),
        ("phone", "138 0013 8000", "+8613800138000"),
        ("phone", "0757-86223344", "+8675786223344"),
        ("phone", "12345", "12345"),
        ("account", "6222 0200 0000 0000 000", "6222020000000000000"),
        ("account", "4400-1234-5678", "440012345678"),
    ],
)
def test_numbers_are_kept_in_one_shape(field, typed, kept):
    assert judged(**{field: typed}) == ({field: kept}, [])


@pytest.mark.parametrize(
    ("field", "typed", "says"),
    [
        ("identity", "110105194912310021", "its last character does not fit"),
        ("identity", "440605180002290118", "a date of birth that does not exist"),
        ("identity", "4406051887031500", "has 18 characters"),
        ("phone", "86223344", "not a phone number"),
        ("phone", "23800138000", "not a phone number"),
        ("account", "6222020000000000001", "A digit of the card number is wrong"),
        ("account", "the bank at the corner", "has 8 to 30 digits"),
    ],
)
def test_a_wrong_number_stays_as_typed_and_is_refused_in_words(field, typed, says):
    answers, problems = judged(**{field: typed})
    assert answers == {field: typed}
    assert len(problems) == 1
    assert says in problems[0]


def test_a_local_number_has_the_area_code_of_the_place():
    fields = {"phone": ["86223344"]}
    answers = read(FORM, fields, ZONE, phones=Phones("CN", "0757")).answers
    assert answers == {"phone": "+8675786223344"}
    assert evaluate(FORM, answers, now=NOW).problems == ()


def test_readers_see_numbers_masked_and_phones_as_people_write_them():
    answers = {"identity": "11010519491231002X", "phone": "+8613800138000", "account": "6222020000000000000"}
    (part,) = parts_of(FORM, answers, now=NOW, roles=None)
    assert [line.answers for line in part.lines] == [
        ["110105********002X"],
        ["138 0013 8000"],
        ["********0000"],
    ]


def test_whoever_fills_in_sees_what_was_typed_and_gets_the_fitting_keyboard():
    sheet = make_sheet(FORM, {"identity": "11010519491231002X", "phone": "+8613800138000"}, now=NOW)
    identity, phone, account = FORM.items
    assert sheet.typed(identity, "identity") == "11010519491231002X"
    assert sheet.typed(phone, "phone") == "138 0013 8000"
    assert [sheet.keyboard(item)["inputmode"] for item in (identity, phone, account)] == [
        "text",
        "tel",
        "numeric",
    ]


def test_an_unknown_format_is_named_with_those_there_are():
    with pytest.raises(FormErrors, match="'email' is no format; choose one of identity-number, phone"):
        compile_form(TEXT.replace("format: phone", "format: email"))
