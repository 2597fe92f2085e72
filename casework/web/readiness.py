"""What /readyz asks the database."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from casework.programs import Program


def database_answers(session: Session) -> datetime | None:
    """The database's own present moment, or None if it does not answer."""
    try:
        now: datetime | None = session.scalar(sa.select(sa.func.now()))
    except SQLAlchemyError:
        return None
    return now


def is_migrated(session: Session, programs: Iterable[Program]) -> bool:
    """Whether the schema is that of this version."""
    from casework.migrations import pending_in

    return not pending_in(session.connection(), programs)
