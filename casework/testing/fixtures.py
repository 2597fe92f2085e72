"""Fixtures: a real database with savepoints, a clock that moves, people who act, and the application.

Each test runs inside one outer transaction of the run-time role that is always rolled back; the
application under test shares its connection and works in savepoints, so its own commits and
roll-backs behave as they do in earnest.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
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
from casework.testing.acting import Troupe
from casework.testing.browsing import Browser
from casework.testing.database import quick_server, template_copy
from casework.testing.network import Network, find_network, found_network
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
    with copied(state_dir, programs, f"test_{worker_id}") as url:
        yield url


@contextmanager
def copied(state_dir: Path, programs: Programs, name: str) -> Iterator[str]:
    """A migrated and empty database of this process, with that word in its name."""
    with (
        quick_server(state_dir) as server,
        template_copy(server, programs, f"casework_{name}_{os.getpid()}", state_dir) as url,
    ):
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


@pytest.fixture(scope="session")
def inhabited(state_dir: Path, programs: Programs, settings: Settings, worker_id: str) -> Iterator[sa.Engine]:
    """Connections to a database of this test process on which the network was founded once."""
    with copied(state_dir, programs, f"inhabited_{worker_id}") as url:
        engine = make_engine(url, pool_size=4)
        with founding(engine, programs, settings) as troupe:
            found_network(troupe.as_system())
        yield engine
        engine.dispose()


@contextmanager
def founding(engine: sa.Engine, programs: Programs, settings: Settings) -> Iterator[Troupe]:
    """Whoever lays down what many tests begin with; it is kept when the block ends."""
    with ActingSession(engine, expire_on_commit=False) as session:
        yield Troupe(session, programs, settings, MovableClock(MONDAY_MORNING))
        session.commit()


@pytest.fixture
def stage(request: pytest.FixtureRequest) -> sa.Engine:
    """Connections to the database that the test plays on: the fullest of those that it asks for."""
    names = ("settled", "inhabited", "engine")
    fullest = next(name for name in names if name in request.fixturenames or name == "engine")
    return request.getfixturevalue(fullest)  # type: ignore[no-any-return]


@pytest.fixture
def clock() -> MovableClock:
    """A clock that stands at ten o'clock on a Monday until it is moved."""
    return MovableClock(MONDAY_MORNING)


@pytest.fixture
def sessions(stage: sa.Engine) -> Iterator[sessionmaker[ActingSession]]:
    """Sessions that all work in savepoints of one transaction, which is rolled back."""
    with stage.connect() as connection:
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
def troupe(session: ActingSession, programs: Programs, settings: Settings, clock: MovableClock) -> Troupe:
    """Whoever acts in the test, in its session."""
    return Troupe(session, programs, settings, clock)


@pytest.fixture
def make_work(troupe: Troupe) -> Callable[[Actor], Work]:
    """Makes a Work for an actor and lets the test's session act as that actor until the next one."""
    return troupe.work


@pytest.fixture
def work(troupe: Troupe) -> Work:
    """The system at work."""
    return troupe.as_system()


@pytest.fixture
def as_actor(troupe: Troupe) -> Callable[..., Work]:
    """`as_actor(account)`: that person at work, from now until somebody else is named."""
    return troupe.as_actor


@pytest.fixture
def as_system(troupe: Troupe) -> Callable[[], Work]:
    """`as_system()`: the system at work again."""
    return troupe.as_system


@pytest.fixture
def network(inhabited: sa.Engine, work: Work) -> Network:  # noqa: ARG001 - it makes the stage
    """One district, two hospitals with a ward each, a community centre, and people in every role."""
    return find_network(work)


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
