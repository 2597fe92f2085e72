"""Serves the samples: whole pages made of the components alone, with invented people."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from wsgiref.simple_server import WSGIRequestHandler, make_server

import pytest
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from pyramid.config import Configurator
from pyramid.response import Response

from casework.errors import Problem
from casework.i18n import LANGUAGES, Words, reading
from casework.resources import PACKAGE, share
from casework.security.headers import CONTENT_SECURITY_POLICY
from casework.web.pages import prepare

SAMPLES = Path(__file__).with_name("samples")
NOW = datetime(2026, 11, 20, 2, 31, tzinfo=UTC)


class Quiet(WSGIRequestHandler):
    def log_message(self, *arguments):
        pass


@pytest.fixture(scope="session")
def samples():
    """The address of a server with every sample at /<language>/<name>, under the service's own policy."""
    config = Configurator()
    config.include("casework.web.static")
    config.add_route("sample", "/{language}/{name}")
    config.add_route("other", "/{anything:.*}")
    config.add_view(_sample(), route_name="sample", request_method="GET")
    config.add_view(lambda _request: Response(status=204), route_name="other")
    server = make_server("127.0.0.1", 0, config.make_wsgi_app(), handler_class=Quiet)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join()


def _sample():
    environment = Environment(
        loader=FileSystemLoader([SAMPLES, PACKAGE / "web" / "templates"]),
        autoescape=True,
        undefined=StrictUndefined,
    )
    prepare(environment)
    words = {language: Words(language, [share("locale")]) for language in LANGUAGES}

    def show(request):
        language = request.matchdict["language"]
        reading(words[language])
        text = environment.get_template(request.matchdict["name"] + ".jinja2").render(
            _context(request, language)
        )
        response = Response(text, charset="utf-8")
        response.headers["Content-Security-Policy"] = CONTENT_SECURITY_POLICY
        return response

    return show


def _context(request, language):
    """What the service gives to every page (casework/web/pages.py), and words for invented people.

    t(en, zh): a text that the service would take from its records, in either language.
    at(**distance): a moment so far from now; past days are negative.
    """

    def t(english, chinese):
        return chinese if language == "zh_Hans" else english

    here = request.matchdict["name"]
    links = (
        ("my_day", t("My day", "今日工作")),
        ("cases", t("Cases", "个案")),
        ("search", t("Refer someone", "转介")),
        ("unit", t("My unit", "本单位")),
        ("parts", t("Standards", "服务标准")),
    )
    signed_in = here != "sign_in"
    request.navigation = [
        SimpleNamespace(title=title, url=f"/{language}/{name}", current=name == here) for name, title in links
    ]
    if not signed_in or here == "status":
        request.navigation = []
    return {
        "request": request,
        "path": lambda route, **_parts: f"/go/{route}",
        "csrf_token": lambda: "sample-token",
        "clause_number": lambda _clause: "6.8.1",
        "actor": SimpleNamespace(id=7 if signed_in else 0, name=t("Chen Yulan", "陈玉兰")),
        "language": language,
        "may_search": True,
        "now": NOW,
        "t": t,
        "at": lambda **distance: NOW + timedelta(**distance),
        "end_of_day": lambda days: datetime(2026, 11, 20, 15, 59, 59, tzinfo=UTC) + timedelta(days=days),
        "problem": Problem,
        "record": SimpleNamespace,
    }
