"""Judgements of the portal: phones that a text reaches, codes as people read and type them, ages of consent.

Nothing here asks the clock or the database.
"""

from __future__ import annotations

import re
import secrets
import unicodedata
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import phonenumbers

from casework.i18n import Message, _
from casework.people import rules as people

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's: 32 letters and digits without I, L, O and U, which are misread or spell words."""

ACCESS_CODE_LENGTH = 10
PHONE_CODE_LENGTH = 6
MESSAGE_LENGTH = 2000

CONSENT_AGE = 14
"""Below this age a guardian agrees (Personal Information Protection Law, article 31)."""

QUIET_FROM, QUIET_UNTIL = time(21), time(8)
"""Local time in which no text is sent but one that somebody waits for."""

_MISREAD = str.maketrans("OIL", "011")
_REACHED = {phonenumbers.PhoneNumberType.MOBILE, phonenumbers.PhoneNumberType.FIXED_LINE_OR_MOBILE}
_CHINESE_MOBILE_LENGTH = 11


def mobile(text: str, region: str, area_code: str) -> str | Message:
    """A mobile number in E.164 form, or what is wrong with it as a number to send a text to.

    `region` and `area_code` are those of the place (people.rules.phone). Numbers of other countries
    begin with + and their country.
    """
    typed = unicodedata.normalize("NFKC", text[:100]).strip()
    digits = re.sub(r"[\s()-]", "", typed)
    if not digits:
        return _("Write your mobile number.")
    if digits in people.SHORT_NUMBERS:
        return _("This is the number of a public service. Write your own mobile number.")
    if region == "CN" and re.fullmatch("1[3-9][0-9]*", digits) and len(digits) != _CHINESE_MOBILE_LENGTH:
        return _(
            "A mobile number has %(length)s digits; this one has %(count)s. Write it again.",
            length=_CHINESE_MOBILE_LENGTH,
            count=len(digits),
        )
    kept = people.phone(text, region, area_code)
    if isinstance(kept, Message):
        return _(
            "This is not a mobile number. Write it like 13800138000, or with + and the country before it."
        )
    number, _extension, more = kept.partition(";")
    kind = phonenumbers.number_type(phonenumbers.parse(number, None))
    if kind == phonenumbers.PhoneNumberType.FIXED_LINE or more:
        return _(
            "We cannot send a text to a landline. Write a mobile number, or ask the desk for a paper code."
        )
    if kind not in _REACHED:
        return _(
            "We cannot send a text to this number. Write a mobile number, or ask the desk for a paper code."
        )
    return number


def new_phone_code() -> str:
    """Six random digits."""
    return f"{secrets.randbelow(10**PHONE_CODE_LENGTH):0{PHONE_CODE_LENGTH}}"


def read_phone_code(text: str) -> str:
    """The digits of a typed code, whatever stands between them and however wide they are."""
    return re.sub(r"[\s-]", "", unicodedata.normalize("NFKC", text[:40]))


def new_access_code() -> str:
    """Ten random letters and digits: 50 bits."""
    return "".join(secrets.choice(ALPHABET) for _each in range(ACCESS_CODE_LENGTH))


def read_access_code(text: str) -> str | None:
    """A typed code as it was made: misread letters set right; None for what cannot be one."""
    typed = re.sub(r"[\s_.-]", "", unicodedata.normalize("NFKC", text[:60])).upper().translate(_MISREAD)
    if len(typed) != ACCESS_CODE_LENGTH or any(each not in ALPHABET for each in typed):
        return None
    return typed


def in_groups(code: str) -> str:
    """A code as people read it aloud and copy it: `7KQ4M-2XTPA`."""
    half = ACCESS_CODE_LENGTH // 2
    return f"{code[:half]}-{code[half:]}"


def needs_guardian(born: date | None, precision: str, today: date) -> bool:
    """Whether a guardian must agree for a person; who is 14 today agrees herself.

    Of a date known only to the month or year the latest day counts. An unknown date says nothing.
    """
    if born is None:
        return False
    if precision == "year":
        born = date(born.year, 12, 31)
    elif precision == "month":
        born = (born.replace(day=1) + timedelta(days=31)).replace(day=1) - timedelta(days=1)
    return people.age(born, today) < CONSENT_AGE


def may_be_sent(now: datetime, zone: ZoneInfo) -> datetime | None:
    """From when a text that nobody waits for may be sent: None for now, else the end of the quiet hours."""
    local = now.astimezone(zone)
    if QUIET_UNTIL <= local.time() < QUIET_FROM:
        return None
    day = local.date() + timedelta(days=1) if local.time() >= QUIET_FROM else local.date()
    return datetime.combine(day, QUIET_UNTIL, zone)
