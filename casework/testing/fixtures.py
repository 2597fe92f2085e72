"""Fixtures: a real database with savepoints, a clock that moves, people who act, and the application.

Each test runs inside one outer transaction of the run-time role that is always rolled back; the
application under test shares its connection and works in savepoints, so its own commits and
roll-backs behave as they do in earnest.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import sessionmaker
from webtest import TestApp

from casework.clock import MovableClock
from casework.db import SYSTEM_ACTOR, ActingSession, make_engine
from casework.programs import Programs
from casework.settings import Settings
from casework.staff.model import Account
from casework.staff.queries import actor_of
from casework.testing.browsing import Browser
from casework.testing.database import template_copy
from casework.testing.network import Network, found_network
from casework.work import Actor, Work

MONDAY_MORNING = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)
"""Ten o'clock on a Monday in Shanghai, in a year whose calendar is published."""


@pytest.fixture(scope="session")
def state_dir() -> Path:
    """Where the test server keeps its data: shared by the test processes and kept between runs."""
    return Path(os.environ.get("CASEWORK_TEST_STATE", ".state/test")).resolve()


@pytest.fixture(scope="session")
def programs() -> Programs:
    """The programs that the project ships."""
    return Programs.load(("casework", "subsidy"), ("development",))


@pytest.fixture(scope="session")
def settings() -> Iterator[Settings]:
    """Settings as in development, with a state folder of their own."""
    with tempfile.TemporaryDirectory(prefix="casework-test-") as folder:
        yield Settings(
            mode="test", programs=("casework", "subsidy"), adapters=("development",), state_dir=folder
        )


@pytest.fixture(scope="session")
def database(state_dir: Path, programs: Programs, worker_id: str) -> Iterator[str]:
    """The address, for the run-time role, of a migrated database of this test process."""
    from casework.embedded import Embedded

    with Embedded(state_dir) as server:
        name = f"casework_test_{worker_id}_{os.getpid()}"
        with template_copy(server, programs, name, state_dir) as url:
            yield url


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """Chromium, one for each test process: a second one in the same process cannot be driven."""
    from casework.testing.looking import chromium

    with chromium() as running:
        yield running


@pytest.fixture(scope="session")
def worker_id() -> str:
    """The name of this test process; pytest-xdist's own where it runs."""
    return os.environ.get("PYTEST_XDIST_WORKER", "alone")


@pytest.fixture(scope="session")
def engine(database: str) -> Iterator[sa.Engine]:
    """Connections of the run-time role."""
    engine = make_engine(database, pool_size=4)
    yield engine
    engine.dispose()


@pytest.fixture
def clock() -> MovableClock:
    """A clock that stands at ten o'clock on a Monday until it is moved."""
    return MovableClock(MONDAY_MORNING)


@pytest.fixture
def sessions(engine: sa.Engine) -> Iterator[sessionmaker[ActingSession]]:
    """Sessions that all work in savepoints of one transaction, which is rolled back."""
    with engine.connect() as connection:
        outer = connection.begin()
        yield sessionmaker(
            connection,
            class_=ActingSession,
            expire_on_commit=False,
            join_transaction_mode="create_savepoint",
        )
        outer.rollback()


@pytest.fixture
def session(sessions: sessionmaker[ActingSession], clock: MovableClock) -> Iterator[ActingSession]:
    """The test's own session."""
    with sessions() as session:
        session.act_as(SYSTEM_ACTOR, clock.now())
        yield session


@pytest.fixture
def make_work(
    session: ActingSession, programs: Programs, settings: Settings, clock: MovableClock
) -> Callable[[Actor], Work]:
    """Makes a Work for an actor and lets the test's session act as that actor until the next one."""
    from casework.jobs import QueuedJobs, Tasks

    jobs = QueuedJobs(Tasks.load(programs))

    def make(actor: Actor) -> Work:
        session.act_as(actor.id, clock.now())
        return Work(
            session=session,
            actor=actor,
            now=clock.now(),
            programs=programs,
            settings=settings,
            jobs=jobs,
            language="en",
            request_id="test",
        )

    return make


@pytest.fixture
def work(make_work: Callable[[Actor], Work]) -> Work:
    """The system at work."""
    return make_work(Actor(SYSTEM_ACTOR, "system", "system"))


@pytest.fixture
def as_actor(
    session: ActingSession, clock: MovableClock, make_work: Callable[[Actor], Work]
) -> Callable[..., Work]:
    """`as_actor(account)`: that person at work, from now until somebody else is named."""

    def act(account: Account) -> Work:
        session.act_as(account.id, clock.now())
        return make_work(actor_of(session, account, clock.now()))

    return act


@pytest.fixture
def as_system(make_work: Callable[[Actor], Work]) -> Callable[[], Work]:
    """`as_system()`: the system at work again."""
    return lambda: make_work(Actor(SYSTEM_ACTOR, "system", "system"))


@pytest.fixture
def network(work: Work) -> Network:
    """One district, two hospitals with a ward each, a community centre, and people in every role."""
    return found_network(work)


@pytest.fixture
def standard(work: Work) -> None:
    """The standard of the files in force, and the calendar of working days loaded."""
    from casework.handbook.usecases import put_in_force

    put_in_force(work)


@pytest.fixture(scope="session")
def router(settings: Settings, programs: Programs) -> Any:
    """The WSGI application, put together once; it keeps its compiled templates."""
    from casework.web.application import make_application

    unconnected: Any = sessionmaker(class_=ActingSession)
    return make_application(settings, sessions=unconnected, programs=programs)


@pytest.fixture
def application(router: Any, sessions: sessionmaker[ActingSession], clock: MovableClock) -> Any:
    """The WSGI application on the test's connection and clock."""
    router.registry["casework.sessions"] = sessions
    router.registry["casework.clock"] = clock
    return router


@pytest.fixture
def app(application: Any, session: ActingSession) -> TestApp:
    """A visitor's browser without scripts."""
    return Browser(application, session)


@pytest.fixture
def browse(
    application: Any, session: ActingSession, clock: MovableClock, settings: Settings
) -> Callable[..., Browser]:
    """`browse(account)`: a browser without scripts in which that person has signed in."""

    def signed_in(account: Account) -> Browser:
        browser = Browser(application, session)
        browser.sign_in_as(account, clock.now(), settings)
        return browser

    return signed_in
