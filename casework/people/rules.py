"""Judgements about a person's data: names, identity numbers, phone numbers, ages, masks.

Each judgement answers what it made of the text, or the `Message` that says what is wrong with it
and how to mend it. Nothing here asks the clock or the database.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import date

import phonenumbers

from casework.i18n import Message, _
from casework.people.codes import RESIDENT_ID

NAME_LENGTH = 200
PHONE_LENGTH = 60
OLDEST = 120
OLD_ID_LENGTH, PLACE_LENGTH, TAIL_LENGTH = 15, 6, 4
SHORT_NUMBERS = frozenset(
    {"110", "119", "120", "12320", "12338", "12345", "12348", "12355", "12356", "12393"}
)
"""Public short numbers that may stand in place of a phone number."""

_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECK = "10X98765432"
_PROVINCE = re.compile("1[1-5]|2[1-3]|3[1-7]|4[1-6]|5[0-4]|6[1-5]|71|8[1-3]|91")
_DOTS = re.compile("\\s*[\u00b7\u2022\u2027\u2219\u22c5\u30fb\uff65]\\s*")
_UNSEEN = {"Cc", "Cf", "Cs", "Co", "Zl", "Zp"}
_HAN = re.compile("[\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff〇]")


def is_han(character: str) -> bool:
    """Whether a character is Han, those of the supplementary planes among them."""
    return _HAN.match(character) is not None


def unseen(text: str, allowed: str = "") -> bool:
    """Whether a text holds characters that cannot be seen or typed by honest means: control,
    zero-width, bidirectional, private use, lone surrogates.
    """
    return any(unicodedata.category(each) in _UNSEEN and each not in allowed for each in text)


def name(text: str) -> str | Message:
    """A name as it is kept: NFC (never NFKC, which changes rare characters), single spaces, `·`."""
    if len(text) > 4 * NAME_LENGTH:
        return _("The name is longer than %(count)s characters.", count=NAME_LENGTH)
    kept = " ".join(unicodedata.normalize("NFC", text.replace("\u3000", " ")).split())
    if any(is_han(each) for each in kept):
        kept = _DOTS.sub("·", kept)
    if not kept:
        return _("Write the name.")
    if len(kept) > NAME_LENGTH:
        return _("The name is longer than %(count)s characters.", count=NAME_LENGTH)
    if unseen(kept):
        return _("The name holds characters that cannot be seen. Type it again.")
    if not any(each.isalpha() or is_han(each) for each in kept):
        return _("A name holds at least one letter or character.")
    return kept


def line(text: str, longest: int) -> str | Message:
    """One line of plain text: NFC, trimmed, nothing unseen."""
    kept = " ".join(unicodedata.normalize("NFC", text[: longest * 4 + 1]).split())
    if len(kept) > longest:
        return _("This is longer than %(count)s characters.", count=longest)
    if unseen(kept):
        return _("This holds characters that cannot be seen. Type it again.")
    return kept


@dataclass(frozen=True)
class IdNumber:
    """An identity number that was accepted, what it says, and what is odd about it."""

    number: str
    birth_date: date | None = None
    sex: str | None = None
    historic: bool = False
    warnings: tuple[Message, ...] = ()


def id_number(id_type: str, text: str, today: date) -> IdNumber | Message:
    """Judge a number of any kind of document; only resident identity numbers say more than themselves."""
    kept = re.sub(r"\s", "", unicodedata.normalize("NFKC", text[:200])).upper()
    if id_type == RESIDENT_ID:
        return _resident(kept, today)
    patterns = {"06": (r"[HM]\d{8}(\d\d)?", "H12345678"), "07": (r"\d{8}(\d\d)?", "12345678")}
    pattern, example = patterns.get(id_type, (r"[0-9A-Z\u3400-\u9fff()/.-]{3,40}", "E12345678"))
    if not re.fullmatch(pattern, kept, re.ASCII):
        return _("This is not a number of this kind of document. Write it like %(example)s.", example=example)
    return IdNumber(kept)


def _resident(kept: str, today: date) -> IdNumber | Message:
    """GB 11643-1999, checked by its own arithmetic.

    The place is a hint and never a reason to refuse: places were given new numbers after people had
    theirs, and residents of Hong Kong, Macao and Taiwan have the prefixes 81, 82 and 83.
    """
    if re.fullmatch(r"[0-9]{15}", kept):
        born, order, historic = f"19{kept[6:12]}", kept[12:15], True
    elif re.fullmatch(r"[0-9]{17}[0-9X]", kept):
        born, order, historic = kept[6:14], kept[14:17], False
        total = sum(weight * int(digit) for weight, digit in zip(_WEIGHTS, kept, strict=False))
        if _CHECK[total % 11] != kept[17]:
            return _("A digit of the identity number is wrong: its last character does not fit the others.")
    else:
        return _("A resident identity number has 18 characters: 17 digits, then a digit or X.")
    try:
        birth = date(int(born[:4]), int(born[4:6]), int(born[6:]))
    except ValueError:
        return _("The identity number holds a date of birth that does not exist.")
    if birth > today:
        return _("The identity number holds a date of birth in the future.")
    warnings = []
    if historic:
        warnings.append(_("This is an old number of 15 digits. Ask for the number of 18 characters."))
    if age(birth, today) > OLDEST:
        warnings.append(_("By this identity number the person is older than %(count)s years.", count=OLDEST))
    if not _PROVINCE.match(kept):
        warnings.append(_("The first digits of the identity number stand for no known place."))
    return IdNumber(kept, birth, "1" if int(order) % 2 else "2", historic, tuple(warnings))


def phone(text: str, region: str, area_code: str) -> str | Message:
    """A phone number in E.164 form, with `;ext=` if it has an extension; a public short number as it is.

    `region` is the country that numbers without `+` belong to; `area_code` the place that a local
    number of 7 or 8 digits belongs to.
    """
    typed = unicodedata.normalize("NFKC", text[:100]).replace("转", " ext ").replace("轉", " ext ").strip()
    if not typed:
        return ""
    digits = re.sub(r"[\s()-]", "", typed)
    if digits in SHORT_NUMBERS:
        return digits
    if area_code and re.fullmatch(r"[2-9][0-9]{6,7}", digits):
        typed = f"{area_code}{digits}"
    wrong = _("This is not a phone number. Write it like 13800138000 or 0757-86223344.")
    try:
        read = phonenumbers.parse(typed, region)
    except phonenumbers.NumberParseException:
        return wrong
    if len(text) > PHONE_LENGTH or not phonenumbers.is_valid_number(read):
        return wrong
    kept = phonenumbers.format_number(read, phonenumbers.PhoneNumberFormat.E164)
    return f"{kept};ext={read.extension}" if read.extension else kept


def shown_phone(kept: str, region: str) -> str:
    """A kept phone number as people of the region write it."""
    if not kept.startswith("+"):
        return kept
    read = phonenumbers.parse(kept.replace(";ext=", " ext "), None)
    home = phonenumbers.region_code_for_number(read) == region
    form = phonenumbers.PhoneNumberFormat
    return phonenumbers.format_number(read, form.NATIONAL if home else form.INTERNATIONAL)


_DATE = re.compile(r"([0-9]{4})(?:-([0-9]{1,2})(?:-([0-9]{1,2}))?)?")


def birth_date(text: str, today: date) -> tuple[date | None, str] | Message:
    """A date of birth written `1958`, `1958-06` or `1958-06-09`, and its precision: year, month, day."""
    typed = unicodedata.normalize("NFKC", text[:40]).strip()
    if not typed:
        return None, "day"
    found = _DATE.fullmatch(typed)
    if found is None:
        return _("Write the date of birth as year, month and day; month and day may be left empty.")
    year, month, day = found.groups()
    try:
        born = date(int(year), int(month or 1), int(day or 1))
    except ValueError:
        return _("This date does not exist.")
    if born > today:
        return _("The date of birth lies in the future.")
    if age(born, today) > OLDEST + 30:
        return _("The date of birth lies too far in the past.")
    return born, "day" if day else "month" if month else "year"


def written_birth_date(born: date | None, precision: str) -> str:
    """The text that `birth_date` reads back as the same."""
    if born is None:
        return ""
    return born.isoformat()[: {"year": 4, "month": 7}.get(precision, 10)]


def age(born: date, on: date) -> int:
    """Completed years of life on a day; who was born on 29 February has a birthday on 1 March."""
    return on.year - born.year - ((on.month, on.day) < (born.month, born.day))


def masked_name(full_name: str) -> str:
    """A name for those who need not know it: 陈*, 陈*华, 欧**娜; of a foreign name the initials."""
    if not any(is_han(each) for each in full_name):
        return " ".join(f"{word[0]}." for word in full_name.split())
    hidden = max(1, min(len(full_name) - 2, 2))
    last = full_name[-1] if len(full_name) > hidden + 1 else ""
    return f"{full_name[:1]}{'*' * hidden}{last}"


def masked_number(number: str) -> str:
    """An identity number with its place and its last four characters: 440605********0026.

    A short number shows less: of fewer than 15 characters only the end, of fewer than 8 nothing.
    """
    place = number[:PLACE_LENGTH] if len(number) >= OLD_ID_LENGTH else ""
    tail = number[-TAIL_LENGTH:] if len(number) >= 2 * TAIL_LENGTH else ""
    return f"{place}{'*' * max(len(number) - len(place) - len(tail), TAIL_LENGTH)}{tail}"


def masked_tail(tail: str) -> str:
    """What a list shows of a sealed number of which only the last characters are in the clear."""
    return f"********{tail}" if tail else ""


def masked_phone(kept: str) -> str:
    """A phone number of which the last four digits are shown; a public short number is no secret."""
    number = kept.partition(";")[0]
    if number in SHORT_NUMBERS:
        return number
    return "*" * (len(number) - TAIL_LENGTH) + number[-TAIL_LENGTH:]
