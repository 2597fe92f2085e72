"""The service as people meet it: over HTTP, from a database of its own, with a clock that moves."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from socketserver import ThreadingMixIn
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

from sqlalchemy.orm import sessionmaker

from casework.clock import MovableClock
from casework.db import SYSTEM_ACTOR, ActingSession, make_engine
from casework.jobs import QueuedJobs, Tasks
from casework.programs import Programs
from casework.security.sessions import begin_session
from casework.settings import Settings
from casework.staff.model import Account
from casework.staff.queries import actor_of
from casework.work import Actor, Work


@dataclass(frozen=True)
class Service:
    """A running service; what is done with `work()` is committed, as its pages commit."""

    url: str
    clock: MovableClock
    settings: Settings
    programs: Programs
    sessions: sessionmaker[ActingSession]

    @contextmanager
    def work(self, account: Account | None = None) -> Iterator[Work]:
        """Somebody, or else the system, at work in a transaction of its own."""
        now = self.clock.now()
        with self.sessions() as session:
            session.act_as(account.id if account else SYSTEM_ACTOR, now)
            yield Work(
                session=session,
                actor=actor_of(session, account, now) if account else Actor(SYSTEM_ACTOR, "system", "system"),
                now=now,
                programs=self.programs,
                settings=self.settings,
                jobs=QueuedJobs(Tasks.load(self.programs)),
            )
            session.commit()

    def sign_in(self, account: Account) -> str:
        """Begin a session without the cost of a password; the cookie's value."""
        with self.work() as work:
            return begin_session(
                work.session, account, now=work.now, settings=self.settings, user_agent="Chromium"
            )


class _Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True


class _Quiet(WSGIRequestHandler):
    def log_message(self, *arguments: Any) -> None:
        """Requests are not printed."""


@contextmanager
def serving(url: str, settings: Settings, programs: Programs, clock: MovableClock) -> Iterator[Service]:
    """Serve that database's pages on a free port of this machine, in threads of this process."""
    from casework.web.application import make_application

    engine = make_engine(url, pool_size=4)
    sessions = sessionmaker(engine, class_=ActingSession, expire_on_commit=False)
    application = make_application(settings, sessions=sessions, clock=clock, programs=programs)
    server = make_server("127.0.0.1", 0, application, server_class=_Server, handler_class=_Quiet)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield Service(f"http://127.0.0.1:{server.server_port}", clock, settings, programs, sessions)
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
        engine.dispose()
