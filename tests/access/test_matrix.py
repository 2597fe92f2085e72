"""Every route is asked by every role about every kind of record, and answers as matrix.txt says.

Besides, each answer carries the headers, each is testified to once unless it is public, and nothing
changes by being read.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlencode

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import sessionmaker

from casework.clock import MovableClock
from casework.db import ActingSession
from casework.security.headers import HEADERS, VARY
from casework.security.model import SignInSession
from casework.settings import Settings
from casework.testing.browsing import Browser
from casework.testing.world import CASES, World
from casework.work import Work

from .asking import Asking
from .matrix import PLACE, ROLES, Row, read_matrix

MATRIX = read_matrix()
PUBLIC = {"static", "healthz", "readyz", "sign_in", "language"}
HOW_TO_ADD = (
    f"Write a row for each kind of record into {PLACE.name} (method, route, record, then the answer that is"
    " right for every role: think of who needs to know, not of what happens), and how it is asked honestly"
    " into REQUESTS of asking.py."
)
CASE_KINDS, RECORD_KINDS = set(CASES), {"own", "foreign"}

WRITTEN = """
select string_agg(relname || ' ' || n_tup_ins || ' ' || n_tup_upd || ' ' || n_tup_del, ', ' order by relname)
from pg_stat_xact_user_tables
where relname not in ('audit_entries', 'audit_pending', 'sessions', 'sign_in_attempts')
and n_tup_ins + n_tup_upd + n_tup_del > 0
"""
"""What this transaction wrote so far, besides testimony and sessions."""


def routes_of(application: Any) -> dict[tuple[str, str], str]:
    """Every route and method that has a view, with the pattern of the route."""
    introspector = application.registry.introspector
    patterns = {
        each["introspectable"]["name"]: each["introspectable"]["pattern"]
        for each in introspector.get_category("routes")
    }
    found = {}
    for each in introspector.get_category("views"):
        view = each["introspectable"]
        if view["route_name"]:
            found[view["route_name"], str(view["request_methods"])] = patterns[view["route_name"]]
    return found


def test_every_route_has_its_rows(application: Any) -> None:
    routes = routes_of(application)
    rows = {(row.route, row.method) for row in MATRIX}
    missing = sorted(routes.keys() - rows)
    assert not missing, f"not in the matrix: {missing}. {HOW_TO_ADD}"
    gone = sorted(rows - routes.keys())
    assert not gone, f"rows of {PLACE.name} for routes that there are no more: {gone}. Take them out."
    for (route, method), pattern in routes.items():
        wanted = CASE_KINDS if "{case_id" in pattern else RECORD_KINDS if "_id" in pattern else {"-"}
        if route == "clause":
            wanted = {"-"}
        if "{account_id" in pattern:
            wanted = {"unit", "foreign"}
        kinds = {row.record for row in MATRIX if (row.route, row.method) == (route, method)}
        if route == "account.device":
            wanted = RECORD_KINDS
        assert wanted <= kinds, f"{method} {route} lacks rows for {sorted(wanted - kinds)}. {HOW_TO_ADD}"
    assert max(Counter(map(str, MATRIX)).values()) == 1


def test_every_move_has_its_row(application: Any) -> None:
    programs = application.registry["casework.programs"]
    keys = {move.key for program in programs for move in program.workflow.moves}
    assert keys <= {row.variant for row in MATRIX if row.route == "case.move"}, HOW_TO_ADD


@pytest.fixture
def undone(sessions: sessionmaker[ActingSession], session: ActingSession) -> Callable[[], Any]:
    """A block whose every effect is undone."""
    connection = sessions.kw["bind"]

    @contextmanager
    def block() -> Iterator[None]:
        session.commit()
        savepoint = connection.begin_nested()
        try:
            yield
        finally:
            session.commit()
            savepoint.rollback()
            session.expire_all()

    return block


@pytest.mark.parametrize("role", ROLES)
def test_every_answer_is_the_one_that_is_right(
    role: str,
    world: World,
    application: Any,
    browse: Callable[..., Browser],
    as_system: Callable[[], Work],
    undone: Callable[[], Any],
    session: ActingSession,
    clock: MovableClock,
    settings: Settings,
) -> None:
    me = world.people.get(role)
    browser = browse(me) if me else Browser(application, session)
    work = as_system()
    if me:
        statement = sa.select(SignInSession.csrf_token).where(
            SignInSession.account_id == me.id,
            SignInSession.user_agent == "test",
            SignInSession.address == "192.0.2.7",
        )
        token = session.scalars(statement).one()
    else:
        page = browser.get("/sign-in")
        token = page.html.find("input", {"name": "csrf_token"})["value"]
    cookies = list(browser.cookiejar)
    patterns = routes_of(application)
    asking = Asking(world, work, me)
    wrong: list[str] = []
    for row in MATRIX:
        browser.cookiejar.clear()
        for cookie in cookies:
            browser.cookiejar.set_cookie(cookie)
        with undone():
            before = session.scalar(sa.text(WRITTEN))
            answer = _ask(browser, row, asking, patterns[row.route, row.method], token)
            wrong += [f"{row}: {what}" for what in _judge(row, role, answer, session)]
            if row.method == "GET" and session.scalar(sa.text(WRITTEN)) != before:
                wrong.append(f"{row}: reading changed something")
    assert not wrong, "\n".join([f"{len(wrong)} wrong answers to {role}:", *wrong])


def _ask(browser: Browser, row: Row, asking: Asking, pattern: str, token: str) -> Any:
    asked = asking.request(row.route, row.variant, row.record)
    path = _path(pattern, asked.parts)
    if row.method == "GET":
        query = f"?{urlencode(asked.query)}" if asked.query else ""
        return browser.get(path + query, expect_errors=True)
    return browser.post(path, {**asked.fields, "csrf_token": token}, expect_errors=True)


def _path(pattern: str, parts: dict[str, Any]) -> str:
    """The address of a route by its pattern, whose braces may hold an expression with braces."""
    star = pattern.replace("*path", "{path}")
    return re.sub(r"\{(\w+)(?::(?:[^{}]|\{[^{}]*\})*)?\}", lambda found: str(parts[found[1]]), star)


def _judge(row: Row, role: str, answer: Any, session: ActingSession) -> Iterator[str]:
    """What is wrong with an answer."""
    expected, status = row.answers[role], answer.status_int
    signs_in = (
        status == 303
        and "/sign-in" in answer.headers.get("Location", "")
        and (role == "visitor" or row.route != "sign_out")
    )
    shown = "in" if signs_in else str(status)
    if shown != expected:
        yield f"{shown}, not {expected}"
    for name, value in HEADERS.items():
        if answer.headers.get(name) != value:
            yield f"no {name}"
    if row.route != "static" and answer.headers.get("Cache-Control") != "no-store":
        yield "may be stored"
    if not set(VARY) <= {each.strip() for each in answer.headers.get("Vary", "").split(",")}:
        yield "does not vary"
    entries = session.execute(
        sa.text(
            "select actor_id, route, kind, status from audit_entries where request_id = :id and method <> ''"
        ),
        {"id": answer.headers["X-Request-Id"]},
    ).all()
    wanted = 0 if row.route in PUBLIC and (row.route, row.method) != ("sign_in", "POST") else 1
    if len(entries) != wanted:
        yield f"{len(entries)} entries in the trail"
    for entry in entries:
        if entry.route != row.route or (entry.status != status and row.route != "sign_out"):
            yield f"the trail says {tuple(entry)}"
        if status in {403, 404, 409} and entry.kind != "refused":
            yield f"a refusal is told as {entry.kind}"
