"""Reading `rules.yaml`: rules, or every problem at once with its file, its line and how to mend it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from casework.duties.limits import Limit
from casework.duties.rules import RECORDING, Pattern, Rule, RuleSet
from casework.errors import Problem
from casework.i18n import Message, _

RULES_FILE = "rules.yaml"
MAX_BYTES = 512 * 1024

_CLAUSE = re.compile(r"[a-z][a-z0-9-]*(\.[a-z][a-z0-9-]*)?")
_EVENT = re.compile(r"[a-z][a-z0-9-]*(\.[a-z][a-z0-9-]*)+")
_STATE = re.compile(r"[a-z][a-z0-9_-]*")


class StandardsError(ValueError):
    """Files of the standard that cannot be used; `problems` says where and how to mend them."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__("\n".join(f"{problem.where}: {problem.message}" for problem in problems))
        self.problems = list(problems)


@dataclass(frozen=True)
class Source:
    """One folder of standards: the core's (`program` None) or a program's."""

    folder: Path
    program: str | None = None

    @property
    def name(self) -> str:
        """How problems call the folder."""
        return f"plugins/{self.program}/standards" if self.program else "standards"


def read_rules(sources: Iterable[Source], texts: Mapping[str, str] | None = None) -> RuleSet:
    """The rules of all the folders together; `texts` are read in place of the files of those names.

    StandardsError lists every problem of every file.
    """
    rules: dict[str, Rule] = {}
    problems: list[Problem] = []
    for source in sources:
        path, name = source.folder / RULES_FILE, f"{source.name}/{RULES_FILE}"
        draft = (texts or {}).get(name)
        if draft is not None or path.is_file():
            reader = _Reader(name, source.program)
            for rule in reader.read(
                path.read_bytes() if draft is None else draft.encode("utf-8", "surrogatepass")
            ):
                rules[rule.clause] = rule
            problems += reader.problems
    if problems:
        raise StandardsError(problems)
    return RuleSet(rules)


