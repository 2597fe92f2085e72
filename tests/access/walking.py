"""Asking every route in somebody's name, and undoing whatever came of it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlencode

import sqlalchemy as sa
from sqlalchemy.orm import sessionmaker

from casework.db import ActingSession
from casework.security.model import SignInSession
from casework.staff.model import Account
from casework.testing.browsing import Browser
from casework.testing.world import World
from casework.work import Work

from .asking import Asking
from .matrix import Row

_WRITTEN = """
select string_agg(relname || ' ' || n_tup_ins || ' ' || n_tup_upd || ' ' || n_tup_del, ', ' order by relname)
from pg_stat_xact_user_tables
where relname not in ('audit_entries', 'audit_pending', 'sign_in_attempts')
and n_tup_ins + n_tup_upd + n_tup_del > 0
"""


def routes_of(application: Any) -> dict[tuple[str, str], str]:
    """Every route and method that has a view, with the pattern of the route."""
    introspector = application.registry.introspector
    patterns = {
        each["introspectable"]["name"]: each["introspectable"]["pattern"]
        for each in introspector.get_category("routes")
    }
    views = [each["introspectable"] for each in introspector.get_category("views")]
    return {
        (view["route_name"], str(view["request_methods"])): patterns[view["route_name"]]
        for view in views
        if view["route_name"]
    }


def path_of(pattern: str, parts: Mapping[str, Any]) -> str:
    """The address of a route by its pattern, whose braces may hold an expression with braces.

    The pattern of a program's route, which has a prefix, begins without a slash.
    """
    star = "/" + pattern.lstrip("/").replace("*path", "{path}")
    return re.sub(r"\{(\w+)(?::(?:[^{}]|\{[^{}]*\})*)?\}", lambda found: str(parts[found[1]]), star)


class Walker:
    """One person, or a visitor, who asks."""

    def __init__(
        self,
        application: Any,
        sessions: sessionmaker[ActingSession],
        session: ActingSession,
        world: World,
        work: Work,
        me: Account | None,
        browser: Browser,
    ) -> None:
        self.session, self.browser, self.me = session, browser, me
        self.asking = Asking(world, work, me)
        self.patterns = routes_of(application)
        self.token = self._token()
        self._connection = sessions.kw["bind"]
        self._cookies = list(browser.cookiejar)

    def _token(self) -> str:
        if self.me is None:
            return str(self.browser.get("/sign-in").html.find("input", {"name": "csrf_token"})["value"])
        mine = sa.select(SignInSession.csrf_token).where(
            SignInSession.account_id == self.me.id, SignInSession.address == "192.0.2.7"
        )
        return self.session.scalars(mine).one()

    @contextmanager
    def undone(self) -> Iterator[None]:
        """A block whose every effect is undone, in the database and in the browser."""
        self.session.commit()
        savepoint = self._connection.begin_nested()
        self.browser.cookiejar.clear()
        for cookie in self._cookies:
            self.browser.cookiejar.set_cookie(cookie)
        try:
            yield
        finally:
            self.session.commit()
            savepoint.rollback()
            self.session.expire_all()

    def written(self) -> str:
        """What the whole test wrote so far, besides testimony; also what was undone counts."""
        return str(self.session.scalar(sa.text(_WRITTEN)))

    def path(self, row: Row) -> str:
        """The address of an ordinary request."""
        asked = self.asking.request(row.route, row.variant, row.record)
        query = f"?{urlencode(asked.query)}" if asked.query else ""
        return path_of(self.patterns[row.route, row.method], asked.parts) + query

    def fields(self, row: Row) -> dict[str, Any]:
        """What an honest form would send, without its token."""
        return dict(self.asking.request(row.route, row.variant, row.record).fields)

    def ask(self, row: Row) -> Any:
        """The answer to the ordinary request."""
        if row.method == "GET":
            return self.browser.get(self.path(row), expect_errors=True)
        fields = {**self.fields(row), "csrf_token": self.token}
        return self.browser.post(self.path(row), fields, expect_errors=True)
