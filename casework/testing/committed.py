"""A database that a test may commit to, for what shows only between transactions and processes."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

import pytest
import sqlalchemy as sa

from casework.db import make_engine
from casework.embedded import at_database
from casework.programs import Programs
from casework.testing.database import quick_server, template_copy

_numbers = count(1)


@dataclass(frozen=True)
class OwnDatabase:
    """A migrated, empty database of one test module, as the run-time role and as the owner."""

    url: str = field(repr=False)
    engine: sa.Engine
    owner: sa.Engine


@pytest.fixture(scope="module")
def own_database(state_dir: Path, programs: Programs, worker_id: str) -> Iterator[OwnDatabase]:
    """A database of this test module alone; what a test commits there, it cleans up."""
    name = f"casework_own_{worker_id}_{os.getpid()}_{next(_numbers)}"
    with quick_server(state_dir) as server, template_copy(server, programs, name, state_dir) as url:
        engine = make_engine(url, pool_size=8)
        owner = make_engine(at_database(server.owner_url, name), pool_size=2)
        try:
            yield OwnDatabase(url, engine, owner)
        finally:
            engine.dispose()
            owner.dispose()
