"""Error pages, headers and health: what strangers see, what the log holds, and what happens without a database."""

from __future__ import annotations

import json
import logging

import psycopg
import pytest
import sqlalchemy as sa
from sqlalchemy.orm import sessionmaker

from casework.db import ActingSession
from casework.security import passwords
from casework.security.headers import CONTENT_SECURITY_POLICY
from casework.testing.browsing import Browser
from casework.web import health

from .door import CANARY, ask, post

PASSWORD = "four words in a row"


@pytest.fixture
def router(build, sessions, clock):
    return build(sessions, clock)


@pytest.fixture
def browser(router, session):
    return Browser(router, session)


@pytest.fixture
def nurse(router, session, network, clock):
    browser = Browser(router, session)
    browser.sign_in_as(network["nurse"], clock.now(), router.registry["casework.settings"])
    return browser


@pytest.mark.parametrize(
    ("kind", "status"),
    [
        ("missing", 404),
        ("refused", 409),
        ("conflict", 409),
        ("invalid", 422),
        ("forbidden", 403),
        ("bug", 500),
    ],
)
def test_each_answer_of_a_use_case_has_its_page(nurse, kind, status):
    page = nurse.get(f"/raise/{kind}", status=status)
    assert page.content_type == "text/html"
    assert "<h1>" in page.text
    assert "Traceback" not in page.text


def test_every_reason_and_its_clause_are_shown(nurse):
    page = nurse.get("/raise/refused", status=409)
    assert "The consent is missing." in page.text
    assert "No plan." in page.text
    assert "/handbook/consent" in page.text


def test_both_texts_of_a_conflict_are_shown_as_text(nurse):
    page = nurse.get("/raise/conflict", status=409)
    assert "my &lt;b&gt;text&lt;/b&gt;" in page.text
    assert "their text" in page.text
    assert "Li Na" in page.text


def test_the_reason_of_a_prohibition_is_shown(nurse):
    assert "Not without a reason." in nurse.get("/raise/forbidden", status=403).text


def test_a_script_gets_the_same_as_data(nurse):
    answer = nurse.get("/raise/refused", headers={"Accept": "application/json"}, status=409)
    assert answer.json["refusals"] == ["The consent is missing.", "No plan."]


def test_a_visitor_is_asked_to_sign_in_and_a_script_is_told(browser):
    assert browser.get("/note?a=1", status=303).location == "http://localhost/sign-in?next=%2Fnote%3Fa%3D1"
    assert browser.post("/note", {"a": "1"}, status=303).location == "http://localhost/sign-in"
    browser.get("/note", headers={"HX-Request": "true"}, status=401)
    browser.get("/note", headers={"Accept": "application/json"}, status=401)


def test_what_is_not_there_is_404_for_everybody(browser, nurse):
    for address in (
        "/no-such-page",
        "/static/../casework.ini",
        "/static/built/none.css",
        "/account/none",
        "/note/",
    ):
        assert browser.get(address, status=404)
        assert nurse.get(address, status=404)


@pytest.mark.parametrize(
    ("method", "address", "allowed"),
    [("DELETE", "/note", "GET, HEAD, POST"), ("GET", "/only-post", "POST"), ("OPTIONS", "/", "GET, HEAD")],
)
def test_a_method_that_a_page_does_not_know_is_405(router, method, address, allowed):
    answer = ask(router, REQUEST_METHOD=method, PATH_INFO=address)
    assert (answer.status, answer.headers["allow"]) == (405, allowed)


def test_an_unforeseen_error_shows_a_number_and_nothing_else(nurse, caplog):
    with caplog.at_level(logging.INFO):
        page = nurse.get(f"/raise/bug?q={CANARY}", status=500)
    line = json.loads(next(r.getMessage() for r in caplog.records if r.name == "casework.incidents"))
    assert line["incident"] in page.text
    assert line["incident"] == page.headers["X-Request-Id"]
    assert line["error"] == "builtins.RuntimeError"
    assert any("_raise" in place for place in line["at"])
    assert CANARY not in page.text
    assert CANARY not in caplog.text


def test_no_log_holds_what_was_typed(browser, nurse, caplog):
    with caplog.at_level(logging.DEBUG, logger="casework"):
        browser.get("/sign-in")
        browser.post("/sign-in", {"name": CANARY, "password": CANARY}, status=400)
        nurse.post("/note", {"text": CANARY}, status=400)
        nurse.get(f"/raise/bug?name={CANARY}", headers={"User-Agent": f"{CANARY}\x1b[31m"}, status=500)
        nurse.get(f"/{CANARY}", status=404)
    assert CANARY not in caplog.text


def test_a_log_line_is_one_line_of_plain_characters(router, caplog):
    ask(router, REQUEST_METHOD="GET", PATH_INFO="/raise/bug", HTTP_USER_AGENT="\x1b[31m\u00e9")
    line = next(r.getMessage() for r in caplog.records if r.name == "casework.incidents")
    assert line.isascii()
    assert line.isprintable()


def test_every_answer_carries_the_headers(router, nurse, browser):
    answers = [
        nurse.get("/account"),
        nurse.get("/raise/bug", status=500),
        nurse.get("/nothing", status=404),
        browser.get("/sign-in"),
        browser.get("/note", status=303),
        browser.post("/sign-in", {}, status=400),
        browser.get("/static/built/none.js", status=404),
        browser.get("/healthz"),
    ]
    raw = [
        ask(router, PATH_INFO="/\xff"),
        ask(router, HTTP_HOST="evil evil"),
        ask(router, REQUEST_METHOD="TRACE"),
        post(router, b"a=1&a=2"),
        ask(router, REQUEST_METHOD="POST", CONTENT_LENGTH="99999999"),
    ]
    for headers in [
        *({k.lower(): v for k, v in answer.headers.items()} for answer in answers),
        *(r.headers for r in raw),
    ]:
        assert headers["content-security-policy"] == CONTENT_SECURITY_POLICY
        assert "unsafe" not in headers["content-security-policy"]
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "same-origin"
        assert headers["cross-origin-opener-policy"] == "same-origin"
        assert headers["cache-control"] == "no-store"
        assert "Cookie" in headers["vary"]
        assert "permissions-policy" in headers
        assert "strict-transport-security" not in headers


