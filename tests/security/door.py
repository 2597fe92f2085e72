"""The application without the domains, with pages that misbehave, and ways to ask it."""

from __future__ import annotations

import io
import sys
from collections.abc import Callable
from typing import Any

from pyramid.httpexceptions import HTTPSeeOther
from pyramid.response import Response

from casework.clock import MovableClock
from casework.errors import Conflict, Forbidden, Invalid, Missing, Problem, Refusal, Refused
from casework.i18n import _
from casework.programs import Programs
from casework.settings import Settings
from casework.testing.fixtures import MONDAY_MORNING
from casework.web import application

CANARY = "canary-4711"
ERRORS: dict[str, Callable[[], Exception]] = {
    "missing": Missing,
    "forbidden": lambda: Forbidden("case:read", _("Not without a reason.")),
    "refused": lambda: Refused([Refusal(_("The consent is missing."), "consent"), Refusal(_("No plan."))]),
    "conflict": lambda: Conflict({"note": "my <b>text</b>"}, {"note": "their text"}, "Li Na"),
    "invalid": lambda: Invalid([Problem("day", _("Enter a day."))]),
    "bug": lambda: RuntimeError(CANARY),
}


def pages(config: Any) -> None:
    """The pages that the layout links to, and a few that misbehave."""
    for name in ("cases", "referral.search", "referrals", "staff", "handbook", "search"):
        config.add_route(name, f"/{name}")
    config.add_route("clause", "/handbook/{clause_id}")
    config.add_route("home", "/")
    config.add_route("note", "/note")
    config.add_route("only.post", "/only-post")
    config.add_route("echo", "/echo")
    config.add_route("raise", "/raise/{kind}")
    own = {"permission": "account:own"}
    config.add_view(lambda _request: Response("home"), route_name="home", request_method="GET", **own)
    config.add_view(_note, route_name="note", request_method="GET", **own)
    config.add_view(_save, route_name="note", request_method="POST", **own)
    config.add_view(_save, route_name="only.post", request_method="POST", **own)
    config.add_view(_echo, route_name="echo", request_method="GET", permission="public")
    config.add_view(_echo, route_name="echo", request_method="POST", permission="public", require_csrf=False)
    config.add_view(_raise, route_name="raise", request_method="GET", permission="public")


def _note(request: Any) -> Response:
    return Response(json_body=request.held)


def _save(request: Any) -> Response:
    request.registry["saved"].append(request.POST.get("text", ""))
    return HTTPSeeOther("/note")


def _echo(request: Any) -> Response:
    return Response(
        json_body={
            "address": request.client_addr,
            "scheme": request.scheme,
            "form": list(request.POST.items()) if request.content_type != "multipart/form-data" else [],
            "query": list(request.GET.items()),
            "path": request.path_info,
            "id": request.incident,
        }
    )


def _raise(request: Any) -> Response:
    error = ERRORS[request.matchdict["kind"]]()
    raise error


def never() -> Any:
    """Sessions of an application that must not ask its database."""
    raise AssertionError("the database was asked")


def make_door(settings: Settings) -> Any:
    """The application for these settings, without a database."""
    domains, application.DOMAINS = application.DOMAINS, (pages,)
    try:
        router = application.make_application(
            settings, sessions=never, clock=MovableClock(MONDAY_MORNING), programs=Programs({})
        )
    finally:
        application.DOMAINS = domains
    router.registry["saved"] = []
    return router


def served() -> Any:
    """The application for a server of its own."""
    return make_door(Settings(mode="test", max_body_kb=64))


class Answer:
    """What a WSGI application answered."""

    def __init__(self, status: str, headers: list[tuple[str, str]], body: bytes) -> None:
        self.status = int(status[:3])
        self.headers = {name.lower(): value for name, value in headers}
        self.body = body.decode("utf-8", "replace")


def ask(app: Any, **environ: Any) -> Answer:
    """Ask a WSGI application with exactly this environ."""
    body = environ.pop("body", b"")
    told: list[Any] = []
    whole = {
        "REQUEST_METHOD": "GET",
        "SCRIPT_NAME": "",
        "PATH_INFO": "/echo",
        "QUERY_STRING": "",
        "SERVER_NAME": "localhost",
        "SERVER_PORT": "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "HTTP_HOST": "localhost",
        "REMOTE_ADDR": "192.0.2.7",
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(body),
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": False,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
        **({"CONTENT_LENGTH": str(len(body))} if body else {}),
        **environ,
    }
    whole = {name: value for name, value in whole.items() if value is not None}
    answer = app(whole, lambda status, headers, _fault=None: told.append((status, headers)))
    try:
        text = b"".join(answer)
    finally:
        getattr(answer, "close", lambda: None)()
    return Answer(*told[0], text)


def post(app: Any, body: bytes, kind: str = "application/x-www-form-urlencoded", **environ: Any) -> Answer:
    """Post a body of a content type."""
    return ask(app, REQUEST_METHOD="POST", CONTENT_TYPE=kind, body=body, **environ)
