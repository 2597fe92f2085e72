"""The whole service in processes of its own, as `casework serve` runs it, to be hurt by tests."""

from __future__ import annotations

import contextlib
import http.client
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import psycopg

from casework.embedded import Embedded

DEVELOPMENT = Path(__file__).parents[2] / "development.ini"


def until(condition: Callable[[], Any], seconds: float = 60, pause: float = 0.05) -> Any:
    """What the condition answers as soon as it is true."""
    end = time.monotonic() + seconds
    while not (found := condition()):
        assert time.monotonic() < end, "it did not come to pass"
        time.sleep(pause)
    return found


class Deployment:
    """`casework serve` on the real development.ini, without the demo, in a folder of its own."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="casework-endurance-"))
        # The system user of an embedded server that root starts passes through.
        self.folder.chmod(0o711)
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        text = DEVELOPMENT.read_text().replace("casework.demo = true", "casework.demo = false")
        (self.folder / "development.ini").write_text(text)
        self.state = self.folder / "var"
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def server(self) -> Embedded:
        """The server of its database, to look at; it is the service that starts and stops it."""
        return Embedded(self.state)

    def start(self) -> float:
        """Start it and answer after how many seconds the first page came."""
        environment = {name: value for name, value in os.environ.items() if not name.startswith("CASEWORK_")}
        begun = time.monotonic()
        with (self.folder / "output").open("ab") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "casework.cli", "serve", "development.ini", "--port", str(self.port)],
                cwd=self.folder,
                env={**environment, "PYTHONPATH": str(DEVELOPMENT.parent)},
                stdout=output,
                stderr=output,
            )
        until(lambda: self.status("/sign-in") == http.client.OK)
        return time.monotonic() - begun

    def stop(self) -> int:
        """Press Ctrl-C and answer how it ended."""
        assert self.process
        self.process.send_signal(signal.SIGINT)
        return self.process.wait(60)

    def remove(self) -> None:
        """Leave nothing behind, whatever state it is in."""
        if self.process and self.process.poll() is None:
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.stop()
        for number in self.processes():
            with contextlib.suppress(ProcessLookupError):
                os.kill(number, signal.SIGKILL)
        until(lambda: not self.processes())
        shutil.rmtree(self.folder)

    def ask(
        self, method: str, path: str, cookie: str = "", fields: dict[str, str] | None = None
    ) -> tuple[int, str]:
        """Status and text of an answer; OSError or HTTPException if none comes."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        headers = {"Cookie": cookie, "Accept-Language": "en", "Accept": "text/html"}
        if fields is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        with contextlib.closing(connection):
            connection.request(method, path, urlencode(fields) if fields is not None else None, headers)
            answer = connection.getresponse()
            return answer.status, answer.read().decode()

    def status(self, path: str) -> int:
        """The status of a page; 0 if nobody answers."""
        assert self.process is None or self.process.poll() is None, self.output()
        with contextlib.suppress(OSError, http.client.HTTPException):
            return self.ask("GET", path)[0]
        return 0

    def output(self) -> str:
        """What it said so far."""
        return (self.folder / "output").read_text()

    def incidents(self) -> list[str]:
        """The errors that nobody expected, as they were logged."""
        return [line for line in self.output().splitlines() if "ERROR casework.incidents" in line]

    def processes(self, pattern: str = "") -> list[int]:
        """The processes that know the folder, by command line, environment or working folder."""
        found = []
        for process in Path("/proc").glob("[0-9]*"):
            with contextlib.suppress(OSError):
                line = (process / "cmdline").read_bytes()
                known = line + (process / "environ").read_bytes() + os.fsencode((process / "cwd").readlink())
                if line and os.fsencode(self.folder) in known and re.search(pattern.encode(), line):
                    found.append(int(process.name))
        return found

    def web_worker(self) -> int | None:
        """The process that answers pages, a child of the one that keeps it; None while there is none."""
        keeper = self._child("granian")
        return next(iter(_children(keeper)), None) if keeper else None

    def postmaster(self) -> int:
        """The first process of PostgreSQL."""
        return int((self.server.place.data / "postmaster.pid").read_text().split()[0])

    def worker(self) -> int | None:
        """The process that works off jobs."""
        return self._child("casework.cli\0worker")

    def _child(self, name: str) -> int | None:
        assert self.process
        for number in _children(self.process.pid):
            with contextlib.suppress(OSError):
                if name.encode() in Path(f"/proc/{number}/cmdline").read_bytes():
                    return number
        return None

    def database_says(self, question: str) -> Any:
        """The answer of the database to its superuser."""
        url = self.server.superuser_url.replace("/postgres?", "/casework?")
        with psycopg.connect(url) as connection:
            row = connection.execute(question).fetchone()  # type: ignore[arg-type]
        assert row
        return row[0]


def _children(number: int) -> list[int]:
    try:
        return [int(each) for each in Path(f"/proc/{number}/task/{number}/children").read_text().split()]
    except OSError:
        return []


@contextlib.contextmanager
def deployed() -> Iterator[Deployment]:
    """A deployment that is gone afterwards."""
    deployment = Deployment()
    try:
        yield deployment
    finally:
        deployment.remove()
