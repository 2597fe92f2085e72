"""The declarative base, the session, and how a transaction learns who acts.

Policies in the database decide which rows an actor sees (casework/security/visibility.py). They
read two settings that are local to the transaction: `casework.actor`, the account's id, and
`casework.now`, the moment of the request. Without an actor there are no rows.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

SYSTEM_ACTOR = 1
"""The account in whose name jobs run and duties are kept; it cannot sign in."""

NOBODY = 0


class Base(DeclarativeBase):
    """The parent of every mapped class. Tables are plural; a program's begin with its key."""

    metadata = sa.MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {  # noqa: RUF012 - SQLAlchemy reads it from the class
        int: sa.BigInteger,
        str: sa.Text,
        datetime: sa.DateTime(timezone=True),
        dict[str, Any]: JSONB,
        list[str]: sa.ARRAY(sa.Text),
    }


class Identified:
    """A row with a number of its own."""

    id: Mapped[int] = mapped_column(sa.Identity(always=True), primary_key=True)


class Versioned:
    """A record that two people may edit: the second to save is told (see errors.Conflict)."""

    version: Mapped[int] = mapped_column(sa.Integer, default=1, server_default="1")


def make_engine(url: str, pool_size: int = 8) -> sa.Engine:
    """An engine whose pool notices that the server went away and came back."""
    if url.startswith("postgres://"):
        url = "postgresql://" + url.removeprefix("postgres://")
    return sa.create_engine(
        url.replace("postgresql://", "postgresql+psycopg://", 1),
        pool_size=pool_size,
        max_overflow=2,
        pool_pre_ping=True,
        pool_timeout=5,
        hide_parameters=True,  # Else what was typed would stand in the text of an error, and in the log.
        connect_args={"connect_timeout": 5, "options": "-c timezone=UTC -c statement_timeout=30000"},
    )


class ActingSession(Session):
    """A session that tells each of its transactions who acts and what time it is."""

    def act_as(self, account_id: int, now: datetime) -> None:
        """From here on, in this and later transactions, `account_id` acts at `now`."""
        self.info["actor"], self.info["now"] = account_id, now
        if self.in_transaction():
            _tell(self.connection(), account_id, now)

    def take_turn(self, *thing: object) -> None:
        """Wait until no other transaction has its turn at the thing that the words name, and keep
        the turn until this transaction ends: for what is looked for before it is added.
        """
        name = sa.func.hashtextextended(" ".join(map(str, thing)), 0)
        self.execute(sa.select(sa.func.pg_advisory_xact_lock(name)))

    @contextmanager
    def as_system(self) -> Iterator[None]:
        """Within the block the system acts, not the person: for what the person causes but may
        not see, such as a duty of a colleague. Only the modules listed in
        tests/architecture/test_visibility.py may use it.
        """
        actor, now = self.info["actor"], self.info["now"]
        self.flush()
        self.act_as(SYSTEM_ACTOR, now)
        try:
            yield
            self.flush()
        finally:
            self.info["actor"], self.info["now"] = actor, now
            # A connection that broke has nobody to be told, and saying so would hide why.
            if self.is_active and self.in_transaction() and not self.connection().invalidated:
                _tell(self.connection(), actor, now)


@event.listens_for(ActingSession, "after_begin")
def _tell_new_transaction(session: ActingSession, _transaction: Any, connection: sa.Connection) -> None:
    if "actor" in session.info:
        _tell(connection, session.info["actor"], session.info["now"])


def _tell(connection: sa.Connection, account_id: int, now: datetime) -> None:
    # As plain text, because a quarter of all statements are this one.
    connection.exec_driver_sql(_TELL, (str(account_id), now.isoformat()))


_TELL = "select set_config('casework.actor', %s, true), set_config('casework.now', %s, true)"
