"""A clause's class and rule in the words of the reader."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from casework.cases.events import event_kinds
from casework.duties.rules import Pattern, Rule
from casework.forms.library import library_of
from casework.handbook.clauses import handbook_of
from casework.i18n import Message, Words, _
from casework.security.roles import ROLES
from casework.work import Work

KIND_TITLES: Mapping[str, tuple[Message, str]] = {
    "shall": (_("Requirement"), "teal"),
    "should": (_("Recommendation"), "blue"),
    "may": (_("Permission"), "grey"),
    "statement": (_("Statement"), "grey"),
}
"""What each class of clause is called, and the tone of its tag."""

Row = tuple[Message, str]


def rule_rows(work: Work, rule: Rule, words: Words) -> list[Row]:
    """What the rule of a clause makes the service do: a name and a text for each line."""
    names, handbook = _Names(work, words), handbook_of(work.programs)
    rows = (
        (_("Time"), _time(rule, words)),
        (_("Begins with"), names.events(rule.opens, rule.where)),
        (
            _("Kept by"),
            words(_("recording it")) if rule.by_recording else names.events(rule.met_by, rule.met_where),
        ),
        (_("Counts after"), rule.not_before.in_words(words.language) if rule.not_before else ""),
        (_("Clock stands still while"), names.states(rule.pauses_in)),
        (_("Not asked for after"), names.events(rule.unless)),
        (_("Lifted by"), names.events(rule.cancelled_by)),
        (_("Answers for it"), words(ROLES[rule.owner].title) if rule.opens and rule.owner in ROLES else ""),
        (_("Target"), words.percent(rule.target / 100) if rule.target is not None else ""),
        (_("Sources"), ", ".join(handbook.cited(each, words.language) for each in rule.sources)),
    )
    return [(name, text) for name, text in rows if text]


def _time(rule: Rule, words: Words) -> str:
    if rule.within is None:
        return ""
    return rule.within.in_words(words.language) or words(_("beforehand"))


class _Names:
    """What events, states and the answers of forms are called."""

    def __init__(self, work: Work, words: Words) -> None:
        self._kinds, self._library, self._words = event_kinds(work), library_of(work), words
        self._states = {
            state.key: state.title for program in work.programs for state in program.workflow.states
        }

    def states(self, states: Iterable[str]) -> str:
        return self._listed(self._words(self._states.get(state, state)) for state in states)

    def events(self, events: Iterable[str], pattern: Pattern | None = None) -> str:
        """The kinds of events, and line by line what they must hold."""
        events = tuple(events)
        named = self._listed(
            self._words(self._kinds[event].label) if event in self._kinds else event for event in events
        )
        return "\n".join(
            [named, *(self._held(events, key, values) for key, values in (pattern or {}).items())]
        )

    def _held(self, events: Iterable[str], key: str, values: Iterable[str]) -> str:
        if key == "from":
            return self._words(_("from: %(states)s", states=self.states(values)))
        for form in self._library:
            if form.event in events and (item := form.item(key)) is not None:
                labels = [option.label if (option := item.option(each)) else each for each in values]
                return f"{self._words(item.text)} {self._listed(map(self._words, labels))}"
        return f"{key}: {self._listed(values)}"

    def _listed(self, texts: Iterable[str]) -> str:
        return ("、" if self._words.language.startswith("zh") else ", ").join(texts)
