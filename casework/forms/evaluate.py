"""The one judge of answers: what is enabled, what must be filled in, what is valid, what is dropped.

HTML, drafts, imports and prints all ask this module; nothing else decides. It goes through the form once,
in the order of the document, which is enough because a condition can only ask what stands before it.

An item is enabled when everything around it is enabled and its own conditions hold. Of the conditions, `=`
and the comparisons hold when at least one answer fits; `!=` when none is equal, so also when there is
no answer (R4). A disabled item has no answer: whatever was sent for it is dropped, and a condition that asks
it finds nothing. Only enabled items can be required. Read-only items and items that the actor may
not see take their value from the server (`given`), never from what was sent.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, MutableMapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from casework.errors import Problem
from casework.forms.definition import (
    CONTAINERS,
    DEFAULT_LENGTHS,
    MAX_ROWS,
    OPERATORS,
    Condition,
    Form,
    Item,
    Kind,
)
from casework.forms.formats import fault
from casework.forms.values import comparable, is_broken, write_day, write_moment
from casework.i18n import Message, _, ngettext

Answers = Mapping[str, Any]
DATE_PARTS = ("year", "month", "day")


@dataclass(frozen=True)
class Evaluation:
    """The verdict on a set of answers.

    `answers` is what survives, valid or not; `problems` what keeps it from being signed; `enabled`
    the places of the items to be shown; `dropped` the places of values that were sent but did not survive.
    A place is a link id, or `group.row.link_id` within a repeating group, rows counted from 0.
    """

    answers: dict[str, Any]
    problems: tuple[Problem, ...]
    enabled: frozenset[str]
    dropped: tuple[str, ...]


def evaluate(
    form: Form,
    answers: Answers,
    *,
    now: datetime,
    roles: Collection[str] | None = None,
    given: Answers | None = None,
) -> Evaluation:
    """Judge answers in their stored shapes.

    `now` is aware, in the zone of the place. `roles` are the actor's; None sees every field. `given`
    holds the values of fields that the actor cannot set; by default the initial values of read-only items.
    """
    run = _Run(form, now, roles, initial_answers(form, now) if given is None else given)
    run.judge(form.items, answers, run.answers, "", None, active=True, seen=True)
    run.note_dropped(answers, run.answers, "")
    return Evaluation(run.answers, tuple(run.problems), frozenset(run.enabled), tuple(run.dropped))


def events_besides(form: Form, answers: Answers, now: datetime) -> list[str]:
    """The further events of the form whose conditions hold for evaluated answers."""
    run = _Run(form, now, None, {})
    run.answers = dict(answers)
    return [further.event for further in form.also if run.hold(further.when, further.any_of, None)]


def initial_answers(form: Form, now: datetime) -> dict[str, Any]:
    """What a new response begins with; `now` is aware, in the zone of the place."""
    return {
        item.link_id: _resolve(item.kind, item.initial, now)
        for item in form.walk()
        if item.initial is not None
    }


def may_see(item: Item, roles: Collection[str] | None) -> bool:
    """Whether one of the roles opens the field by itself; what contains it is asked apart."""
    return not item.see or roles is None or not item.see.isdisjoint(roles)


def is_blank(value: Any) -> bool:
    """Whether a value is no answer at all."""
    return value is None or value in ("", [], {})


class _Run:
    """One passage through a form."""

    def __init__(self, form: Form, now: datetime, roles: Collection[str] | None, given: Answers) -> None:
        self.form, self.now, self.roles, self.given = form, now, roles, given
        self.answers: dict[str, Any] = {}
        self.problems: list[Problem] = []
        self.enabled: set[str] = set()
        self.dropped: list[str] = []

    def judge(
        self,
        items: Iterable[Item],
        sent: Answers,
        kept: MutableMapping[str, Any],
        prefix: str,
        row: Answers | None,
        *,
        active: bool,
        seen: bool,
    ) -> None:
        """Go through items; `sent` and `kept` are the answers of the form, or of one row."""
        for item in items:
            enabled = active and self.hold(item.enable_when, item.enable_any, row)
            visible = seen and may_see(item, self.roles)
            place = prefix + item.link_id
            if enabled and visible:
                self.enabled.add(place)
            if item.is_rows:
                self._judge_rows(item, sent, kept, enabled=enabled, visible=visible)
            elif item.kind in CONTAINERS:
                self.judge(item.items, sent, kept, prefix, row, active=enabled, seen=visible)
            elif item.kind != "display" and enabled:
                if item.read_only or not visible:
                    value = self.given.get(item.link_id)
                else:
                    value = self._checked(item, sent.get(item.link_id), place)
                if not is_blank(value):
                    kept[item.link_id] = value

    def note_dropped(self, sent: Answers, kept: Answers, prefix: str) -> None:
        """Note what was sent of the form, or of one row, and did not survive."""
        self.dropped += [
            f"{prefix}{key}"
            for key, value in sent.items()
            if not is_blank(value) and (key not in kept or (kept[key] != value and not self._is_rows(key)))
        ]

    def _is_rows(self, link_id: str) -> bool:
        item = self.form.item(link_id)
        return item is not None and item.is_rows

    def _judge_rows(
        self, item: Item, sent: Answers, kept: MutableMapping[str, Any], *, enabled: bool, visible: bool
    ) -> None:
        if not enabled:
            return
        if not visible:
            if not is_blank(self.given.get(item.link_id)):
                kept[item.link_id] = self.given[item.link_id]
            return
        rows = sent.get(item.link_id)
        rows = rows if isinstance(rows, list) else []
        filled = [row for row in rows if isinstance(row, Mapping)]
        if len(filled) != len(rows):
            self.dropped.append(item.link_id)
        judged: list[dict[str, Any]] = []
        for number, row in enumerate(filled[:MAX_ROWS]):
            survivors: dict[str, Any] = {}
            place = f"{item.link_id}.{number}."
            self.judge(item.items, row, survivors, place, survivors, active=True, seen=True)
            self.note_dropped(row, survivors, place)
            judged.append(survivors)
        if judged:
            kept[item.link_id] = judged
        if len(filled) > MAX_ROWS:
            self._wrong(
                item.link_id,
                _("“%(field)s” has room for %(count)s rows.", field=_(item.text), count=MAX_ROWS),
            )
        if item.required and not any(judged):
            self._wrong(item.link_id, _("Fill in at least one row of “%(field)s”.", field=_(item.text)))

    def hold(self, conditions: Collection[Condition], any_of: bool, row: Answers | None) -> bool:
        """Whether all, or any, of the conditions hold; no conditions always do."""
        results = [self._holds(condition, row) for condition in conditions]
        return any(results) if any_of and results else all(results)

    def _holds(self, condition: Condition, row: Answers | None) -> bool:
        asked = self.form.item(condition.question)
        if asked is None:
            return False
        scope = row if row is not None and condition.question not in self.answers else self.answers
        found = scope.get(condition.question)
        answers = [] if is_blank(found) else found if isinstance(found, list) else [found]
        if condition.operator in ("exists", "missing"):
            return bool(answers) == (condition.operator == "exists")
        wanted = comparable(asked.kind, _resolve(asked.kind, condition.answer, self.now))
        values = [value for answer in answers if (value := comparable(asked.kind, answer)) is not None]
        if condition.operator == "!=":
            return all(value != wanted for value in values)
        return any(OPERATORS[condition.operator](value, wanted) for value in values)

    def _checked(self, item: Item, value: Any, place: str) -> Any:
        """The value as far as it has a possible shape; every problem with it is noted."""
        if not is_blank(value) and not _has_shape(item, value):
            self._wrong(place, _("“%(field)s” could not be read. Fill it in again.", field=_(item.text)))
            return None
        if is_blank(value):
            if item.required:
                self._wrong(place, _missing(item))
            return None
        for single in value if item.is_list else [value]:
            self._check_one(item, single, place)
        return value

    def _check_one(self, item: Item, value: Any, place: str) -> None:
        label = _(item.text)
        found = comparable(item.kind, value)
        if found is None:
            self._wrong(place, _malformed(item, self.now))
        elif item.kind == "choice" and item.option(value) is None:
            self._wrong(place, _("Choose one of the answers offered for “%(field)s”.", field=label))
        elif item.format is not None and (message := fault(item.format, value, self.now.date())):
            self._wrong(place, _("“%(field)s”: %(fault)s", field=label, fault=message))
        elif item.kind in DEFAULT_LENGTHS:
            most = item.max_length or DEFAULT_LENGTHS[item.kind]
            if len(value) > most:
                self._wrong(
                    place,
                    ngettext(
                        "“%(field)s” is %(count)s character too long; it may have %(most)s. Shorten it.",
                        "“%(field)s” is %(count)s characters too long; it may have %(most)s. Shorten it.",
                        len(value) - most,
                        field=label,
                        most=most,
                    ),
                )
        else:
            self._check_bounds(item, found, place)

    def _check_bounds(self, item: Item, found: Any, place: str) -> None:
        label = _(item.text)
        least = comparable(item.kind, _resolve(item.kind, item.minimum, self.now))
        most = comparable(item.kind, _resolve(item.kind, item.maximum, self.now))
        if least is not None and found < least:
            if item.minimum in ("today", "now"):
                self._wrong(place, _("“%(field)s” lies in the past. Give a day from today on.", field=label))
            else:
                self._wrong(
                    place,
                    _(
                        "“%(field)s” is too small: the least is %(bound)s.",
                        field=label,
                        bound=_shown(item, least),
                    ),
                )
        if most is not None and found > most:
            if item.maximum in ("today", "now"):
                self._wrong(
                    place, _("“%(field)s” lies in the future. Give the time when it happened.", field=label)
                )
            else:
                self._wrong(
                    place,
                    _(
                        "“%(field)s” is too great: the most is %(bound)s.",
                        field=label,
                        bound=_shown(item, most),
                    ),
                )

    def _wrong(self, place: str, message: Message) -> None:
        self.problems.append(Problem(place, message))


def _resolve(kind: Kind, value: Any, now: datetime) -> Any:
    """`today` and `now` of dates as the stored shape of the present; everything else as it is."""
    if kind == "date" and value == "today":
        return write_day(now.date())
    if kind == "datetime" and value == "now":
        return write_moment(now.replace(second=0, microsecond=0))
    return list(value) if isinstance(value, list) else value


def _has_shape(item: Item, value: Any) -> bool:
    """Whether a value could have been typed for this item, rightly or wrongly."""
    if item.is_list:
        return isinstance(value, list) and all(_is_single(one) and one != "" for one in value)
    if item.kind == "date" and isinstance(value, Mapping):
        return set(value) <= set(DATE_PARTS) and all(_is_single(part) for part in value.values())
    return _is_single(value)


def _is_single(value: Any) -> bool:
    return (isinstance(value, str) and not is_broken(value)) or isinstance(value, int)


def _missing(item: Item) -> Message:
    label = _(item.text)
    if item.kind in ("choice", "open-choice", "boolean"):
        return _("Choose an answer to “%(field)s”.", field=label)
    return _("Fill in “%(field)s”.", field=label)


def _malformed(item: Item, now: datetime) -> Message:
    label = _(item.text)
    if item.kind == "date":
        return _("“%(field)s” must be a real date, such as %(day)s.", field=label, day=now.date())
    if item.kind == "datetime":
        return _("“%(field)s” must be a real date and time, such as %(moment)s.", field=label, moment=now)
    if item.kind == "integer":
        return _("“%(field)s” must be a whole number, such as 3.", field=label)
    if item.kind == "decimal":
        return _("“%(field)s” must be a number, such as 3.5.", field=label)
    if item.kind == "money":
        return _("“%(field)s” must be an amount in yuan, such as 200 or 99.50.", field=label)
    if item.kind == "boolean":
        return _("Answer “%(field)s” with yes or no.", field=label)
    return _("Choose one of the answers offered for “%(field)s”.", field=label)


def _shown(item: Item, bound: Any) -> Any:
    """A bound as the reader's language writes it."""
    if item.kind == "money":
        return Decimal(bound) / 100
    return bound if isinstance(bound, (date, Decimal)) else Decimal(bound)
