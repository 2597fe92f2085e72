"""What a form is, once compiled: frozen values with the meaning of a FHIR R4 Questionnaire.

Names follow R4 (https://hl7.org/fhir/R4/questionnaire.html) in snake case: `link_id` is linkId,
`enable_when` is enableWhen with enableBehavior, `options` are answerOption. Texts are English and
are translated where they are shown.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

Kind = Literal[
    "section",
    "group",
    "display",
    "string",
    "text",
    "integer",
    "decimal",
    "money",
    "boolean",
    "date",
    "datetime",
    "choice",
    "open-choice",
]

CONTAINERS = frozenset({"section", "group"})
SILENT = CONTAINERS | {"display"}
"""Kinds of items that hold no answer."""

NUMBERS = frozenset({"integer", "decimal", "money"})
DAYS = frozenset({"date", "datetime"})
CHOICES = frozenset({"choice", "open-choice"})
FREE_TEXT = frozenset({"string", "text", "open-choice"})

PRIVACY_CLASSES = ("L1", "L2", "L3", "L4", "L5")
"""Classes of harm when disclosed, after GB/T 39725-2020: L1 public to L5 most sensitive."""

DEFAULT_LENGTHS: Mapping[str, int] = {"string": 300, "open-choice": 300, "text": 20_000}
"""The greatest number of characters where a form states none."""

MAX_ROWS = 50
"""A repeating group holds at most so many rows."""

OPERATORS: Mapping[str, Callable[[Any, Any], bool]] = {
    "=": operator.eq,
    "!=": operator.ne,
    ">": operator.gt,
    "<": operator.lt,
    ">=": operator.ge,
    "<=": operator.le,
}


@dataclass(frozen=True)
class Condition:
    """One line of enableWhen: a question before this one, and what its answer must be.

    `operator` is `exists`, `missing` (R4: exists = false), or one of OPERATORS; `answer` has the
    stored shape of the question's answers.
    """

    question: str
    operator: str
    answer: Any = None


@dataclass(frozen=True)
class Option:
    """One answer that may be chosen; `score` is R4's ordinalValue, `system` names the code list."""

    code: str
    label: str
    score: str | None = None
    system: str | None = None
    help: str | None = None


@dataclass(frozen=True)
class Item:
    """A question, a text shown, or a container of items.

    `initial`, `minimum` and `maximum` have the stored shape of answers (see casework/forms/read.py)
    or are the words `today` and `now`. `see` are the roles that may see the field; empty means
    whoever may see the form. `format` names a shape of casework/forms/formats.py. `privacy` is one of PRIVACY_CLASSES; containers and displayed texts have none.
    """

    link_id: str
    kind: Kind
    text: str
    help: str | None = None
    prefix: str | None = None
    required: bool = False
    repeats: bool = False
    read_only: bool = False
    enable_when: tuple[Condition, ...] = ()
    enable_any: bool = False
    options: tuple[Option, ...] = ()
    initial: Any = None
    minimum: Any = None
    maximum: Any = None
    max_length: int | None = None
    format: str | None = None
    unit: str | None = None
    see: frozenset[str] = frozenset()
    privacy: str | None = None
    clause: str | None = None
    items: tuple[Item, ...] = ()

    @property
    def is_rows(self) -> bool:
        """Whether this is a group whose questions may be answered several times over."""
        return self.kind == "group" and self.repeats

    @property
    def is_list(self) -> bool:
        """Whether the stored answer is a list of values."""
        return self.repeats and self.kind not in CONTAINERS

    def option(self, code: object) -> Option | None:
        """The option of that code, if there is one."""
        return next((option for option in self.options if option.code == code), None)

    def walk(self) -> Iterator[Item]:
        """This item and all below it, in the order of the document."""
        yield self
        for item in self.items:
            yield from item.walk()


@dataclass(frozen=True)
class FurtherEvent:
    """An event that signing appends besides the form's own, when its conditions hold."""

    event: str
    when: tuple[Condition, ...]
    any_of: bool = False


@dataclass(frozen=True)
class Form:
    """A form, complete.

    `version` is a hash of its whole source, so that two forms of one version ask the same things.
    Signing it appends `event` in `compartment`, with the answers named by `payload`, and those of
    `also` whose conditions hold; `happened` names the question that tells when. A `paged` form shows
    one section per page. A new response begins with what was signed last on the case under the form
    `begins_with`, where the link ids are the same.
    """

    key: str
    title: str
    version: str
    event: str
    compartment: str
    items: tuple[Item, ...]
    help: str | None = None
    clause: str | None = None
    happened: str | None = None
    payload: tuple[str, ...] = ()
    also: tuple[FurtherEvent, ...] = ()
    paged: bool = False
    begins_with: str | None = None
    source: Mapping[str, Any] = field(default_factory=dict, repr=False, compare=False, hash=False)
    _by_link_id: Mapping[str, Item] = field(init=False, repr=False, compare=False, hash=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_by_link_id", {item.link_id: item for item in self.walk()})

    def walk(self) -> Iterator[Item]:
        """Every item in the order of the document."""
        for item in self.items:
            yield from item.walk()

    def item(self, link_id: str) -> Item | None:
        """The item of that link id, if there is one."""
        return self._by_link_id.get(link_id)

    @property
    def sections(self) -> tuple[Item, ...]:
        """The sections, each a page when the form is paged; none if the form has none."""
        return tuple(item for item in self.items if item.kind == "section")
