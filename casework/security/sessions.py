"""The session of a request: who is signed in, and what happens when a session has run out.

`request.sign_in` is the account and session in use, or None. `request.ended_sign_in` is why the
session that the cookie names is not in use. `request.held` is what the person had typed into this
page's form when an earlier session ran out.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from pyramid.config import Configurator
from pyramid.events import BeforeRender
from pyramid.httpexceptions import HTTPFound, HTTPSeeOther, HTTPUnauthorized
from pyramid.request import Request
from pyramid.response import Response
from pyramid.tweens import EXCVIEW

from casework.db import ActingSession
from casework.security import queries, usecases
from casework.security.cookies import cookie_name, shown
from casework.security.csrf import same
from casework.security.model import SignInSession
from casework.security.queries import SignIn
from casework.settings import Settings
from casework.staff.model import Account
from casework.web.addresses import page_of, sign_in_page

__all__ = ["begin_session", "cookie_name", "includeme"]

WITHOUT_SESSION = ("/static/", "/healthz", "/readyz")
"""Paths that are answered without looking up a session, also when the database is away."""

NOT_HELD = frozenset({"/sign-in", "/sign-out", "/language", "/my/sign-in", "/my/sign-in/code", "/my/code"})
_SAFE = frozenset({"GET", "HEAD"})


def includeme(config: Configurator) -> None:
    """Add the three properties and the tween that meets sessions which have run out."""
    config.add_request_method(_found, "found_sign_in", reify=True)
    config.add_request_method(_sign_in, "sign_in", reify=True)
    config.add_request_method(_ended, "ended_sign_in", reify=True)
    config.add_request_method(_held, "held", reify=True)
    config.add_tween("casework.security.sessions.run_out_tween", under=EXCVIEW)
    config.add_subscriber(_tell_when_it_ends, BeforeRender)


def begin_session(
    session: ActingSession,
    account: Account,
    *,
    now: datetime,
    settings: Settings,
    address: str = "",
    user_agent: str = "",
) -> str:
    """Sign somebody in without a password, for tests and single sign-on; answers the cookie's value."""
    return usecases.open_session(
        session, account, now=now, settings=settings, address=address, user_agent=user_agent
    ).cookie


def wants_page(request: Request) -> bool:
    """Whether a whole page was asked for, not a part or data by a script on a page that stays."""
    accepted = request.headers.get("Accept", "text/html")
    return request.headers.get("HX-Request") != "true" and "text/html" in accepted


def _found(request: Request) -> SignIn | None:
    cookie = shown(request, "session")
    return queries.session_of(request.db, cookie) if cookie else None


def _ended(request: Request) -> str | None:
    if request.found_sign_in is None:
        return None
    return usecases.why_ended(request.found_sign_in, _now(request), _settings(request))


def _sign_in(request: Request) -> SignIn | None:
    found: SignIn | None = request.found_sign_in
    if found is None or request.ended_sign_in is not None:
        return None
    usecases.mark_seen(request.db, found, _now(request), _settings(request))
    return found


def _held(request: Request) -> Mapping[str, Any] | None:
    held_id = request.GET.get("held")
    if request.method != "GET" or not held_id or request.sign_in is None:
        return None
    return usecases.take_held(request.work, held_id, request.path)


def _now(request: Request) -> datetime:
    now: datetime = request.registry["casework.clock"].now()
    return now


def _settings(request: Request) -> Settings:
    settings: Settings = request.registry["casework.settings"]
    return settings


def _tell_when_it_ends(event: BeforeRender) -> None:
    request = event["request"]
    if request is not None and request.sign_in is not None:
        event["session_idle"] = _settings(request).session_idle_minutes * 60


def run_out_tween(handler: Callable[[Request], Response], _registry: Any) -> Callable[[Request], Response]:
    """Writes down that a session ran out, and keeps what was posted with it.

    Both must last, so they happen in a request of their own, which answers with a redirect: to the
    same page when it was read, to the sign-in page when something was posted. A script is told with
    401 instead: its page is still there, with what was typed.
    """

    def meet(request: Request) -> Response:
        path = request.path_info
        if path.startswith(WITHOUT_SESSION) or not shown(request, "session"):
            return handler(request)
        found, reason = request.found_sign_in, request.ended_sign_in
        if found is None or reason not in SignInSession.RAN_OUT:
            return handler(request)
        fresh = found.session.ended_at is None
        if fresh:
            usecases.mark_ended(request.db, found, reason, _now(request))
        if path in NOT_HELD:
            return handler(request)
        if not wants_page(request):
            request.environ["casework.keep"] = True
            return HTTPUnauthorized()
        if request.method in _SAFE:
            return HTTPFound(request.path_qs) if fresh else handler(request)
        return _hold(request, found)

    return meet


def _hold(request: Request, found: SignIn) -> Response:
    """Keep what was posted, if the form was the account's own, and ask to sign in again."""
    page = page_of(request)
    query = {"next": page}
    texts = _texts(request)
    token = request.headers.get("X-CSRF-Token") or request.POST.get("csrf_token") or ""
    if any(texts.values()) and isinstance(token, str) and same(found.session.csrf_token, token):
        query["held"] = usecases.hold_post(request.work, found, page, texts)
    return HTTPSeeOther(f"{sign_in_page(request.path)}?{urlencode(query)}")


def _texts(request: Request) -> dict[str, Any]:
    """What was typed: neither files nor passwords."""
    texts: dict[str, Any] = {}
    for name, value in request.POST.items():
        if name == "csrf_token" or "password" in name or not isinstance(value, str):
            continue
        if name.endswith("[]"):
            texts.setdefault(name, []).append(value)
        else:
            texts[name] = value
    return texts
