"""The form in which a clause is written anew: what it shows, what was typed, and how the sentence would read."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import replace

from casework.duties.limits import Limit
from casework.duties.rules import Rule
from casework.errors import Invalid, Problem
from casework.handbook.clauses import Clause
from casework.handbook.wording import WITHIN
from casework.i18n import LANGUAGES, Message, _
from casework.security.roles import ROLES
from casework.texts import clean

UNITS: Mapping[str, Message] = {
    "hours": _("hours"),
    "working days": _("working days"),
    "days": _("days"),
    "months": _("months"),
    "before": _("done beforehand"),
}
"""In what a time is counted."""

OWNERS = {key: role.title for key, role in ROLES.items() if key not in {"client", "former_worker"}}
"""Who may answer for a duty."""

LABELS: Mapping[str, Message] = {
    **{f"title_{key}": _("Title (%(language)s)", language=name) for key, name in LANGUAGES.items()},
    **{f"sentence_{key}": _("Sentence (%(language)s)", language=name) for key, name in LANGUAGES.items()},
    "within": _("Time"),
    "within_unit": _("Counted in"),
    "target": _("Target in percent"),
    "owner": _("Answers for it"),
}
"""What the fields are called."""

_PERCENT = re.compile(r"(100|[1-9]?\d)[%％]?", re.ASCII)


def shown_values(clause: Clause) -> dict[str, str]:
    """The fields as the draft has them."""
    values = {f"title_{language}": clause.titles[language] for language in LANGUAGES}
    values |= {f"sentence_{language}": clause.sentences[language] for language in LANGUAGES}
    if (rule := clause.rule) is not None:
        limit = rule.within
        values["within"] = str(limit.amount) if limit is not None and limit.unit != "before" else ""
        values["within_unit"] = limit.unit if limit is not None else "hours"
        if rule.opens:
            values["target"] = str(rule.target) if rule.target is not None else ""
            values["owner"] = rule.owner
    return values


def typed_rule(clause: Clause, typed: Mapping[str, str]) -> dict[str, str]:
    """The values of the rule that differ from the draft's, as the file of rules writes them.

    Raises Invalid for a time, a target or a role that is none.
    """
    if (rule := clause.rule) is None:
        return {}
    problems, values = [], {"within": str(rule.within or "")}
    try:
        values["within"] = str(_typed_limit(rule, typed) or "")
    except ValueError:
        problems.append(Problem("within", _("Give the time as a whole number of 1 to 9999.")))
    if rule.opens:
        target = _one_line(typed.get("target", ""))
        match = _PERCENT.fullmatch(target)
        if target and match is None:
            problems.append(Problem("target", _("Give the target as a whole number of 0 to 100.")))
        values["target"] = f"{match[1]}%" if match is not None else ""
        values["owner"] = typed.get("owner", "")
        if values["owner"] not in {*OWNERS, rule.owner}:
            problems.append(Problem("owner", _("Choose who answers for it.")))
    if problems:
        raise Invalid(problems)
    held = {
        "within": str(rule.within or ""),
        "target": f"{rule.target}%" if rule.target is not None else "",
        "owner": rule.owner,
    }
    return {name: value for name, value in values.items() if value != held[name]}


def preview(clause: Clause, typed: Mapping[str, str]) -> dict[str, str]:
    """How the sentence would read in each language; a time that cannot be read is left open."""
    rule, limit = clause.rule, None
    if rule is not None:
        try:
            limit = _typed_limit(rule, typed)
        except ValueError:
            limit = None
        rule = replace(rule, within=limit)
    open_time = "…" if limit is None else WITHIN
    sentences = {
        language: clean(typed.get(f"sentence_{language}", "")).replace(WITHIN, open_time)
        for language in LANGUAGES
    }
    written = replace(clause, sentences=sentences, rule=rule)
    return {language: written.text(language) for language in LANGUAGES}


def _typed_limit(rule: Rule, typed: Mapping[str, str]) -> Limit | None:
    """The time that was typed, counted from where the rule counts; ValueError if it is none."""
    unit, amount = typed.get("within_unit", ""), _one_line(typed.get("within", ""))
    if unit == "before":
        return Limit.parse(unit)
    if not amount:
        return None
    after = f" after {rule.within.after}" if rule.within is not None and rule.within.after else ""
    if unit not in UNITS:
        raise ValueError(unit)
    return Limit.parse(f"{amount} {unit}{after}")


def _one_line(text: str) -> str:
    return unicodedata.normalize("NFKC", clean(text))
