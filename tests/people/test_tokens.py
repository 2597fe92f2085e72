"""A person is found by every form of the name, and hostile queries find nobody."""

from __future__ import annotations

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from casework.people.surnames import DOUBLE_SURNAMES, SURNAMES
from casework.people.tokens import LONGEST_TOKEN, Query, read_query, tokens_of, whole

HAN = "张三李四王小明陈大文华丽娜仇单解查区曾冼任乐行重长朝盛茜绿吕女欧阳司马𬭚㛃䶮艾"


def rank(query: str, tokens: frozenset[str]) -> int | None:
    """The rank at which a query finds a person of these tokens, as the database judges it; or None."""
    ranks = [
        way.rank
        for way in read_query(query).alternatives
        if all(
            term.text in tokens or (term.prefix and any(token.startswith(term.text) for token in tokens))
            for term in way.terms
        )
    ]
    return min(ranks, default=None)


def finds(query: str, name: str, **more: str) -> bool:
    return rank(query, tokens_of(name, **more)) is not None


@pytest.mark.parametrize(
    "query",
    [
        "张三",
        "三",
        "张",
        "zhangsan",
        "zhang san",
        "ZHANG SAN",
        "zhang s",
        "zs",
        "ZS",
        "zhan",
        "張三",
        "张 三",
        "ｚｓ",
    ],
)
def test_zhang_san_is_found(query: str) -> None:
    assert finds(query, "张三")


@pytest.mark.parametrize(
    "query", ["李四", "张四", "lisi", "ls", "x", "三张", "", "%", "_", "\\", "z%n", "z_a", "张%三x"]
)
def test_zhang_san_is_not_found_by_what_is_not_his(query: str) -> None:
    assert not finds(query, "张三")


@pytest.mark.parametrize(
    ("query", "name"),
    [
        ("wangxiaoming", "王小明"),
        ("xiaoming", "王小明"),
        ("小明", "王小明"),
        ("wxm", "王小明"),
        ("王xm", "王小明 xm"),
        ("张xiao", "张小明"),
        ("欧阳娜", "欧阳娜娜"),
        ("阳娜娜", "欧阳娜娜"),
        ("ouyang nana", "欧阳娜娜"),
        ("moqi", "万俟卨"),
        ("yuchi", "尉迟恭"),
        ("阿不都热西提·艾合买提", "阿不都热西提·艾合买提"),
        ("阿不都热西提艾合买提", "阿不都热西提·艾合买提"),
        ("艾合买提", "阿不都热西提·艾合买提"),
        ("aihemaiti", "阿不都热西提·艾合买提"),
        ("lubu", "吕布"),
        ("lvbu", "吕布"),
        ("lü bu", "吕布"),
        ("lyubu", "吕布"),
        ("𬭚㛃䶮", "𬭚㛃䶮"),
        ("smith", "John Smith"),
        ("smith john", "John Smith"),
        ("john smi", "John Smith"),
        ("js", "John Smith"),
        ("obrien", "Anne O’Brien"),
        ("jose", "José Núñez"),
        ("NÚÑEZ", "Jose Nunez"),
        ("李小龙", "李小龙 Bruce"),
        ("bruce 李", "李小龙 Bruce"),
        ("иванов", "Иван Иванов"),
    ],
)
def test_a_person_is_found_by_parts_sounds_and_words(query: str, name: str) -> None:
    assert finds(query, name)


@pytest.mark.parametrize("surname", sorted(SURNAMES))
def test_each_surname_is_found_in_each_of_its_readings(surname: str) -> None:
    for reading in SURNAMES[surname]:
        assert finds(f"{reading}wen", f"{surname}文")
        assert finds(f"{reading[0]}w", f"{surname}文")


@pytest.mark.parametrize("surname", sorted(DOUBLE_SURNAMES))
def test_a_surname_of_two_characters_keeps_its_sound(surname: str) -> None:
    assert finds(f"{''.join(DOUBLE_SURNAMES[surname])} wen", f"{surname}文")


