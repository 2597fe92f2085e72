"""Texts of a known shape in forms: an identity number, a phone number, a bank account.

A text that fits is kept in its one normal shape; one that does not is kept as it was typed and refused
by the evaluator, with the words that people's own pages use.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date

from casework.i18n import Message, _
from casework.people import rules
from casework.people.codes import RESIDENT_ID
from casework.settings import Settings

_ACCOUNT = re.compile(r"[0-9]{8,30}")
_CARD_LENGTHS = range(16, 20)
_CARD = "62"
"""Bank cards of China begin so; only they carry a check digit that can be relied on."""


@dataclass(frozen=True)
class Phones:
    """How phone numbers of a place are written: the country of those without `+`, and the area code of
    those without one; without an area code, local numbers are no numbers.
    """

    region: str = "CN"
    area_code: str = ""

    @classmethod
    def of(cls, settings: Settings) -> Phones:
        """As the network has set it."""
        return cls(settings.phone_region, settings.phone_area_code)


ANYWHERE = Phones()


@dataclass(frozen=True)
class Format:
    """`judge` answers the normal shape of a text or what is wrong with it; `shown` is what readers of a
    signed form see; `keyboard` is the one that a phone opens.
    """

    judge: Callable[[str, date, Phones], str | Message]
    shown: Callable[[str], str]
    keyboard: str


def identity_number(text: str, today: date, _phones: Phones = ANYWHERE) -> str | Message:
    """A resident identity number, GB 11643-1999."""
    found = rules.id_number(RESIDENT_ID, text, today)
    return found if isinstance(found, Message) else found.number


def phone(text: str, _today: date, phones: Phones = ANYWHERE) -> str | Message:
    """A phone number, in E.164 form unless it is a public short number."""
    return rules.phone(text, phones.region, phones.area_code)


def bank_account(text: str, _today: date, _phones: Phones = ANYWHERE) -> str | Message:
    """The number of an account or a card; a card's check digit (Luhn) must fit."""
    kept = re.sub(r"[\s-]", "", unicodedata.normalize("NFKC", text[:100]))
    if not _ACCOUNT.fullmatch(kept):
        return _("A bank account has 8 to 30 digits. Copy them from the card or the bank book.")
    if kept.startswith(_CARD) and len(kept) in _CARD_LENGTHS and not _luhn(kept):
        return _("A digit of the card number is wrong. Compare it with the card.")
    return kept


def _luhn(number: str) -> bool:
    digits = [int(digit) for digit in reversed(number)]
    doubled = (sum(divmod(2 * digit, 10)) for digit in digits[1::2])
    return (sum(digits[::2]) + sum(doubled)) % 10 == 0


FORMATS: Mapping[str, Format] = {
    "identity-number": Format(identity_number, rules.masked_number, "text"),
    "phone": Format(phone, lambda kept: rules.shown_phone(kept, ANYWHERE.region), "tel"),
    "bank-account": Format(bank_account, lambda kept: rules.masked_tail(kept[-4:]), "numeric"),
}


def normal(name: str, text: str, phones: Phones = ANYWHERE) -> str:
    """The normal shape of a text, or the text as it is when it has none."""
    found = FORMATS[name].judge(text, date.max, phones)
    return found if isinstance(found, str) else text


def fault(name: str, text: str, today: date) -> Message | None:
    """What is wrong with a text of this format, or None."""
    found = FORMATS[name].judge(text, today, ANYWHERE)
    return found if isinstance(found, Message) else None


def shown(name: str, text: str) -> str:
    """What readers see of a kept text; one that is wrong is shown as it is."""
    return text if fault(name, text, date.max) else FORMATS[name].shown(text)
