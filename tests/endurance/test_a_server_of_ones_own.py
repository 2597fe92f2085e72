"""A hospital's own PostgreSQL, the oldest promised one, does what the embedded one does."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Any

import psycopg
import pytest
import sqlalchemy as sa

from casework.cases.model import Case, Event
from casework.duties.model import Duty
from casework.embedded import Embedded, at_database, connect_urls, create_database, drop_database
from casework.forms.model import Response
from casework.people.model import Person
from casework.serve import migrate_database
from casework.settings import Settings
from casework.testing.database import quick_server
from casework.web.application import make_application

from .conftest import Desk, Ground, laid

DEBIAN = sorted(Path("/usr/lib/postgresql").glob("*/bin"))
NUMBERS = count(1)

SEEN = (Case, Event, Response, Duty, Person)
READERS = (
    *("nurse", "worker", "colleague", "coordinator", "supervisor", "purchaser", "auditor", "admin"),
    *("other-nurse", "other-worker", "other-coordinator"),
)


@contextmanager
def settled(server: Embedded) -> Iterator[Ground]:
    """A deployment that was given one address, of a role that may make the other."""
    name = f"hospital_{os.getpid()}_{next(NUMBERS)}"
    role = f"{name}_owner"
    with psycopg.connect(server.superuser_url, autocommit=True) as connection:
        connection.execute(f"create role {role} login createrole password 'p'")
    create_database(server.superuser_url, name, owner=role)
    place = server.superuser_url.rpartition("@")[2]
    keys = Path(tempfile.mkdtemp(prefix="casework-test-"))
    settings = Settings(
        programs=("casework",),
        state_dir=str(keys),
        database_url=at_database(f"postgresql://{role}:p@{place}", name),
    )
    try:
        urls = connect_urls(settings)
        programs = migrate_database(settings, urls)
        with laid(urls.runtime, programs, settings) as ground:
            yield ground
    finally:
        drop_database(server.superuser_url, name)
        with psycopg.connect(server.superuser_url, autocommit=True) as connection:
            connection.execute(f"drop role {name}_runtime")
            connection.execute(f"drop role {role}")
        shutil.rmtree(keys)


@pytest.fixture(scope="module")
def debian() -> Iterator[Ground]:
    """On Debian's server."""
    if not DEBIAN:
        pytest.skip("Debian's PostgreSQL is not installed: apt-get install postgresql")
    state = Path(tempfile.mkdtemp(prefix="casework-test-"))
    state.chmod(0o711)
    with Embedded(state, binaries=DEBIAN[0]) as server, settled(server) as ground:
        yield ground
    shutil.rmtree(state)


@pytest.fixture(scope="module")
def wheel(state_dir: Path) -> Iterator[Ground]:
    """On the embedded server."""
    with quick_server(state_dir) as server, settled(server) as ground:
        yield ground


@contextmanager
def application_of(ground: Ground) -> Iterator[Any]:
    """The application as the settings alone make it."""
    application = make_application(ground.settings)
    try:
        yield application
    finally:
        application.registry["casework.sessions"].kw["bind"].dispose()


def carry_a_case(ground: Ground, application: Any) -> int:
    """The first steps of a case through the pages: referred, assigned, a contact recorded."""
    person_id, ward = ground.person(), ground.network.units["ward"].id
    now = ground.clock.now().astimezone().isoformat(timespec="minutes")
    nurse, coordinator, worker = (
        Desk(application, ground, name) for name in ("nurse", "coordinator", "worker")
    )
    answers = {
        "unit_id": str(ward),
        "urgency": "urgent",
        "reasons[]": "financial",
        "source": "ward",
        "knows_diagnosis": "partly",
        "agrees": "yes",
        "referred_at": now[:16],
    }
    assert nurse.post(f"/refer/{person_id}", answers).status_int == 303
    with ground.work() as work:
        case = work.session.scalars(sa.select(Case).where(Case.person_id == person_id)).one()
    move = {"worker_id": str(ground.network["worker"].id), "case_version": str(case.version)}
    assert coordinator.post(f"/cases/{case.id}/moves/assign", move).status_int == 303
    assert worker.post(f"/cases/{case.id}/contacts", {"content": "By the bed."}).status_int == 303
    assert "By the bed." in worker.get(f"/cases/{case.id}").text
    assert Desk(application, ground, "other-worker").get(f"/cases/{case.id}").status_int == 404
    return case.id


def visible(ground: Ground) -> dict[str, dict[str, int]]:
    """How many rows of each kind each member sees."""
    found: dict[str, dict[str, int]] = {}
    for name in READERS:
        with ground.work(ground.network[name]) as work:
            found[name] = {
                kind.__name__: work.session.scalar(sa.select(sa.func.count()).select_from(kind)) or 0
                for kind in SEEN
            }
    return found


def test_with_one_address_everything_works_and_everybody_sees_the_same(debian: Ground, wheel: Ground) -> None:
    seen = []
    for ground in (debian, wheel):
        with application_of(ground) as application:
            case_id = carry_a_case(ground, application)
        ground.refuse_torn([case_id])
        seen.append(visible(ground))
    with debian.sessions() as old, wheel.sessions() as new:
        versions = [int(each.scalar(sa.text("show server_version_num"))) // 10000 for each in (old, new)]
    assert versions[0] < versions[1]
    assert seen[0] == seen[1]
    assert seen[0]["worker"] == {
        "Case": 1,
        "Event": 3,
        "Response": 2,
        "Duty": seen[0]["worker"]["Duty"],
        "Person": 1,
    }
    assert seen[0]["nurse"]["Case"] == 1
    assert seen[0]["nurse"]["Response"] < seen[0]["worker"]["Response"]
    assert not any(seen[0]["other-worker"].values())
