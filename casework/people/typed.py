"""What is typed about a person, and the form in which it is kept."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from casework.errors import Invalid, Problem
from casework.i18n import Message, _
from casework.people import rules
from casework.people.codes import DISCLOSURE, ID_TYPES, SEXES, SPOKEN
from casework.people.rules import IdNumber

if TYPE_CHECKING:
    from casework.people.model import Person
    from casework.work import Work

ADDRESS_LENGTH = 500
REASON_LENGTH = 500

LINES = {"other_names": 200, "address": ADDRESS_LENGTH, "mrn": 40}
"""Fields of one line of text, and how long each may be."""

CHOICES: Mapping[str, Mapping[str, Message]] = {
    "sex": SEXES,
    "spoken": SPOKEN,
    "id_type": ID_TYPES,
    "disclosure": DISCLOSURE,
}
"""Coded fields; empty is accepted everywhere and means not known."""

UNKNOWN = {"sex": "0", "disclosure": "unknown"}
"""Codes that stand for an empty choice."""

FLAGS = ("phone_message_safe", "interpreter")

FIELDS = ("full_name", "birth_date", "phone", "id_number", *LINES, *CHOICES, *FLAGS)
"""What may be said of a person when registering or changing."""


@dataclass(frozen=True)
class Judged:
    """Typed values in the form that is kept; the identity number apart, since it is sealed."""

    columns: Mapping[str, Any]
    number: IdNumber | None
    number_given: bool


def judge(work: Work, given: Mapping[str, Any], *, id_type: str = "") -> Judged:
    """Judge all values at once; Invalid lists every problem.

    `given` are fields of `FIELDS` as typed: text, `birth_date` as "1958", "1958-06" or "1958-06-09",
    flags as booleans. `id_type` is the document of the number where none is given.
    """
    if unknown := given.keys() - set(FIELDS):
        raise TypeError(f"a person has no field {min(unknown)!r} to be given")
    columns: dict[str, Any] = {}
    problems: list[Problem] = []
    for where, typed in given.items():
        judged = _judge_one(work, where, typed)
        if isinstance(judged, Message):
            problems.append(Problem(where, judged))
        else:
            columns.update(judged)
    number = _judge_number(work, given, columns.get("id_type", id_type), problems)
    if number is not None:
        _agree(columns, number, problems)
    if problems:
        raise Invalid(problems)
    number_given = bool(given.get("id_number", "").strip()) or given.get("id_type") == ""
    return Judged(columns, number, number_given)


def _judge_one(work: Work, where: str, typed: Any) -> Mapping[str, Any] | Message:
    """The columns that one field makes; none for the number, which is judged with its document."""
    settings = work.settings
    if where == "id_number":
        return {}
    if where in FLAGS:
        return {where: bool(typed)}
    if where in CHOICES:
        known = typed == "" or typed in CHOICES[where]
        return {where: typed or UNKNOWN.get(where, "")} if known else _("Choose one of the list.")
    if where == "birth_date":
        born = rules.birth_date(str(typed or ""), work.today)
        if isinstance(born, Message):
            return born
        return {"birth_date": born[0], "birth_date_precision": born[1]}
    if where == "full_name":
        kept = rules.name(typed)
    elif where == "phone":
        kept = rules.phone(typed, settings.phone_region, settings.phone_area_code)
    else:
        kept = rules.line(typed, LINES[where])
    return kept if isinstance(kept, Message) else {where: kept}


def _judge_number(
    work: Work, given: Mapping[str, Any], id_type: str, problems: list[Problem]
) -> IdNumber | None:
    typed = given.get("id_number", "")
    if not typed.strip():
        return None
    if not id_type:
        problems.append(Problem("id_type", _("Choose the document that the number is of.")))
        return None
    judged = rules.id_number(id_type, typed, work.today)
    if isinstance(judged, Message):
        problems.append(Problem("id_number", judged))
        return None
    return judged


def _agree(columns: dict[str, Any], number: IdNumber, problems: list[Problem]) -> None:
    """Take birth and sex from a resident number; refuse a date of birth that contradicts it."""
    if number.birth_date is None:
        return
    born, precision = columns.get("birth_date"), columns.get("birth_date_precision", "day")
    if born is None:
        columns["birth_date"], columns["birth_date_precision"] = number.birth_date, "day"
    else:
        parts = {"year": 1, "month": 2, "day": 3}[precision]
        if born.timetuple()[:parts] != number.birth_date.timetuple()[:parts]:
            why = _("This is not the date of birth in the identity number (%(day)s).", day=number.birth_date)
            problems.append(Problem("birth_date", why))
        else:
            columns["birth_date"], columns["birth_date_precision"] = number.birth_date, "day"
    if columns.get("sex", "0") == "0":
        columns["sex"] = number.sex


def written(person: Person) -> dict[str, Any]:
    """A person's fields as they are typed, ready for a form; of the identity number only the tail."""
    texts: dict[str, Any] = {
        name: getattr(person, name) for name in ("full_name", "phone", *LINES, *CHOICES, *FLAGS)
    }
    texts["birth_date"] = rules.written_birth_date(person.birth_date, person.birth_date_precision)
    texts["id_number"] = rules.masked_tail(person.id_number_tail)
    return texts


def day(text: str, where: str, unless: date | None = None) -> date:
    """A typed day; `unless` for none. Raises Invalid."""
    if not text.strip() and unless is not None:
        return unless
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        raise Invalid([Problem(where, _("Write the day as 2026-11-22."))]) from None