def test_another_name_is_found_too() -> None:
    assert finds("陈小明", "Chan Siu Ming", other_names="陈小明；小明")
    assert finds("siu ming", "陈小明", other_names="Chan Siu Ming")


@pytest.mark.parametrize(
    "query", ["13800138000", "138 0013 8000", "+8613800138000", "8613800138000", "8000", "138000", "1380013"]
)
def test_a_phone_number_finds_by_its_end_and_by_its_beginning(query: str) -> None:
    assert finds(query, "张三", phone="+8613800138000")


@pytest.mark.parametrize("query", ["0757-86223344", "075786223344", "86223344", "0757 8622 3344", "3344"])
def test_a_landline_is_found_with_and_without_its_area(query: str) -> None:
    assert finds(query, "张三", phone="+8675786223344;ext=801")


def test_a_phone_ending_in_zeros_is_found_by_its_end() -> None:
    assert finds("0026", "张三", phone="+8613812340026")


@pytest.mark.parametrize("query", ["800", "000", "138", "0013"])
def test_fewer_than_four_digits_or_the_middle_find_nobody(query: str) -> None:
    assert not finds(query, "张三", phone="+8613800138000")


def test_a_record_number_finds() -> None:
    assert finds("ZY 0012345", "张三", mrn="zy0012345")


def test_an_identity_number_is_no_token_and_no_name() -> None:
    query = read_query(" 44060518870315002６ ")
    assert query.id_number == "440605188703150026"
    assert read_query("11010519491231002x").id_number == "11010519491231002X"
    assert read_query("zhangsan").id_number == ""


def test_a_case_number_is_read_from_its_first_hyphen() -> None:
    assert read_query("nh1-cw-2026-00001-c").case_number == "NH1-CW-2026-00001-C"
    assert read_query("NH1-").case_number == "NH1-"
    assert read_query("NH1").case_number == ""


def test_the_whole_name_ranks_before_its_parts_and_its_sound() -> None:
    ranks = [rank("张三", tokens_of(name)) for name in ("张三", "张三丰", "章叁")]
    assert ranks == sorted(ranks)
    assert len(set(ranks)) == 3


@pytest.mark.parametrize(
    "query", ["a" * 61, "张" * 5000, "张\u200b三", "张\x00三", "\ud800", "\u202e张三", " " * 50, "%" * 60]
)
def test_a_hostile_query_reads_as_nothing(query: str) -> None:
    assert read_query(query).empty


@settings(deadline=None)
@given(st.text(max_size=80))
@example("ß" * 60)
@example("ﷺ" * 60)
@example("\u0301" * 60)
def test_any_query_is_read_and_stays_small(typed: str) -> None:
    query = read_query(typed)
    assert isinstance(query, Query)
    assert len(query.alternatives) <= 16
    for way in query.alternatives:
        assert way.terms
        assert all(term.text.strip("=!~#") and len(term.text) <= LONGEST_TOKEN for term in way.terms)
        assert all("\x00" not in term.text for term in way.terms)


@settings(max_examples=200, deadline=None)
@given(st.text(alphabet=HAN, min_size=1, max_size=12), st.data())
def test_a_han_name_is_found_by_itself_and_each_part(name: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(name) - 1))
    end = data.draw(st.integers(start + 1, len(name)))
    assert rank(name, tokens_of(name)) == 0
    assert finds(name[start:end], name)


@settings(deadline=None)
@given(st.text(min_size=1, max_size=200))
def test_any_name_has_few_and_short_tokens_none_of_them_empty(name: str) -> None:
    found = tokens_of(name)
    assert len(found) < 700
    assert all(0 < len(token) <= LONGEST_TOKEN for token in found)


@settings(deadline=None)
@given(st.text(alphabet=HAN + "abcXYZ é·", min_size=1, max_size=20))
def test_a_whole_name_is_one_of_its_tokens(name: str) -> None:
    if whole(name) != "=":
        assert whole(name) in tokens_of(name)
