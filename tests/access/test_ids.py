"""Whoever writes another id into an address or a form learns and changes nothing."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import pytest
import sqlalchemy as sa

from casework.audit.model import AuditEntry
from casework.db import ActingSession

from .matrix import Row, read_matrix
from .test_methods import PEOPLE, sample
from .walking import Walker, path_of

MATRIX = read_matrix()
NOBODY = "987654321"
ODD = (
    "-1", "0", "007", "+7", "1.0", "0x1", "1e3", "%EF%BC%91%EF%BC%92", "%D9%A3", "9223372036854775808", "99999999999999999999", "null",
    "true", "[1]", "1,2", "1%20OR%201", "1;drop", "1'", "%2e%2e", "1%0a", "1%00",
)  # fmt: skip
"""Ways to write an id that are none."""


def plain(answer: Any, path: str) -> str:
    """The page without what differs by nature: its incident number, and the address it was asked by."""
    text = answer.text.replace(answer.headers["X-Request-Id"], "").replace(path, "PATH")
    return re.sub(r"PATH\?[^\"]*", "PATH", text)


def with_id(walker: Walker, row: Row, value: str) -> str:
    """The address with every id in it replaced."""
    asked = walker.asking.request(row.route, row.variant, row.record)
    random = f"d{'0' * 32}" if value == NOBODY else value
    values = {name: random if name == "uid" else value for name in asked.parts}
    parts = {
        name: values[name] if name == "uid" or name.endswith("_id") else part
        for name, part in asked.parts.items()
    }
    return path_of(walker.patterns[row.route, row.method], parts)


def ask(walker: Walker, row: Row, path: str) -> Any:
    if row.method == "GET":
        return walker.browser.get(path, expect_errors=True)
    return walker.browser.post(path, {**walker.fields(row), "csrf_token": walker.token}, expect_errors=True)


def named(method: str) -> list[tuple[str, Row]]:
    return [(role, row) for role, row in sample(method) if row.record != "-"]


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_what_is_not_open_looks_like_what_is_not_there(walk: Callable[[str], Walker], method: str) -> None:
    walkers, wrong = {role: walk(role) for role in PEOPLE}, []
    for role, row in named(method):
        walker = walkers[role]
        closed = next(
            (
                other
                for other in MATRIX
                if (other.route, other.method, other.variant) == (row.route, row.method, row.variant)
                and other.answers[role] == "404"
            ),
            None,
        )
        if closed is None or row.route == "account.device":
            continue
        with walker.undone():
            there, nowhere = walker.path(closed), with_id(walker, row, NOBODY)
            before = walker.written()
            one, other = ask(walker, closed, there), ask(walker, row, nowhere)
            same = plain(one, there) == plain(other, nowhere)
            if (one.status_int, other.status_int) != (404, 404) or not same or walker.written() != before:
                wrong.append(f"{closed}: {one.status_int}; nobody's: {other.status_int}; alike: {same}")
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_an_odd_id_is_not_there(walk: Callable[[str], Walker], method: str) -> None:
    walkers, wrong = {role: walk(role) for role in PEOPLE}, []
    for role, row in named(method):
        walker = walkers[role]
        if row.route == "account.device":
            continue
        for odd in ODD:
            with walker.undone():
                path = with_id(walker, row, odd)
                answer = ask(walker, row, path)
                expected = {400, 404} if "%0" in odd else {404}
                if answer.status_int not in expected:
                    wrong.append(f"{method} {path}: {answer.status_int}")
    assert not wrong, "\n".join(wrong)


def test_what_belongs_to_another_case_or_person_is_not_there(walk: Callable[[str], Walker]) -> None:
    """Also when both are open to whoever asks: the address must be true as a whole."""
    walkers, wrong = {role: walk(role) for role in PEOPLE}, []
    world = walkers["worker"].asking.world
    pairs = {"response_id": world.responses, "goal_id": world.goals, "grant_id": world.grants}
    crossed = 0
    for role, row in [*named("GET"), *named("POST")]:
        asked = walkers[role].asking.request(row.route, row.variant, row.record)
        (child,) = [name for name in asked.parts if name in pairs] or [None]
        if child is None:
            continue
        for kind, record in pairs[child].items():
            if record.id == asked.parts[child]:
                continue
            if child == "response_id" and kind == "walled":
                continue  # It belongs to the very case.
            walker = walkers[role]
            with walker.undone():
                path = path_of(walker.patterns[row.route, row.method], {**asked.parts, child: record.id})
                before = walker.written()
                answer = ask(walker, row, path)
                crossed += 1
                if answer.status_int != 404 or walker.written() != before:
                    wrong.append(f"{row.method} {path} ({kind}): {answer.status_int}")
    assert not wrong, "\n".join(wrong)
    assert crossed > 20


def test_an_id_in_a_form_opens_nothing(walk: Callable[[str], Walker]) -> None:
    nurse, coordinator = walk("nurse"), walk("coordinator")
    world = nurse.asking.world
    units, rows = world.network.units, {(row.route, row.method): row for row in reversed(MATRIX)}
    foreign = {"unit_id": [str(units["other-ward"].id), str(units["district"].id), NOBODY, "-1", "x", "١"]}
    foreign["worker_id"] = [str(world.network[name].id) for name in ("other-worker", "nurse", "admin")]
    foreign["worker_id"] += [NOBODY, "1", "-1", "x"]
    tried = [
        (nurse, rows["referral.register", "POST"], "unit_id"),
        (nurse, rows["referral", "POST"], "unit_id"),
    ]
    hand_over = next(row for row in MATRIX if (row.variant, row.method) == ("hand-over", "POST"))
    tried.append((coordinator, hand_over, "worker_id"))
    for walker, row, name in tried:
        for value in foreign[name]:
            with walker.undone():
                before = walker.written()
                fields = {**walker.fields(row), name: value, "csrf_token": walker.token}
                answer = walker.browser.post(walker.path(row), fields, expect_errors=True)
                assert answer.status_int == 422, (row, name, value)
                assert walker.written() == before, (row, name, value)


def test_the_trail_names_the_case_however_its_address_is_written(
    walk: Callable[[str], Walker], session: ActingSession
) -> None:
    walker = walk("worker")
    case = walker.asking.world.cases["own"].id
    for path in (
        f"/cases/{case}",
        f"/cases/0{case}",
        f"/cases/{quote(str(case).translate(FULL_WIDTH))}",
        f"//cases/{case}",
    ):
        answer = walker.browser.get(path, expect_errors=True)
        if answer.status_int == 200:
            entries = sa.select(AuditEntry.subject).where(
                AuditEntry.request_id == answer.headers["X-Request-Id"]
            )
            assert session.scalars(entries).all() == [f"case:{case}"], path


FULL_WIDTH = {ord(str(digit)): chr(0xFF10 + digit) for digit in range(10)}
