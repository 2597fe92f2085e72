"""Reading goals."""

from __future__ import annotations

import sqlalchemy as sa

from casework.cases.dossier import Dossier
from casework.cases.model import Event
from casework.errors import Missing
from casework.plans.model import Goal
from casework.work import Work


def goal_of(dossier: Dossier, goal_id: int) -> Goal:
    """One goal of a case, of its present episode; else Missing."""
    for goal in dossier.goals:
        if goal.id == goal_id:
            return goal
    raise Missing


def goal_set_by(work: Work, event: Event) -> Goal:
    """The goal that was set when the event was recorded."""
    statement = sa.select(Goal).where(
        Goal.case_id == event.case_id, Goal.set_by == event.actor_id, Goal.set_at == event.recorded_at
    )
    return work.session.scalars(statement.order_by(Goal.id.desc()).limit(1)).one()
