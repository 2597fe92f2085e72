"""`casework serve`: everything that one machine needs, from the database to the last worker.

The supervisor checks, migrates, starts one group of web processes and one worker, replaces those
that die, and ends all of them in order. Should it be killed itself, its children end by themselves
and the next start finds the database where it was.
"""

from __future__ import annotations

import ctypes
import http.client
import logging
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import click

from casework.configuration import Configuration, Server
from casework.deployment import database_problems, setting_problems
from casework.embedded import EmbeddedError, Urls, connect_urls
from casework.embedded.urls import mend, release
from casework.settings import Settings, SettingsError

if TYPE_CHECKING:
    from casework.programs import Programs

log = logging.getLogger(__name__)

INI = "CASEWORK_CONFIG"
READY_SECONDS = 90
GRACE_SECONDS = 30
"""How long a process may take to end what it has begun."""

PATIENCE = 5
"""A process that dies so often without ever having been ready will not get better."""

HEALTHY_SECONDS = 10
LONGEST_REST_SECONDS = 5
"""People wait while a process rests that dies again and again."""

SET_PARENT_DEATH_SIGNAL = 1


def serve(configuration: Configuration) -> int:
    """Serve until SIGINT or SIGTERM; answer the exit status."""
    log_to_terminal()
    settings = configuration.settings
    refuse(setting_problems(settings))
    _refuse_taken_port(configuration.server)
    _on_signal(_interrupt)
    try:
        if not settings.database_url and not settings.owner_url:
            say("Starting the embedded PostgreSQL")
        urls = connect_urls(settings)
        say("Bringing the database to this version")
        migrate_database(settings, urls)
        refuse(database_problems(settings, urls.runtime))
        if settings.demo:
            _load_demo_once(settings, urls)
        return _supervise(configuration, urls)
    except KeyboardInterrupt:
        return 0
    finally:
        _on_signal(signal.SIG_IGN)
        release(settings)
        say("Stopped.")


def application() -> Any:
    """The WSGI application of a web process, as the ini file that the environment names wires it."""
    import plaster

    end_with_parent()
    log_to_terminal()
    return plaster.get_loader(os.environ[INI], protocols=["wsgi"]).get_wsgi_app("main")


def refuse(problems: list[str]) -> None:
    """Stop with all problems at once, if there are any."""
    if problems:
        raise SettingsError("this deployment is refused:\n  - " + "\n  - ".join(problems))


def migrate_database(settings: Settings, urls: Urls) -> Programs:
    """Bring the database to this version and put the standard of the files in force; answer the
    enabled programs."""
    from urllib.parse import unquote, urlsplit

    from casework.handbook.usecases import put_in_force
    from casework.maintenance import system_at_work
    from casework.migrations import migrate
    from casework.programs import Programs

    programs = Programs.load(settings.programs, settings.adapters)
    migrate(urls.owner, programs, unquote(urlsplit(urls.runtime).username or ""))
    with system_at_work(urls.runtime, settings, programs) as work:
        put_in_force(work)
    return programs


def end_with_parent() -> None:
    """Let this process get SIGTERM when the process that started it is gone."""
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(SET_PARENT_DEATH_SIGNAL, signal.SIGTERM)


def log_to_terminal() -> None:
    """Send what is logged to the terminal or the journal."""
    logging.basicConfig(
        level=logging.INFO,
        format="%(asctime)s %(levelname)s %(name)s: %(message)s",
        datefmt="%Y-%m-%dT%H:%M:%S%z",
    )
    for noisy in ("alembic", "casework.embedded", "procrastinate"):
        logging.getLogger(noisy).setLevel(logging.WARNING)


def say(sentence: str) -> None:
    """Tell the person at the terminal what happens."""
    click.echo(sentence)


@dataclass
class Child:
    """One kept process: started anew, later and later, whenever it ends by itself."""

    name: str
    command: list[str]
    environment: dict[str, str]
    process: subprocess.Popen[bytes] | None = None
    started: float = 0
    deaths: int = 0
    resting_until: float = field(default=0)

    def keep(self) -> None:
        """Start it if it does not run and has rested; notice if it died."""
        now = time.monotonic()
        if self.process is not None and self.process.poll() is not None:
            self._sweep()
            self.deaths = 1 if now - self.started > HEALTHY_SECONDS else self.deaths + 1
            rest = min(LONGEST_REST_SECONDS, 2 ** (self.deaths - 1))
            log.warning("%s ended (%s); starting it again in %s s", self.name, self.process.returncode, rest)
            self.process, self.resting_until = None, now + rest
        if self.process is None and now >= self.resting_until:
            self.started = now
            # A session of its own, so that Ctrl-C reaches the supervisor alone, which then ends all in order.
            self.process = subprocess.Popen(
                self.command,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                start_new_session=True,
                preexec_fn=end_with_parent,  # noqa: PLW1509 - no threads run when children are started
            )

    def ask_to_end(self) -> None:
        """Ask it to finish what it has begun and end."""
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()

    def end(self, until: float) -> None:
        """Wait for its end until then, and kill what is left."""
        if self.process is None:
            return
        try:
            self.process.wait(max(0.1, until - time.monotonic()))
        except subprocess.TimeoutExpired:
            log.warning("%s did not end in time and is killed", self.name)
        self._sweep()
        self.process.wait()

    def _sweep(self) -> None:
        """Kill what its group left behind, so that nobody holds the port."""
        try:
            os.killpg(self.process.pid, signal.SIGKILL)  # type: ignore[union-attr]
        except ProcessLookupError:
            return


