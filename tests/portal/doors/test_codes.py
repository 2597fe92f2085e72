"""Codes of ten letters and digits: on paper from the desk, and to come back."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa

from casework.cases.model import Case
from casework.errors import Missing
from casework.portal.accounts import account_for_phone, open_client_grant
from casework.portal.codes import (
    Entered,
    desk_codes,
    enter_access_code,
    give_desk_code,
    resume_code,
    revoke_desk_code,
)
from casework.portal.model import AccessCode
from casework.portal.phone_codes import Wait, WrongCode
from casework.portal.rules import ALPHABET, in_groups, new_access_code, read_access_code

PHONE = "+8613800138000"


def cases_seen(work) -> list[int]:
    return list(work.session.scalars(sa.select(Case.id)))


@pytest.fixture
def given(case, network, as_actor):
    """`given()`: a code that the worker gives."""
    return lambda: give_desk_code(as_actor(network["worker"]), case)


def test_codes_are_read_however_they_are_copied():
    code = new_access_code()
    assert set(code) <= set(ALPHABET)
    assert read_access_code(in_groups(code)) == code
    assert read_access_code(f"  {in_groups(code).lower()} ") == code
    assert read_access_code("oil0O-11111") == "0110011111"
    assert read_access_code("ＡＢＣＤＥ　１２３４５") == "ABCDE12345"


@pytest.mark.parametrize(
    "typed", ["", "ABCDE1234", "ABCDE123456", "ABCDE1234U", "陈陈陈陈陈陈陈陈陈陈", "A" * 9999]
)
def test_what_cannot_be_a_code_is_none(typed):
    assert read_access_code(typed) is None


def test_a_code_from_the_desk_opens_this_case_alone(given, case, new_case, visitor, as_actor):
    new_case("另一人")
    entered = enter_access_code(visitor(), given().lower())
    assert isinstance(entered, Entered)
    assert entered.case_id == case.id
    assert cases_seen(as_actor(entered.account)) == [case.id]


def test_the_paper_stays_the_key_of_one_account(given, visitor):
    code = given()
    first = enter_access_code(visitor(), code)
    again = enter_access_code(visitor(), code)
    assert first.account.id == again.account.id


def test_two_papers_make_two_people(given, visitor):
    father, mother = enter_access_code(visitor(), given()), enter_access_code(visitor(), given())
    assert father.account.id != mother.account.id
    assert father.case_id == mother.case_id


def test_whoever_is_signed_in_adds_the_case_to_her_own(given, case, visitor, as_actor):
    mother = account_for_phone(visitor(), PHONE)
    entered = enter_access_code(as_actor(mother), given())
    assert entered.account.id == mother.id
    assert cases_seen(as_actor(mother)) == [case.id]


def test_a_paper_is_no_key_to_the_phone_of_whoever_typed_it_in(given, case, visitor, as_actor):
    code, mother = given(), account_for_phone(visitor(), PHONE)
    enter_access_code(as_actor(mother), code)
    assert enter_access_code(visitor(), code) == WrongCode()
    assert enter_access_code(as_actor(mother), code).account.id == mother.id


def test_a_paper_opens_no_other_case_that_its_account_has_by_now(
    given, new_case, visitor, as_actor, as_system
):
    code = given()
    entered = enter_access_code(visitor(), code)
    assert enter_access_code(visitor(), code).account.id == entered.account.id
    open_client_grant(as_system(), entered.account.id, new_case("另一人"))
    assert enter_access_code(visitor(), code) == WrongCode()


def test_a_code_is_good_for_thirty_days(given, visitor, clock):
    code = given()
    clock.move(days=30)
    assert enter_access_code(visitor(), code) == WrongCode()


def test_a_revoked_code_opens_nothing_and_shuts_out_whoever_came_by_it(
    given, case, visitor, as_actor, network
):
    code = given()
    entered = enter_access_code(visitor(), code)
    work = as_actor(network["coordinator"])
    (line,) = desk_codes(work, case)
    assert (line.by, line.used_at) == ("Worker", work.now)
    revoke_desk_code(work, case, line.id)
    assert desk_codes(work, case) == []
    assert cases_seen(as_actor(entered.account)) == []
    assert enter_access_code(visitor(), code) == WrongCode()


def test_revoking_takes_nothing_from_whoever_applied_herself(given, case, visitor, as_actor, network):
    mother = account_for_phone(visitor(), PHONE)
    open_client_grant(as_actor(mother), mother.id, case)
    enter_access_code(as_actor(mother), given())
    work = as_actor(network["coordinator"])
    revoke_desk_code(work, case, desk_codes(work, case)[0].id)
    assert cases_seen(as_actor(mother)) == [case.id]


def test_a_code_of_another_case_is_not_there_to_be_revoked(given, new_case, case, network, as_actor):
    given()
    work = as_actor(network["coordinator"])
    (line,) = desk_codes(work, case)
    with pytest.raises(Missing):
        revoke_desk_code(work, new_case("另一人"), line.id)


def test_a_wrong_code_is_counted_and_soon_waits(given, visitor, clock):
    code = given()
    outcomes = [enter_access_code(visitor(), new_access_code()) for _each in range(31)]
    assert outcomes[:29] == [WrongCode()] * 29
    assert isinstance(outcomes[30], Wait)
    assert isinstance(enter_access_code(visitor(), code), Wait)
    assert isinstance(enter_access_code(visitor(address="198.51.100.9"), code), Entered)
    clock.move(minutes=1)
    assert isinstance(enter_access_code(visitor(), code), Entered)


def test_the_code_to_come_back_is_the_same_until_it_ran_out(case, visitor, as_actor, clock):
    mother = account_for_phone(visitor(), PHONE)
    open_client_grant(as_actor(mother), mother.id, case)
    code = resume_code(as_actor(mother), case)
    assert resume_code(as_actor(mother), case) == code
    clock.move(days=20)
    assert resume_code(as_actor(mother), case) == code
    clock.move(days=20)
    entered = enter_access_code(visitor(), code)
    assert (entered.account.id, entered.case_id) == (mother.id, case.id)
    clock.move(days=20)
    assert enter_access_code(visitor(), code) == WrongCode()
    assert resume_code(as_actor(mother), case) != code


def test_each_account_and_case_has_its_own_code_to_come_back(case, new_case, visitor, as_actor):
    mother, father = account_for_phone(visitor(), PHONE), account_for_phone(visitor(), "+8613900139000")
    sister = new_case("陈大雨")
    codes = set()
    for account in (mother, father):
        for each in (case, sister):
            open_client_grant(as_actor(account), account.id, each)
            codes.add(resume_code(as_actor(account), each))
    assert len(codes) == 4


def test_staff_have_no_code_to_come_back(case, network, as_actor):
    with pytest.raises(Missing):
        resume_code(as_actor(network["worker"]), case)


def test_a_code_ends_with_the_access_of_its_account(case, visitor, as_actor, as_system):
    mother = account_for_phone(visitor(), PHONE)
    open_client_grant(as_actor(mother), mother.id, case)
    code = resume_code(as_actor(mother), case)
    mother.disabled_at = as_system().now
    as_system().session.flush()
    assert enter_access_code(visitor(), code) == WrongCode()


def test_no_code_stands_in_the_table_and_nobody_reads_it(given, case, visitor, network, as_actor, as_system):
    code = given()
    row = as_system().session.scalars(sa.select(AccessCode)).one()
    assert code.replace("-", "").encode() not in row.code
    assert (row.shown, row.expires_at - row.made_at) == (None, timedelta(days=30))
    for work in (visitor(), as_actor(network["admin"]), as_actor(network["worker"])):
        assert work.session.scalars(sa.select(AccessCode)).all() == []
