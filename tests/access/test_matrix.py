"""Every route is asked by every role about every kind of record, and answers as matrix.txt says.

Besides, each answer carries the headers, each is testified to once unless it is public, and nothing
changes by being read.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import pytest
import sqlalchemy as sa

from casework.db import ActingSession
from casework.security.headers import HEADERS, VARY
from casework.testing.world import CASES

from .matrix import PLACE, ROLES, Row, read_matrix
from .walking import Walker, routes_of

MATRIX = read_matrix()
UNTOLD = {("static", "GET"), ("healthz", "GET"), ("readyz", "GET"), ("sign_in", "GET"), ("language", "POST")}
UNTOLD |= {("help", "GET"), ("help.check", "GET"), ("help.check", "POST"), ("help.check.shown", "POST")}
UNTOLD |= {
    (route, "GET") for route in ("my.sign_in", "my.sign_in.code", "my.code", "outbox", "subsidy.notices")
}
"""Public pages, which are not testified to."""

HOW_TO_ADD = (
    f"Write a row for each kind of record into {PLACE.name} (method, route, record, then the answer that is"
    " right for every role: think of who needs to know, not of what happens), and how it is asked honestly"
    " into REQUESTS of asking.py."
)


def _kinds_wanted(route: str, pattern: str) -> set[str]:
    """The kinds of records that a route must be asked about."""
    if route.startswith(("application", "case.application")) and "{case_id" in pattern:
        return {"own", "applied", "helped", "strange"}
    if route.startswith(("my.", "case.messages", "case.code")) and "{case_id" in pattern:
        return {"own", "foreign", "applied", "helped", "strange"}
    if "{case_id" in pattern:
        return set(CASES)
    if "{account_id" in pattern:
        return {"unit", "foreign"}
    if "{uid:" in pattern:
        return {"own", "foreign"}
    if route == "book":
        return {"edition", "draft"}
    if route == "account.device" or ("_id:" in pattern):
        return {"own", "foreign"}
    return {"-"}


def test_every_route_has_its_rows(application: Any) -> None:
    routes = routes_of(application)
    rows = {(row.route, row.method) for row in MATRIX}
    missing = sorted(routes.keys() - rows)
    assert not missing, f"not in the matrix: {missing}. {HOW_TO_ADD}"
    gone = sorted(rows - routes.keys())
    assert not gone, f"rows of {PLACE.name} for routes that there are no more: {gone}. Take them out."
    for (route, method), pattern in routes.items():
        kinds = {row.record for row in MATRIX if (row.route, row.method) == (route, method)}
        lacking = _kinds_wanted(route, pattern) - kinds
        assert not lacking, f"{method} {route} lacks rows for {sorted(lacking)}. {HOW_TO_ADD}"
    assert max(Counter(map(str, MATRIX)).values()) == 1


def test_every_move_has_its_row(application: Any) -> None:
    programs = application.registry["casework.programs"]
    moves = {move.key for program in programs for move in program.workflow.moves}
    assert moves <= {row.variant for row in MATRIX if row.route == "case.move"}, HOW_TO_ADD


GROUPS = [ROLES[start::5] for start in range(5)]
"""The roles that ask one after the other about the same records, which take longest to make."""


@pytest.mark.parametrize("roles", GROUPS, ids="+".join)
def test_every_answer_is_the_one_that_is_right(
    roles: Sequence[str], walk: Callable[[str], Walker], session: ActingSession
) -> None:
    wrong = list[str]()
    for role in roles:
        walker = walk(role)
        for row in MATRIX:
            with walker.undone():
                before = walker.written() if row.method == "GET" else ""
                answer = walker.ask(row)
                wrong += [f"{role}: {row}: {what}" for what in _judge(row, role, answer, session)]
                if row.method == "GET" and walker.written() != before:
                    wrong.append(f"{role}: {row}: reading changed something")
    assert not wrong, "\n".join([f"{len(wrong)} wrong answers:", *wrong])


def _judge(row: Row, role: str, answer: Any, session: ActingSession) -> Iterator[str]:
    """What is wrong with an answer."""
    status = answer.status_int
    signs_in = status == 303 and "/sign-in" in answer.headers.get("Location", "")
    shown = "in" if signs_in and (role == "visitor" or row.route != "sign_out") else str(status)
    if shown != row.answers[role]:
        yield f"{shown}, not {row.answers[role]}"
    for name, value in HEADERS.items():
        if not answer.headers.get(name, "").startswith(value):
            yield f"no {name}"
    if row.route != "static" and answer.headers.get("Cache-Control") != "no-store":
        yield "may be stored"
    if not set(VARY) <= {each.strip() for each in answer.headers.get("Vary", "").split(",")}:
        yield "does not vary"
    entries = session.execute(
        sa.text("select route, kind, status from audit_entries where request_id = :id and method <> ''"),
        {"id": answer.headers["X-Request-Id"]},
    ).all()
    if len(entries) != ((row.route, row.method) not in UNTOLD):
        yield f"{len(entries)} entries in the trail"
    for entry in entries:
        if (entry.route, entry.status) != (row.route, status):
            yield f"the trail says {tuple(entry)}"
        if status in {403, 404, 409} and entry.kind != "refused":
            yield f"a refusal is told as {entry.kind}"
