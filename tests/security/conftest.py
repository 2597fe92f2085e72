from __future__ import annotations

from typing import Any

import pytest

from casework.clock import MovableClock
from casework.security import passwords
from casework.settings import Settings
from casework.testing.fixtures import MONDAY_MORNING

from .door import make_door, never

_built: dict[str, Any] = {}


@pytest.fixture
def build():
    """Makes the application once for each kind of settings, then gives it the test's sessions and clock."""

    def make(sessions: Any = None, clock: Any = None, **settings: Any) -> Any:
        wanted = Settings(**{"mode": "test", **settings})
        if repr(wanted) not in _built:
            _built[repr(wanted)] = make_door(wanted)
        router = _built[repr(wanted)]
        router.registry["casework.sessions"] = sessions or never
        router.registry["casework.clock"] = clock or MovableClock(MONDAY_MORNING)
        router.registry["saved"] = []
        return router

    return make


@pytest.fixture
def cheap_hashing(monkeypatch):
    """Hashing with the least memory, for claims that are not about hashing."""
    monkeypatch.setattr(
        passwords, "_HASHER", passwords.PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    )
