"""Reading YAML as nodes, so that every complaint can name its file and line.

Scalars are taken as they are written: `code: 01`, `code: no` and `on: 2026-01-01` are the texts
"01", "no" and "2026-01-01". Nothing is ever constructed from a tag; aliases, merge keys and tags are
refused, as no form needs them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import yaml
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(frozen=True)
class FormProblem:
    """One thing wrong in a form's file: where, what, and how to mend it. Written for its author."""

    file: str
    line: int
    message: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.message}"


class FormErrors(ValueError):
    """A form that cannot be used; `problems` lists everything wrong with it at once."""

    def __init__(self, problems: list[FormProblem]) -> None:
        self.problems = problems
        super().__init__("\n".join(str(problem) for problem in problems))


def compose(text: str, file: str) -> MappingNode:
    """The root mapping of a YAML text; FormErrors when there is none, or it uses more than forms need."""
    try:
        for happening in yaml.parse(text, Loader=LOADER):
            if isinstance(happening, yaml.AliasEvent):
                raise FormErrors(
                    [
                        FormProblem(
                            file, _line(happening), "aliases (*name) are not used in forms; write it out"
                        )
                    ]
                )
            tag = getattr(happening, "tag", None)
            if tag not in (None, "!"):
                raise FormErrors(
                    [FormProblem(file, _line(happening), f"tags ({tag}) are not used in forms; remove it")]
                )
        root = yaml.compose(text, Loader=LOADER)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise FormErrors(
            [FormProblem(file, mark.line + 1 if mark else 1, f"not YAML: {error.problem or error.context}")]
        ) from error
    except (yaml.YAMLError, RecursionError) as error:
        raise FormErrors([FormProblem(file, 1, f"not YAML: {error}")]) from error
    if not isinstance(root, MappingNode):
        raise FormErrors([FormProblem(file, 1, "a form is a mapping that begins with `form: <key>`")])
    return root


def line_of(node: Node) -> int:
    """The line of a node, counted from 1."""
    return int(node.start_mark.line) + 1


def plain(node: Node) -> Any:
    """A node as dictionaries, lists and texts: what a version is the hash of."""
    if isinstance(node, MappingNode):
        return {str(key.value): plain(value) for key, value in node.value}
    if isinstance(node, SequenceNode):
        return [plain(value) for value in node.value]
    return str(node.value)


def child_at(node: Node | None, key: str) -> Node | None:
    """The value under a key of a mapping; None when there is none, or it is no mapping."""
    if isinstance(node, MappingNode):
        for name, value in node.value:
            if name.value == key:
                return value  # type: ignore[no-any-return]  # yaml's nodes are untyped inside
    return None


def scalar_at(node: Node, key: str) -> str | None:
    """The text under a key of a mapping, if there is one."""
    child = child_at(node, key)
    return str(child.value) if isinstance(child, ScalarNode) else None


def _line(happening: Any) -> int:
    return int(happening.start_mark.line) + 1


class NodeReader:
    """Reads nodes of one file and gathers what is wrong with them."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.problems: list[FormProblem] = []

    def wrong(self, node: Node, message: str) -> None:
        """Note a problem at a node and go on."""
        self.problems.append(FormProblem(self.file, line_of(node), message))

    def mapping(self, node: Node, allowed: frozenset[str], what: str) -> dict[str, Node]:
        """The children of a mapping by key; unknown and repeated keys are problems."""
        if not isinstance(node, MappingNode):
            self.wrong(node, f"{what} is a mapping of `key: value` lines")
            return {}
        at: dict[str, Node] = {}
        for key, value in node.value:
            name = str(key.value)
            if name not in allowed:
                self.wrong(key, f"{what} has no key {name!r}; it may have {', '.join(sorted(allowed))}")
            elif name in at:
                self.wrong(
                    key, f"the key {name!r} is written twice; the first is on line {line_of(at[name])}"
                )
            else:
                at[name] = value
        return at

    def scalar(self, node: Node) -> str:
        """A single written value, without white space around it."""
        if not isinstance(node, ScalarNode):
            self.wrong(node, "a single value belongs here, not a list or a mapping")
            return ""
        return str(node.value).strip()

    def strings(self, node: Node | None) -> list[str]:
        """A list of written values; a single one counts as a list of one."""
        if node is None:
            return []
        return [self.scalar(child) for child in (node.value if isinstance(node, SequenceNode) else [node])]

    def optional_text(self, at: Mapping[str, Node], key: str) -> str | None:
        """The text under a key, or None when it is absent or empty."""
        return (self.scalar(at[key]) or None) if key in at else None

    def text(self, at: Mapping[str, Node], key: str, node: Node) -> str | None:
        """The text under a key that must be there."""
        found = self.optional_text(at, key)
        if not found:
            self.wrong(at.get(key, node), f"`{key}:` is missing or empty; write what people are to read")
        return found

    def pattern(
        self, at: Mapping[str, Node], key: str, pattern: re.Pattern[str], node: Node, what: str
    ) -> str | None:
        """The text under a key that must match a pattern; `what` describes it with an example."""
        found = self.optional_text(at, key)
        if not found or not pattern.fullmatch(found):
            self.wrong(at.get(key, node), f"`{key}:` must be {what}" + (f", not {found!r}" if found else ""))
            return None
        return found

    def flag(self, at: Mapping[str, Node], key: str) -> bool:
        """Whether a key says yes; absent is no."""
        if key not in at:
            return False
        value = self.scalar(at[key]).casefold()
        if value not in _FLAGS:
            self.wrong(at[key], f"`{key}:` is yes or no")
        return _FLAGS.get(value, False)


_FLAGS: Mapping[str, bool] = {"yes": True, "true": True, "no": False, "false": False}
