"""From posted fields to answers in their stored shapes (casework/forms/values.py states them, and the rule for characters).

A field is named by its place: `source`, or `needs.0.severity` in row 0 of a repeating group; a field that may
come several times ends in `[]`, so that one sent twice by mistake can be told from it. A date may come as one ISO field or as three, `admitted.year`, `.month` and `.day`; the free answer of an open choice
comes in `<place>.other`. Fields that the form does not know are ignored. What cannot be understood is kept
as it was typed: a draft loses nothing, and the evaluator refuses to have it signed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import tzinfo
from typing import Any

from casework.errors import Problem
from casework.forms.definition import CONTAINERS, MAX_ROWS, Form, Item
from casework.forms.evaluate import DATE_PARTS
from casework.forms.formats import ANYWHERE, Phones, normal
from casework.forms.values import is_broken, parse
from casework.i18n import _
from casework.texts import clean

Fields = Mapping[str, Sequence[str]]

OTHER = "_other"
"""What an open choice posts when the answer is typed instead of chosen; no code begins with _."""


def field_name(item: Item, place: str) -> str:
    """The name of the field that asks an item."""
    return f"{place}[]" if item.is_list else place


@dataclass(frozen=True)
class Reading:
    """The answers found, and problems that only the posted fields show, such as a field sent twice."""

    answers: dict[str, Any]
    problems: tuple[Problem, ...]


def read(
    form: Form,
    fields: Fields,
    zone: tzinfo,
    items: Iterable[Item] | None = None,
    phones: Phones = ANYWHERE,
) -> Reading:
    """The answers among posted fields; only those of `items` when given, as for one page of a form.

    `phones` says how local phone numbers are written at the place.
    """
    reader = _Reader(fields, zone, phones)
    answers = reader.read(form.items if items is None else items, "")
    return Reading(answers, tuple(reader.problems))


def merged(old: Mapping[str, Any], new: Mapping[str, Any], items: Iterable[Item]) -> dict[str, Any]:
    """Old answers with those of `items`, one page of the form, replaced by the new ones."""
    asked = {item.link_id for top in items for item in top.walk()}
    return {**{link_id: value for link_id, value in old.items() if link_id not in asked}, **new}


class _Reader:
    """One passage over the posted fields."""

    def __init__(self, fields: Fields, zone: tzinfo, phones: Phones) -> None:
        self.fields, self.zone, self.phones = fields, zone, phones
        self.problems: list[Problem] = []

    def read(self, items: Iterable[Item], prefix: str) -> dict[str, Any]:
        answers: dict[str, Any] = {}
        for item in items:
            if item.is_rows:
                if rows := self.rows(item):
                    answers[item.link_id] = rows
            elif item.kind in CONTAINERS:
                answers |= self.read(item.items, prefix)
            elif item.kind != "display":
                value = self.values(item, prefix + item.link_id)
                if value not in (None, "", []):
                    answers[item.link_id] = value
        return answers

    def rows(self, group: Item) -> list[dict[str, Any]]:
        """The rows that hold anything, in the order of their numbers; gaps close up."""
        row = re.compile(re.escape(group.link_id) + r"\.(\d{1,4})\.", re.ASCII)
        numbers = sorted({int(found.group(1)) for name in self.fields if (found := row.match(name))})
        if len(numbers) > 2 * MAX_ROWS:
            self.wrong(group, group.link_id)
            numbers = numbers[:MAX_ROWS]
        rows = (self.read(group.items, f"{group.link_id}.{number}.") for number in numbers)
        return [answers for answers in rows if answers]

    def values(self, item: Item, place: str) -> Any:
        if item.kind == "date" and not self.single(item, place):
            return self.day_of_parts(item, place)
        if item.is_list:
            name = field_name(item, place)
            texts = [self.text(item, name, text) for text in self.fields.get(name, ())]
            if item.kind == "open-choice":
                texts = [text for text in texts if text != OTHER] + [self.single(item, f"{place}.other")]
            return list(dict.fromkeys(text for text in texts if text))
        text = self.single(item, place)
        if item.kind == "open-choice" and text in ("", OTHER):
            return self.single(item, f"{place}.other")
        if not text:
            return None
        if item.format is not None:
            return normal(item.format, text, self.phones)
        value = parse(item.kind, text, self.zone)
        return text if value is None else value

    def day_of_parts(self, item: Item, place: str) -> Any:
        parts = {part: self.single(item, f"{place}.{part}") for part in DATE_PARTS}
        if not any(parts.values()):
            return None
        return parse("date", "-".join(parts[part] for part in DATE_PARTS), self.zone) or parts

    def single(self, item: Item, name: str) -> str:
        """The one value of a field; a second one is a problem, and the first is kept."""
        values = self.fields.get(name, ())
        if len(values) > 1:
            self.wrong(item, name)
        return self.text(item, name, values[0]) if values else ""

    def text(self, item: Item, name: str, text: str) -> str:
        if is_broken(text):
            self.problems.append(
                Problem(
                    name,
                    _(
                        "“%(field)s” held characters that are no text. They were removed; check it.",
                        field=_(item.text),
                    ),
                )
            )
        return clean(text, lines=item.kind == "text")

    def wrong(self, item: Item, place: str) -> None:
        self.problems.append(
            Problem(place, _("“%(field)s” was sent more than once. Fill it in again.", field=_(item.text)))
        )
