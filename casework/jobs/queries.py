"""What is known of the workers."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session


def worker_seen(session: Session) -> datetime | None:
    """When any worker last gave a sign of life, by the database's clock; None if none is known.

    Workers do so every 10 seconds. One that was killed is forgotten when the next one starts.
    """
    seen: datetime | None = session.execute(
        sa.text("select max(last_heartbeat) from procrastinate_workers")
    ).scalar()
    return seen
