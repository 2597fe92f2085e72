"""Cases for tests, made the way people make them: registered, referred, assigned."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from casework.cases.model import Case
from casework.cases.usecases import refer
from casework.people.usecases import register_person
from casework.work import Work

REFERRAL: Mapping[str, Any] = {
    "urgency": "routine",
    "reasons": ["financial"],
    "source": "ward",
    "referred_at": "2026-03-02T10:00+08:00",
    "knows_diagnosis": "unknown",
    "agrees": "yes",
}
"""The fewest answers that a referral needs, at the moment at which the clock of tests stands."""


def refer_somebody(work: Work, unit_id: int, name: str = "区广才", **answers: Any) -> Case:
    """Register a person at a unit and refer her to individual casework, as whoever works here."""
    person = register_person(work, unit_id=unit_id, full_name=name, phone="13800138000", confirmed=True)
    return refer(
        work,
        program_key="casework",
        unit_id=unit_id,
        person_id=person.id,
        answers={**REFERRAL, **answers},
    )
