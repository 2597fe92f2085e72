"""Registering and changing people, revealing numbers, deaths, households and contact persons."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
import sqlalchemy as sa

from casework.cases.model import Case, Event
from casework.errors import Conflict, Invalid, Missing, Refused
from casework.people import contacts, households, queries, usecases
from casework.people.model import Person, PersonToken
from casework.security.fields import SealError
from casework.testing.network import Network
from casework.work import Work

As = Callable[..., Work]

NUMBER, OTHER = "440605188703150026", "440605188703150114"


@pytest.fixture
def nurse(network: Network, as_actor: As) -> Work:
    return as_actor(network["nurse"])


@pytest.fixture
def register(nurse: Work, network: Network) -> Callable[..., Person]:
    def register(name: str, **given: Any) -> Person:
        return usecases.register_person(nurse, unit_id=network.units["ward"].id, full_name=name, **given)

    return register


def test_a_person_is_kept_as_judged_and_known_at_the_unit(
    nurse: Work, register: Callable[..., Person]
) -> None:
    person = register(
        " 单大华 ",
        birth_date="1887",
        phone="138 0013 8000",
        id_type="01",
        id_number=NUMBER,
        address="桂城",
        spoken="yue",
    )
    nurse.session.expire(person)
    assert (person.full_name, person.phone, person.sex) == ("单大华", "+8613800138000", "2")
    assert (person.birth_date, person.birth_date_precision) == (date(1887, 3, 15), "day")
    assert person.id_number_tail == "0026"
    assert NUMBER.encode() not in bytes(person.id_number or b"")
    assert [unit.code for unit in queries.PersonFile(nurse, person).units] == ["H1W1"]
    assert person.created_by == nurse.actor.id


def test_every_problem_is_told_at_once(register: Callable[..., Person]) -> None:
    with pytest.raises(Invalid) as caught:
        register(
            "张\u200b三",
            birth_date="1958-02-30",
            phone="123",
            id_type="01",
            id_number="123",
            sex="7",
            address="a\x00",
            spoken="latin",
            disclosure="maybe",
        )
    assert {problem.where for problem in caught.value.problems} == {
        "full_name", "birth_date", "phone", "id_number", "sex", "address", "spoken", "disclosure",
    }  # fmt: skip


def test_a_number_needs_its_document_and_agrees_with_the_birth(register: Callable[..., Person]) -> None:
    with pytest.raises(Invalid) as caught:
        register("张三", id_number=NUMBER)
    assert [problem.where for problem in caught.value.problems] == ["id_type"]
    with pytest.raises(Invalid) as caught:
        register("张三", id_type="01", id_number=NUMBER, birth_date="1887-03-16")
    assert [problem.where for problem in caught.value.problems] == ["birth_date"]


def test_nobody_registers_beyond_the_reach_of_the_own_unit(nurse: Work, network: Network) -> None:
    with pytest.raises(Missing):
        usecases.register_person(nurse, unit_id=network.units["other-ward"].id, full_name="张三")


def test_a_field_that_is_none_cannot_be_set(register: Callable[..., Person]) -> None:
    with pytest.raises(TypeError, match="no field 'created_by'"):
        register("张三", created_by=7)


def test_a_second_person_with_the_same_number_is_refused_with_who_it_is(
    register: Callable[..., Person],
) -> None:
    first = register("单大华", id_type="01", id_number=NUMBER)
    with pytest.raises(usecases.PossibleDuplicates) as caught:
        register("张三", id_type="01", id_number=NUMBER.lower(), confirmed=True)
    assert caught.value.certain
    assert [person.id for person in caught.value.persons] == [first.id]
    assert "单大华" in str(caught.value.refusals[0].reason)


@pytest.mark.parametrize(
    ("known", "new"),
    [
        ({}, {"full_name": "张三"}),
        ({"birth_date": "1958"}, {"full_name": "张三"}),
        ({"birth_date": "1958-06-09"}, {"full_name": "章三", "birth_date": "1958-06-09"}),
        (
            {"birth_date": "1958-06-09", "phone": "13800138000"},
            {"full_name": "小张", "birth_date": "1958-06-09", "phone": "13800138000"},
        ),
        (
            {"birth_date": "1958-06-09", "phone": "13800138000"},
            {"full_name": "张三", "birth_date": "1959-06-09", "phone": "13800138000"},
        ),
    ],
)
def test_a_likeness_is_warned_of_until_it_is_confirmed(
    register: Callable[..., Person], known: dict[str, str], new: dict[str, str]
) -> None:
    first = register("张三", **known)
    name = new.pop("full_name")
    with pytest.raises(usecases.PossibleDuplicates) as caught:
        register(name, **new)
    assert not caught.value.certain
    assert [person.id for person in caught.value.persons] == [first.id]
    assert register(name, confirmed=True, **new).id != first.id


def test_mother_and_child_on_one_phone_and_namesakes_of_another_birth_are_not_alike(
    register: Callable[..., Person],
) -> None:
    register("陈梅", birth_date="1990-01-01", phone="13800138000")
    register("李小明", birth_date="2020-05-05", phone="13800138000")
    register("陈梅", birth_date="1955-01-01")


def test_a_change_is_kept_found_and_counted(nurse: Work, register: Callable[..., Person]) -> None:
    person = register("张三", phone="13800138000")
    usecases.change_person(nurse, person, 1, full_name="张叁", phone="", id_type="01", id_number=NUMBER)
    assert (person.version, person.phone, person.id_number_tail) == (2, "", "0026")
    assert [each.id for each in queries.search(nurse, "张叁").persons] == [person.id]
    assert queries.search(nurse, "张三").persons == [] or queries.search(nurse, "张三").persons[0].rank > 3
    assert queries.search(nurse, "8000").persons == []
    usecases.change_person(nurse, person, 2, full_name="张叁", id_type="01", id_number="")
    assert (person.version, person.id_number_tail) == (2, "0026")
    usecases.change_person(nurse, person, 2, id_type="")
    assert (person.version, person.id_number, person.id_number_index, person.id_number_tail) == (
        3,
        None,
        None,
        "",
    )


def test_the_second_of_two_editors_sees_both_texts(
    nurse: Work, network: Network, as_actor: As, register: Callable[..., Person]
) -> None:
    person = register("张三")
    usecases.change_person(nurse, person, 1, address="一号")
    with pytest.raises(Conflict) as caught:
        usecases.change_person(as_actor(network["worker"]), person, 1, address="<b>二号")
    assert caught.value.yours["address"] == "<b>二号"
    assert caught.value.theirs["address"] == "一号"
    assert caught.value.by == "Nurse"
    assert person.address == "一号"


def test_a_number_of_somebody_else_cannot_be_taken(nurse: Work, register: Callable[..., Person]) -> None:
    register("单大华", id_type="01", id_number=NUMBER)
    person = register("张三", id_type="01", id_number=OTHER)
    with pytest.raises(usecases.PossibleDuplicates):
        usecases.change_person(nurse, person, 1, id_number=NUMBER)
    with pytest.raises(Invalid):
        usecases.change_person(nurse, person, 1, id_type="03", id_number="")


def test_a_number_is_revealed_for_a_reason_that_is_recorded(
    nurse: Work, register: Callable[..., Person], monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[tuple[Any, ...]] = []
    monkeypatch.setattr(usecases, "record", lambda _work, *what, **details: told.append((*what, details)))
    person = register("单大华", id_type="01", id_number=NUMBER)
    told.clear()
    with pytest.raises(Invalid):
        usecases.reveal_id_number(nurse, person, "  ")
    assert told == []
    assert usecases.reveal_id_number(nurse, person, "bank transfer") == NUMBER
    assert told == [("reveal", f"person:{person.id}", {"field": "id_number", "reason": "bank transfer"})]
    with pytest.raises(Missing):
        usecases.reveal_id_number(nurse, register("李四"), "bank transfer")


def test_a_number_copied_into_another_row_is_not_revealed(
    nurse: Work, register: Callable[..., Person]
) -> None:
    one = register("单大华", id_type="01", id_number=NUMBER)
    other = register("张三", id_type="01", id_number=OTHER)
    other.id_number = one.id_number
    nurse.session.flush()
    nurse.session.expire(other)
    with pytest.raises(SealError):
        usecases.reveal_id_number(nurse, other, "curious")


def test_a_death_is_recorded_once_and_may_be_taken_back_with_a_reason(
    nurse: Work, register: Callable[..., Person]
) -> None:
    person = register("张三", birth_date="1958-06-09")
    for day in (date(2026, 3, 3), date(1958, 6, 8)):
        with pytest.raises(Invalid):
            usecases.record_death(nurse, person, day)
    usecases.record_death(nurse, person, date(2026, 3, 2))
    assert person.died_on == date(2026, 3, 2)
    with pytest.raises(Refused):
        usecases.record_death(nurse, person, date(2026, 3, 1))
    with pytest.raises(Invalid):
        usecases.withdraw_death(nurse, person, "")
    usecases.withdraw_death(nurse, person, "the wrong patient")
    assert person.died_on is None


def test_a_death_is_an_event_of_each_open_case(
    network: Network, as_actor: As, register: Callable[..., Person]
) -> None:
    person = register("张三")
    work = as_actor(network["coordinator"])
    cases = [case_of(work, person, network, number) for number in ("H1-1", "H1-2")]
    cases[1].closed_at = work.now
    work.session.add_all(cases)
    work.session.flush()
    usecases.record_death(work, person, date(2026, 3, 1))
    events = work.session.scalars(sa.select(Event).where(Event.kind == "person.died")).all()
    assert [event.case_id for event in events] == [cases[0].id]
    assert events[0].payload["died_on"] == "2026-03-01"
    assert cases[0].opened_at <= events[0].happened_at <= work.now


def case_of(work: Work, person: Person, network: Network, number: str) -> Case:
    return Case(
        number=number,
        program="casework",
        program_version="x",
        unit_id=network.units["hospital"].id,
        person_id=person.id,
        worker_id=None,
        referrer_id=network["nurse"].id,
        state="intake",
        state_since=work.now,
        urgency="routine",
        episode=1,
        opened_at=work.now,
        closed_at=None,
    )


def test_a_contact_person_is_somebody_registered_or_a_name(
    network: Network, as_actor: As, register: Callable[..., Person]
) -> None:
    person, wife = register("张三"), register("李四", phone="13800138000")
    work = as_actor(network["coordinator"])
    case = case_of(work, person, network, "H1-1")
    work.session.add(case)
    work.session.flush()
    contacts.name_contact_person(work, case, role="carer", relation="1", person=wife)
    contacts.name_contact_person(work, case, role="other", relation="8", name="王五", phone="86223344")
    assert [(each.name, each.phone, each.role) for each in queries.case_people(work, case.id)] == [
        ("李四", "+8613800138000", "carer"),
        ("王五", "+8675786223344", "other"),
    ]
    with pytest.raises(Invalid) as caught:
        contacts.name_contact_person(work, case, role="x", relation="y", phone="1")
    assert {problem.where for problem in caught.value.problems} == {"role", "relation", "phone", "name"}
    with pytest.raises(Invalid):
        contacts.name_contact_person(work, case, role="carer", relation="1", person=person)


def test_a_person_lives_in_one_household_at_a_time(nurse: Work, register: Callable[..., Person]) -> None:
    head, wife, son = register("张三", address="一号"), register("李四"), register("张小三")
    home = households.join_household(nurse, head, relation="0")
    households.join_household(nurse, wife, household=home, relation="1")
    households.join_household(nurse, son, household=home, relation="2", since=date(2025, 1, 1))
    assert [mate.full_name for mate in queries.household_of(nurse, son.id)] == ["张三", "李四", "张小三"]
    assert home.address == "一号"
    households.join_household(nurse, son, relation="0")
    assert [mate.full_name for mate in queries.household_of(nurse, head.id)] == ["张三", "李四"]
    assert [mate.full_name for mate in queries.household_of(nurse, son.id)] == ["张小三"]
    with pytest.raises(Invalid):
        households.join_household(nurse, wife, household=home, relation="x", since=date(2026, 3, 3))


def test_a_housemate_of_another_hospital_is_not_named(
    nurse: Work, network: Network, as_actor: As, register: Callable[..., Person]
) -> None:
    head = register("张三")
    home = households.join_household(nurse, head, relation="0")
    there = as_actor(network["other-nurse"])
    assert queries.household_of(there, head.id) == []
    with pytest.raises(Missing):
        queries.household(there, home.id)


def test_tokens_of_a_person_are_as_invisible_as_the_person(
    nurse: Work, network: Network, as_actor: As, register: Callable[..., Person]
) -> None:
    register("张三")
    count = sa.select(sa.func.count()).select_from(PersonToken)
    assert nurse.session.scalar(count) > 0
    assert as_actor(network["other-nurse"]).session.scalar(count) == 0
