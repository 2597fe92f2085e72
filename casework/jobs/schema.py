"""The tables of the queue, installed by the owner of the schema."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from procrastinate.schema import SchemaManager

TABLES = (
    "procrastinate_jobs",
    "procrastinate_events",
    "procrastinate_workers",
    "procrastinate_periodic_defers",
)

LAST_MIGRATION = "03.04.00_50_post_add_retry_failed_job_procedure.sql"
"""The newest migration contained in the installed schema. When a new version of procrastinate
brings newer ones, a test fails and a revision has to run them."""


def install(connection: sa.Connection) -> None:
    """Make the queue's types, tables and functions in this transaction, unless they exist."""
    if connection.execute(sa.text("select to_regclass('procrastinate_jobs')")).scalar() is not None:
        return
    # Straight to psycopg: the script has many statements and per cent signs of its own.
    driver: Any = connection.connection.driver_connection
    driver.execute(SchemaManager.get_schema())


def allow(connection: sa.Connection, role: str) -> None:
    """Let the run-time role defer and work off jobs. Idempotent."""
    name = connection.dialect.identifier_preparer.quote(role)
    for table in (*TABLES, "job_runs"):
        connection.execute(sa.text(f"grant select, insert, update, delete on {table} to {name}"))
    for table in ("procrastinate_jobs", "procrastinate_events", "procrastinate_periodic_defers"):
        connection.execute(sa.text(f"grant usage on sequence {table}_id_seq to {name}"))


def remove(connection: sa.Connection) -> None:
    """Take away what `install` made; for the way down of the first migration."""
    connection.execute(sa.text(f"drop table {', '.join(reversed(TABLES))} cascade"))
    kinds = connection.execute(
        sa.text(
            "select format('drop type %I', typname) from pg_type where typname like 'procrastinate_job_%' and typtype in ('e', 'c')"
        )
    ).scalars()
    functions = connection.execute(
        sa.text(
            "select format('drop function %s', oid::regprocedure) from pg_proc where proname like 'procrastinate_%'"
            " and prokind = 'f' union all "
            "select format('drop procedure %s', oid::regprocedure) from pg_proc where proname like 'procrastinate_%'"
            " and prokind = 'p'"
        )
    ).scalars()
    for statement in (*functions.all(), *kinds.all()):
        connection.execute(sa.text(statement))
