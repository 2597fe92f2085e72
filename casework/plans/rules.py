"""Judgements about goals: what a goal must say, and how far a plan came."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from math import sqrt
from typing import Any

from casework.errors import Problem
from casework.i18n import Message, _, pgettext
from casework.texts import clean

CORRELATION = 0.3
"""The correlation between goals that goal attainment scaling assumes (Kiresuk and Sherman)."""

LONGEST = 1000

DOMAINS: Mapping[str, Message] = {
    "health": _("Coping with the illness"),
    "care": _("Care and discharge"),
    "money": _("Money and insurance"),
    "family": _("Family and carers"),
    "mood": _("Mood and safety"),
    "work": _("School and work"),
    "housing": _("Housing"),
    "rights": _("Rights and information"),
    "other": _("Other"),
}

WEIGHTS: Mapping[int, Message] = {
    0: pgettext("weight", "none"),
    1: pgettext("weight", "some"),
    2: pgettext("weight", "much"),
    3: pgettext("weight", "very much"),
}

RATINGS: Mapping[int, Message] = {
    2: _("much better than expected"),
    1: _("better than expected"),
    0: _("as expected"),
    -1: _("less than expected"),
    -2: _("much less than expected"),
}

STATUSES: Mapping[str, Message] = {
    "open": _("under way"),
    "reached": _("reached"),
    "partly": _("partly reached"),
    "dropped": _("dropped"),
}


_TITLES: Mapping[str, Mapping[str, Message]] = {
    "domain": DOMAINS,
    "status": STATUSES,
    "rating": {str(rating): title for rating, title in RATINGS.items()},
    "importance": {str(weight): title for weight, title in WEIGHTS.items()},
    "difficulty": {str(weight): title for weight, title in WEIGHTS.items()},
}


@dataclass(frozen=True)
class GoalText:
    """What was typed about a goal, judged."""

    text: str
    domain: str
    baseline: str
    target: str
    measure: str
    due_on: date
    importance: int
    difficulty: int


def judge_goal(
    typed: Mapping[str, str], today: date, kept: date | None = None
) -> tuple[GoalText | None, Sequence[Problem]]:
    """A goal as typed: its values, or every problem at once. All texts are in NFC.

    The day by which it is to be reached is not past, unless it is the `kept` one of an older goal.
    """
    problems: list[Problem] = []
    texts = {}
    for name, missing in (
        ("text", _("Write what is to be reached.")),
        ("baseline", _("Write where things stand now.")),
        ("target", _("Write what will be seen when the goal is reached.")),
        ("measure", _("Write how it is measured.")),
    ):
        text = clean(typed.get(name, ""), lines=True)
        if not text:
            problems.append(Problem(name, missing))
        elif len(text) > LONGEST:
            problems.append(Problem(name, _("This is longer than 1,000 characters. Shorten it.")))
        texts[name] = text
    if typed.get("domain") not in DOMAINS:
        problems.append(Problem("domain", _("Choose what the goal is about.")))
    due = _day(typed.get("due_on", ""))
    if due is None:
        problems.append(Problem("due_on", _("Give the day, such as 2026-11-22.")))
    elif due < today and due != kept:
        problems.append(Problem("due_on", _("This day lies in the past. Choose a later one.")))
    weights = {}
    for name in ("importance", "difficulty"):
        if typed.get(name) not in {str(weight) for weight in WEIGHTS}:
            problems.append(Problem(name, _("Choose one of the answers.")))
        else:
            weights[name] = int(typed[name])
    if problems or due is None:
        return None, problems
    goal = GoalText(
        text=texts["text"],
        domain=typed["domain"],
        baseline=texts["baseline"],
        target=texts["target"],
        measure=texts["measure"],
        due_on=due,
        importance=weights["importance"],
        difficulty=weights["difficulty"],
    )
    return goal, ()


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        return None


def written(name: str, value: Any) -> Message | str:
    """A field of a goal, typed or kept, as a person reads it."""
    titles: Mapping[str, Message] = _TITLES.get(name, {})
    text = "" if value is None else clean(str(value), lines=True)
    return titles.get(text, text)


def attainment(rated: Iterable[tuple[int, int]]) -> float | None:
    """The T value of goal attainment scaling for pairs of weight and rating (-2 to +2).

    50 means that the goals were on the whole reached as expected. Without any weight all goals
    count alike; without goals there is no value.
    """
    pairs = list(rated)
    if not pairs:
        return None
    if not any(weight for weight, _rating in pairs):
        pairs = [(1, rating) for _weight, rating in pairs]
    weights = [weight for weight, _rating in pairs]
    spread = (1 - CORRELATION) * sum(w * w for w in weights) + CORRELATION * sum(weights) ** 2
    return 50 + 10 * sum(weight * rating for weight, rating in pairs) / sqrt(spread)


def plan_attainment(goals: Iterable[Any]) -> tuple[float | None, float | None]:
    """T at the beginning and now, over the goals that were rated and not dropped."""
    rated = [goal for goal in goals if goal.rating is not None and goal.status != "dropped"]
    weights = [goal.importance * goal.difficulty for goal in rated]
    return (
        attainment(zip(weights, (goal.baseline_rating for goal in rated), strict=True)),
        attainment(zip(weights, (goal.rating for goal in rated), strict=True)),
    )
