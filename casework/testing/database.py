"""Real databases for tests: one migrated template, one copy of it for each test process."""

from __future__ import annotations

import fcntl
import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from casework.embedded import Embedded, at_database, create_database, drop_database
from casework.migrations import migrate
from casework.programs import Programs
from casework.resources import PACKAGE


def quick_server(state: Path) -> Embedded:
    """The server of all test processes. What it holds need not outlive the machine, so it waits for no disk."""
    return Embedded(state, options={"fsync": "off", "full_page_writes": "off", "synchronous_commit": "off"})


@contextmanager
def template_copy(server: Embedded, programs: Programs, name: str, state: Path) -> Iterator[str]:
    """A database of that name, migrated and empty; its address for the run-time role."""
    template = f"casework_template_{_schema_hash(programs)}"
    with _only_one(state / "template.lock"):
        if not (state / template).exists():
            drop_database(server.superuser_url, template)
            create_database(server.superuser_url, template, owner="casework_owner")
            migrate(at_database(server.owner_url, template), programs, "casework_runtime")
            (state / template).touch()
    drop_database(server.superuser_url, name)
    create_database(server.superuser_url, name, template=template, owner="casework_owner")
    try:
        yield at_database(server.runtime_url, name)
    finally:
        drop_database(server.superuser_url, name)


def _schema_hash(programs: Programs) -> str:
    """What the schema depends on: models, migrations and policies."""
    folders = [PACKAGE, *(program.folder for program in programs)]
    digest = hashlib.sha256()
    for folder in folders:
        for path in sorted(folder.rglob("*.py")):
            if (
                path.name
                in {
                    "model.py",
                    "visibility.py",
                    "walls.py",
                    "policies.py",
                    "roles.py",
                    "plugin.py",
                    "db.py",
                    "schema.py",
                }
                or "migrations" in path.parts
            ):
                digest.update(path.read_bytes())
    return digest.hexdigest()[:12]


@contextmanager
def _only_one(path: Path) -> Iterator[None]:
    path.parent.mkdir(parents=True, exist_ok=True)
    handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)
