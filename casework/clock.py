"""Where the present moment comes from: asked once for each request or job, then handed down."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    """Answers the present moment as an aware datetime in UTC."""

    def now(self) -> datetime:
        """The present moment."""
        ...


class SystemClock:
    """The machine's own clock."""

    def now(self) -> datetime:
        """The machine's moment."""
        return datetime.now(UTC)


@dataclass
class MovableClock:
    """A clock that stands still until it is moved; for tests and for the demo's past year."""

    moment: datetime

    def now(self) -> datetime:
        """The moment it was moved to."""
        return self.moment

    def move(self, **duration: float) -> datetime:
        """Move by a timedelta given in its own keywords and answer the new moment."""
        self.moment += timedelta(**duration)
        return self.moment
