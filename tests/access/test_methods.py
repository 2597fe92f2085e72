"""How a route is asked: with the right method only, and with the form's own token."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pytest
import sqlalchemy as sa

from casework.db import ActingSession
from casework.security.model import SignInSession
from casework.testing.browsing import Browser

from .matrix import Row, read_matrix
from .walking import Walker

MATRIX = read_matrix()
WELL = {"200", "204", "303"}
PEOPLE = ("worker", "nurse", "coordinator", "admin", "supervisor", "finance", "committee", "patient")


def sample(method: str) -> Sequence[tuple[str, Row]]:
    """Every route with that method, with somebody for whom it goes well."""
    found: dict[str, tuple[str, Row]] = {}
    for row in MATRIX:
        able = next((role for role in PEOPLE if row.answers[role] in WELL), None)
        if row.method == method and able is not None:
            found.setdefault(row.route, (able, row))
    return list(found.values())


def test_every_form_needs_the_token_of_its_own_session(
    walk: Callable[[str], Walker], browse: Callable[..., Browser], session: ActingSession
) -> None:
    walkers = {role: walk(role) for role in PEOPLE}
    stranger = walkers["nurse"].asking.world.people["mediator"]
    browse(stranger)
    others = session.scalar(
        sa.select(SignInSession.csrf_token).where(SignInSession.account_id == stranger.id)
    )
    accepted = []
    for role, row in sample("POST"):
        walker = walkers[role]
        fields, path = walker.fields(row), walker.path(row)
        for name, token in (("none", None), ("wrong", "x" * 43), ("another's", others), ("letters", "令牌")):
            for kind, sent in _ways(fields, token):
                with walker.undone():
                    before = walker.written()
                    answer = walker.browser.request(path, method="POST", expect_errors=True, **sent)
                    if answer.status_int != 400 or walker.written() != before:
                        accepted.append(f"{row}: {name} token as {kind}: {answer.status_int}")
    assert not accepted, "\n".join(accepted)


def _ways(fields: dict[str, Any], token: str | None) -> Sequence[tuple[str, dict[str, Any]]]:
    """The same fields as a form, in parts and as JSON."""
    import json
    from urllib.parse import urlencode

    whole = fields if token is None else {**fields, "csrf_token": token}
    parts = "".join(
        f'--b\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
        for name, value in whole.items()
    )
    return [
        ("a form", {"body": urlencode(whole).encode(), "content_type": "application/x-www-form-urlencoded"}),
        (
            "parts",
            {"body": f"{parts}--b--\r\n".encode(), "content_type": "multipart/form-data; boundary=b"},
        ),
        ("JSON", {"body": json.dumps(whole).encode(), "content_type": "application/json"}),
    ]


def test_no_route_answers_a_method_that_is_not_its_own(walk: Callable[[str], Walker]) -> None:
    walkers = {role: walk(role) for role in PEOPLE}
    own = {}
    for row in MATRIX:
        own.setdefault(row.route, set()).add(row.method)
    wrong = []
    for role, row in [*sample("GET"), *sample("POST")]:
        walker, path = walkers[role], walkers[role].path(row)
        others = {"PUT": 405, "PATCH": 405, "DELETE": 405, "OPTIONS": 405, "TRACE": 405}
        others |= {method: 405 for method in ("GET", "POST") if method not in own[row.route]}
        for method, expected in others.items():
            with walker.undone():
                before = walker.written()
                fields = {"csrf_token": walker.token} if method not in {"GET", "TRACE", "OPTIONS"} else {}
                body = "&".join(f"{name}={value}" for name, value in fields.items()).encode()
                answer = walker.browser.request(
                    path,
                    method=method,
                    body=body,
                    content_type="application/x-www-form-urlencoded",
                    expect_errors=True,
                )
                if answer.status_int != expected or walker.written() != before:
                    wrong.append(f"{method} {path}: {answer.status_int}")
                elif expected == 405 and "Allow" not in answer.headers:
                    wrong.append(f"{method} {path}: does not say what is allowed")
    assert not wrong, "\n".join(wrong)


def test_asking_for_the_head_of_a_page_changes_nothing(walk: Callable[[str], Walker]) -> None:
    walkers = {role: walk(role) for role in PEOPLE}
    wrong = []
    for role, row in sample("GET"):
        walker = walkers[role]
        with walker.undone():
            before = walker.written()
            answer = walker.browser.request(walker.path(row), method="HEAD", expect_errors=True)
            if answer.status_int != int(row.answers[role]) or answer.body or walker.written() != before:
                wrong.append(f"{row}: {answer.status_int}, {len(answer.body)} bytes")
    assert not wrong, "\n".join(wrong)


def test_what_was_just_done_is_told_to_who_reads_the_page_not_its_head(walk: Callable[[str], Walker]) -> None:
    walker = walk("worker")
    row = next(row for row in MATRIX if (row.route, row.method) == ("account.name", "POST"))
    walker.ask(row)
    walker.browser.request("/account", method="HEAD")
    assert "Your name was changed." in walker.browser.get("/account")
    assert "Your name was changed." not in walker.browser.get("/account")


@pytest.mark.parametrize("name", ["X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override"])
def test_no_header_makes_a_reading_a_writing(walk: Callable[[str], Walker], name: str) -> None:
    walker = walk("worker")
    before = walker.written()
    assert walker.browser.get("/account/name", headers={name: "POST"}, status=405)
    assert walker.browser.get("/account", headers={name: "DELETE"}, status=200)
    assert walker.written() == before
