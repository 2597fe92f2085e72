"""From a form's YAML to a frozen Form, or to a list of everything that is wrong with it.

The language is described in forms/README.md.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from datetime import UTC
from typing import Any

from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from casework.forms.definition import (
    CHOICES,
    CONTAINERS,
    DAYS,
    FREE_TEXT,
    NUMBERS,
    OPERATORS,
    PRIVACY_CLASSES,
    SILENT,
    Condition,
    Form,
    FurtherEvent,
    Item,
    Option,
)
from casework.forms.formats import FORMATS
from casework.forms.grammar import (
    ALL_ITEM_KEYS,
    CODE,
    EVENT,
    EXAMPLES,
    FORM_KEYS,
    ITEM_KEYS,
    KEY,
    KINDS,
    LINK_ID,
    NAME,
    OPTION_KEYS,
    RESERVED,
)
from casework.forms.source import FormErrors, NodeReader, child_at, compose, line_of, plain, scalar_at
from casework.forms.values import parse


def compile_form(text: str, file: str = "form.yaml") -> Form:
    """The form that a YAML text describes; FormErrors lists every problem with file and line."""
    root = compose(text, file)
    return _Compiler(file).form(root)


def compile_source(source: Mapping[str, Any], key: str) -> Form:
    """The form of a stored source, as `Form.source` gave it."""
    return compile_form(json.dumps(source, ensure_ascii=False), key)


class _Compiler(NodeReader):
    """One run over one file; it goes on after a problem, so that all are found at once."""

    def __init__(self, file: str) -> None:
        super().__init__(file)
        self.lines: dict[str, int] = {}
        self.before: dict[str, tuple[Item, str | None]] = {}
        """Questions met so far, by link id, each with the repeating group it lies in."""
        self.ahead: set[str] = set()

    def form(self, root: MappingNode) -> Form:
        at = self.mapping(root, FORM_KEYS, "a form")
        source = plain(root)
        canonical = json.dumps(source, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
        self.ahead = set(_link_ids(at.get("items")))
        items = self.items(at.get("items"), root, top=True)
        form = Form(
            key=self.pattern(at, "form", KEY, root, "a key such as contact-note") or "",
            title=self.text(at, "title", root) or "",
            version=hashlib.sha256(canonical.encode()).hexdigest(),
            event=self.pattern(at, "event", EVENT, root, "an event such as contact.recorded") or "",
            compartment=self.pattern(at, "compartment", NAME, root, "a compartment such as case") or "",
            items=items,
            help=self.optional_text(at, "help"),
            clause=self.optional_text(at, "clause"),
            happened=self.optional_text(at, "happened"),
            payload=tuple(self.strings(at.get("payload"))),
            also=self.also(at.get("also")),
            paged=self.flag(at, "paged"),
            begins_with=self.pattern(at, "begins_with", KEY, root, "a key such as contact-note")
            if "begins_with" in at
            else None,
            source=source,
        )
        self.check_form(form, at)
        if self.problems:
            raise FormErrors(sorted(self.problems, key=lambda problem: problem.line))
        return form

    def also(self, node: Node | None) -> tuple[FurtherEvent, ...]:
        if node is None:
            return ()
        found: list[FurtherEvent] = []
        for child in node.value if isinstance(node, SequenceNode) else [node]:
            at = self.mapping(child, frozenset({"event", "when"}), "an entry of also")
            event = self.pattern(at, "event", EVENT, child, "an event such as high-risk.found") or ""
            conditions, any_of = self.conditions(at.get("when"), "", None)
            if "when" not in at:
                self.wrong(child, "`when:` is missing; write the condition upon which the event happens")
            found.append(FurtherEvent(event, conditions, any_of))
        return tuple(found)

    def check_form(self, form: Form, at: Mapping[str, Node]) -> None:
        kinds = {item.kind == "section" for item in form.items}
        if kinds == {True, False}:
            self.wrong(at["items"], "either every item at the top is a section, or none is")
        if form.paged and not form.sections:
            self.wrong(at["paged"], "a paged form needs sections; put its items into items of type section")
        in_rows = {item.link_id for group in form.walk() if group.is_rows for item in group.walk()}
        if form.happened is not None:
            item = form.item(form.happened)
            if item is None or item.kind not in DAYS or form.happened in in_rows:
                self.wrong(
                    at["happened"],
                    f"{form.happened!r} is no date or datetime item of this form outside repeating groups",
                )
        for link_id in form.payload:
            item = form.item(link_id)
            if item is None or item.kind in SILENT:
                self.wrong(at["payload"], f"payload names {link_id!r}, which is no question of this form")
            elif item.kind in FREE_TEXT or link_id in in_rows or item.see:
                self.wrong(
                    at["payload"],
                    f"payload names {link_id!r}; an event carries no free text, no rows and no field with `see:`",
                )

    def items(
        self, node: Node | None, parent: Node, *, top: bool = False, rows: str | None = None
    ) -> tuple[Item, ...]:
        if not isinstance(node, SequenceNode) or not node.value:
            self.wrong(node or parent, "`items:` is a list of at least one item, each beginning with `- id:`")
            return ()
        return tuple(self.item(child, top=top, rows=rows) for child in node.value)

    def item(self, node: Node, *, top: bool, rows: str | None) -> Item:
        kind = scalar_at(node, "type") or ""
        if kind not in ITEM_KEYS:
            named = f"{kind!r} is no type" if kind else "an item needs `type:`"
            self.wrong(child_at(node, "type") or node, f"{named}; choose one of {', '.join(KINDS)}")
        at = self.mapping(
            node, ITEM_KEYS.get(kind, ALL_ITEM_KEYS), f"an item of type {kind}" if kind else "an item"
        )
        link_id = (
            self.pattern(
                at, "id", LINK_ID, node, "an id of small letters, digits and _ such as patient_knows"
            )
            or ""
        )
        self.unique(link_id, at, node)
        kind = kind if kind in ITEM_KEYS else "display"
        if kind == "section" and not top:
            self.wrong(node, "a section stands at the top of a form; inside it use a group")
        repeats = self.flag(at, "repeats")
        if kind == "group" and repeats and rows:
            self.wrong(
                at["repeats"], f"the repeating group {rows!r} may not hold another; ask in a group beside it"
            )
        conditions, any_of = self.conditions(at.get("enable_when"), link_id, rows)
        options = self.options(at, kind)
        item = Item(
            link_id=link_id,
            kind=kind,  # type: ignore[arg-type]  # checked against KINDS above
            text=self.text(at, "text", node) or "",
            help=self.optional_text(at, "help"),
            prefix=self.optional_text(at, "prefix"),
            required=self.flag(at, "required"),
            repeats=repeats,
            read_only=self.flag(at, "read_only"),
            enable_when=conditions,
            enable_any=any_of,
            options=options,
            initial=self.initial(at, kind, options, repeats),
            minimum=self.value(at, "min", kind),
            maximum=self.value(at, "max", kind),
            max_length=self.length(at),
            format=self.format(at),
            unit=self.optional_text(at, "unit"),
            see=frozenset(self.strings(at.get("see"))),
            privacy=self.privacy(at, kind, node),
            clause=self.optional_text(at, "clause"),
            items=self.items(at.get("items"), node, rows=link_id if repeats else rows)
            if kind in CONTAINERS
            else (),
        )
        if item.required and kind == "group" and not repeats:
            self.wrong(
                at["required"], "only a repeating group can be required: it then needs at least one row"
            )
        if rows and item.initial is not None:
            self.wrong(
                at["initial"], f"an item inside the repeating group {rows!r} has no initial value; remove it"
            )
        if rows and item.see:
            self.wrong(at["see"], f"write `see:` on the repeating group {rows!r}, not on an item inside it")
        if item.read_only and item.initial is None:
            self.wrong(
                at["read_only"],
                f"{link_id!r} is read only and has no `initial:`, so it could never have a value",
            )
        self.before[link_id] = (item, rows)
        return item

    def unique(self, link_id: str, at: Mapping[str, Node], node: Node) -> None:
        if not link_id:
            return
        place = at.get("id", node)
        if link_id in self.lines:
            self.wrong(place, f"the id {link_id!r} is taken on line {self.lines[link_id]}; choose another")
        if link_id in RESERVED:
            self.wrong(place, f"the id {link_id!r} is used by the pages themselves; choose another")
        self.lines.setdefault(link_id, line_of(place))

    def conditions(
        self, node: Node | None, link_id: str, rows: str | None
    ) -> tuple[tuple[Condition, ...], bool]:
        if node is None:
            return (), False
        lines: list[Node] = [node]
        any_of = False
        if isinstance(node, MappingNode):
            at = self.mapping(node, frozenset({"all", "any"}), "enable_when")
            if len(at) != 1:
                self.wrong(node, "enable_when has either `all:` or `any:`, followed by a list of conditions")
                return (), False
            any_of, (group,) = "any" in at, at.values()
            lines = list(group.value) if isinstance(group, SequenceNode) else [group]
        found = (self.condition(line, link_id, rows) for line in lines)
        return tuple(condition for condition in found if condition), any_of

    def condition(self, node: Node, link_id: str, rows: str | None) -> Condition | None:
        words = node.value.split(None, 2) if isinstance(node, ScalarNode) else []
        question, operator, wanted = (*words, "", "", "")[:3]
        alone = operator in ("exists", "missing")
        if not operator or alone == bool(wanted):
            self.wrong(
                node, 'write a condition as "question = answer", "question exists" or "question missing"'
            )
            return None
        if not alone and operator not in OPERATORS:
            self.wrong(
                node, f"{operator!r} is no comparison; use one of {' '.join(OPERATORS)} exists missing"
            )
            return None
        if question not in self.before:
            why = (
                "itself"
                if question == link_id
                else "which comes later; move it up"
                if question in self.ahead
                else "which this form does not have"
            )
            self.wrong(node, f"the condition asks {question!r}, {why}")
            return None
        asked, its_rows = self.before[question]
        if asked.kind in SILENT:
            self.wrong(node, f"the condition asks {question!r}, which is a {asked.kind} and has no answer")
            return None
        if its_rows is not None and its_rows != rows:
            self.wrong(
                node,
                f"{question!r} is answered once in each row of {its_rows!r}; only items of the same row may ask it",
            )
            return None
        if alone:
            return Condition(question, operator)
        answer = self.typed(node, asked.kind, wanted.strip().strip("\"'"))
        if asked.kind == "choice" and asked.option(answer) is None:
            self.wrong(
                node,
                f"{answer!r} is no option of {question!r}; it has {', '.join(o.code for o in asked.options)}",
            )
        if operator not in ("=", "!=") and asked.kind not in NUMBERS | DAYS:
            self.wrong(node, f"{operator} compares numbers and dates; {question!r} is a {asked.kind}")
        return Condition(question, operator, answer)

    def options(self, at: Mapping[str, Node], kind: str) -> tuple[Option, ...]:
        if kind not in CHOICES:
            return ()
        node = at.get("options")
        if not isinstance(node, SequenceNode) or not node.value:
            self.wrong(
                node or at.get("id") or at["type"],
                "a choice needs `options:`, a list of {code: ..., label: ...}",
            )
            return ()
        system = self.optional_text(at, "system")
        options: dict[str, Option] = {}
        for child in node.value:
            of = self.mapping(child, OPTION_KEYS, "an option")
            code = self.pattern(of, "code", CODE, child, "a code of letters, digits, _ . and -") or ""
            if code and code in options:
                self.wrong(of["code"], f"the code {code!r} is used twice in these options")
            score = self.optional_text(of, "score")
            if score is not None and parse("decimal", score, UTC) is None:
                self.wrong(of["score"], f"{score!r} is no score; write a number")
            options[code] = Option(
                code,
                self.text(of, "label", child) or "",
                score,
                self.optional_text(of, "system") or system,
                self.optional_text(of, "help"),
            )
        return tuple(options.values())

    def initial(self, at: Mapping[str, Node], kind: str, options: tuple[Option, ...], repeats: bool) -> Any:
        node = at.get("initial")
        if node is None:
            return None
        texts = self.strings(node)
        if len(texts) != 1 and not repeats:
            self.wrong(node, "one initial value, please; only an item that repeats may have several")
            return None
        values = [self.typed(node, kind, text) for text in texts]
        if kind == "choice":
            for value in values:
                if value not in {option.code for option in options}:
                    self.wrong(
                        node, f"initial {value!r} is none of the options; it must be one of their codes"
                    )
        return values if repeats else values[0]

    def value(self, at: Mapping[str, Node], key: str, kind: str) -> Any:
        node = at.get(key)
        return None if node is None else self.typed(node, kind, self.scalar(node))

    def typed(self, node: Node, kind: str, text: str) -> Any:
        """A written value in its stored shape; `today` and `now` stay words."""
        if (kind, text) in (("date", "today"), ("datetime", "now")):
            return text
        value = parse(kind, text, UTC) if kind in KINDS else None  # type: ignore[arg-type]  # just checked
        if value is None:
            self.wrong(node, f"{text!r} does not fit the type {kind}; write {EXAMPLES.get(kind, 'a text')}")
        return value

    def length(self, at: Mapping[str, Node]) -> int | None:
        node = at.get("max_length")
        if node is None:
            return None
        text = self.scalar(node)
        if not re.fullmatch(r"[1-9]\d{0,5}", text):
            self.wrong(node, "max_length is a whole number of characters, at least 1")
            return None
        return int(text)

    def format(self, at: Mapping[str, Node]) -> str | None:
        if "format" not in at:
            return None
        found = self.scalar(at["format"])
        if found not in FORMATS:
            self.wrong(at["format"], f"{found!r} is no format; choose one of {', '.join(FORMATS)}")
            return None
        return found

    def privacy(self, at: Mapping[str, Node], kind: str, node: Node) -> str | None:
        if kind in SILENT:
            return None
        found = self.scalar(at["privacy"]) if "privacy" in at else None
        if found not in PRIVACY_CLASSES:
            self.wrong(
                at.get("privacy", node),
                f"every question needs `privacy:`, one of {', '.join(PRIVACY_CLASSES)} (see forms/README.md)",
            )
        return found


def _link_ids(node: Node | None) -> list[str]:
    """Every id below, so that a condition on a later item can be told from one on no item."""
    found: list[str] = []
    if isinstance(node, SequenceNode):
        for child in node.value:
            if link_id := scalar_at(child, "id"):
                found.append(link_id)
            found += _link_ids(child_at(child, "items"))
    return found
