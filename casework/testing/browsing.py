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

        token = begin_session(self._session, account, now=now, settings=settings, address="192.0.2.7", user_agent="test")
        self.set_cookie(cookie_name(settings), token)

    def submit(self, page: Any, *, button: str | None = None, form: int | str | None = None, status: int = 303, **fields: Any) -> Any:
        """Fill in a form of a page and send it; the page after the redirect is answered."""
        chosen = page.forms[form] if form is not None else _main_form(page)
        for name, value in fields.items():
            chosen[name] = value
        answer = chosen.submit(button, status=status) if button else chosen.submit(status=status)
        return answer.follow() if answer.status_int == 303 else answer


def _main_form(page: Any) -> Any:
    """The form in the page's main part."""
    for number in sorted(k for k in page.forms if isinstance(k, int)):
        form = page.forms[number]
        if form.method.upper() == "POST" and "main" in (form.id or "main"):
            if not form.action.endswith(("/language", "/sign-out")):
                return form
    raise LookupError("the page has no form to fill in")
