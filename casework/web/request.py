"""What a request brings along: its session, its `Work`, and the reader's words."""

from __future__ import annotations

import secrets
from http import HTTPStatus
from pathlib import Path
from typing import Any

import zope.sqlalchemy
from pyramid.config import Configurator
from pyramid.request import Request

from casework.db import NOBODY, ActingSession
from casework.i18n import LANGUAGES, Words, negotiate
from casework.resources import share
from casework.staff.queries import actor_of
from casework.work import ANYONE, Work

COMMITTING = "casework.committing"
"""In the environ of a request whose transaction is being committed: what fails from then on may be kept."""


def includeme(config: Configurator) -> None:
    """Add `request.db`, `request.work`, `request.words`, `request.language` and `request.incident`."""
    for name, maker in (
        ("db", _session),
        ("work", _work),
        ("words", _words),
        ("language", _language),
        ("incident", _incident),
    ):
        config.add_request_method(maker, name, reify=True)
    config.registry["casework.words"] = {
        language: Words(language, _catalogues(config), config.registry["casework.settings"].time_zone)
        for language in LANGUAGES
    }


def _catalogues(config: Configurator) -> list[Path]:
    return [share("locale"), *config.registry["casework.programs"].folders("locale")]


def _session(request: Request) -> ActingSession:
    """The session of this request's transaction."""
    session: ActingSession = request.registry["casework.sessions"]()
    zope.sqlalchemy.register(session, transaction_manager=request.tm)
    request.tm.get().addBeforeCommitHook(request.environ.__setitem__, (COMMITTING, True))
    return session


def _work(request: Request) -> Work:
    registry = request.registry
    now = registry["casework.clock"].now()
    session, actor = request.db, ANYONE
    if request.sign_in is None:
        session.act_as(NOBODY, now)
    else:
        account = request.sign_in[0]
        session.act_as(account.id, now)
        actor = actor_of(session, account, now)
    return Work(
        session=session,
        actor=actor,
        now=now,
        programs=registry["casework.programs"],
        settings=registry["casework.settings"],
        jobs=registry["casework.jobs"],
        language=request.language,
        request_id=request.incident,
        origin=_origin(request),
    )


def _origin(request: Request) -> dict[str, str]:
    """Where the request came from: for the audit trail and the list of devices."""
    return {
        "address": request.client_addr or "",
        "agent": (request.user_agent or "")[:300],
        "session": request.sign_in[1].id[:12] if request.sign_in is not None else "",
    }


def _language(request: Request) -> str:
    """By account, then cookie, then browser."""
    account = request.sign_in[0] if request.sign_in is not None else None
    return negotiate(
        account.language if account else None,
        request.cookies.get("language"),
        request.headers.get("Accept-Language"),
        default=request.registry["casework.settings"].default_language,
    )


def _words(request: Request) -> Words:
    words: Any = request.registry["casework.words"]
    return words[request.language]  # type: ignore[no-any-return]


def _incident(request: Request) -> str:
    return request.environ.get("casework.request_id") or secrets.token_hex(6)


def undo_when_answering_an_error(request: Request, response: Any) -> bool:
    """A returned 4xx or 5xx undoes the transaction just as raising does, unless the view says that
    something must last (`request.environ["casework.keep"]`), such as the count of a wrong password.
    """
    return bool(response.status_int >= HTTPStatus.BAD_REQUEST) and not request.environ.get("casework.keep")
