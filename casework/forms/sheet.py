"""A form as it lies on the desk: what a page needs in order to ask, and knows nothing of requests.

Use it wherever a form is filled in, also as a part of another page: make a sheet, and let the macro `items` of
templates/forms/fields.jinja2 write it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from casework.errors import Problem
from casework.forms.definition import MAX_ROWS, Form, Item
from casework.forms.evaluate import evaluate
from casework.forms.formats import FORMATS, shown
from casework.forms.read import OTHER, field_name
from casework.forms.values import comparable
from casework.i18n import Message, _

FEW = 7
"""A choice of more options than these is a list that opens, unless an option explains itself."""


@dataclass(frozen=True)
class Sheet:
    """A form with the answers so far.

    `enabled` are the places to be asked; `problems` name fields. `page` is the section shown, None
    for the whole form. `shown_url` answers what a change shows or hides, `draft_url` keeps a draft; without
    them nothing asks there. `hidden` are the fields that go along. `alone` says that the title of the
    section is that of the whole page.
    """

    form: Form
    answers: Mapping[str, Any]
    enabled: frozenset[str]
    now: datetime
    problems: Sequence[Problem] = ()
    page: Item | None = None
    shown_url: str = ""
    draft_url: str = ""
    hidden: Mapping[str, str] = field(default_factory=dict)
    alone: bool = False

    @property
    def items(self) -> tuple[Item, ...]:
        """The items to be asked on this page."""
        return self.form.items if self.page is None else (self.page,)

    def value(self, place: str) -> Any:
        """The stored answer at a place, or None."""
        group, _dot, rest = place.partition(".")
        if not rest:
            return self.answers.get(place)
        number, _dot, link_id = rest.partition(".")
        rows = self.answers.get(group) or []
        return rows[int(number)].get(link_id) if int(number) < len(rows) else None

    def typed(self, item: Item, place: str) -> str:
        """The answer at a place as a field shows it: as it was typed, or as it would be."""
        value = self.value(place)
        if value is None:
            return ""
        if isinstance(value, Mapping):
            return "-".join(str(value.get(part, "")) for part in ("year", "month", "day"))
        if isinstance(value, bool):
            return "yes" if value else "no"
        found = comparable(item.kind, value)
        if item.kind == "money" and found is not None:
            return str(Decimal(found) / 100)
        if item.kind == "datetime" and found is not None:
            return str(found.astimezone(self.now.tzinfo).strftime("%Y-%m-%dT%H:%M"))
        if item.format == "phone":
            return shown(item.format, str(value))
        return str(value)

    def well_formed(self, item: Item, place: str) -> bool:
        """Whether the answer can stand in a field of its own type, such as a day in a date field."""
        value = self.value(place)
        return value is None or comparable(item.kind, value) is not None

    def chosen(self, item: Item, place: str) -> str:
        """The option that is chosen; OTHER for an answer that was typed instead."""
        value = self.value(place)
        if item.kind == "open-choice" and value and item.option(value) is None:
            return OTHER
        return self.typed(item, place)

    def options(self, item: Item) -> list[tuple[str | Message, ...]]:
        """The options of a choice: code, label and what explains it."""
        found: list[tuple[str | Message, ...]] = [
            (option.code, _(option.label), _(option.help)) if option.help else (option.code, _(option.label))
            for option in item.options
        ]
        return [*found, (OTHER, _("Something else"))] if item.kind == "open-choice" else found

    def ticked(self, place: str) -> list[str]:
        """The options that are ticked."""
        value = self.value(place)
        return [str(one) for one in value] if isinstance(value, list) else []

    def other(self, item: Item, place: str) -> str:
        """The answer that was typed instead of being chosen."""
        values = self.ticked(place) if item.is_list else [self.value(place)]
        return next((str(one) for one in values if one and item.option(one) is None), "")

    def rows(self, group: Item) -> range:
        """The numbers of the rows to be shown: those filled in, and an empty one."""
        filled = len(self.answers.get(group.link_id) or [])
        return range(min(filled + 1, MAX_ROWS))

    def keyboard(self, item: Item) -> Mapping[str, str]:
        """Attributes of the field of a text with a format: the keyboard that a phone opens."""
        if item.format is None:
            return {}
        return {"inputmode": FORMATS[item.format].keyboard, "autocomplete": "off"}

    def name(self, item: Item, place: str) -> str:
        """The name of a field, which is its id too."""
        return field_name(item, place)

    def is_list_box(self, item: Item) -> bool:
        """Whether a choice is asked by a list that opens."""
        return item.kind == "choice" and len(item.options) > FEW and not any(o.help for o in item.options)

    def decides(self, item: Item) -> bool:
        """Whether something else on this form waits for the answer."""
        return bool(self.shown_url) and item.link_id in _asked(self.form)

    def page_of(self, where: str) -> Item | None:
        """The section in which a problem lies, when it is not the one shown."""
        if self.page is None:
            return None
        link_id = where.removesuffix("[]").split(".")[0]
        for section in self.form.sections:
            if any(item.link_id == link_id for item in section.walk()):
                return section if section is not self.page else None
        return None

    def level(self, item: Item) -> int:
        """The level of an item's heading: 2 at the top of the form, 1 of a section that is alone."""
        top = 1 if self.alone else 2
        return next(depth for found, depth in _with_depth(self.form.items, top) if found is item)

    @property
    def deciding(self) -> bool:
        """Whether any item of this page is shown only sometimes."""
        return any(True for _item, _place in self.waiting())

    @property
    def carried(self) -> list[tuple[str, str]]:
        """Fields for the answers of other pages that this page's conditions ask."""
        if self.page is None:
            return []
        here = {item.link_id for item in self.page.walk()}
        asked = {c.question for item in self.page.walk() for c in item.enable_when} - here
        found: list[tuple[str, str]] = []
        for item in (item for item in self.form.walk() if item.link_id in asked):
            typed = self.ticked(item.link_id) if item.is_list else [self.typed(item, item.link_id)]
            found += [(field_name(item, item.link_id), value) for value in typed if value]
        return found

    @property
    def next_page(self) -> Item | None:
        """The section after this one that asks anything, if there is one."""
        return self._beside(1)

    @property
    def previous_page(self) -> Item | None:
        """The section before this one that asks anything, if there is one."""
        return self._beside(-1)

    @property
    def pages(self) -> tuple[Item, ...]:
        """The sections that ask anything, in order; none if the form is shown whole."""
        if self.page is None:
            return ()
        return tuple(section for section in self.form.sections if section.link_id in self.enabled)

    def _beside(self, step: int) -> Item | None:
        pages = self.pages
        if self.page not in pages:
            return None
        number = pages.index(self.page) + step
        return pages[number] if 0 <= number < len(pages) else None

    def waiting(self, items: Sequence[Item] | None = None, prefix: str = "") -> Iterator[tuple[Item, str]]:
        """The items that are shown only sometimes, outermost first, with their places."""
        for item in self.items if items is None else items:
            place = prefix + item.link_id
            if item.enable_when:
                yield item, place
            if item.is_rows:
                for number in self.rows(item):
                    yield from self.waiting(item.items, f"{place}.{number}.")
            else:
                yield from self.waiting(item.items, prefix)

    def changed_since(self, shown: Collection[str]) -> list[tuple[Item, str]]:
        """What must be shown or hidden on a page that shows the places `shown` of those that wait."""
        changed = [(i, p) for i, p in self.waiting() if (p in self.enabled) != (p in shown)]
        inside = {p for item, place in changed for _i, p in _below(item, place)}
        return [(item, place) for item, place in changed if place not in inside]

    def with_problems(self, problems: Sequence[Problem]) -> Sheet:
        """The same sheet with problems; their places become the names of fields."""
        return replace(self, problems=[Problem(self._field(p.where), p.message) for p in problems])

    def _field(self, where: str) -> str:
        if where == "happened_at" and self.form.happened:
            where = self.form.happened
        item = self.form.item(where.rpartition(".")[2])
        if item is None or where.endswith("[]"):
            return where
        if item.is_rows:
            first = next((i for i in item.walk() if i.kind not in ("group", "display")), item)
            return f"{where}.0.{field_name(first, first.link_id)}"
        return field_name(item, where)


