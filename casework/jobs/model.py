"""The mark that a job was done, kept in the transaction of what it did."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from casework.db import Base


class JobRun(Base):
    """A job whose effect is committed.

    A worker that dies before it could tell the queue leaves a job that is begun again; this row is
    why it does nothing the second time. It is no foreign key: the queue forgets a job when it is
    done.
    """

    __tablename__ = "job_runs"

    job_id: Mapped[int] = mapped_column(sa.BigInteger, primary_key=True, autoincrement=False)
    finished_at: Mapped[datetime]
