"""Appending to the trail inside the transaction of what it tells of."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from casework.audit.model import AuditEntry
from casework.audit.plain import plain, plain_details
from casework.work import Work


def record(work: Work, kind: str, subject: str, **details: Any) -> None:
    """Append a fact that deserves an entry beside that of the request: a grant, a setting, an export.

    `subject` is such as "account:7"; `details` names what changed, with old and new value. Kept or
    undone together with the change itself.
    """
    append(
        work.session,
        recorded_at=work.now,
        actor_id=work.actor.id,
        actor_name=work.actor.name,
        kind=kind,
        subject=subject,
        request_id=work.request_id,
        origin=work.origin,
        details=details,
    )


def append(
    session: Session,
    *,
    recorded_at: Any,
    actor_id: int,
    actor_name: str,
    kind: str,
    subject: str,
    request_id: str,
    origin: Mapping[str, str],
    details: Mapping[str, Any],
    route: str = "",
    method: str = "",
    status: int = 0,
) -> None:
    """Append one entry; what it is told is made plain first. Takes no lock and reads nothing back."""
    entry = sa.insert(AuditEntry).values(
        recorded_at=recorded_at,
        actor_id=actor_id,
        actor_name=plain(actor_name),
        session=plain(origin.get("session", "")),
        kind=kind,
        route=plain(route),
        method=plain(method),
        subject=plain(subject),
        status=status,
        address=plain(origin.get("address", "")),
        request_id=plain(request_id),
        details=plain_details(details),
    )
    # Inline: whoever may append may not read, so the new number cannot be asked for.
    session.execute(entry.inline())
