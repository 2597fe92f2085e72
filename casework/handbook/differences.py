"""What is different between two editions, clause by clause: a pure comparison of what editions keep."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from casework.duties.limits import Limit
from casework.duties.model import Edition
from casework.duties.rules import Rule, RuleSet
from casework.handbook.clauses import Handbook
from casework.handbook.links import plain
from casework.handbook.wording import WITHIN

_EMPTY: Mapping[str, Any] = {"number": "", "kind": "", "titles": {}, "sentences": {}}


@dataclass(frozen=True)
class Content:
    """A standard as an edition keeps it: its rules, and by clause and term its number, class and texts."""

    rules: RuleSet
    texts: Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True)
class Side:
    """A clause as one edition has it, by language: sentences with their time, and the rule."""

    number: str
    kind: str
    titles: Mapping[str, str]
    sentences: Mapping[str, str]
    rule: Rule | None

    @property
    def is_there(self) -> bool:
        """Whether the edition has the clause at all."""
        return bool(self.kind)

    @property
    def within(self) -> Limit | None:
        """The time that the rule gives."""
        return self.rule.within if self.rule is not None else None

    @property
    def target(self) -> int | None:
        """The share, in percent, that should be kept."""
        return self.rule.target if self.rule is not None else None

    @property
    def owner(self) -> str:
        """The role that answers for it, if a clock runs."""
        return self.rule.owner if self.rule is not None and self.rule.opens else ""


@dataclass(frozen=True)
class Difference:
    """A clause that two editions do not have alike."""

    clause: str
    before: Side
    after: Side

    @property
    def shown(self) -> Side:
        """The side by which the clause is called: the later one if it is still there."""
        return self.after if self.after.is_there else self.before

    def languages(self) -> Sequence[str]:
        """The languages in which its title or sentence reads otherwise."""
        return [
            language
            for language in self.shown.sentences
            if (self.before.titles.get(language), self.before.sentences.get(language))
            != (self.after.titles.get(language), self.after.sentences.get(language))
        ]

    @property
    def is_otherwise(self) -> bool:
        """Whether the rule differs in more than its time, its target and who answers for it."""
        one, other = (
            replace(side.rule, within=None, target=None, owner="") if side.rule else None
            for side in (self.before, self.after)
        )
        return self.before.is_there and self.after.is_there and one != other


def content_of(edition: Edition | None) -> Content:
    """What an edition keeps; nothing if there is none."""
    if edition is None:
        return Content(RuleSet({}), {})
    return Content(RuleSet.from_data(edition.rules), edition.texts or {})


def content_in(handbook: Handbook) -> Content:
    """What an edition of this standard would keep."""
    return Content(handbook.rules, handbook.texts())


def differences(before: Content, after: Content) -> list[Difference]:
    """The clauses and terms that differ, by number. A number that only moved is no difference."""
    found = []
    for clause in {*before.texts, *after.texts}:
        one, other = before.texts.get(clause, _EMPTY), after.texts.get(clause, _EMPTY)
        same_text = all(one[part] == other[part] for part in ("kind", "titles", "sentences"))
        if not same_text or before.rules.get(clause) != after.rules.get(clause):
            found.append(Difference(clause, _side(before, clause), _side(after, clause)))
    return sorted(found, key=lambda each: _in_order(each.shown.number))


def _side(content: Content, clause: str) -> Side:
    texts, rule = content.texts.get(clause, _EMPTY), content.rules.get(clause)
    numbers = {key: str(each["number"]) for key, each in content.texts.items()}
    within = rule.within if rule is not None else None
    sentences = {
        language: plain(
            sentence.replace(WITHIN, within.in_words(language) if within is not None else ""), numbers
        )
        for language, sentence in texts["sentences"].items()
    }
    return Side(str(texts["number"]), str(texts["kind"]), texts["titles"], sentences, rule)


def _in_order(number: str) -> list[tuple[int, str]]:
    """Chapters by number, annexes after them."""
    return [
        (int(part), "") if part.isdecimal() else (10**6, part) for part in re.split(r"\.", number) if part
    ]
