"""The token that every form carries, so that no other site can post in a person's name.

Signed in, the token stands in the session's row. A page that was open in the same browser when an
earlier session of the account ran out may still be sent. Before signing in, it is derived from a random cookie of the
visitor, which protects the sign-in form as well (a foreign site could otherwise sign somebody in as
someone else).
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets

from pyramid.interfaces import ICSRFStoragePolicy
from pyramid.request import Request
from zope.interface import implementer

from casework.security.cookies import set_cookie, shown
from casework.security.queries import is_earlier_token

_SECRET = re.compile(r"[A-Za-z0-9_-]{43}")


@implementer(ICSRFStoragePolicy)
class SessionTokens:
    """Pyramid's policy of tokens, reading the request's session row."""

    def new_csrf_token(self, request: Request) -> str:
        """A visitor gets a new token; that of a session lasts as long as the session."""
        if request.sign_in is not None:
            return self.get_csrf_token(request)
        visitor = secrets.token_urlsafe(32)
        request.environ["casework.visitor"] = visitor
        request.add_response_callback(
            lambda _request, answer: set_cookie(request, answer, "visitor", visitor)
        )
        return _derived(visitor)

    def get_csrf_token(self, request: Request) -> str:
        """The token for the forms of this page."""
        if request.sign_in is not None:
            return str(request.sign_in.session.csrf_token)
        visitor = self._visitor(request)
        return _derived(visitor) if visitor else self.new_csrf_token(request)

    def check_csrf_token(self, request: Request, supplied_token: str) -> bool:
        """Whether the token that was sent is the right one; compared in constant time."""
        if request.sign_in is not None:
            current = request.sign_in.session
            if same(current.csrf_token, supplied_token):
                return True
            return bool(_SECRET.fullmatch(supplied_token)) and is_earlier_token(
                request.db, current, supplied_token
            )
        visitor = self._visitor(request)
        return visitor is not None and same(_derived(visitor), supplied_token)

    def _visitor(self, request: Request) -> str | None:
        visitor = request.environ.get("casework.visitor") or shown(request, "visitor")
        return visitor if visitor and _SECRET.fullmatch(visitor) else None


def same(expected: str, given: str) -> bool:
    """Equality that takes the same time wherever the texts differ."""
    return hmac.compare_digest(expected.encode(), given.encode("utf-8", "surrogatepass"))


def _derived(visitor: str) -> str:
    return hashlib.sha256(f"form token of {visitor}".encode()).hexdigest()
