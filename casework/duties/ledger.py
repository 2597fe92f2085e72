"""From verdicts to rows: what must be written so that the table of duties says what was judged."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from casework.duties.judge import Verdict

SETTLED = frozenset({"met", "late", "missed", "not_applicable"})

Key = tuple[str, int]
"""A clause, and the id of the event that opened the duty."""


@dataclass(frozen=True)
class Held:
    """A duty as the table holds it, without what never changes after it arose."""

    due_at: datetime | None
    first_due_at: datetime | None
    moved_by: str
    provisional: bool
    state: str
    owner_role: str
    owner_id: int | None
    closed_by: int | None
    closed_at: datetime | None

    @property
    def is_settled(self) -> bool:
        """Whether it was decided: a settled row changes only with the calendar it was judged by."""
        return self.state in SETTLED or self.closed_by is not None


def owner_of(verdict: Verdict, worker_id: int | None) -> tuple[str, int | None]:
    """The role and the account that answer for a duty: a worker's, while there is none, is the coordinator's."""
    if verdict.owner != "worker":
        return verdict.owner, None
    return ("worker", worker_id) if worker_id is not None else ("coordinator", None)


def changes(
    held: Mapping[Key, Held], verdicts: Iterable[Verdict], worker_id: int | None
) -> dict[Key, tuple[Verdict, Held]]:
    """The rows to add or change, by key: the verdict, and what the row should hold.

    Nothing that is settled is touched again, unless it had been judged by an unpublished calendar.
    """
    wanted = {}
    for verdict in verdicts:
        key = (verdict.clause, verdict.opened_by)
        before = held.get(key)
        if before is not None and before.is_settled and not before.provisional:
            continue
        after = _row(verdict, before, worker_id)
        if after != before:
            wanted[key] = (verdict, after)
    return wanted


def _row(verdict: Verdict, before: Held | None, worker_id: int | None) -> Held:
    owner_role, owner_id = owner_of(verdict, worker_id)
    first_due_at, moved_by = verdict.due_at, ""
    if before is not None:
        if before.is_settled:
            owner_role, owner_id = before.owner_role, before.owner_id
        first_due_at = before.first_due_at or verdict.due_at
        moved_by = before.moved_by if before.due_at == verdict.due_at else _why_moved(verdict, before)
    return Held(
        due_at=verdict.due_at,
        first_due_at=first_due_at,
        moved_by=moved_by,
        provisional=verdict.provisional,
        state=verdict.state,
        owner_role=owner_role,
        owner_id=owner_id,
        closed_by=verdict.closed_by,
        closed_at=verdict.closed_at,
    )


def _why_moved(verdict: Verdict, before: Held) -> str:
    if before.first_due_at is None:
        return ""
    if verdict.state == "exempt":
        return "exemption"
    return "calendar" if before.provisional and not verdict.provisional else "pause"
