"""The cookies: their names, flags and lifetimes, in one place.

With https every secret cookie has the prefix `__Host-`: the browser then accepts it only as
Secure, for this host alone and the whole site (RFC 6265bis, 4.1.3.2).
"""

from __future__ import annotations

from datetime import timedelta
from typing import Literal

from pyramid.request import Request
from pyramid.response import Response

from casework.settings import Settings

Purpose = Literal["session", "visitor", "browser", "language"]

_NAMES: dict[Purpose, str] = {
    "session": "casework",
    "visitor": "casework-visitor",
    "browser": "casework-browser",
    "language": "language",
}
_LIFETIMES: dict[Purpose, timedelta | None] = {
    "session": None,
    "visitor": None,
    "browser": timedelta(days=180),
    "language": timedelta(days=365),
}
_LONGEST = 128


def cookie_name(settings: Settings, purpose: Purpose = "session") -> str:
    """The name of a cookie in this deployment."""
    if purpose == "language" or not settings.https:
        return _NAMES[purpose]
    return f"__Host-{_NAMES[purpose]}"


def shown(request: Request, purpose: Purpose) -> str | None:
    """The cookie that the browser showed, unless it is empty or far too long."""
    value = request.cookies.get(cookie_name(request.registry["casework.settings"], purpose))
    return value if value and len(value) <= _LONGEST else None


def set_cookie(request: Request, response: Response, purpose: Purpose, value: str) -> None:
    """Give the browser a cookie that scripts cannot read and other sites do not send in posts."""
    settings = request.registry["casework.settings"]
    response.set_cookie(
        cookie_name(settings, purpose),
        value,
        max_age=_LIFETIMES[purpose],
        path="/",
        secure=settings.https,
        httponly=True,
        samesite="Lax",
    )


def drop_cookie(request: Request, response: Response, purpose: Purpose) -> None:
    """Take a cookie back."""
    settings = request.registry["casework.settings"]
    response.set_cookie(
        cookie_name(settings, purpose),
        None,
        max_age=0,
        path="/",
        secure=settings.https,
        httponly=True,
        samesite="Lax",
    )
