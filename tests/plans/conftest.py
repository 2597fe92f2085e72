from __future__ import annotations

from collections.abc import Callable

import pytest

from casework.cases.model import Case
from casework.cases.usecases import move
from casework.testing.network import Network
from casework.testing.referrals import refer_somebody
from casework.work import Work


@pytest.fixture
def case(network: Network, as_actor: Callable[..., Work], as_system: Callable[[], Work]) -> Case:
    """A case of the worker, for which a plan is being made."""
    case = refer_somebody(as_actor(network["nurse"]), network.units["ward"].id)
    move(as_actor(network["coordinator"]), case, "assign", worker_id=network["worker"].id)
    as_system()
    case.state = "planning"
    as_system().session.flush()
    return case


@pytest.fixture
def typed() -> dict[str, str]:
    """A goal as it is typed."""
    return {
        "text": "He gets home by himself",
        "domain": "care",
        "baseline": "Needs two helpers",
        "target": "Walks with a frame",
        "measure": "Metres walked",
        "due_on": "2026-04-30",
        "importance": "3",
        "difficulty": "2",
    }