@dataclass
class _Reader:
    """Walks the YAML nodes of one file, so that each problem knows its line."""

    name: str
    program: str | None
    problems: list[Problem] = field(default_factory=list)

    def read(self, content: bytes) -> list[Rule]:
        if len(content) > MAX_BYTES:
            self.problems.append(Problem(self.name, _("The file is larger than 512 KB. Split it.")))
            return []
        try:
            node = yaml.compose(content.decode("utf-8"), Loader=yaml.CSafeLoader)
        except UnicodeDecodeError:
            self.problems.append(Problem(self.name, _("The file is not UTF-8. Save it as UTF-8.")))
            return []
        except yaml.YAMLError as error:
            line = getattr(getattr(error, "problem_mark", None), "line", 0) + 1
            self.problems.append(
                Problem(
                    f"{self.name}:{line}", _("This is not YAML: %(why)s", why=getattr(error, "problem", ""))
                )
            )
            return []
        if node is None:
            return []
        return [rule for key, value in self._pairs(node) if (rule := self._rule(key, value)) is not None]

    def _rule(self, key: yaml.Node, node: yaml.Node) -> Rule | None:
        before = len(self.problems)
        clause = str(key.value)
        program, dot, _rest = clause.partition(".")
        if not _CLAUSE.fullmatch(clause) or (program if dot else None) != self.program:
            example = f"{self.program}.first-contact" if self.program else "first-contact"
            self._say(
                key,
                _(
                    "“%(id)s” is not a clause id here; write one like “%(example)s”.",
                    id=clause,
                    example=example,
                ),
            )
        values: dict[str, Any] = {}
        for name_node, value in self._pairs(node):
            name = str(name_node.value)
            if (read := getattr(self, f"_read_{name}", None)) is None:
                self._say(name_node, _("A rule has no “%(name)s”.", name=name))
            else:
                values[name] = read(value)
        self._check(key, values)
        if len(self.problems) > before:
            return None
        return Rule(clause, **values)

    def _check(self, key: yaml.Node, values: dict[str, Any]) -> None:
        """What only the parts of a rule together can tell."""
        if "within" not in values and set(values) != {"sources"}:
            self._say(key, _("Say “within”: hours, days, working days, months or “before”."))
        if bool(values.get("opens")) != bool(values.get("met_by")):
            self._say(key, _("Say both “opens” and “met_by”, or neither if a guard keeps the limit."))
        if RECORDING in values.get("met_by", ()):
            if len(values["met_by"]) > 1:
                self._say(key, _("“recording” stands alone in “met_by”."))
            if values.get("repeats") or values.get("met_where") or values.get("not_before"):
                self._say(key, _("What is met by recording has no “repeats”, “met_where” or “not_before”."))
        limit = values.get("within")
        if limit is not None and limit.unit == "before" and values.get("repeats"):
            self._say(key, _("What must be done before cannot repeat."))

    def _read_opens(self, node: yaml.Node) -> tuple[str, ...]:
        return self._names(
            node, _EVENT, _("“%(found)s” is no kind of event; write one like “contact.recorded”.")
        )

    _read_unless = _read_opens
    _read_cancelled_by = _read_opens

    def _read_met_by(self, node: yaml.Node) -> tuple[str, ...]:
        if isinstance(node, yaml.ScalarNode) and node.value == RECORDING:
            return (RECORDING,)
        return self._read_opens(node)

    def _read_pauses_in(self, node: yaml.Node) -> tuple[str, ...]:
        return self._names(node, _STATE, _("“%(found)s” is no state; write one like “suspended”."))

    def _read_where(self, node: yaml.Node) -> Pattern:
        return {str(key.value): self._names(value, None, Message("")) for key, value in self._pairs(node)}

    _read_met_where = _read_where

    def _read_within(self, node: yaml.Node) -> Limit | None:
        text = self._scalar(node)
        try:
            return Limit.parse(text)
        except ValueError:
            self._say(
                node,
                _(
                    "“%(found)s” is no time limit; write for example “24 hours”, “1 working day”, "
                    "“7 days after plan.agreed” or “before”.",
                    found=text,
                ),
            )
            return None

    def _read_not_before(self, node: yaml.Node) -> Limit | None:
        limit = self._read_within(node)
        if limit is not None and (limit.unit == "before" or limit.after):
            self._say(node, _("“not_before” is a plain time such as “2 months”."))
        return limit

    def _read_repeats(self, node: yaml.Node) -> bool:
        text = self._scalar(node)
        if text not in {"true", "false"}:
            self._say(node, _("Write true or false."))
        return text == "true"

    def _read_owner(self, node: yaml.Node) -> str:
        return next(iter(self._names(node, _STATE, _("“%(found)s” is no role."))), "worker")

    def _read_target(self, node: yaml.Node) -> int | None:
        match = re.fullmatch(r"(100|[1-9]?\d)%", self._scalar(node))
        if match is None:
            self._say(node, _("Write a target as a percentage such as “%(example)s”.", example="95%"))
            return None
        return int(match[1])

    def _read_sources(self, node: yaml.Node) -> tuple[str, ...]:
        return self._names(node, None, Message(""))

    def _pairs(self, node: yaml.Node) -> list[tuple[yaml.Node, yaml.Node]]:
        if not isinstance(node, yaml.MappingNode):
            self._say(node, _("Here stands a list of “name: value” lines."))
            return []
        seen: set[str] = set()
        pairs = []
        for key, value in node.value:
            name = str(key.value)
            if name in seen:
                self._say(key, _("“%(name)s” is written twice. Keep one.", name=name))
            else:
                seen.add(name)
                pairs.append((key, value))
        return pairs

    def _names(self, node: yaml.Node, shape: re.Pattern[str] | None, message: Message) -> tuple[str, ...]:
        nodes = node.value if isinstance(node, yaml.SequenceNode) else [node]
        names = []
        for each in nodes:
            text = self._scalar(each)
            if shape is not None and not shape.fullmatch(text):
                self._say(each, _(message.text, found=text))
            names.append(text)
        return tuple(names)

    def _scalar(self, node: yaml.Node) -> str:
        if isinstance(node, yaml.ScalarNode) and node.value:
            return str(node.value)
        self._say(node, _("Here stands one word or phrase."))
        return ""

    def _say(self, node: yaml.Node, message: Message) -> None:
        self.problems.append(Problem(f"{self.name}:{node.start_mark.line + 1}", message))
