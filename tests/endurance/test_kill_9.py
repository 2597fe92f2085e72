"""Whatever is killed, and at whatever moment, what was acknowledged stays and the service comes back."""

from __future__ import annotations

import contextlib
import http.client
import logging
import os
import random
import signal
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

import pytest

from casework.embedded.place import binaries_for
from casework.settings import Settings

from .conftest import Ground, laid
from .deployment import Deployment, deployed, until

log = logging.getLogger(__name__)

KILLS = int(os.environ.get("CASEWORK_KILLS", "3"))
"""How often the web process is killed; more take longer and find rarer moments."""

CLIENTS = 4
START_CPU_SECONDS = 8
"""What a start may cost on one core: this machine is shared with other tests, a clock on the wall is not fair."""

PLAIN = "The service is not available for a moment"


@pytest.fixture(scope="module")
def service() -> Iterator[Deployment]:
    """The running service."""
    with deployed() as deployment:
        deployment.start()
        yield deployment


@pytest.fixture(scope="module")
def place(service: Deployment, programs: Any) -> Iterator[Ground]:
    """A network in the service's own database."""
    settings = Settings(programs=("casework",), state_dir=str(service.state))
    with laid(service.server.runtime_url, programs, settings) as ground:
        yield ground


@dataclass
class Clients:
    """Workers who record contact notes without a pause, and what each was told."""

    service: Deployment
    ground: Ground
    case_ids: list[int]
    acknowledged: list[str] = field(default_factory=list)
    sent: list[str] = field(default_factory=list)
    told: Counter[int] = field(default_factory=Counter)
    pages: set[str] = field(default_factory=set)
    _stopping: threading.Event = field(default_factory=threading.Event)
    _threads: list[threading.Thread] = field(default_factory=list)

    def __enter__(self) -> Self:
        desks = [self.ground.signed_in("worker") for _each in range(CLIENTS)]
        for number, desk in enumerate(desks):
            thread = threading.Thread(target=self._record, args=(number, *desk))
            self._threads.append(thread)
            thread.start()
        return self

    def __exit__(self, *_raised: object) -> None:
        self._stopping.set()
        for thread in self._threads:
            thread.join(60)

    def more(self, number: int, seconds: float = 60) -> None:
        """Wait until so many more notes were acknowledged."""
        wanted = len(self.acknowledged) + number
        until(lambda: len(self.acknowledged) >= wanted, seconds)

    def _record(self, client: int, cookie: str, token: str) -> None:
        count = 0
        while not self._stopping.is_set():
            count += 1
            text, case_id = f"Client {client}, visit {count}.", self.case_ids[count % len(self.case_ids)]
            self.sent.append(text)
            status = 0
            with contextlib.suppress(OSError, http.client.HTTPException):
                fields = {"content": text, "csrf_token": token}
                status, page = self.service.ask("POST", f"/cases/{case_id}/contacts", cookie, fields)
                if status == http.client.SERVICE_UNAVAILABLE:
                    self.pages.add(page)
            self.told[status] += 1
            if status == http.client.SEE_OTHER:
                self.acknowledged.append(text)
            else:
                self._stopping.wait(0.05)

    def refuse_losses(self) -> None:
        """Hold that what was acknowledged is there once, and that the rest is whole or absent."""
        found = Counter(self.ground.notes(self.case_ids))
        assert set(self.acknowledged) <= found.keys()
        assert found.keys() <= set(self.sent)
        assert set(found.values()) == {1}
        self.ground.refuse_torn(self.case_ids)


@pytest.fixture
def clients(service: Deployment, place: Ground) -> Callable[[], Clients]:
    """`with clients() as recording:`, on two cases of their own."""
    return lambda: Clients(service, place, [place.case(), place.case()])


def kill(number: int | None) -> None:
    assert number
    os.kill(number, signal.SIGKILL)


def test_no_acknowledged_note_is_lost_when_web_processes_are_killed(
    service: Deployment, clients: Callable[[], Clients]
) -> None:
    chance = random.Random(9)
    away = []
    with clients() as recording:
        for _each in range(KILLS):
            recording.more(3)
            time.sleep(chance.random() * 0.4)
            begun, victim = time.monotonic(), until(service.web_worker)
            kill(victim)
            recording.more(1)
            away.append(time.monotonic() - begun)
    log.info("away for %s s, told %s", [round(each, 1) for each in away], dict(recording.told))
    assert recording.told.keys() <= {0, 303, 503}
    recording.refuse_losses()


