"""Searching under the policies of the database: who is found, by whom, and at what price."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import event

from casework.cases.model import Case
from casework.errors import Missing
from casework.people import queries, usecases
from casework.people.model import Person
from casework.testing.network import Network
from casework.work import Work

As = Callable[..., Work]

NUMBER = "440605188703150026"


@pytest.fixture
def nurse(network: Network, as_actor: As) -> Work:
    return as_actor(network["nurse"])


@pytest.fixture
def register(network: Network) -> Callable[..., Person]:
    def register(work: Work, name: str, unit: str = "ward", **given: Any) -> Person:
        return usecases.register_person(
            work, unit_id=network.units[unit].id, full_name=name, confirmed=True, **given
        )

    return register


def names(found: queries.Found) -> list[str]:
    return [person.full_name for person in found.persons]


def test_a_person_is_found_by_name_pinyin_initials_phone_and_identity_number(
    nurse: Work, register: Callable[..., Person]
) -> None:
    register(nurse, "单大华", phone="13800138000", id_type="01", id_number=NUMBER, mrn="ZY-7")
    register(nurse, "李四")
    for text in ("单大华", "大华", "单", "shandahua", "shan dahua", "SDH", "dahua", "13800138000", "8000",
                 NUMBER, "44060518870315 0026", "zy7"):  # fmt: skip
        assert names(queries.search(nurse, text)) == ["单大华"], text


def test_a_line_of_the_search_tells_people_of_one_name_apart_and_keeps_numbers_masked(
    nurse: Work, network: Network, register: Callable[..., Person]
) -> None:
    person = register(nurse, "单大华", phone="13800138000", id_type="01", id_number=NUMBER)
    nurse.session.add(case_of(person, network, "H1-CW-2026-00001-1"))
    [found] = queries.search(nurse, "单大华").persons
    assert (found.masked_id_number, found.masked_phone) == ("********0026", "**********8000")
    assert (found.birth_year, found.age(nurse.today), found.sex) == (1887, 138, "2")
    assert found.unit_names["en"] == "Ward 1"
    assert found.open_cases == 1
    assert NUMBER not in repr(found)
    assert "13800138000" not in repr((found.masked_phone, found.masked_id_number))


def case_of(person: Person, network: Network, number: str, unit: str = "hospital") -> Case:
    return Case(
        number=number,
        program="casework",
        program_version="x",
        unit_id=network.units[unit].id,
        person_id=person.id,
        worker_id=None,
        referrer_id=person.created_by,
        state="referred",
        state_since=person.created_at,
        urgency="routine",
        opened_at=person.created_at,
        closed_at=None,
    )


def test_the_whole_name_stands_first_then_beginnings_then_sounds(
    nurse: Work, register: Callable[..., Person]
) -> None:
    for name in ("章叁", "张三丰", "张三", "李张三"):
        register(nurse, name)
    assert names(queries.search(nurse, "张三")) == ["张三", "李张三", "张三丰", "章叁"]


def test_no_hit_crosses_the_wall_between_hospitals(
    network: Network, as_actor: As, register: Callable[..., Person]
) -> None:
    here = register(as_actor(network["nurse"]), "张三", phone="13800138000", id_type="01", id_number=NUMBER)
    case = case_of(here, network, "H1-CW-2026-00001-1")
    here_work = as_actor(network["nurse"])
    here_work.session.add(case)
    here_work.session.flush()
    there = as_actor(network["other-nurse"])
    for text in ("张三", "三", "zhangsan", "zs", "13800138000", NUMBER, "H1-CW-2026-00001-1", "H1-"):
        found = queries.search(there, text)
        assert (found.persons, found.cases, found.more) == ([], [], False), text
    with pytest.raises(Missing):
        queries.person(there, here.id)
    again = register(there, "张三", unit="other-ward", id_type="01", id_number=NUMBER)
    assert [found.id for found in queries.search(there, "张三").persons] == [again.id]


def test_a_case_is_found_by_the_beginning_of_its_number(
    network: Network, as_actor: As, register: Callable[..., Person]
) -> None:
    work = as_actor(network["coordinator"])
    person = register(work, "张三")
    work.session.add_all(case_of(person, network, f"H1-CW-2026-0000{n}-1") for n in (1, 2))
    assert [case.number for case in queries.search(work, "h1-cw-2026").cases] == [
        "H1-CW-2026-00001-1",
        "H1-CW-2026-00002-1",
    ]
    assert [case.person_name for case in queries.search(work, "H1-CW-2026-00002-1").cases] == ["张三"]
    assert queries.search(work, "H1-CW_2026").cases == []


@pytest.mark.parametrize(
    "text", ["%", "_", "\\", "%%", "张%", "' or 1=1 --", "a\x00b", "\ud800", "9" * 60, "张" * 5000, ""]
)
def test_a_hostile_query_finds_nobody_and_breaks_nothing(
    nurse: Work, register: Callable[..., Person], text: str
) -> None:
    register(nurse, "王五")
    assert names(queries.search(nurse, text)) == []


@pytest.mark.parametrize("number", [0, -1, 2**63, 10**17])
def test_a_number_that_is_nobody_is_missing(nurse: Work, number: int) -> None:
    with pytest.raises(Missing):
        queries.person(nurse, number)


def test_more_people_than_are_shown_are_mentioned(nurse: Work, register: Callable[..., Person]) -> None:
    for _each in range(4):
        register(nurse, "张三")
    found = queries.search(nurse, "zs", limit=3)
    assert (len(found.persons), found.more) == (3, True)
    assert not queries.search(nurse, "zs", limit=4).more


@pytest.mark.parametrize(
    "text", ["张三", "zhang san", "H1-CW-2026", NUMBER, "阿不都热西提·艾合买提 bruce li"]
)
def test_a_search_takes_at_most_two_statements(
    nurse: Work, register: Callable[..., Person], text: str
) -> None:
    for name in ("张三", "张三丰", "李四"):
        register(nurse, name)
    nurse.session.flush()
    connection = nurse.session.connection()
    seen: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        seen.append(statement)

    event.listen(connection, "before_cursor_execute", note)
    queries.search(nurse, text)
    event.remove(connection, "before_cursor_execute", note)
    assert len(seen) <= 2


@pytest.mark.parametrize("text", ["张三", "zhangsan", "zs", "8000", "阿不都·艾合", "john smi"])
def test_tokens_are_looked_up_by_their_index_under_the_policies(
    nurse: Work, register: Callable[..., Person], text: str
) -> None:
    for name in ("张三", "John Smith", "阿不都·艾合买提"):
        register(nurse, name, phone="13800138000")
    found = plan(nurse, text).replace("person_tokens_1.", "").replace("person_tokens.", "")
    assert len(re.findall(r"Index (?:Only )?Scan.* using pk_person_tokens", found)) > 0
    assert len(re.findall(r"Index Cond: \(\(token >= ", found)) > 0
    assert "Seq Scan on person_tokens" not in found


def plan(work: Work, text: str) -> str:
    """The plan of the statement that a search runs, as the run-time role under its policies."""
    connection = work.session.connection()
    connection.exec_driver_sql("set local enable_seqscan = off")
    connection.exec_driver_sql("set local enable_bitmapscan = off")
    seen: list[tuple[str, Any]] = []

    def note(_connection: Any, _cursor: Any, statement: str, values: Any, *_rest: Any) -> None:
        seen.append((statement, values))

    event.listen(connection, "before_cursor_execute", note)
    queries.search(work, text)
    event.remove(connection, "before_cursor_execute", note)
    statement, values = seen[0]
    return "\n".join(row[0] for row in connection.exec_driver_sql(f"explain {statement}", values))
