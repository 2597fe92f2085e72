"""The case with which the journeys of staff begin."""

from __future__ import annotations

import pytest

from casework.cases.usecases import move
from casework.testing.journeys import enter, language, people, service, visit
from casework.testing.referrals import refer_somebody

__all__ = ["enter", "language", "people", "service", "visit"]


@pytest.fixture
def case(service, people):
    """The address of a case that the worker has just been given."""
    with service.work(people["nurse"]) as work:
        referred = refer_somebody(work, people.units["ward"].id)
    with service.work(people["coordinator"]) as work:
        move(work, referred, "assign", worker_id=people["worker"].id)
    return f"/cases/{referred.id}"
