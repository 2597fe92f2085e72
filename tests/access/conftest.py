from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy.orm import sessionmaker

from casework.clock import MovableClock
from casework.db import ActingSession
from casework.settings import Settings
from casework.testing.browsing import Browser
from casework.testing.settled import settled, world
from casework.testing.world import World
from casework.work import Work

from .walking import Walker

__all__ = ["settled", "world"]


@pytest.fixture
def walk(
    world: World,
    application: Any,
    sessions: sessionmaker[ActingSession],
    session: ActingSession,
    as_system: Callable[[], Work],
    clock: MovableClock,
    settings: Settings,
) -> Callable[[str], Walker]:
    """`walk(role)`: somebody in that role, or a visitor, about to ask."""

    def begin(role: str) -> Walker:
        me, browser = world.people.get(role), Browser(application, session)
        if me is not None:
            browser.sign_in_as(me, clock.now(), settings)
        return Walker(application, sessions, session, world, as_system(), me, browser)

    return begin
