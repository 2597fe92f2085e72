"""The witness: exactly one entry for every request of a route that is not public.

A request that changes or shows something is testified to inside its own transaction: if that
fails, the request fails. A request that was refused or went wrong left nothing behind, so its
entry is written afterwards in a transaction of its own. Values of fields are never written; a
part of the address is kept only if it looks like an id.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from pyramid.config import Configurator
from pyramid.httpexceptions import HTTPException
from pyramid.registry import Registry
from pyramid.request import Request
from pyramid.response import Response
from pyramid.security import NO_PERMISSION_REQUIRED
from pyramid.tweens import EXCVIEW
from pyramid_retry import is_error_retryable

from casework.audit.trail import append
from casework.clock import SystemClock
from casework.db import NOBODY, ActingSession
from casework.errors import CaseworkError
from casework.security.permissions import PUBLIC
from casework.work import ANYONE, Work

log = logging.getLogger(__name__)

Handler = Callable[[Request], Response]

GUARDED = "casework.guarded_routes"
TRANSACTION_TWEEN = "pyramid_tm.tm_tween_factory"
REFUSED_FROM, FAILED_FROM = 400, 500
_ID = re.compile(r"[0-9]{1,19}|[a-z][a-z0-9_.-]{0,63}")


@dataclass
class Testimony:
    """What a view adds to the entry of its request; also `request.testimony` of a public page."""

    kind: str = ""
    subject: str = ""
    details: dict[str, Any] = field(default_factory=dict)
    kept: bool = False

    def tell(self, kind: str = "", subject: str = "", **details: Any) -> None:
        """Name a kind (`export`, `sign-in`), a subject, or details other than what was typed.

        On a public page, naming the kind is what makes it an entry at all.
        """
        self.kind = kind or self.kind
        self.subject = subject or self.subject
        self.details.update(details)


def includeme(config: Configurator) -> None:
    """Add `request.testimony` and the two tweens around and inside the transaction."""
    config.registry[GUARDED] = set()
    config.add_request_method(lambda _request: Testimony(), "testimony", reify=True)
    config.add_view_deriver(_note_guarded, name="casework_witness")
    config.add_tween("casework.audit.witness.outside", over=TRANSACTION_TWEEN)
    config.add_tween("casework.audit.witness.inside", under=[EXCVIEW, TRANSACTION_TWEEN])


def _note_guarded(view: Any, info: Any) -> Any:
    """Remember the routes that have a view which is not for everybody."""
    route, permission = info.options.get("route_name"), info.options.get("permission")
    if route and not info.exception_only and permission not in {PUBLIC, NO_PERMISSION_REQUIRED}:
        info.registry[GUARDED].add(route)
    return view


def inside(handler: Handler, registry: Registry) -> Handler:
    """Testify to what succeeds, within its transaction."""

    def tween(request: Request) -> Response:
        try:
            response = handler(request)
        except (HTTPException, CaseworkError):
            if _concerns(request, registry):
                # Who it was can be asked only now, while there is a transaction.
                with suppress(Exception):
                    _ = request.work
            raise
        if response.status_int < REFUSED_FROM and _concerns(request, registry):
            work: Work = request.work
            _write(work.session, request, work, response.status_int, _kind(request))
            # Only a commit makes it true; a later veto or failure leaves it to the other tween.
            request.tm.get().addAfterCommitHook(_remember, args=(request.testimony,))
        return response

    return tween


def _remember(committed: bool, testimony: Testimony) -> None:
    testimony.kept = committed


def outside(handler: Handler, registry: Registry) -> Handler:
    """Testify to what was refused or failed, after it was undone."""

    def tween(request: Request) -> Response:
        try:
            response = handler(request)
        except Exception as error:
            if not is_error_retryable(request, error):
                status = error.status_int if isinstance(error, HTTPException) else FAILED_FROM
                _testify_afterwards(request, registry, status, error)
            raise
        shown = getattr(request, "exception", None)
        if not request.testimony.kept and not (shown and is_error_retryable(request, shown)):
            _testify_afterwards(request, registry, response.status_int, shown)
        return response

    return tween


def _concerns(request: Request, registry: Registry) -> bool:
    route = getattr(request, "matched_route", None)
    return bool(request.testimony.kind) or (route is not None and route.name in registry[GUARDED])


def _testify_afterwards(
    request: Request, registry: Registry, status: int, error: BaseException | None
) -> None:
    if not _concerns(request, registry):
        return
    kind = _kind(request)
    if status >= FAILED_FROM:
        kind = "error"
    elif status >= REFUSED_FROM or isinstance(error, CaseworkError) or _turned_away(error):
        kind = "refused"
    # Not request.work itself: it would begin a transaction that nobody ends.
    work: Work | None = request.__dict__.get("work")
    try:
        sessions: Callable[[], ActingSession] = registry["casework.sessions"]
        with sessions() as session:
            now = work.now if work else registry.get("casework.clock", SystemClock()).now()
            session.act_as(work.actor.id if work else NOBODY, now)
            with session.begin():
                _write(session, request, work, status, kind)
    except Exception:
        # Nothing was shown or changed; the request's own answer is worth more than this failure.
        log.critical("no audit entry for %s %s", request.incident, _route(request), exc_info=True)


def _turned_away(error: BaseException | None) -> bool:
    return isinstance(error, HTTPException) and error.status_int >= REFUSED_FROM


def _kind(request: Request) -> str:
    told: str = request.testimony.kind
    return told or ("read" if request.method in {"GET", "HEAD"} else "write")


def _route(request: Request) -> str:
    route = getattr(request, "matched_route", None)
    return route.name if route is not None else ""


def _write(session: ActingSession, request: Request, work: Work | None, status: int, kind: str) -> None:
    actor = work.actor if work else ANYONE
    subject, others = _named_in(request)
    testimony: Testimony = request.testimony
    append(
        session,
        recorded_at=work.now if work else session.info["now"],
        actor_id=actor.id,
        actor_name=actor.name,
        kind=kind,
        subject=testimony.subject or subject,
        request_id=request.incident,
        origin=work.origin if work else {"address": request.remote_addr or ""},
        details={**others, **testimony.details},
        route=_route(request),
        method=request.method,
        status=status,
    )


def _named_in(request: Request) -> tuple[str, dict[str, str]]:
    """What the address names: the first id as the subject, the others as details."""
    ids = [
        (name.removesuffix("_id"), str(value) if _ID.fullmatch(str(value)) else "?")
        for name, value in (getattr(request, "matchdict", None) or {}).items()
    ]
    subject = ":".join(ids[0]) if ids else ""
    return subject, dict(ids[1:])
