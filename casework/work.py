"""`Work`: everything a use case may touch, and the only way it learns who acts and when."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, Protocol
from zoneinfo import ZoneInfo

from casework.db import ActingSession
from casework.settings import Settings

if TYPE_CHECKING:
    from casework.programs import Programs


@dataclass(frozen=True)
class UnitGrant:
    """A role that the actor holds at a unit and everywhere below it."""

    role: str
    unit_id: int
    reach: frozenset[int]
    compartments: frozenset[str]


@dataclass(frozen=True)
class Actor:
    """Who acts, as plain data detached from the database."""

    id: int
    name: str
    kind: str = "staff"
    language: str | None = None
    grants: tuple[UnitGrant, ...] = ()
    person_id: int | None = None

    @property
    def roles(self) -> frozenset[str]:
        """The roles held at any unit."""
        return frozenset(grant.role for grant in self.grants)

    def units(self, role: str | None = None) -> frozenset[int]:
        """The units reached by a role, or by any."""
        reached: frozenset[int] = frozenset()
        for grant in self.grants:
            if role is None or grant.role == role:
                reached |= grant.reach
        return reached


ANYONE = Actor(id=0, name="", kind="visitor")


class Jobs(Protocol):
    """Defers work to the worker process inside the transaction: rolled back, it never was."""

    def defer(
        self,
        session: ActingSession,
        task: str,
        *,
        at: datetime | None = None,
        key: str | None = None,
        **arguments: Any,
    ) -> None:
        """Defer `task`, not before `at`; while one with the same `key` waits, a second is not added."""


@dataclass(frozen=True)
class Work:
    """One unit of work: a request, a job or a command. Use cases take it and never a request."""

    session: ActingSession
    actor: Actor
    now: datetime
    programs: Programs
    settings: Settings
    jobs: Jobs
    language: str = "zh_Hans"
    request_id: str = ""
    origin: Mapping[str, str] = field(default_factory=dict)

    @property
    def zone(self) -> ZoneInfo:
        """The clock of the place."""
        return ZoneInfo(self.settings.time_zone)

    @property
    def today(self) -> date:
        """The local date."""
        return self.now.astimezone(self.zone).date()
