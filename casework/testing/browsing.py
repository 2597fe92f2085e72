"""A browser without scripts for tests: WebTest on the test's own connection."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from webtest import TestApp

from casework.db import ActingSession
from casework.settings import Settings
from casework.staff.model import Account


class Browser(TestApp):  # type: ignore[misc]
    """Asks the application for pages. The test's session is brought up to date around each request."""

    __test__ = False

    def __init__(self, application: Any, session: ActingSession) -> None:
        self._session = session
        super().__init__(application, extra_environ={"REMOTE_ADDR": "192.0.2.7", "HTTP_HOST": "localhost"})

    def do_request(self, request: Any, status: Any = None, expect_errors: Any = None) -> Any:
        """One request: what the test wrote is kept before it, what the application wrote is seen after it."""
        self._session.commit()
        try:
            return super().do_request(request, status=status, expect_errors=expect_errors)
        finally:
            self._session.commit()
            self._session.expire_all()

    def sign_in_as(self, account: Account, now: datetime, settings: Settings) -> None:
        """Begin a session without the cost of a password."""
        from casework.security.sessions import begin_session, cookie_name

        token = begin_session(
            self._session, account, now=now, settings=settings, address="192.0.2.7", user_agent="test"
        )
        self.set_cookie(cookie_name(settings), token)

    def press(self, form: Any, value: str, *, status: int = 303) -> Any:
        """Press the button of that value, which may send the form to an address of its own."""
        button = form.response.html.find("button", {"value": value})
        target = button.get("formaction") or form.action or form.response.request.path
        fields = [field for field in form.submit_fields() if field[0] != "_action"]
        return self.post(target, [*fields, ("_action", value)], status=status)
