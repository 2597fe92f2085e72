"""Judgements about money: typed amounts, amounts in capitals, what a slip must match. Amounts are in fen."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from casework.errors import Problem, Refusal
from casework.i18n import Message, _, pgettext
from casework.texts import clean

LARGEST = 10**13
"""The most that one amount may be: 100,000,000,000 yuan."""

LONGEST_NAME = 200
LONGEST_NOTE = 1000
LONGEST_NUMBER = 64
LONGEST_KEY = 200

KINDS: Mapping[str, Message] = {
    "receive": pgettext("ledger", "Received"),
    "commit": pgettext("ledger", "Committed"),
    "release": pgettext("ledger", "Released"),
    "pay": pgettext("ledger", "Paid"),
    "take_back": pgettext("ledger", "Taken back"),
}
"""What a posting of the ledger is, as people read it."""

STATUSES: Mapping[str, Message] = {
    "ordered": pgettext("payment", "To be confirmed"),
    "confirmed": pgettext("payment", "To be paid"),
    "paid": pgettext("payment", "Paid"),
    "sent_back": pgettext("payment", "Sent back"),
}
"""Where a payment stands, as people read it."""

PURPOSES: Mapping[str, Message] = {
    "hospital-bill": _("To the hospital, for the bill"),
    "own-account": _("To an account of the patient or guardian"),
}
"""Where money may go; it is never paid out in cash."""

_AMOUNT = re.compile(r"(?P<yuan>[0-9]{1,15}|[0-9]{1,3}(,[0-9]{3}){1,4})(\.(?P<rest>[0-9]*))?", re.ASCII)
_CURRENCY = re.compile(r"^(人民币|CNY|RMB|¥)\s*|\s*(元整|圆整|元|圆)$", re.IGNORECASE)
_KEY = re.compile(r"[a-z0-9][a-z0-9-]{1,39}", re.ASCII)
_DIGITS = "零壹贰叁肆伍陆柒捌玖"
_PLACES = ("", "拾", "佰", "仟")


@dataclass(frozen=True)
class Payee:
    """Who is paid: the holder of an account, the bank, the account's number, and what for.

    `purpose` is one of `PURPOSES`. The number of the account never appears in a `repr`.
    """

    name: str
    bank: str
    account: str = field(repr=False)
    purpose: str = "hospital-bill"


@dataclass(frozen=True)
class Balance:
    """A fund at a moment: `bank` is what is held, all of it either `committed` to cases or `available`."""

    bank: int = 0
    committed: int = 0
    available: int = 0


def yuan(fen: int) -> str:
    """An amount inside a sentence, the same in every language: 300050 is "3,000.50"."""
    return f"{fen // 100:,}.{fen % 100:02}"


def typed_amount(text: str) -> int | Message:
    """A typed amount of yuan in fen, or what is wrong with it.

    Digits, signs and separators of full width count as plain ones, and a sign or word for the
    currency may stand around them. Nothing is rounded: more than two decimals are refused, and so is
    everything that is not written in plain digits, such as 1e3 or NaN.
    """
    plain = _CURRENCY.sub("", unicodedata.normalize("NFKC", clean(text))).strip()
    if not plain:
        return _("Enter the amount.")
    if plain[0] in "-\u2212":
        return _("Enter an amount above zero, without a minus sign.")
    found = _AMOUNT.fullmatch(plain)
    if found is None or found["rest"] == "":
        return _("Write the amount in digits, such as 3,000.50.")
    if len(found["rest"] or "") > 2:  # noqa: PLR2004 - jiao and fen
        return _("Enter an amount with at most two decimals.")
    fen = int(Decimal(f"{found['yuan'].replace(',', '')}.{found['rest'] or 0}") * 100)
    return refused_amount(fen) or fen


def refused_amount(fen: int) -> Message | None:
    """Why an amount cannot be booked, if it cannot."""
    if fen <= 0:
        return _("Enter an amount above zero.")
    if fen > LARGEST:
        return _("This is more than %(most)s yuan. Check the amount.", most=yuan(LARGEST))
    return None


def in_capitals(fen: int) -> str:
    """An amount as Chinese vouchers and letters write it: 979600 is 人民币玖仟柒佰玖拾陆元整.

    Source: the rules for filling in bills (支付结算办法) and 会计基础工作规范: 整 after 元 and after 角,
    never after 分; the prefix without a gap; one 零 for zeros inside. The 零 that may stand before 角
    is left out. ValueError below zero.
    """
    if fen < 0:
        raise ValueError("an amount in capitals is not below zero")
    whole, rest = divmod(fen, 100)
    jiao, cents = divmod(rest, 10)
    text = f"{_capitals(whole)}元" if whole or not rest else ""
    if jiao:
        text += f"{_DIGITS[jiao]}角"
    elif cents and whole:
        text += "零"
    return f"人民币{text}{_DIGITS[cents]}分" if cents else f"人民币{text}整"


def _capitals(number: int) -> str:
    if number == 0:
        return _DIGITS[0]
    for size, name in ((10**8, "亿"), (10**4, "万")):
        if number >= size:
            high, low = divmod(number, size)
            gap = _DIGITS[0] if 0 < low < size // 10 else ""
            return f"{_capitals(high)}{name}{gap}{_capitals(low) if low else ''}"
    text = ""
    for place, digit in enumerate(reversed(str(number))):
        if digit != "0":
            text = f"{_DIGITS[int(digit)]}{_PLACES[place]}{text}"
        elif text and text[0] != _DIGITS[0]:
            text = f"{_DIGITS[0]}{text}"
    return text


def problems_of_payee(payee: Payee) -> Iterator[Problem]:
    """What is wrong with the account that is to be paid."""
    for name, text in (("payee_name", payee.name), ("payee_bank", payee.bank)):
        if not text:
            yield Problem(name, _("Give the holder of the account and the bank."))
        elif len(text) > LONGEST_NAME:
            yield Problem(name, _("This is longer than 200 characters. Shorten it."))
    if not 6 <= len(payee.account) <= LONGEST_NUMBER or not payee.account.isalnum():  # noqa: PLR2004
        yield Problem("payee_account", _("Give the number of the account in digits, as it is on the card."))
    if payee.purpose not in PURPOSES:
        yield Problem("purpose", _("Choose where the money goes."))


def clean_payee(payee: Payee) -> Payee:
    """A payee in the form that is kept: NFC texts, the account's number in plain characters without gaps."""
    number = re.sub(r"[\s-]", "", unicodedata.normalize("NFKC", clean(payee.account)))
    return Payee(
        " ".join(clean(payee.name).split()), " ".join(clean(payee.bank).split()), number, payee.purpose
    )


