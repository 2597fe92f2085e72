"""Reading goals."""

from __future__ import annotations

from casework.cases.dossier import Dossier
from casework.errors import Missing
from casework.plans.model import Goal


def goal_of(dossier: Dossier, goal_id: int) -> Goal:
    """One goal of a case, of its present episode; else Missing."""
    for goal in dossier.goals:
        if goal.id == goal_id:
            return goal
    raise Missing
