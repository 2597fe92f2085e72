"""The policy of one table, as a value."""

from __future__ import annotations

from dataclasses import dataclass

SYSTEM = "(select actor_id()) = 1"
"""The condition that the system itself acts (casework.db.SYSTEM_ACTOR)."""


@dataclass(frozen=True)
class Policy:
    """Which rows of a table are seen, added, changed and deleted, as SQL conditions.

    `changed` and `deleted` None means never: the run-time role has not even the privilege.
    """

    seen: str
    added: str
    changed: str | None = None
    deleted: str | None = None
