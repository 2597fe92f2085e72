"""What people see when a thing cannot be had: one page for each kind, in their language.

Expected answers of use cases (casework/errors.py) and of Pyramid become pages of the service. What
nobody expected becomes an incident: its number is shown to the person and written to the log
together with where it happened, and never with anything that was typed or stored.
"""

from __future__ import annotations

import json
import logging
import traceback
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from pyramid.config import Configurator
from pyramid.exceptions import BadCSRFOrigin, BadCSRFToken, PredicateMismatch
from pyramid.httpexceptions import HTTPClientError, HTTPForbidden, HTTPNotFound, HTTPSeeOther, HTTPServerError
from pyramid.renderers import render
from pyramid.request import Request
from pyramid.response import Response
from pyramid_retry import is_error_retryable
from pyramid_tm import maybe_tag_retryable
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from casework.audit.witness import GUARDED
from casework.errors import Conflict, Forbidden, Invalid, Missing, Refused
from casework.i18n import Message, _, negotiate, reading
from casework.security.passwords import TooBusy
from casework.security.sessions import wants_page
from casework.web.addresses import methods, sign_in_page
from casework.web.request import COMMITTING
from casework.web.static import static

log = logging.getLogger("casework.incidents")

AWAY = (OperationalError, InterfaceError, PoolTimeout, TooBusy)
"""The database, or memory for one more sign-in, is not to be had at the moment."""

TRY_AGAIN_SECONDS = 5
FAILED = 500

_TEXTS: Mapping[int, tuple[Message, Message]] = {
    400: (_("This request could not be understood"), _("Nothing was changed. Go back and try again.")),
    401: (_("You are not signed in"), _("Sign in and try again.")),
    403: (
        _("You may not do this"),
        _("Your role does not allow it here. If your work needs it, ask your coordinator."),
    ),
    404: (
        _("This page is not here"),
        _("It does not exist, or it is not open to you. Check the address, or search for what you need."),
    ),
    405: (_("This page cannot be used in this way"), _("Nothing was changed. Go back and try again.")),
    409: (_("This cannot be done now"), _("Nothing was changed.")),
    413: (_("This is too large"), _("Nothing was changed. Send less text or a smaller file.")),
    422: (_("There is a problem with what was entered"), _("Nothing was changed. Go back and correct it.")),
    429: (_("Too many attempts"), _("Please wait a little and try again.")),
    500: (
        _("Something went wrong on our side"),
        _("Nothing was changed. Try again; if it happens again, tell your administrator this number."),
    ),
    503: (
        _("The service is not available for a moment"),
        _("Nothing was changed. It will go on by itself: try again in a little while."),
    ),
}


_UNSURE = _(
    "The connection broke while this was being saved, so it is not known whether it was. In a little while,"
    " open the record and look before you send it again."
)


def includeme(config: Configurator) -> None:
    """Register a page for every kind of error."""
    for kind, view in (
        (Missing, not_found),
        (HTTPNotFound, not_found),
        (PredicateMismatch, wrong_method),
        (Forbidden, forbidden),
        (HTTPForbidden, forbidden),
        (Refused, refused),
        (Conflict, conflict),
        (Invalid, invalid),
        (BadCSRFToken, stale_form),
        (BadCSRFOrigin, stale_form),
        (HTTPClientError, http_error),
        (HTTPServerError, http_error),
        (Exception, failure),
        *((kind, failure) for kind in AWAY),
    ):
        config.add_exception_view(view, context=kind)


def not_found(error: Exception, request: Request) -> Response:
    """404: there is no such thing, or the person may not know that there is.

    A visitor is asked to sign in wherever a page is not public: what is there is not a stranger's to know.
    """
    route = request.matched_route
    if request.sign_in is None and route is not None and route.name in request.registry[GUARDED]:
        return forbidden(error, request)
    return _page(request, 404)


def wrong_method(_error: Exception, request: Request) -> Response:
    """405 if the address answers other methods, else 404."""
    route = request.matched_route
    allowed = methods(request.registry, route.name) if route is not None else frozenset()
    if not allowed or request.method in allowed:
        return _page(request, 404)
    response = _page(request, 405)
    response.allow = sorted(allowed)
    return response


def forbidden(error: Exception, request: Request) -> Response:
    """403 for whoever is signed in; a visitor is asked to sign in and comes back."""
    if request.sign_in is not None:
        why = error.why if isinstance(error, Forbidden) else None
        return _page(request, 403, message=why)
    if not wants_page(request):
        return _page(request, 401)
    query = f"?{urlencode({'next': request.path_qs})}" if request.method in {"GET", "HEAD"} else ""
    return HTTPSeeOther(f"{sign_in_page(request.path)}{query}" if request.path != "/" else "/sign-in")


def refused(error: Refused, request: Request) -> Response:
    """409 with every reason and the clause behind it."""
    return _page(request, 409, refusals=list(error.refusals))


def conflict(error: Conflict, request: Request) -> Response:
    """409 with both texts."""
    return _page(
        request,
        409,
        title=_("Somebody else changed this at the same time"),
        message=_("Nothing of yours was saved. Both texts are below: copy what you need and save again."),
        conflict=error,
    )


