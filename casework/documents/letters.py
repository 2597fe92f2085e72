"""Writes a letter: its template, in its own language, with what every letter knows.

A letter's template extends `documents/letter.jinja2` and fills its blocks. Besides the letter's
own values, it knows `number`, `issued_on`, `case`, `person`, `sender` (the names of the hospital or
centre), `unit`, `phone` (whom to ask) and `worker`. There is no request: it reads the same
whoever asked for it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from contextvars import copy_context
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from html import unescape
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from casework.cases.model import Case
from casework.cases.queries import contacts_of
from casework.documents.model import Document
from casework.documents.typesetting import typeset
from casework.i18n import Words, reading, words_now
from casework.people.model import Person
from casework.resources import PACKAGE, share
from casework.staff.model import Unit
from casework.web.pages import prepare
from casework.work import Work

_TITLE = re.compile(r"<title>(.*?)</title>", re.DOTALL)

SENDERS = ("hospital", "centre", "town", "district")
"""The kinds of units in whose name letters go out."""


@dataclass(frozen=True)
class Letter:
    """A letter that was written and set: its title in its own language, and the PDF."""

    title: str
    content: bytes


def write_letter(work: Work, document: Document) -> Letter:
    """Write and set the letter of a document. Raises TypesettingError, and Jinja's errors for a
    template that is missing or wrong."""
    words = words_of(work, str(document.language))

    def write() -> str:
        reading(words)
        template = _environment(_folders(work)).get_template(str(document.template))
        return template.render({**(document.letter_values or {}), **_known(work, document)})

    # In a context of its own: whoever works here next reads his own language.
    html = copy_context().run(write)
    found = _TITLE.search(html)
    title = " ".join(unescape(found[1]).split()) if found else ""
    return Letter(title, typeset(html, language=words.language, title=title))


def words_of(work: Work, language: str) -> Words:
    """The words of a language, with those of the enabled programs."""
    folders = [share("locale"), *work.programs.folders("locale")]
    return Words(language, folders, work.settings.time_zone)


def _known(work: Work, document: Document) -> dict[str, Any]:
    case = work.session.get_one(Case, document.case_id)
    unit = work.session.get_one(Unit, case.unit_id)
    contact = contacts_of(work, [case.id])[case.id]
    return {
        "number": document.number,
        "issued_on": document.added_at.astimezone(work.zone).date(),
        "case": case,
        "person": work.session.get_one(Person, case.person_id),
        "unit": unit.names,
        "sender": _sender(work, unit).names,
        "phone": contact.phone,
        "worker": contact.worker_name,
        "named": document.title,
    }


def _sender(work: Work, unit: Unit) -> Unit:
    while unit.kind not in SENDERS and unit.parent_id is not None:
        unit = work.session.get_one(Unit, unit.parent_id)
    return unit


def _folders(work: Work) -> tuple[Path, ...]:
    return (*sorted(PACKAGE.glob("*/templates")), *work.programs.folders("templates"))


@lru_cache(maxsize=4)
def _environment(folders: Sequence[Path]) -> Environment:
    """What letters are written with; values are JSON, so a day may be ISO text."""
    environment = Environment(
        loader=FileSystemLoader([str(folder) for folder in folders]),
        autoescape=True,
        undefined=StrictUndefined,
    )
    prepare(environment)
    environment.filters["day"] = _day
    return environment


def _day(value: date | str, style: str = "long") -> str:
    day = date.fromisoformat(value) if isinstance(value, str) else value
    return words_now().day(day, style)