def problems_of_fund(key: str, names: Mapping[str, str]) -> Iterator[Problem]:
    """What is wrong with the particulars of a new fund."""
    if not _KEY.fullmatch(key):
        yield Problem("key", _("Give a short name of 2 to 40 small letters, digits and hyphens."))
    if not names:
        yield Problem("name", _("Give the fund's name."))
    elif any(len(name) > LONGEST_NAME for name in names.values()):
        yield Problem("name", _("This is longer than 200 characters. Shorten it."))


def problems_of_receipt(source: str, note: str) -> Iterator[Problem]:
    """What is wrong with the words about money that was received."""
    if not source:
        yield Problem("source", _("Write from whom the money came."))
    elif len(source) > LONGEST_NAME:
        yield Problem("source", _("This is longer than 200 characters. Shorten it."))
    if len(note) > LONGEST_NOTE:
        yield Problem("note", _("This is longer than 1,000 characters. Shorten it."))


def problems_of_slip(
    slip_number: str, payee_name: str, paid_on: date, *, ordered_on: date, today: date
) -> Iterator[Problem]:
    """What is wrong with a slip as it was typed, whoever was paid how much."""
    if not 1 <= len(slip_number) <= LONGEST_NUMBER:
        yield Problem("slip_number", _("Give the number of the bank's slip."))
    if not 1 <= len(payee_name) <= LONGEST_NAME:
        yield Problem("payee_name", _("Give the name of whoever was paid, as the slip says."))
    if paid_on > today:
        yield Problem("paid_on", _("This day lies in the future."))
    elif paid_on < ordered_on:
        yield Problem("paid_on", _("This day lies before the payment was ordered."))


def same_name(one: str, other: str) -> bool:
    """Whether a bank's slip and an order name the same holder; width, case and spaces do not count."""
    return _folded(one) == _folded(other)


def _folded(name: str) -> str:
    return re.sub(r"\s", "", unicodedata.normalize("NFKC", clean(name)).casefold())


def against_slip(ordered: int, ordered_name: str, slip: Mapping[str, Any]) -> Sequence[Refusal]:
    """Why a bank's slip does not prove the payment that was ordered; nothing when it does.

    `slip` has the `amount` and the `payee_name` that it says, and `used_before`: whether another
    payment of the fund has its number.
    """
    refusals = []
    if slip["amount"] != ordered:
        refusals.append(
            Refusal(
                _(
                    "The slip says %(slip)s yuan and the order says %(ordered)s yuan.",
                    slip=yuan(slip["amount"]),
                    ordered=yuan(ordered),
                )
            )
        )
    if not same_name(slip["payee_name"], ordered_name):
        refusals.append(
            Refusal(
                _(
                    "The slip names “%(slip)s” and the order names “%(ordered)s”.",
                    slip=slip["payee_name"],
                    ordered=ordered_name,
                )
            )
        )
    if slip["used_before"]:
        refusals.append(Refusal(_("Another payment of this fund was recorded with the same slip number.")))
    return refusals