def make_sheet(
    form: Form,
    answers: Mapping[str, Any],
    *,
    now: datetime,
    roles: Collection[str] | None = None,
    problems: Sequence[Problem] = (),
    page: Item | None = None,
    shown_url: str = "",
    draft_url: str = "",
    hidden: Mapping[str, str] | None = None,
    alone: bool = False,
) -> Sheet:
    """A sheet of a form; `now` is aware, in the zone of the place; `roles` are the actor's."""
    blank = {
        item.link_id: [*(answers.get(item.link_id) or []), {}]
        for item in form.walk()
        if item.is_rows and isinstance(answers.get(item.link_id, []), list)
    }
    enabled = evaluate(form, {**answers, **blank}, now=now, roles=roles).enabled
    sheet = Sheet(form, answers, enabled, now, (), page, shown_url, draft_url, hidden or {}, alone)
    return sheet.with_problems(problems)


def _asked(form: Form) -> frozenset[str]:
    """The questions that conditions of the form ask."""
    return frozenset(condition.question for item in form.walk() for condition in item.enable_when)


def _below(item: Item, place: str) -> Iterator[tuple[Item, str]]:
    """What waits inside an item, with its place; rows are told apart by their group's place alone."""
    prefix = place.rpartition(".")[0]
    for child in item.walk():
        if child is not item:
            yield child, f"{prefix}.{child.link_id}" if prefix else child.link_id


def _with_depth(items: Sequence[Item], depth: int) -> Iterator[tuple[Item, int]]:
    for item in items:
        yield item, depth
        yield from _with_depth(item.items, depth + 1)
