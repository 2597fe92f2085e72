"""Judgements about cases: pure, without a database."""

from __future__ import annotations

from datetime import date

from casework.programs import BACK, SAME, Move

URGENCIES = ("emergency", "urgent", "routine")


def check_digit(digits: str) -> int:
    """The last digit of a case number, by Luhn's rule over its year and serial number."""
    total = 0
    for place, digit in enumerate(reversed(digits)):
        doubled = int(digit) * (2 if place % 2 == 0 else 1)
        total += doubled // 10 + doubled % 10
    return -total % 10


def case_number(site: str, program: str, year: int, serial: int) -> str:
    """A case number `SITE-PROGRAM-YYYY-NNNNN-C`; the last digit catches a mistyped one."""
    return f"{site}-{program}-{year}-{serial:05d}-{check_digit(f'{year}{serial:05d}')}"


def state_after(move: Move, present: str, before: str | None) -> str:
    """The state that a move ends in; `before` is the state before the present one, if any."""
    if move.target == SAME:
        return present
    if move.target == BACK:
        return before or present
    return move.target


def months_between(start: date, end: date) -> int:
    """Whole months from one day to another."""
    return (end.year - start.year) * 12 + end.month - start.month - (end.day < start.day)


def stands_behind(case_compartment: str, wanted: str) -> str:
    """The compartment in which something written on a case stands. On a walled case nothing stands
    before the wall: what would be open to whoever works with the unit's cases, is behind it too."""
    return case_compartment if wanted in {"case", "referral"} and case_compartment != "case" else wanted
