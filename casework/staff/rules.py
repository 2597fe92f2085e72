"""Judgements about accounts and roles: what must be typed, and who is left to manage."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from casework.errors import Problem
from casework.i18n import LANGUAGES, Message, _
from casework.security.roles import ROLES
from casework.texts import clean

LONGEST_NAME = 100
LONGEST_SIGN_IN_NAME = 64
LONGEST_PHONE = 40
LONGEST_REASON = 1000

UNIT_ROLES: Mapping[str, Message] = {
    key: role.title for key, role in ROLES.items() if key not in {"client", "former_worker"}
}
"""The roles that are given at a unit, with their titles; the others come with a case."""

FOLLOWS: Mapping[str, str] = {role: role for role in UNIT_ROLES} | {"former_worker": "worker"}
"""The role at a unit that a role on a case hangs on; that of a patient hangs on none."""


def plain_name(name: str) -> str:
    """A person's name as it is kept: see casework/texts.py, with single spaces."""
    return " ".join(clean(name).split())


def problems_of_particulars(
    sign_in_name: str, name: str, phone: str, language: str | None
) -> Iterable[Problem]:
    """What is wrong with the particulars of an account; `sign_in_name` is folded already."""
    if not 1 <= len(sign_in_name) <= LONGEST_SIGN_IN_NAME:
        yield Problem("sign_in_name", _("Give a sign-in name of 1 to 64 characters."))
    if not name:
        yield Problem("name", _("Give the person's name."))
    elif len(name) > LONGEST_NAME:
        yield Problem("name", _("Enter a name of at most %(count)s characters.", count=LONGEST_NAME))
    if len(phone) > LONGEST_PHONE:
        yield Problem("phone", _("This is longer than a telephone number. Shorten it."))
    if language is not None and language not in LANGUAGES:
        yield Problem("language", _("Choose one of the languages in the list."))


def problems_of_role(role: str, reason: str, until: datetime | None, now: datetime) -> Iterable[Problem]:
    """What is wrong with a role that is to be given at a unit."""
    if role not in UNIT_ROLES:
        yield Problem("role", _("Choose a role."))
    if not clean(reason, lines=True):
        yield Problem("reason", _("Write why the role is given."))
    elif len(reason) > LONGEST_REASON:
        yield Problem("reason", _("This is longer than 1,000 characters. Shorten it."))
    if until is not None and until <= now:
        yield Problem("until", _("The end lies in the past. Choose a later day."))


def end_of_day(text: str, zone: ZoneInfo) -> datetime | None:
    """The end of a typed last day, such as 2026-11-22, in the time of the place; None for no day.

    Raises ValueError for what is no day.
    """
    if not text.strip():
        return None
    try:
        return datetime.combine(date.fromisoformat(text.strip()) + timedelta(days=1), time(), zone)
    except (ValueError, OverflowError):
        raise ValueError(text) from None


def following(role: str) -> frozenset[str]:
    """The roles on cases that hang on a role at units."""
    return frozenset(each for each, leader in FOLLOWS.items() if leader == role)


def latest(ends: Iterable[datetime | None]) -> datetime | None:
    """The latest of some ends, of which there is at least one; None has no end."""
    known = list(ends)
    return None if None in known else max(end for end in known if end is not None)


def earlier(one: datetime | None, other: datetime | None) -> datetime | None:
    """The earlier of two ends; None has no end."""
    if one is None or other is None:
        return one or other
    return min(one, other)


def someone_stays(others: Sequence[datetime | None], ending: datetime | None) -> bool:
    """Whether one of the `others` holds a role at least as long as the one that is to end.

    Each is given by its end; None has no end.
    """
    return any(end is None or (ending is not None and end >= ending) for end in others)