def _on_signal(action: Any) -> None:
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, action)


def _interrupt(_number: int, _frame: Any) -> None:
    raise KeyboardInterrupt


def _supervise(configuration: Configuration, urls: Urls) -> int:
    server = configuration.server
    stopping = threading.Event()
    _on_signal(lambda *_: stopping.set())
    environment = {
        **os.environ,
        "PYTHONWARNINGS": "ignore:pkg_resources is deprecated:UserWarning",
        INI: str(configuration.path),
        "CASEWORK_DATABASE_URL": urls.runtime,
        # Web and worker processes never act as the owner of the schema.
        "CASEWORK_OWNER_URL": urls.runtime,
    }
    web = Child("web", _granian(server), environment)
    children = [web, Child("worker", [sys.executable, "-m", "casework.cli", "worker"], environment)]
    say("Starting web and worker processes")
    ready, started = False, time.monotonic()
    try:
        while not stopping.is_set():
            _keep_database(configuration.settings)
            for child in children:
                child.keep()
            if not ready and _answers(configuration):
                ready = True
                say(f"Casework is ready: {_address(server)}  (Ctrl-C stops it)")
            if not ready and (web.deaths >= PATIENCE or time.monotonic() - started > READY_SECONDS):
                say("The web processes do not start; what they said is above.")
                return 1
            stopping.wait(0.5 if ready else 0.1)
        say("Stopping")
        return 0
    finally:
        for child in children:
            child.ask_to_end()
        until = time.monotonic() + GRACE_SECONDS
        for child in children:
            child.end(until)


def _keep_database(settings: Settings) -> None:
    try:
        if mend(settings):
            log.warning("PostgreSQL had ended and was started again")
    except EmbeddedError as error:
        log.error("PostgreSQL has ended and does not start again: %s", error)  # noqa: TRY400 - it says all
        time.sleep(1)


def _granian(server: Server) -> list[str]:
    options = {
        "--interface": "wsgi",
        "--http": "1",
        "--host": server.host,
        "--port": str(server.port),
        "--workers": str(server.workers),
        "--blocking-threads": str(server.threads),
        "--backpressure": str(server.threads * 16),
        "--workers-kill-timeout": "20",
        "--log-level": "warning",
    }
    pairs = [part for option in options.items() for part in option]
    # Whatever the environment says: addresses hold what was searched for.
    flags = ["--factory", "--no-ws", "--respawn-failed-workers", "--no-access-log"]
    return [sys.executable, "-m", "granian", *pairs, *flags, "casework.serve:application"]


def _answers(configuration: Configuration) -> bool:
    server, hosts = configuration.server, configuration.settings.hosts
    connection = http.client.HTTPConnection(server.host, server.port, timeout=5)
    try:
        connection.request("GET", "/healthz", headers={"Host": hosts[0]} if hosts else {})
        return connection.getresponse().status < http.client.INTERNAL_SERVER_ERROR
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def _address(server: Server) -> str:
    host = "localhost" if server.host in {"127.0.0.1", "0.0.0.0", "::1", "::"} else server.host  # noqa: S104 - compared
    return f"http://{host}:{server.port}"


def _refuse_taken_port(server: Server) -> None:
    try:
        family, kind, _, _, address = socket.getaddrinfo(server.host, server.port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except OSError as error:
        raise SettingsError(
            f"{server.host}:{server.port} cannot be listened on ({error.strerror}); choose another: make run PORT=8000"
        ) from error


def _load_demo_once(settings: Settings, urls: Urls) -> None:
    import psycopg

    with psycopg.connect(urls.runtime) as connection:
        row = connection.execute("select exists(select from units)").fetchone()
    if row and row[0]:
        return
    from casework import demo

    say("Loading the invented district (once, some seconds)")
    demo.load(settings)
