"""A response as it is read: questions and answers in the order of the form, without what was not asked."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from casework.forms.definition import CHOICES, CONTAINERS, Form, Item
from casework.forms.evaluate import evaluate, is_blank
from casework.forms.formats import shown
from casework.forms.values import comparable
from casework.i18n import Message, _


@dataclass(frozen=True)
class Line:
    """One question with its answers; each answer is a text, a Message, a date, a decimal or an integer of fen."""

    item: Item
    answers: Sequence[Any]


@dataclass(frozen=True)
class Part:
    """Lines under a title; the title of a repeated group's row says which it is."""

    title: Message | None
    lines: Sequence[Line]
    level: int = 2


def parts_of(
    form: Form, answers: Mapping[str, Any], *, now: datetime, roles: Collection[str] | None
) -> list[Part]:
    """What a reader with these roles reads of a response."""
    enabled = evaluate(form, answers, now=now, roles=roles, given=answers).enabled
    kept: list[Part] = []
    for part in reversed(list(_parts(form.items, answers, enabled, None, 2))):
        leads = part.title is not None and bool(kept) and kept[-1].level > part.level
        if part.lines or leads:
            kept.append(part)
    return kept[::-1]


def differences(
    form: Form, yours: Mapping[str, Any], theirs: Mapping[str, Any], roles: Collection[str] | None
) -> list[tuple[Item, Sequence[Any], Sequence[Any]]]:
    """The questions that two people answered differently, with both answers."""
    found: list[tuple[Item, Sequence[Any], Sequence[Any]]] = []
    for item in form.walk():
        mine, other = yours.get(item.link_id), theirs.get(item.link_id)
        if mine != other and (roles is None or not item.see or item.see & set(roles)):
            found.append((item, _shown(item, mine), _shown(item, other)))
    return found


def _parts(
    items: Sequence[Item],
    answers: Mapping[str, Any],
    enabled: Collection[str],
    title: Message | None,
    level: int,
) -> Iterator[Part]:
    lines: list[Line] = []
    for item in items:
        if item.link_id not in enabled:
            continue
        if item.is_rows:
            yield Part(title, lines, level)
            title, lines = None, []
            for number, row in enumerate(answers.get(item.link_id) or [], start=1):
                heading = _("%(title)s: %(number)s", title=_(item.text), number=number)
                yield Part(heading, list(_lines_of_row(item, row)), level + 1)
        elif item.kind in CONTAINERS:
            yield Part(title, lines, level)
            title, lines = None, []
            yield from _parts(
                item.items, answers, enabled, _(item.text), level if item.kind == "section" else level + 1
            )
        elif item.kind != "display" and not is_blank(answers.get(item.link_id)):
            lines.append(Line(item, _shown(item, answers[item.link_id])))
    yield Part(title, lines, level)


def _lines_of_row(group: Item, row: Mapping[str, Any]) -> Iterator[Line]:
    for item in group.walk():
        if not is_blank(row.get(item.link_id)):
            yield Line(item, _shown(item, row[item.link_id]))


def _shown(item: Item, value: Any) -> list[Any]:
    if is_blank(value):
        return []
    if item.is_rows and isinstance(value, list):
        return [
            _(
                "%(question)s: %(answer)s",
                question=_(line.item.text),
                answer=_in_a_sentence(line.item, answer),
            )
            for row in value
            if isinstance(row, Mapping)
            for line in _lines_of_row(item, row)
            for answer in line.answers
        ]
    return [_one(item, single) for single in (value if item.is_list and isinstance(value, list) else [value])]


def _in_a_sentence(item: Item, answer: Any) -> Any:
    return Decimal(answer) / 100 if item.kind == "money" and isinstance(answer, int) else answer


def _one(item: Item, value: Any) -> Any:
    if item.kind in CHOICES:
        option = item.option(value)
        return _(option.label) if option else str(value)
    if item.format is not None and isinstance(value, str):
        return shown(item.format, value)
    found = comparable(item.kind, value)
    if found is None:
        return "-".join(str(part) for part in value.values()) if isinstance(value, Mapping) else str(value)
    if item.kind == "boolean":
        return _("Yes") if found else _("No")
    return found
