"""The world by which access is judged, for the tests that begin with it: a conftest imports both fixtures."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
import sqlalchemy as sa

from casework.db import make_engine
from casework.testing.fixtures import copied, founding
from casework.testing.network import found_network
from casework.testing.world import World, build_world

_laid: dict[sa.Engine, World] = {}


@pytest.fixture(scope="session")
def settled(state_dir: Any, programs: Any, settings: Any, worker_id: str) -> Iterator[sa.Engine]:
    """Connections to a database of this test process on which the world was built once.

    Each conftest that imports this fixture has one of its own; all of them share what the first made.
    """
    if _laid:
        yield next(iter(_laid))
        return
    with copied(state_dir, programs, f"settled_{worker_id}") as url:
        engine = make_engine(url, pool_size=4)
        with founding(engine, programs, settings) as troupe:
            network = found_network(troupe.as_system())
            _laid[engine] = build_world(network, troupe.as_actor, troupe.as_system)
        yield engine
        engine.dispose()


@pytest.fixture
def world(settled: sa.Engine) -> World:
    """One record of each kind, and a person in each role; what a test adds is gone after it."""
    laid = _laid[settled]
    kinds: dict[str, Any] = {
        name: dict(value) for name, value in vars(laid).items() if isinstance(value, dict)
    }
    return replace(laid, **kinds)
