"""A clause's class and rule in the words of the reader."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from casework.cases.events import event_kinds
from casework.duties.rules import Pattern, Rule
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
    kinds = event_kinds(work)

    def named(events: Iterable[str], pattern: Pattern | None = None) -> str:
        names = [words(kinds[event].label) if event in kinds else event for event in events]
        details = "; ".join(f"{key}: {', '.join(values)}" for key, values in (pattern or {}).items())
        return ", ".join(names) + (f" ({details})" if details else "")

    def stated(states: Iterable[str]) -> str:
        titles = {state.key: state.title for program in work.programs for state in program.workflow.states}
        return ", ".join(words(titles.get(state, state)) for state in states)

    rows = (
        (_("Time"), _time(rule, words)),
        (_("Begins with"), named(rule.opens, rule.where)),
        (
            _("Kept by"),
            words(_("recording it")) if rule.by_recording else named(rule.met_by, rule.met_where),
        ),
        (_("Counts after"), rule.not_before.in_words(words.language) if rule.not_before else ""),
        (_("Clock stands still while"), stated(rule.pauses_in)),
        (_("Not asked for after"), named(rule.unless)),
        (_("Lifted by"), named(rule.cancelled_by)),
        (_("Answers for it"), words(ROLES[rule.owner].title) if rule.opens and rule.owner in ROLES else ""),
        (_("Target"), words.percent(rule.target / 100) if rule.target is not None else ""),
        (_("Sources"), ", ".join(rule.sources)),
    )
    return [(name, text) for name, text in rows if text]


def _time(rule: Rule, words: Words) -> str:
    if rule.within is None:
        return ""
    return rule.within.in_words(words.language) or words(_("beforehand"))
