from __future__ import annotations

from collections.abc import Callable

import pytest

from casework.testing.network import Network
from casework.testing.world import World, build_world
from casework.work import Work


@pytest.fixture
def world(network: Network, as_actor: Callable[..., Work], as_system: Callable[[], Work]) -> World:
    """One record of each kind, and a person in each role."""
    return build_world(network, as_actor, as_system)
