"""What an administrator types: a new member of staff with a first role, and further roles."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from casework.errors import Invalid, Problem
from casework.i18n import _
from casework.security.names import fold_name
from casework.security.passwords import make_one_time
from casework.staff import rules
from casework.staff.model import Account
from casework.staff.usecases import give_unit_grant, only_within_reach, open_account, problems_of_member
from casework.work import Work

_LONGEST_NUMBER = 18
_IN_ORDER = ("role", "unit_id", "until", "reason")


def admit_member(work: Work, typed: Mapping[str, str]) -> tuple[Account, str]:
    """Open an account for a new member of staff, with a first role.

    `typed` are sign_in_name, name, phone, language, role, unit_id, until and reason, as typed.
    Answers the account and its one-time password, which is kept nowhere else. Raises Invalid with
    every problem, Forbidden for a unit out of reach.
    """
    folded, name = fold_name(typed.get("sign_in_name", "")), rules.plain_name(typed.get("name", ""))
    phone, language = typed.get("phone", "").strip(), typed.get("language") or None
    problems = problems_of_member(work, folded, name, phone, language)
    unit_id, until, wrong = _judge_role(work, typed)
    if problems or wrong or unit_id is None:
        raise Invalid([*problems, *wrong])
    only_within_reach(work, unit_id)
    password = make_one_time(folded)
    account = open_account(
        work, sign_in_name=folded, name=name, password=password, language=language, phone=phone
    )
    give_unit_grant(
        work,
        account_id=account.id,
        role=typed["role"],
        unit_id=unit_id,
        reason=typed["reason"],
        until=until,
    )
    return account, password


def give_role(work: Work, account: Account, typed: Mapping[str, str]) -> None:
    """Give a member of staff a role at a unit; `typed` are role, unit_id, until and reason.

    Raises Invalid with every problem, and what `give_unit_grant` raises.
    """
    unit_id, until, problems = _judge_role(work, typed)
    if problems or unit_id is None:
        raise Invalid(problems)
    give_unit_grant(
        work,
        account_id=account.id,
        role=typed["role"],
        unit_id=unit_id,
        reason=typed["reason"],
        until=until,
    )


def _judge_role(work: Work, typed: Mapping[str, str]) -> tuple[int | None, datetime | None, list[Problem]]:
    """The unit and the end as typed, and everything wrong with the role."""
    problems, until = [], None
    number = typed.get("unit_id", "")
    unit_id = (
        int(number) if number.isascii() and number.isdigit() and len(number) <= _LONGEST_NUMBER else None
    )
    if unit_id is None:
        problems.append(Problem("unit_id", _("Choose a unit.")))
    try:
        until = rules.end_of_day(typed.get("until", ""), work.zone)
    except ValueError:
        problems.append(Problem("until", _("Give the day, such as 2026-11-22.")))
    problems += rules.problems_of_role(typed.get("role", ""), typed.get("reason", ""), until, work.now)
    problems.sort(key=lambda problem: _IN_ORDER.index(problem.where))
    return unit_id, until, problems
