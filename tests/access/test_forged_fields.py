"""A form says what it asks for. Whatever else is sent along, be it every column of every table, is not heard."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import sqlalchemy as sa

from casework.db import ActingSession, Base

from .matrix import Row
from .test_methods import PEOPLE, sample
from .walking import Walker

VALUES = {
    sa.BigInteger: "987654",
    sa.Integer: "3",
    sa.Boolean: "yes",
    sa.DateTime: "2001-01-01T00:00:00+00:00",
    sa.Date: "2001-01-01",
}
RANDOM = {
    "hash",
    "key",
    "code",
    "shown",
    "uid",
    "id_number",
    "submission",
    "password_hash",
    "csrf_token",
    "browser",
}
LONG_MARK = re.compile(r"[0-9a-f]{32,}")
"""A random mark within what an event or a letter tells."""

NOT_THE_MATTER = {"audit_entries", "audit_pending", "audit_chain", "sessions", "sign_in_attempts", "job_runs"}


def columns() -> dict[str, str]:
    """A value for every column that there is."""
    return {
        column.key: next((value for kind, value in VALUES.items() if isinstance(column.type, kind)), "forged")
        for table in Base.metadata.tables.values()
        for column in table.columns
    }


def rows(session: ActingSession, ceilings: dict[str, int]) -> dict[str, list[str]]:
    """Every row of every table, with new numbers made alike."""
    found = {}
    for name, table in Base.metadata.tables.items():
        if name in NOT_THE_MATTER:
            continue
        kept = [column for column in table.columns if column.key not in RANDOM]
        found[name] = sorted(
            str([_alike(column.key, value, ceilings) for column, value in zip(kept, row, strict=True)])
            for row in session.execute(sa.select(*kept))
        )
    return found


def _alike(key: str, value: Any, ceilings: dict[str, int]) -> Any:
    numbered = key == "id" or key.endswith("_id") or key in {"opened_by", "closed_by"}
    if isinstance(value, dict):
        return LONG_MARK.sub("random", str(value))
    return "new" if numbered and isinstance(value, int) and value > ceilings["all"] else value


def asked_for(walker: Walker, row: Row) -> set[str]:
    """The names of the fields that the page's own form has."""
    names = set(walker.fields(row))
    # What saves a draft has no page of its own: its fields are those of the form above it.
    page = walker.browser.get(walker.path(row).removesuffix("/draft"), expect_errors=True)
    if page.status_int == 200:
        for form in page.forms.values():
            names |= {str(name).removesuffix("[]") for name in form.fields}
    return names


def test_columns_sent_along_change_nothing(walk: Callable[[str], Walker], session: ActingSession) -> None:
    walkers, wrong = {role: walk(role) for role in PEOPLE}, []
    forged = columns()
    highest = [
        session.scalar(sa.select(sa.func.max(table.c.id))) or 0
        for table in Base.metadata.tables.values()
        if "id" in table.c and isinstance(table.c["id"].type, sa.BigInteger)
    ]
    ceilings = {"all": max(highest)}
    session.execute(sa.text("select 1"))
    for role, row in sample("POST"):
        walker = walkers[role]
        if row.route in {"sign_in", "sign_out"}:
            continue
        with walker.undone():
            _raise_sequences(session, ceilings["all"])
            names = asked_for(walker, row)
        outcomes = []
        for extra in ({}, {name: value for name, value in forged.items() if name not in names}):
            with walker.undone():
                fields = {**extra, **walker.fields(row), "csrf_token": walker.token}
                answer = walker.browser.post(walker.path(row), fields, expect_errors=True)
                outcomes.append((answer.status_int, rows(session, ceilings)))
        (status, honest), (other, sent) = outcomes
        if other in {400, 404}:  # Refused as a whole.
            continue
        different = [name for name in honest if honest[name] != sent[name]]
        if status != other or different:
            wrong.append(f"{row}: {status}, {other}: {different}")
    assert not wrong, "\n".join(wrong)


def _raise_sequences(session: ActingSession, above: int) -> None:
    """Let every new number lie above all old ones, in whatever table."""
    for table in Base.metadata.tables.values():
        column = table.c.get("id")
        if column is not None and column.identity is not None:
            sequence = session.scalar(sa.select(sa.func.pg_get_serial_sequence(table.name, "id")))
            while int(session.scalar(sa.text("select nextval(:name)"), {"name": sequence}) or 0) <= above:
                pass
