"""The witness around a small application of its own: exactly one entry for each request."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
import sqlalchemy as sa
import zope.sqlalchemy
from pyramid.config import Configurator
from pyramid.httpexceptions import HTTPConflict, HTTPSeeOther
from pyramid.response import Response
from pyramid.security import Allowed, Denied
from pyramid_retry import mark_error_retryable
from sqlalchemy.orm import sessionmaker
from webtest import TestApp

from casework.clock import MovableClock
from casework.db import ActingSession
from casework.errors import Missing
from casework.jobs import QueuedJobs
from casework.programs import Programs
from casework.settings import Settings
from casework.work import ANYONE, Actor, Work

NOW = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)
CANARY = "110101190001011234"


class Policy:
    def permits(self, request, _context, permission):
        return Allowed("") if permission == "public" or request.work.actor.id else Denied("")


def work_of(request):
    number = int(request.headers.get("X-Actor", "0"))
    name = request.headers.get("X-Name", "Wang Fang")
    session = request.registry["casework.sessions"]()
    zope.sqlalchemy.register(session, transaction_manager=request.tm)
    session.act_as(number, NOW)
    return Work(
        session=session,
        actor=Actor(number, name) if number else ANYONE,
        now=NOW,
        programs=Programs({}),
        settings=Settings(),
        jobs=QueuedJobs(),
        request_id=request.incident,
        origin={"address": "192.0.2.7", "session": "5"},
    )


def show(request):
    return Response("shown")


def change(request):
    request.work.session.execute(sa.text("insert into job_runs values (-9, now())"))
    return HTTPSeeOther("/")


def break_down(request):
    change(request)
    raise RuntimeError


def refuse(request):
    change(request)
    raise HTTPConflict


def answer_422(request):
    change(request)
    return Response("problem", status=422)


def miss(request):
    raise Missing


def export(request):
    request.testimony.tell(kind="export", subject="cases", rows=3)
    return Response("rows")


def sign_in(request):
    if request.POST.get("password") != "right":
        request.testimony.tell(kind="refused", subject="sign-in")
        return Response("wrong", status=422)
    request.testimony.tell(kind="sign-in", subject="account:7")
    return HTTPSeeOther("/")


class ClashError(Exception):
    pass


mark_error_retryable(ClashError)


def clash_once(request):
    if request.environ["retry.attempt"] == 0:
        raise ClashError
    return Response("at last")


def answer_error(error, request):
    return Response("error", status=404 if isinstance(error, Missing) else getattr(error, "status_int", 500))


@pytest.fixture(scope="module")
def app(own_database):
    config = Configurator(
        settings={
            "retry.attempts": 3,
            "tm.manager_hook": "pyramid_tm.explicit_manager",
            "tm.annotate_user": "false",
            "tm.commit_veto": "pyramid_tm.default_commit_veto",
        }
    )
    config.registry["casework.sessions"] = sessionmaker(own_database.engine, class_=ActingSession)
    config.registry["casework.clock"] = MovableClock(NOW)
    config.set_security_policy(Policy())
    config.set_default_permission("nobody")
    config.include("pyramid_retry")
    config.include("pyramid_tm")
    config.include("casework.audit.witness")
    config.add_request_method(work_of, "work", reify=True)
    config.add_request_method(lambda _request: "incident-1", "incident", reify=True)
    for name, pattern, view, method, permission in (
        ("open", "/open", show, "GET", "public"),
        ("case", "/cases/{case_id}", show, "GET", "case:read"),
        ("case.change", "/cases/{case_id}/notes/{note_id}", change, "POST", None),
        ("case.break", "/cases/{case_id}/break", break_down, "POST", None),
        ("case.refuse", "/cases/{case_id}/refuse", refuse, "POST", None),
        ("case.problem", "/cases/{case_id}/problem", answer_422, "POST", None),
        ("case.miss", "/cases/{case_id}/miss", miss, "GET", None),
        ("export", "/export", export, "GET", None),
        ("clash", "/clash", clash_once, "GET", None),
        ("sign_in", "/sign-in", sign_in, "POST", "public"),
    ):
        config.add_route(name, pattern)
        config.add_view(view, route_name=name, request_method=method, permission=permission)
    config.add_exception_view(answer_error, context=Exception)
    return TestApp(config.make_wsgi_app(), extra_environ={"HTTP_X_ACTOR": "7", "REMOTE_ADDR": "192.0.2.9"})


@pytest.fixture(autouse=True)
def entries(own_database):
    def read():
        with own_database.owner.connect() as connection:
            rows = connection.execute(sa.text("select * from audit_entries order by id")).mappings().all()
        return [dict(row) for row in rows]

    yield read
    with own_database.owner.begin() as connection:
        connection.execute(sa.text("alter table audit_entries disable trigger user"))
        connection.execute(sa.text("truncate audit_entries, audit_pending, job_runs"))
        connection.execute(sa.text("alter table audit_entries enable trigger user"))


def only(entries):
    (entry,) = entries()
    return entry


def changed(own_database):
    with own_database.engine.connect() as connection:
        return connection.scalar(sa.text("select count(*) from job_runs")) == 1


def test_reading_is_testified_to(app, entries):
    app.get("/cases/12")
    entry = only(entries)
    assert entry.pop("id")
    assert entry == {
        "recorded_at": NOW,
        "actor_id": 7,
        "actor_name": "Wang Fang",
        "session": "5",
        "kind": "read",
        "route": "case",
        "method": "GET",
        "subject": "case:12",
        "status": 200,
        "address": "192.0.2.7",
        "request_id": "incident-1",
        "details": {},
    }


def test_a_change_is_testified_to_without_what_was_typed(app, entries, own_database):
    app.post("/cases/12/notes/3", {"text": CANARY})
    entry = only(entries)
    assert (entry["kind"], entry["subject"], entry["details"]) == ("write", "case:12", {"note": "3"})
    assert CANARY not in str(entry)
    assert changed(own_database)


@pytest.mark.parametrize(
    ("method", "path", "status", "kind"),
    [
        ("post", "/cases/12/break", 500, "error"),
        ("post", "/cases/12/refuse", 409, "refused"),
        ("post", "/cases/12/problem", 422, "refused"),
        ("get", "/cases/12/miss", 404, "refused"),
        ("get", "/cases/12/refuse", 404, "refused"),
    ],
)
def test_what_was_refused_or_failed_is_undone_and_testified_to(
    app, entries, own_database, method, path, status, kind
):
    getattr(app, method)(path, status=status)
    entry = only(entries)
    assert (entry["kind"], entry["status"], entry["subject"], entry["actor_id"]) == (
        kind,
        status,
        "case:12",
        7,
    )
    assert not changed(own_database)


def test_a_stranger_who_is_turned_away_is_testified_to(app, entries):
    app.get("/cases/12", extra_environ={"HTTP_X_ACTOR": "0"}, status=403)
    entry = only(entries)
    assert (entry["kind"], entry["actor_id"], entry["status"]) == ("refused", 0, 403)


def test_public_pages_and_addresses_that_do_not_exist_are_not_testified_to(app, entries):
    app.get("/open")
    app.get("/nowhere", status=404)
    assert entries() == []


def test_a_public_page_may_ask_for_testimony(app, entries):
    app.post("/sign-in", {"password": "right"})
    app.post("/sign-in", {"password": CANARY}, status=422)
    assert [(each["kind"], each["subject"]) for each in entries()] == [
        ("sign-in", "account:7"),
        ("refused", "sign-in"),
    ]
    assert CANARY not in str(entries())


def test_a_view_may_add_what_it_did(app, entries):
    app.get("/export")
    entry = only(entries)
    assert (entry["kind"], entry["subject"], entry["details"]) == ("export", "cases", {"rows": 3})


def test_a_repeated_attempt_is_testified_to_once(app, entries):
    assert app.get("/clash").text == "at last"
    assert only(entries)["kind"] == "read"


@pytest.mark.parametrize("identifier", [CANARY + "99", "1%20OR%201", "%E5%BC%A0%E4%B8%89", "a%0d%0ab"])
def test_what_is_no_id_is_not_kept(app, entries, identifier):
    app.get(f"/cases/{identifier}")
    assert only(entries)["subject"] == "case:?"


def test_a_hostile_name_stays_on_one_line(app, entries):
    app.get("/cases/1", extra_environ={"HTTP_X_NAME": "a\x1b[31m\u202eb"})
    assert "\x1b" not in only(entries)["actor_name"]


def test_a_change_that_cannot_be_testified_to_fails(app, entries, own_database, caplog):
    def allow(verb, direction):
        with own_database.owner.begin() as connection:
            connection.execute(sa.text(f"{verb} insert on audit_entries {direction} casework_runtime"))

    allow("revoke", "from")
    try:
        app.post("/cases/12/notes/3", status=500)
    finally:
        allow("grant", "to")
    assert not changed(own_database)
    assert entries() == []
    assert "no audit entry for incident-1" in caplog.text


def test_a_commit_that_fails_is_testified_to(app, entries, own_database):
    with own_database.owner.begin() as connection:
        connection.execute(
            sa.text(
                "alter table job_runs add constraint late unique (finished_at) deferrable initially deferred"
            )
        )
        connection.execute(sa.text("insert into job_runs values (-8, now())"))
        connection.execute(sa.text("update job_runs set finished_at = 'infinity'"))
        connection.execute(
            sa.text(
                "create function late() returns trigger language plpgsql as"
                " $$ begin new.finished_at = 'infinity'; return new; end $$"
            )
        )
        connection.execute(
            sa.text("create trigger late before insert on job_runs for each row execute function late()")
        )
    try:
        app.post("/cases/12/notes/3", status=500)
    finally:
        with own_database.owner.begin() as connection:
            connection.execute(sa.text("drop trigger late on job_runs"))
            connection.execute(sa.text("drop function late"))
            connection.execute(sa.text("alter table job_runs drop constraint late"))
    entry = only(entries)
    assert (entry["kind"], entry["status"]) == ("error", 500)
