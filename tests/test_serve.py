"""`casework serve` starts everything, mends what dies, and leaves nothing behind."""

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

import pytest

from casework.embedded import Embedded

SOUGHT = "somebody-who-is-sought"
"""What is asked for in every address, and is in no log."""

INI = """
[app:main]
use = call:answering:make
casework.mode = development
casework.state_dir = %(here)s/state

[server:main]
port = {port}
"""

ANSWERING = """
import os

def make(global_config, **ini):
    def answer(environ, start_response):
        start_response("200 OK", [("Content-Type", "text/plain")])
        return [str(os.getpid()).encode()]
    return answer
"""


def until(condition: Callable[[], object], seconds: float = 60) -> object:
    """What the condition answers as soon as it is true."""
    end = time.monotonic() + seconds
    while not (found := condition()):
        assert time.monotonic() < end, "it did not come to pass"
        time.sleep(0.1)
    return found


class Service:
    """A running `casework serve` in a folder of its own, with a tiny application for its pages."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        (folder / "try.ini").write_text(INI.format(port=self.port))
        (folder / "answering.py").write_text(ANSWERING)
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        environment = {name: value for name, value in os.environ.items() if not name.startswith("CASEWORK_")}
        with (self.folder / "output").open("ab") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "casework.cli", "serve", str(self.folder / "try.ini")],
                env={**environment, "PYTHONPATH": str(self.folder), "GRANIAN_LOG_ACCESS_ENABLED": "true"},
                stdout=output,
                stderr=output,
            )
        until(self.answer)

    def answer(self) -> int | None:
        """The number of the process that answers, if one does."""
        assert self.process is None or self.process.poll() is None, self.output()
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
        with contextlib.closing(connection), contextlib.suppress(OSError, http.client.HTTPException):
            connection.request("GET", f"/search?q={SOUGHT}")
            return int(connection.getresponse().read())
        return None

    def stop(self, number: int = signal.SIGINT) -> int:
        assert self.process
        self.process.send_signal(number)
        return self.process.wait(60)

    def output(self) -> str:
        return (self.folder / "output").read_text()

    def processes(self, pattern: str = "") -> list[int]:
        """The processes that know the folder of this service, by command line or environment."""
        found = []
        for process in Path("/proc").glob("[0-9]*"):
            with contextlib.suppress(OSError):
                line = (process / "cmdline").read_bytes()
                mine = os.fsencode(self.folder) in line + (process / "environ").read_bytes()
                if mine and line and re.search(pattern.encode(), line):
                    found.append(int(process.name))
        return found


@pytest.fixture
def service() -> Iterator[Service]:
    folder = Path(tempfile.mkdtemp(prefix="casework-serve-"))
    folder.chmod(0o711)
    service = Service(folder)
    yield service
    for number in service.processes():
        with contextlib.suppress(ProcessLookupError):
            os.kill(number, signal.SIGKILL)
    until(lambda: not service.processes())
    shutil.rmtree(folder)


def test_it_starts_everything_and_ctrl_c_leaves_nothing(service: Service) -> None:
    service.start()
    until(lambda: service.processes(r"casework\.cli.worker"))
    assert Embedded(service.folder / "state").running()
    until(lambda: f"http://localhost:{service.port}" in service.output())
    assert service.stop() == 0
    assert SOUGHT not in service.output()
    assert "/search" not in service.output()
    assert not service.processes()
    assert not Embedded(service.folder / "state").running()


def test_what_is_killed_comes_back_and_a_killed_supervisor_takes_all_with_it(service: Service) -> None:
    service.start()
    first = service.answer()
    assert first
    os.kill(first, signal.SIGKILL)
    until(lambda: service.answer() not in {None, first})

    (worker,) = until(lambda: service.processes(r"casework\.cli.worker"))  # type: ignore[misc]
    os.kill(worker, signal.SIGKILL)
    until(lambda: set(service.processes(r"casework\.cli.worker")) - {worker})

    group = min(service.processes("granian"))
    os.kill(group, signal.SIGKILL)
    until(lambda: service.answer() and group not in service.processes("granian"))

    assert service.stop(signal.SIGKILL) == -signal.SIGKILL
    service.process = None
    until(lambda: not service.processes("granian|worker"))
    service.start()
    assert service.stop(signal.SIGTERM) == 0
    assert not service.processes()


def test_a_taken_port_is_told_before_anything_starts(service: Service) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", service.port))
        taken.listen()
        done = subprocess.run(
            [sys.executable, "-m", "casework.cli", "serve", str(service.folder / "try.ini")],
            capture_output=True,
            text=True,
            check=False,
        )
    assert done.returncode == 1
    assert "choose another: make run PORT=8000" in done.stderr
    assert "Traceback" not in done.stderr
    assert not (service.folder / "state").exists()
