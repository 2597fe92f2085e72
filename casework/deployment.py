"""What production refuses to start with, each in a sentence that says what to do."""

from __future__ import annotations

import psycopg
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from casework.db import SYSTEM_ACTOR
from casework.embedded.keys import secret_path, secret_problems
from casework.settings import Settings

DEMO_PASSWORD = "casework-demo"  # noqa: S105 - everybody may know it
DEMO_NAMES = (
    *("nurse", "worker", "colleague", "supervisor", "coordinator", "chief", "fund", "fund2"),
    *("committee1", "committee2", "committee3", "committee4", "finance", "finance2"),
    *("mediator", "purchaser", "auditor", "admin", "patient"),
)
"""The sign-in names of the invented district, in the order in which the sign-in page shows them."""


def setting_problems(settings: Settings) -> list[str]:
    """What these settings lack for production."""
    if not settings.production:
        return []
    problems = []
    if settings.demo:
        problems.append("casework.demo is on: production has no invented people; set it to false")
    if not settings.hosts:
        problems.append(
            "casework.hosts is empty: name the host that visitors ask for, such as casework.example.org"
        )
    if not settings.secret_file:
        problems.append("casework.secret_file is empty: make a file with `casework secret FILE` and name it")
    else:
        problems += secret_problems(secret_path(settings))
    return problems


def database_problems(settings: Settings, runtime_url: str) -> list[str]:
    """What the run-time role may do that it must not, and demo accounts that were left behind."""
    if not settings.production:
        return []
    with psycopg.connect(runtime_url, connect_timeout=10) as connection:
        row = connection.execute(
            "select current_user, rolsuper, rolbypassrls,"
            " exists(select from pg_class where relnamespace = 'public'::regnamespace and relkind in ('r', 'p')"
            "        and pg_has_role(current_user, relowner, 'member'))"
            " from pg_roles where rolname = current_user"
        ).fetchone()
        role, superuser, bypasses, owns = row or ("?", True, True, True)
        problems = []
        advice = "point casework.database_url to a role that owns nothing, see docs/deploy.md"
        if superuser or bypasses:
            problems.append(f"the database role {role} is above the rules of visibility: {advice}")
        elif owns:
            problems.append(
                f"the database role {role} owns the tables and could change what people see: {advice}"
            )
        if left := _demo_accounts(connection):
            problems.append(
                f"accounts of the demonstration can still sign in with its password: {', '.join(left)}; "
                "use a database in which no demonstration was loaded"
            )
    return problems


def _demo_accounts(connection: psycopg.Connection) -> list[str]:
    connection.execute("select set_config('casework.actor', %s, true)", [str(SYSTEM_ACTOR)])
    rows = connection.execute(
        "select sign_in_name, password_hash from accounts"
        " where sign_in_name = any(%s) and disabled_at is null and password_hash is not null",
        [list(DEMO_NAMES)],
    ).fetchall()
    hasher = PasswordHasher()
    left = []
    for name, password_hash in rows:
        try:
            if hasher.verify(password_hash, DEMO_PASSWORD):
                left.append(name)
        except (VerificationError, InvalidHashError):
            continue
    return left
