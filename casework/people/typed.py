"""What is typed about a person, and the form in which it is kept."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
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

LINES = {"other_names": 200, "address": ADDRESS_LENGTH, "mrn": 40}
"""Fields of one line of text, and how long each may be."""

CHOICES: Mapping[str, Mapping[str, Message]] = {
    "sex": SEXES,
    "spoken": SPOKEN,
    "id_type": ID_TYPES,
    "disclosure": DISCLOSURE,
}
"""Coded fields; empty is accepted everywhere and means not known."""

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
    """Judge all values at once; Invalid lists every problem. `given` are fields of `FIELDS` as typed:
    text, `birth_date` as "1958", "1958-06" or "1958-06-09", flags as booleans. `id_type` is the
    document of the number where none is given."""
    if unknown := given.keys() - set(FIELDS):
        raise TypeError(f"a person has no field {min(unknown)!r} to be given")
    columns: dict[str, Any] = {}
    problems: list[Problem] = []

    def keep(where: str, judged: Any) -> None:
        if isinstance(judged, Message):
            problems.append(Problem(where, judged))
        else:
            columns[where] = judged

    settings = work.settings
    if "full_name" in given:
        keep("full_name", rules.name(given["full_name"]))
    if "phone" in given:
        keep("phone", rules.phone(given["phone"], settings.phone_region, settings.phone_area_code))
    if "birth_date" in given:
        born = rules.birth_date(str(given["birth_date"] or ""), work.today)
        keep("birth_date", born)
        if not isinstance(born, Message):
            columns["birth_date"], columns["birth_date_precision"] = born
    for where, longest in LINES.items():
        if where in given:
            keep(where, rules.line(given[where], longest))
    for where, choices in CHOICES.items():
        if where in given:
            chosen = given[where]
            keep(where, chosen if chosen == "" or chosen in choices else _("Choose one of the list."))
    columns.update({where: bool(given[where]) for where in FLAGS if where in given})
    if columns.get("sex") == "":
        columns["sex"] = "0"
    if columns.get("disclosure") == "":
        columns["disclosure"] = "unknown"
    number = _judge_number(work, given, columns.get("id_type", id_type), problems)
    if number is not None:
        _agree(columns, number, problems)
    if problems:
        raise Invalid(problems)
    given_number = bool(given.get("id_number", "").strip()) or given.get("id_type") == ""
    return Judged(columns, number, given_number)


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