def test_what_a_killed_job_worker_left_is_done_by_the_next(service: Deployment, place: Ground) -> None:
    first = until(service.worker)
    place.case()
    kill(first)
    with place.work() as work:
        work.jobs.defer(work.session, "audit.seal")
    until(lambda: service.worker() not in {None, first})
    until(lambda: service.database_says("select count(*) from audit_pending") == 0)


@pytest.mark.parametrize("manner", ["kill -9", "restart"])
def test_a_database_that_goes_away_comes_back_without_a_restart_of_the_pages(
    service: Deployment, clients: Callable[[], Clients], manner: str
) -> None:
    web = until(service.web_worker)
    with clients() as recording:
        recording.more(3)
        victim = service.postmaster()
        with nobody_mends(service):
            if manner == "kill -9":
                kill(victim)
            else:
                stop_at_once(service)
            until(lambda: recording.told[503])
            assert service.ask("GET", "/healthz") == (200, "ok\n")
            assert service.ask("GET", "/readyz") == (503, "not ready: database\n")
        begun = time.monotonic()
        recording.more(3)
    log.info("%s: back after %.1f s, told %s", manner, time.monotonic() - begun, dict(recording.told))
    assert service.web_worker() == web
    assert recording.told.keys() <= {0, 303, 503}, service.incidents()
    assert recording.pages
    assert [
        page for page in recording.pages if PLAIN not in page or "<h1" not in page or "psycopg" in page
    ] == []
    recording.refuse_losses()


@contextlib.contextmanager
def nobody_mends(service: Deployment) -> Iterator[None]:
    """Keep whoever would start the database again from doing so meanwhile."""
    assert service.process
    service.process.send_signal(signal.SIGSTOP)
    try:
        yield
    finally:
        service.process.send_signal(signal.SIGCONT)


def stop_at_once(service: Deployment) -> None:
    """What an administrator does in a hurry: `pg_ctl stop -m immediate`."""
    server = service.server
    pg_ctl = binaries_for(server.place, None) / "pg_ctl"
    done = server.place.run(pg_ctl, "stop", "-D", server.place.data, "-m", "immediate", "-w", "-s")
    assert done.returncode == 0, done.stdout


def test_readiness_is_honest_and_tells_strangers_nothing(service: Deployment) -> None:
    until(lambda: service.ask("GET", "/readyz") == (200, "ok\n"))
    old = "update procrastinate_workers set last_heartbeat = now() - interval '5 minutes' returning 1"
    service.database_says(f"with w as ({old}) select count(*) from w")
    assert service.ask("GET", "/readyz") == (503, "not ready: worker\n")
    assert service.ask("GET", "/healthz") == (200, "ok\n")
    until(lambda: service.ask("GET", "/readyz") == (200, "ok\n"))
    change = "with v as (update alembic_version set version_num = '{}' returning 1) select count(*) from v"
    version = service.database_says("select version_num from alembic_version")
    service.database_says(change.format("0000"))
    assert service.ask("GET", "/readyz") == (503, "not ready: migrations\n")
    assert service.ask("GET", "/healthz") == (200, "ok\n")
    service.database_says(change.format(version))
    assert service.ask("GET", "/readyz") == (200, "ok\n")


def test_a_second_start_is_quick_and_ctrl_c_leaves_a_clean_database(service: Deployment) -> None:
    assert service.stop() == 0
    assert service.processes() == []
    assert shut_down(service) == "shut down"
    seconds = service.start()
    spent = sum(cpu_seconds(number) for number in service.processes(r"casework|granian"))
    log.info("second start: %.1f s on the wall, %.1f s of processor", seconds, spent)
    assert spent < START_CPU_SECONDS


def shut_down(service: Deployment) -> str:
    """The state of the cluster, as its control file has it."""
    place = service.server.place
    told = place.run(binaries_for(place, None) / "pg_controldata", "-D", place.data).stdout
    return next(line.partition(":")[2].strip() for line in told.splitlines() if "cluster state" in line)


def cpu_seconds(number: int) -> float:
    """What a process, with the children it buried, has used of processors."""
    try:
        fields = Path(f"/proc/{number}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0
    return sum(int(each) for each in fields[11:15]) / os.sysconf("SC_CLK_TCK")