def invalid(error: Invalid, request: Request) -> Response:
    """422 with every problem, for pages that did not show them at the field."""
    return _page(request, 422, problems=list(error.problems))


def stale_form(_error: Exception, request: Request) -> Response:
    """400 for a form that was made for another session or by another site."""
    return _page(
        request,
        400,
        title=_("This form is no longer valid"),
        message=_(
            "Nothing was changed. You may have signed in again since it was opened."
            " Go back, reload the page and send it again; copy what you typed first."
        ),
    )


def http_error(error: HTTPClientError | HTTPServerError, request: Request) -> Response:
    """The page for any other status."""
    response = _page(request, error.status_int)
    for name in ("Allow", "Retry-After"):
        if name in error.headers:
            response.headers[name] = error.headers[name]
    return response


def failure(error: Exception, request: Request) -> Response:
    """503 while the database is away, else 500 with an incident's number."""
    if "tm.active" in request.environ:
        maybe_tag_retryable(request, (type(error), error, error.__traceback__))
    if is_error_retryable(request, error):
        return Response(status=503)
    if isinstance(error, AWAY) or (isinstance(error, DBAPIError) and error.connection_invalidated):
        unsure = COMMITTING in request.environ and request.method not in {"GET", "HEAD"}
        response = _plain(request, 503, message=_UNSURE if unsure else None)
        response.retry_after = TRY_AGAIN_SECONDS
        log.warning(_line(request, error))
        return response
    log.error(_line(request, error))
    return _plain(request, 500)


def last_resort(request: Request, error: Exception) -> Response:
    """The answer to what happened outside the reach of the views above."""
    return failure(error, request)


def refuse(request: Request, fault: HTTPClientError | HTTPServerError) -> Response:
    """The page for a request that is not looked at further."""
    response = _plain(request, fault.status_int)
    if "Allow" in fault.headers:
        response.headers["Allow"] = fault.headers["Allow"]
    return response


def _page(
    request: Request,
    status: int,
    *,
    title: Message | None = None,
    message: Message | None = None,
    **more: Any,
) -> Response:
    """A page of the service, with its navigation; the plain one if that cannot be made."""
    values = {**_values(request, status), **more}
    values |= {name: text for name, text in (("title", title), ("message", message)) if text is not None}
    if _wants_json(request):
        return _json(request, status, values)
    try:
        text = render("web/error.jinja2", values, request=request)
    except Exception as error:  # noqa: BLE001 - an error page must not fail
        log.error(_line(request, error))  # noqa: TRY400 - a traceback would hold what was typed
        return _plain(request, status)
    return Response(text, status=status, charset="utf-8")


def _plain(request: Request, status: int, message: Message | None = None) -> Response:
    """A page that needs no database, no session and no well-formed address."""
    values = _values(request, status) | ({"message": message} if message is not None else {})
    words = _words(request)
    if _wants_json(request):
        return _json(request, status, values)
    try:
        reading(words)
        text = render("web/outage.jinja2", values | {"static": static, "words": words})
    except Exception as error:  # noqa: BLE001 - an error page must not fail
        log.error(_line(request, error))  # noqa: TRY400 - as above
        text = f"<!doctype html><title>{status}</title><p>{status} {words(values['title'])}"
    return Response(text, status=status, charset="utf-8")


def _values(request: Request, status: int) -> dict[str, Any]:
    title, message = _TEXTS.get(status) or _TEXTS[400 if status < FAILED else FAILED]
    return {
        "status": status,
        "title": title,
        "message": message,
        "refusals": [],
        "problems": [],
        "conflict": None,
        "incident": request.environ.get("casework.request_id", ""),
    }


def _words(request: Request) -> Any:
    """The words of a visitor, without asking the database whose page it is."""
    language = negotiate(
        request.cookies.get("language"),
        request.headers.get("Accept-Language"),
        default=request.registry["casework.settings"].default_language,
    )
    return request.registry["casework.words"][language]


def _wants_json(request: Request) -> bool:
    accepted = request.headers.get("Accept", "")
    return "application/json" in accepted and "text/html" not in accepted


def _json(request: Request, status: int, values: Mapping[str, Any]) -> Response:
    words = _words(request)
    return Response(
        json_body={
            "title": words(values["title"]),
            "message": words(values["message"]),
            "problems": [
                {"where": each.where, "message": words(each.message)} for each in values["problems"]
            ],
            "refusals": [words(each.reason) for each in values["refusals"]],
            "incident": values["incident"],
        },
        status=status,
    )


def _line(request: Request, error: BaseException) -> str:
    """One line of JSON in ASCII: where it happened, never what was typed, stored or said."""
    route = getattr(request, "matched_route", None)
    cause = getattr(error, "orig", None) or error
    return json.dumps(
        {
            "incident": request.environ.get("casework.request_id", ""),
            "method": request.environ.get("REQUEST_METHOD", "")[:20],
            "route": route.name if route is not None else None,
            "error": f"{type(cause).__module__}.{type(cause).__qualname__}",
            "sqlstate": getattr(cause, "sqlstate", None),
            "at": [
                f"{frame.filename.rpartition('site-packages/')[2]}:{frame.lineno} {frame.name}"
                for frame in traceback.extract_tb(error.__traceback__)[-12:]
            ],
        }
    )
