"""Setting, changing and rating goals."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from datetime import date

from casework.cases.dossier import Dossier
from casework.cases.events import append_event
from casework.cases.queries import event_of_page
from casework.errors import Conflict, Invalid, Missing, Problem, Refusal, Refused
from casework.i18n import _
from casework.plans.model import Goal
from casework.plans.queries import goal_set_by
from casework.plans.rules import RATINGS, STATUSES, GoalText, judge_goal, written
from casework.work import Work


def set_goal(work: Work, dossier: Dossier, typed: Mapping[str, str], mark: str | None = None) -> Goal:
    """Set a goal in the present episode. The same page, known by its `mark`, sets it once.

    Raises Invalid with every problem, Refused on a case that is not being served.
    """
    goal_text = _judged(work, dossier, typed)
    before = event_of_page(work, dossier.case, "goal.set", mark) if mark else None
    if before is not None and before.payload["goal"] == goal_text.text:
        return goal_set_by(work, before)
    goal = Goal(
        case_id=dossier.case.id,
        compartment=dossier.case.compartment,
        episode=dossier.case.episode,
        status="open",
        baseline_rating=-1,
        rating=None,
        rated_at=None,
        set_by=work.actor.id,
        set_at=work.now,
        version=1,
        **asdict(goal_text),
    )
    work.session.add(goal)
    append_event(work, dossier.case, "goal.set", payload={"goal": goal.text}, mark=mark)
    return goal


def change_goal(
    work: Work, dossier: Dossier, goal: Goal, seen_version: int, typed: Mapping[str, str]
) -> None:
    """Change what a goal says. Raises Conflict with both texts when it was changed since it was read."""
    locked = _locked(work, dossier, goal, seen_version, typed)
    if locked is None:
        return
    goal = locked
    for name, value in asdict(_judged(work, dossier, typed, kept=goal.due_on)).items():
        setattr(goal, name, value)
    goal.version += 1
    append_event(work, dossier.case, "goal.changed", payload={"goal": goal.text})


def rate_goal(
    work: Work, dossier: Dossier, goal: Goal, seen_version: int, *, rating: str, status: str
) -> None:
    """Rate how far a goal was reached, -2 to +2, or drop it."""
    problems = []
    if status not in STATUSES:
        problems.append(Problem("status", _("Choose what becomes of the goal.")))
    if status != "dropped" and rating not in {str(value) for value in RATINGS}:
        problems.append(Problem("rating", _("Choose how far the goal was reached.")))
    if problems:
        raise Invalid(problems)
    _refuse_when_not_served(dossier)
    locked = _locked(work, dossier, goal, seen_version, {"rating": rating, "status": status})
    if locked is None:
        return
    goal = locked
    goal.status = status
    goal.rating = int(rating) if status != "dropped" else None
    goal.rated_at = work.now
    goal.version += 1
    append_event(work, dossier.case, "goal.rated", payload={"goal": goal.text, "rating": goal.rating})


def _judged(work: Work, dossier: Dossier, typed: Mapping[str, str], kept: date | None = None) -> GoalText:
    _refuse_when_not_served(dossier)
    goal_text, problems = judge_goal(typed, work.today, kept)
    if goal_text is None:
        raise Invalid(problems)
    return goal_text


def _refuse_when_not_served(dossier: Dossier) -> None:
    if dossier.state.phase != "active":
        raise Refused(
            [
                Refusal(
                    _(
                        "Goals are kept while the case is served; it is now in “%(state)s”.",
                        state=dossier.state.title,
                    )
                )
            ]
        )


def _locked(
    work: Work, dossier: Dossier, goal: Goal, seen_version: int, typed: Mapping[str, str]
) -> Goal | None:
    """The goal as it stands, locked; None when the same was saved already, as by sending a form twice."""
    found = work.session.get(Goal, goal.id, with_for_update=True, populate_existing=True)
    if found is None or found.case_id != dossier.case.id:
        raise Missing
    if found.version != seen_version:
        theirs = {name: written(name, getattr(found, name)) for name in typed}
        yours = {name: written(name, value) for name, value in typed.items()}
        differing = [name for name in typed if yours[name] != theirs[name]]
        if not differing:
            return None
        raise Conflict({name: yours[name] for name in differing}, {name: theirs[name] for name in differing})
    return found
