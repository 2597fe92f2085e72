"""Six digits on a phone: good once, for ten minutes and five tries, in the browser that asked."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
import sqlalchemy as sa

from casework.errors import Invalid
from casework.portal import phone_codes
from casework.portal.model import PhoneCode
from casework.portal.phone_codes import Wait, WrongCode, ask_phone_code, enter_phone_code
from casework.portal.rules import mobile
from casework.security.model import SignInAttempts
from casework.staff.model import Account

PHONE = "13800138000"


def words(message) -> str:
    return str(message)


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("13800138000", "+8613800138000"),
        ("138 0013 8000", "+8613800138000"),
        ("１３８００１３８０００", "+8613800138000"),
        ("+86 138-0013-8000", "+8613800138000"),
        ("+852 6123 4567", "+85261234567"),
        ("+1 202 555 0143", "+12025550143"),
        ("+44 7400 123456", "+447400123456"),
    ],
)
def test_a_mobile_number_is_taken_however_it_is_written(typed, kept):
    assert mobile(typed, "CN", "0757") == kept


@pytest.mark.parametrize(
    ("typed", "why"),
    [
        ("", "Write your mobile number"),
        ("12345", "public service"),
        ("0757-86223344", "landline"),
        ("86223344", "landline"),
        ("0757-86223344 ext 12", "landline"),
        ("1380013800", "11 digits; this one has 10"),
        ("138001380001", "11 digits; this one has 12"),
        ("4008123123", "cannot send a text to this number"),
        ("hello", "not a mobile number"),
        ("+86", "not a mobile number"),
        ("+99912345678", "not a mobile number"),
        ("9" * 5000, "not a mobile number"),
        ("\x00\x00", "not a mobile number"),
    ],
)
def test_any_other_number_is_told_what_is_wrong(typed, why):
    assert why in words(mobile(typed, "CN", "0757"))


@pytest.fixture
def ask(visitor, sent):
    """`ask(phone, browser)`: have a code sent; answers the code."""

    def asked(phone=PHONE, browser="A", **origin):
        assert ask_phone_code(visitor(**origin), phone, browser=browser) is None
        return re.search(r"\d{6}", sent()[-1][1]).group()

    return asked


def other(code: str) -> str:
    return f"{(int(code) + 1) % 10**6:06d}"


def test_the_right_code_opens_an_account_and_finds_it_again(ask, visitor, sent):
    code = ask()
    assert sent()[-1][0] == "+8613800138000"
    account = enter_phone_code(visitor(), f" {code[:3]} {code[3:]} ", browser="A")
    assert isinstance(account, Account)
    code = ask()
    assert enter_phone_code(visitor(), code, browser="A").id == account.id


def test_a_code_is_used_once(ask, visitor):
    code = ask()
    assert isinstance(enter_phone_code(visitor(), code, browser="A"), Account)
    assert enter_phone_code(visitor(), code, browser="A") == WrongCode(over=True)


def test_a_code_is_good_in_the_browser_that_asked_alone(ask, visitor):
    code = ask(browser="A")
    assert enter_phone_code(visitor(), code, browser="B") == WrongCode(over=True)
    ask("13900139000", browser="B")
    assert isinstance(enter_phone_code(visitor(), code, browser="B"), WrongCode)


def test_a_code_is_good_for_ten_minutes(ask, visitor, clock):
    code = ask()
    clock.move(minutes=10)
    assert enter_phone_code(visitor(), code, browser="A") == WrongCode(over=True)


def test_after_five_wrong_tries_the_right_code_is_wrong_too(ask, visitor):
    code = ask()
    tries = [enter_phone_code(visitor(), other(code), browser="A") for _each in range(5)]
    assert tries == [WrongCode()] * 4 + [WrongCode(over=True)]
    assert enter_phone_code(visitor(), code, browser="A") == WrongCode(over=True)


def test_a_new_code_makes_the_old_one_useless(ask, visitor):
    old = ask()
    while (new := ask()) == old:
        pass
    assert enter_phone_code(visitor(), old, browser="A") == WrongCode()
    assert isinstance(enter_phone_code(visitor(), new, browser="A"), Account)


@pytest.mark.parametrize("typed", ["", "12345", "1234567", "abcdef", "１２３４５६x", "9" * 10000])
def test_what_cannot_be_a_code_costs_no_try(ask, visitor, typed):
    code = ask()
    for _again in range(7):
        with pytest.raises(Invalid):
            enter_phone_code(visitor(), typed, browser="A")
    assert isinstance(enter_phone_code(visitor(), code, browser="A"), Account)


def test_one_phone_cannot_be_flooded_from_anywhere(visitor, sent, clock):
    asked = 0
    for number in range(400):
        outcome = ask_phone_code(visitor(address=f"198.51.{number % 250}.7"), PHONE, browser=str(number))
        asked += outcome is None
        clock.move(seconds=30)
    assert asked == len(sent()) < 15


def test_one_address_cannot_flood_many_phones(visitor, clock):
    asked = sum(
        ask_phone_code(visitor(), f"138{number:08d}", browser=str(number)) is None for number in range(200)
    )
    assert asked == 60


def test_guessing_by_ever_new_codes_comes_nowhere_near_a_million(visitor, sent, clock, as_system):
    """Somebody who has codes sent to another's phone and guesses, for a day, from ever new addresses."""
    guesses = 0
    for minute in range(24 * 60):
        origin = {"address": f"198.{minute // 250}.{minute % 250}.7"}
        if ask_phone_code(visitor(**origin), PHONE, browser="A") is not None:
            clock.move(minutes=1)
            continue
        code = re.search(r"\d{6}", sent()[-1][1]).group()
        for _each in range(5):
            if isinstance(enter_phone_code(visitor(**origin), other(code), browser="A"), Wait):
                break
            guesses += 1
        clock.move(minutes=1)
    assert 5 <= guesses < 100


def test_neither_code_nor_number_stands_in_the_table(ask, as_system, session):
    code = ask()
    row = as_system().session.scalars(sa.select(PhoneCode)).one()
    assert code.encode() not in row.code
    assert b"138001" not in row.phone
    assert row.phone_tail == "8000"


def test_nobody_reads_the_codes_in_the_tables(ask, visitor, network, as_actor):
    ask()
    for work in (visitor(), as_actor(network["admin"]), as_actor(network["coordinator"])):
        assert work.session.scalars(sa.select(PhoneCode)).all() == []


def test_codes_are_forgotten_a_day_later(ask, as_system, clock):
    ask()
    clock.move(days=1, minutes=11)
    phone_codes.purge(as_system())
    assert as_system().session.scalar(sa.select(sa.func.count()).select_from(PhoneCode)) == 0


def test_the_counters_name_no_phone(ask, as_system):
    ask()
    keys = as_system().session.scalars(sa.select(SignInAttempts.key)).all()
    assert {key.partition(":")[0] for key in keys} == {"texted", "texting"}
    assert not any("13800138000" in key for key in keys)


def test_who_waited_is_told_for_how_long(visitor):
    outcomes = [ask_phone_code(visitor(), PHONE, browser="A") for _each in range(5)]
    assert outcomes[:4] == [None] * 4
    assert outcomes[4] == Wait(timedelta(minutes=1))
