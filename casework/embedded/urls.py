"""Where the owner of the schema and where the run-time role connect."""

from __future__ import annotations

import atexit
from dataclasses import dataclass, field
from pathlib import Path

import psycopg
from psycopg import errors

from casework.embedded import keys, roles
from casework.embedded.place import EmbeddedError
from casework.embedded.server import Embedded
from casework.settings import Settings

_held: dict[Path, Embedded] = {}


@dataclass(frozen=True)
class Urls:
    """Two addresses of one database: for changing its schema, and for everything else."""

    owner: str = field(repr=False)
    runtime: str = field(repr=False)


def connect_urls(settings: Settings) -> Urls:
    """The addresses that these settings mean.

    Both configured: taken as they are. One configured: a run-time role is made beside it
    (`prepare_server`). None: the embedded server of the state folder is started, unless it runs,
    and kept until this process ends. Raises EmbeddedError.
    """
    if settings.database_url and settings.owner_url:
        return Urls(settings.owner_url, settings.database_url)
    if given := settings.database_url or settings.owner_url:
        return prepare_server(given, settings.state_path)
    server = _held.get(settings.state_path)
    if server is None:
        server = Embedded(settings.state_path)
        server.start()
        _held[settings.state_path] = server
        atexit.register(release, settings)
    return Urls(server.owner_url, server.runtime_url)


def release(settings: Settings) -> None:
    """Let go of the embedded server now, instead of when this process ends."""
    if server := _held.pop(settings.state_path, None):
        server.stop()


def mend(settings: Settings) -> bool:
    """Start the embedded server again if it died since; answer whether it had. Raises EmbeddedError."""
    server = _held.get(settings.state_path)
    return server is not None and server.mend()


def prepare_server(url: str, state: Path) -> Urls:
    """Make sure that a run-time role exists for the database at `url`, whose role may create roles.

    The role is named after the database, as in `casework_runtime`; its password is kept in
    `state`. Raises EmbeddedError.
    """
    url = url.replace("postgres://", "postgresql://", 1) if url.startswith("postgres://") else url
    try:
        with roles.connect(url) as connection:
            database = connection.info.dbname
            role = f"{database[:50]}_runtime"
            password, fresh = keys.read_or_make(state / f"{role}.password", keys.make_password)
            roles.ensure_role(connection, role, password, renew=fresh)
    except errors.InsufficientPrivilege as error:
        raise EmbeddedError(
            "the configured role may not create the run-time role: make one as docs/deploy.md tells, "
            "then set both CASEWORK_OWNER_URL and CASEWORK_DATABASE_URL"
        ) from error
    except psycopg.OperationalError as error:
        raise EmbeddedError(f"the configured database does not answer: {error}") from error
    runtime = roles.with_role(url, role, password)
    try:
        roles.connect(runtime).close()
    except psycopg.OperationalError as error:
        raise EmbeddedError(
            f"the role {role} cannot sign in with the password in {state / f'{role}.password'}: {error}"
        ) from error
    return Urls(url, runtime)
