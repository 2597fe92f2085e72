"""Rules of the standard: what opens a duty, what meets it, within what time.

They are written in `standards/rules.yaml` and in each program's own, by the id of their clause. A
rule with nothing but a limit opens no duty: it gives the number of a clause that a guard or people
keep. One with nothing but sources says where the clause comes from.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from casework.duties.limits import Limit

RECORDING = "recording"
"""In `met_by`: the duty is met by recording, in time, the very event that opened it."""

ITSELF = frozenset({RECORDING})

Pattern = Mapping[str, tuple[str, ...]]
"""What the payload of an event must hold: by key, the values that will do."""


@dataclass(frozen=True)
class Rule:
    """One clause's rule.

    `opens` and `met_by` name kinds of events, `where` and `met_where` what they must hold. `within`
    is the limit, whose clock stands still in the states `pauses_in`. `not_before` is how long after
    opening an answer begins to count. `unless` names events after which the rule no longer opens a
    duty; `cancelled_by` those that lift one that is not yet overdue. With `repeats`, the answer
    opens the duty anew. `owner` is the role that answers for it. `target` is the share, in percent,
    that should be kept. `program` is None in the core.
    """

    clause: str
    opens: tuple[str, ...] = ()
    where: Pattern = field(default_factory=dict)
    met_by: tuple[str, ...] = ()
    met_where: Pattern = field(default_factory=dict)
    within: Limit | None = None
    not_before: Limit | None = None
    pauses_in: tuple[str, ...] = ()
    unless: tuple[str, ...] = ()
    cancelled_by: tuple[str, ...] = ()
    repeats: bool = False
    owner: str = "worker"
    target: int | None = None
    sources: tuple[str, ...] = ()

    @property
    def program(self) -> str | None:
        """The program whose rule it is; None in the core."""
        program, dot, _rest = self.clause.partition(".")
        return program if dot else None

    @property
    def by_recording(self) -> bool:
        """Whether it asks that the event itself be recorded in time."""
        return self.met_by == (RECORDING,)

    def opened_by(self, kind: str, payload: Mapping[str, Any]) -> bool:
        """Whether such an event opens the duty."""
        return kind in self.opens and matches(self.where, payload)

    def answered_by(self, kind: str, payload: Mapping[str, Any]) -> bool:
        """Whether such an event meets the duty."""
        return kind in self.met_by and matches(self.met_where, payload)

    def events(self) -> set[str]:
        """Every kind of event that the rule names."""
        named = {*self.opens, *self.met_by, *self.unless, *self.cancelled_by} - ITSELF
        for limit in (self.within, self.not_before):
            if limit is not None and limit.after is not None:
                named.add(limit.after)
        return named

    def as_data(self) -> dict[str, Any]:
        """The rule as it is kept in an edition; `from_data` reads it back."""
        data: dict[str, Any] = {
            "opens": list(self.opens),
            "where": {key: list(values) for key, values in self.where.items()},
            "met_by": list(self.met_by),
            "met_where": {key: list(values) for key, values in self.met_where.items()},
            "within": str(self.within) if self.within else None,
            "not_before": str(self.not_before) if self.not_before else None,
            "pauses_in": list(self.pauses_in),
            "unless": list(self.unless),
            "cancelled_by": list(self.cancelled_by),
            "repeats": self.repeats,
            "owner": self.owner,
            "target": self.target,
            "sources": list(self.sources),
        }
        return {key: value for key, value in data.items() if value not in ([], {}, None, False)}

    @classmethod
    def from_data(cls, clause: str, data: Mapping[str, Any]) -> Rule:
        """The rule that `as_data` described."""
        return cls(
            clause,
            opens=tuple(data.get("opens", ())),
            where={key: tuple(values) for key, values in data.get("where", {}).items()},
            met_by=tuple(data.get("met_by", ())),
            met_where={key: tuple(values) for key, values in data.get("met_where", {}).items()},
            within=Limit.parse(data["within"]) if "within" in data else None,
            not_before=Limit.parse(data["not_before"]) if "not_before" in data else None,
            pauses_in=tuple(data.get("pauses_in", ())),
            unless=tuple(data.get("unless", ())),
            cancelled_by=tuple(data.get("cancelled_by", ())),
            repeats=data.get("repeats", False),
            owner=data.get("owner", "worker"),
            target=data.get("target"),
            sources=tuple(data.get("sources", ())),
        )


@dataclass(frozen=True)
class RuleSet:
    """The rules of one edition, by clause. Two sets with the same rules have the same `hash`."""

    rules: Mapping[str, Rule]
    hash: str = field(init=False, default="")
    _by_opening: Mapping[str, Sequence[Rule]] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        by_opening: dict[str, list[Rule]] = {}
        for clause in sorted(self.rules):
            for kind in self.rules[clause].opens:
                by_opening.setdefault(kind, []).append(self.rules[clause])
        object.__setattr__(self, "_by_opening", by_opening)
        object.__setattr__(self, "hash", canonical_hash(self.as_data()))

    def __iter__(self) -> Iterator[Rule]:
        return iter(self.rules.values())

    def get(self, clause: str) -> Rule | None:
        """The rule of a clause, if it has one."""
        return self.rules.get(clause)

    def opened_by(self, kind: str, payload: Mapping[str, Any]) -> list[Rule]:
        """The rules that such an event opens, in the order of their clauses."""
        return [rule for rule in self._by_opening.get(kind, ()) if matches(rule.where, payload)]

    def limit(self, clause: str) -> Limit:
        """The limit of a clause that must have one: for guards. LookupError if it has none."""
        rule = self.rules.get(clause)
        if rule is None or rule.within is None:
            raise LookupError(f"clause {clause!r} has no limit in rules.yaml")
        return rule.within

    def undeclared(self, kinds: Collection[str]) -> list[tuple[str, str]]:
        """Clause and event kind, wherever a rule names a kind that nobody declares."""
        return [(rule.clause, kind) for rule in self for kind in sorted(rule.events() - set(kinds))]

    def as_data(self) -> dict[str, Any]:
        """The rules by clause, as an edition keeps them."""
        return {clause: rule.as_data() for clause, rule in sorted(self.rules.items())}

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> RuleSet:
        """The rules that `as_data` described."""
        return cls({clause: Rule.from_data(clause, each) for clause, each in data.items()})


def matches(pattern: Pattern, payload: Mapping[str, Any]) -> bool:
    """Whether a payload holds, for every key of the pattern, one of its values."""
    return all(_text(payload.get(key)) in values for key, values in pattern.items())


def canonical_hash(data: Any) -> str:
    """SHA-256 over canonical JSON: sorted keys, no spaces, UTF-8."""
    text = json.dumps(data, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def _text(value: Any) -> str | None:
    if isinstance(value, bool):
        return str(value).lower()
    return None if value is None else str(value)
