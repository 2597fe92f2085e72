"""What one answer looks like, from the typed text to the stored value and back to something that compares.

Stored shapes: texts and codes are strings; integers are integers; decimals are strings such as "3.5", so
that nothing is rounded; money is an integer of fen; booleans are booleans; dates are "2026-11-22"; moments
are "2026-11-22T14:30+08:00". What could not be understood is stored as it was typed, so that a draft loses
nothing, and is refused by the evaluator.

Texts keep the rule of casework/texts.py; a text with NUL or a lone surrogate is reported besides
(`is_broken`), so that the field is refused. Digits, signs and separators of full width count as plain ones
in numbers and dates, and only there.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import date, datetime, tzinfo
from decimal import Decimal
from typing import Any

from casework.forms.definition import Kind

_BROKEN = re.compile("[\x00\ud800-\udfff]")
_DECIMAL = re.compile(r"[+-]?\d{1,15}(\.\d{1,9})?")
_STORED_DECIMAL = re.compile(r"-?\d{1,15}(\.\d{1,9})?", re.ASCII)
_DAY = re.compile(r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?", re.ASCII)
_MOMENT = re.compile(r"(.+?)[T\s]\s*(\d{1,2}):(\d{2})(?::\d{2}(?:\.\d+)?)?(Z|[+-]\d{2}:?\d{2})?", re.ASCII)

LARGEST = 2**53 - 1
"""The greatest whole number that every reader of JSON keeps exactly."""

YEARS = range(1850, 2201)
"""Years that people mean; anything else is a slip of the hand."""


def is_broken(text: str) -> bool:
    """Whether a text holds NUL or a lone surrogate, which only a program can have sent."""
    return _BROKEN.search(text) is not None


def parse(kind: Kind, text: str, zone: tzinfo) -> Any:
    """The stored value of a cleaned text, or None when it cannot be understood."""
    if kind in ("integer", "decimal", "money"):
        return _number(kind, text)
    if kind == "boolean":
        return {"yes": True, "true": True, "no": False, "false": False}.get(text.casefold())
    if kind == "date":
        return _day(_narrow(text))
    if kind == "datetime":
        return _moment(_narrow(text), zone)
    return text


def comparable(kind: Kind, value: Any) -> Any:
    """A stored value as something that can be compared, or None when it is not of this kind."""
    if kind == "boolean":
        return value if isinstance(value, bool) else None
    if kind in ("integer", "money"):
        return value if type(value) is int and abs(value) <= LARGEST else None
    if not isinstance(value, str):
        return None
    if kind == "decimal":
        return Decimal(value) if _STORED_DECIMAL.fullmatch(value) else None
    if kind == "date":
        return _as_day(value)
    if kind == "datetime":
        return _as_moment(value)
    return value


def write_day(day: date) -> str:
    """The stored shape of a day."""
    return day.isoformat()


def write_moment(moment: datetime) -> str:
    """The stored shape of a moment: minutes, with the offset of the place."""
    return moment.isoformat(timespec="minutes")


def _narrow(text: str) -> str:
    return unicodedata.normalize("NFKC", text).strip()


def _number(kind: Kind, text: str) -> int | str | None:
    text = _narrow(text).replace("\u2212", "-")
    if kind == "money":
        text = re.sub(r"^(¥|CN¥|CNY|RMB)|(元|圆)$", "", text, flags=re.IGNORECASE).strip()
    text = re.sub(r"(?<=\d)[,\s](?=\d{3}(\D|$))", "", text)
    if not _DECIMAL.fullmatch(text):
        return None
    number = Decimal(text)
    if kind == "money":
        number *= 100
    if kind == "decimal":
        return format(number, "f")
    if number != number.to_integral_value() or abs(number) > LARGEST:
        return None
    return int(number)


def _day(text: str) -> str | None:
    found = _DAY.fullmatch(text)
    if not found:
        return None
    year, month, day = (int(part) for part in found.groups())
    try:
        return write_day(date(year, month, day)) if year in YEARS else None
    except ValueError:
        return None


def _moment(text: str, zone: tzinfo) -> str | None:
    found = _MOMENT.fullmatch(text)
    day = _day(found.group(1)) if found else None
    if not found or not day:
        return None
    hour, minute, offset = found.group(2), found.group(3), (found.group(4) or "").replace("Z", "+00:00")
    try:
        moment = datetime.fromisoformat(f"{day}T{int(hour):02}:{minute}{offset}")
        return write_moment(moment.astimezone(zone) if offset else moment.replace(tzinfo=zone))
    except (ValueError, OverflowError):
        return None


def _as_day(value: str) -> date | None:
    try:
        day = date.fromisoformat(value)
    except ValueError:
        return None
    return day if write_day(day) == value and day.year in YEARS else None


def _as_moment(value: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        return None
    whole = moment.tzinfo is not None and write_moment(moment) == value
    return moment if whole and moment.year in YEARS else None