def test_static_files_may_be_stored(browser, router):
    from casework.web.static import FOLDER

    name = next((path.name for path in (FOLDER / "built").glob("*.css")), None)
    if name is None:
        pytest.skip("no assets were built")
    answer = browser.get(f"/static/built/{name}")
    assert "public" in answer.headers["Cache-Control"]
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_https_is_remembered_by_browsers(build):
    answer = ask(build(https=True), PATH_INFO="/healthz")
    assert answer.headers["strict-transport-security"].startswith("max-age=63072000")


@pytest.fixture
def away(engine):
    """A switch: while it is on, the database cannot be reached."""

    class Switch:
        on = False

        def connect(self, *_arguments, **_options):
            if self.on:
                raise psycopg.OperationalError("connection refused")

    switch = Switch()
    sa.event.listen(engine, "do_connect", switch.connect)
    engine.dispose()
    yield switch
    sa.event.remove(engine, "do_connect", switch.connect)


def test_without_its_database_the_service_says_so_and_goes_on_when_it_returns(
    build, engine, away, clock, caplog
):
    router = build(sessionmaker(engine, class_=ActingSession, expire_on_commit=False), clock)
    assert ask(router, PATH_INFO="/sign-in").status == 200
    engine.dispose()
    away.on = True
    for address in ("/sign-in", "/note", "/account"):
        answer = ask(router, PATH_INFO=address, HTTP_COOKIE="casework=" + "a" * 43, HTTP_ACCEPT_LANGUAGE="en")
        assert answer.status == 503
        assert answer.headers["retry-after"] == "5"
        assert "<h1>" in answer.body
        assert "psycopg" not in answer.body
    assert ask(router, PATH_INFO="/healthz").status == 200
    ready = ask(router, PATH_INFO="/readyz")
    assert (ready.status, ready.body) == (503, "not ready: database\n")
    away.on = False
    assert ask(router, PATH_INFO="/sign-in").status == 200


@pytest.fixture
def cut(sessions, session):
    """A switch: while it is on, the connection breaks when the application commits."""

    class Switch:
        on = False

        def commit(self, committing):
            if self.on and committing is not session:
                broken = psycopg.OperationalError("server closed the connection")
                raise sa.exc.OperationalError("commit", {}, broken)

    switch = Switch()
    sa.event.listen(sessions, "before_commit", switch.commit)
    return switch


def test_what_broke_while_it_was_saved_is_not_said_to_be_undone(browse, network, cut):
    browser = browse(network["worker"])
    form = next(form for form in browser.get("/account").forms.values() if "name" in form.fields)
    form["name"] = "Newly Named"
    cut.on = True
    english = {"Accept-Language": "en"}
    page = form.submit(status=503, headers=english)
    assert "it is not known whether it was" in page
    assert "Nothing was changed" not in page
    assert "Nothing was changed" in browser.get("/account", status=503, headers=english)


def test_connections_that_were_cut_are_replaced_unseen(build, engine, clock):
    router = build(sessionmaker(engine, class_=ActingSession, expire_on_commit=False), clock)
    assert ask(router, PATH_INFO="/sign-in").status == 200
    with engine.connect() as connection:
        own = connection.scalar(sa.text("select pg_backend_pid()"))
        connection.execute(
            sa.text(
                "select pg_terminate_backend(pid) from pg_stat_activity"
                " where usename = current_user and datname = current_database() and pid <> :own"
            ),
            {"own": own},
        )
    for _each in range(6):
        assert ask(router, PATH_INFO="/sign-in").status == 200


def test_readiness_names_the_first_thing_that_is_missing(build, sessions, clock, monkeypatch):
    router = build(sessions, clock)
    assert ask(router, PATH_INFO="/readyz").body == "not ready: worker\n"
    monkeypatch.setattr(health, "is_migrated", lambda *_pair: False)
    assert ask(router, PATH_INFO="/readyz").body == "not ready: migrations\n"
    monkeypatch.setattr(health, "is_migrated", lambda *_pair: True)
    monkeypatch.setattr(health, "_is_stale", lambda *_pair: False)
    answer = ask(router, PATH_INFO="/readyz")
    assert (answer.status, answer.body) == (200, "ok\n")


def test_a_static_file_and_health_ask_no_database(build):
    router = build()
    cookie = "casework=" + "a" * 43
    assert ask(router, PATH_INFO="/healthz", HTTP_COOKIE=cookie).body == "ok\n"
    assert ask(router, PATH_INFO="/static/built/app.css", HTTP_COOKIE=cookie).status in {200, 404}


def test_when_too_many_sign_in_at_once_they_are_asked_to_come_back(browser, monkeypatch):
    def busy(*_pair):
        raise passwords.TooBusy

    monkeypatch.setattr(passwords, "is_right", busy)
    form = next(form for form in browser.get("/sign-in").forms.values() if form.action.endswith("/sign-in"))
    form["name"], form["password"] = "nurse", PASSWORD
    assert form.submit(status=503).headers["Retry-After"] == "5"
