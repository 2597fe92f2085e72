"""Changing the schema: one lineage of revisions for the core and one for each program.

Every lineage has its own version table, so that a program can be enabled, disabled and removed
without the others noticing. The core goes first. The owner of the schema runs this; web and worker
processes only ask whether something is `pending`.
"""

from __future__ import annotations

import contextlib
import importlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import sqlalchemy as sa
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy.pool import NullPool

from casework.db import Base
from casework.programs import Program
from casework.resources import PACKAGE
from casework.security import visibility
from casework.security.roles import ROLES, opened
from casework.staff.model import Grant

HERE = Path(__file__).parent
ONE_AT_A_TIME = 0x6361736577
"""Key of the advisory lock that lets only one process migrate a database at a time."""

PLACES: tuple[tuple[Literal["unit", "case"], Any], ...] = (("unit", Grant.unit_id), ("case", Grant.case_id))
"""The two relations of a grant, and the column that tells each."""

FOREIGN = ("alembic_version", "procrastinate_")


class MigrationError(RuntimeError):
    """The schema cannot be brought to this version; the message says why."""


@dataclass(frozen=True)
class Lineage:
    """The revisions of one owner; `key` is the program's, None for the core."""

    key: str | None
    versions: Path

    @property
    def name(self) -> str:
        """What messages call it."""
        return self.key or "core"

    @property
    def version_table(self) -> str:
        """The table that tells how far this lineage has come."""
        return f"alembic_version_{self.key}" if self.key else "alembic_version"

    def owns(self, table: str, keys: Iterable[str]) -> bool:
        """Whether a table is this lineage's, by its prefix, given all keys of programs."""
        if table.startswith(FOREIGN):
            return False
        if self.key:
            return table.startswith(f"{self.key}_")
        return not any(table.startswith(f"{key}_") for key in keys)


def lineages(programs: Iterable[Program]) -> list[Lineage]:
    """The core's lineage, then those of the programs that have tables of their own."""
    found = [Lineage(None, HERE / "versions")]
    for program in programs:
        folder = program.subfolder("migrations")
        if folder and (folder / "versions").is_dir():
            found.append(Lineage(program.key, folder / "versions"))
    return found


def load_models(programs: Iterable[Program]) -> sa.MetaData:
    """Import every mapped module of the core and of the programs; answer all tables."""
    for path in sorted(PACKAGE.glob("*/model.py")):
        importlib.import_module(f"casework.{path.parent.name}.model")
    for program in programs:
        if (program.folder / "model.py").exists():
            importlib.import_module(f"{program.package}.model")
    return Base.metadata


def migrate(owner_url: str, programs: Iterable[Program], runtime_role: str) -> None:
    """Bring the database to this version: everything, or nothing of the lineage that fails.

    Waits while another process migrates the same database. A statement that cannot get its lock
    within 10 s gives up, so that a long-running query cannot make everybody wait behind it.
    Raises MigrationError.
    """
    programs = list(programs)
    with _only_migrator(owner_url) as connection:
        if pending_in(connection, programs):
            visibility.uninstall(connection)
        for lineage in lineages(programs):
            config = _config(lineage, connection, runtime_role)
            with _told(lineage):
                command.upgrade(config, "head")
            connection.execute(
                sa.text(
                    f'grant select on "{lineage.version_table}" to "{runtime_role}"'
                )  # `pending` reads it
            )
            connection.commit()
        _wall(connection, programs, runtime_role)


def _wall(connection: sa.Connection, programs: Iterable[Program], runtime_role: str) -> None:
    """Put the policies of this version in place, and let the grants that are in force open what their
    roles open in it; both are code, and follow every change of tables and programs."""
    programs = list(programs)
    visibility.install(connection, runtime_role, [program.policies for program in programs])
    still_in_force = sa.or_(Grant.valid_until.is_(None), Grant.valid_until > sa.func.now())
    for role in ROLES:
        for relation, given_at in PLACES:
            renewed = (
                sa.update(Grant)
                .where(Grant.role == role, given_at.is_not(None), still_in_force)
                .values(compartments=opened(role, relation, programs))
            )
            connection.execute(renewed)
    connection.commit()


def downgrade(owner_url: str, programs: Iterable[Program], runtime_role: str, key: str | None = None) -> None:
    """Undo all revisions of one lineage, as tests do to prove that they can be undone."""
    with _only_migrator(owner_url) as connection:
        lineage = _lineage(programs, key)
        visibility.uninstall(connection)
        with _told(lineage):
            command.downgrade(_config(lineage, connection, runtime_role), "base")
        connection.commit()


def pending(url: str, programs: Iterable[Program]) -> list[str]:
    """The revisions that the database still lacks, as "core 0002"; empty means up to date."""
    with _engine(url).connect() as connection:
        return pending_in(connection, programs)


def pending_in(connection: sa.Connection, programs: Iterable[Program]) -> list[str]:
    """As `pending`, asked on a connection that is open already."""
    missing = []
    for lineage in lineages(programs):
        script = ScriptDirectory.from_config(_config(lineage, None, ""))
        context = MigrationContext.configure(connection, opts={"version_table": lineage.version_table})
        reached = set(context.get_current_heads())
        missing += [f"{lineage.name} {head}" for head in script.get_heads() if head not in reached]
    return missing


def difference(owner_url: str, programs: Iterable[Program], key: str | None = None) -> list[Any]:
    """What differs between the mapped models of one lineage and its tables in the database."""
    programs = list(programs)
    metadata = load_models(programs)
    lineage = _lineage(programs, key)
    engine = _engine(owner_url)
    with engine.connect() as connection:
        options = {
            "version_table": lineage.version_table,
            "include_object": only_of(lineage, _keys(connection, programs)),
            "compare_type": True,
            "compare_server_default": True,
        }
        return list(compare_metadata(MigrationContext.configure(connection, opts=options), metadata))


def revise(owner_url: str, programs: Iterable[Program], message: str, key: str | None = None) -> Path:
    """Draft the next revision of one lineage from what differs; answer the new file."""
    programs = list(programs)
    metadata = load_models(programs)
    with _only_migrator(owner_url) as connection:
        lineage = _lineage(programs, key)
        config = _config(lineage, connection, "")
        config.attributes["metadata"] = metadata
        config.attributes["include_object"] = only_of(lineage, _keys(connection, programs))
        number = 1 + max((int(path.name[:4]) for path in lineage.versions.glob("[0-9]*_*.py")), default=0)
        revision_id = f"{number:04}"
        with _told(lineage):
            script = command.revision(config, message, autogenerate=True, rev_id=revision_id)
        if script is None or isinstance(script, list):
            raise MigrationError(f"{lineage.name}: no revision was drafted")
        return Path(script.path)


def only_of(lineage: Lineage, keys: Iterable[str]) -> Any:
    """The filter by which Alembic sees only the tables of one lineage."""
    keys = list(keys)

    def include(thing: Any, name: str | None, kind: str, _reflected: bool, _compared: Any) -> bool:
        table = name if kind == "table" else thing.table.name
        return lineage.owns(str(table), keys)

    return include


def _lineage(programs: Iterable[Program], key: str | None) -> Lineage:
    for lineage in lineages(programs):
        if lineage.key == key:
            return lineage
    raise MigrationError(f"program {key!r} is not enabled or has no migrations")


def _keys(connection: sa.Connection, programs: Iterable[Program]) -> set[str]:
    """The keys of all programs that have, or once had, tables in this database."""
    tables = sa.inspect(connection).get_table_names()
    prefix = "alembic_version_"
    once = {table.removeprefix(prefix) for table in tables if table.startswith(prefix)}
    return once | {program.key for program in programs}


def _config(lineage: Lineage, connection: sa.Connection | None, runtime_role: str) -> Config:
    config = Config()
    config.set_main_option("script_location", str(HERE).replace("%", "%%"))
    config.set_main_option("version_locations", str(lineage.versions).replace("%", "%%"))
    config.set_main_option("path_separator", "newline")
    config.set_main_option("file_template", "%%(rev)s_%%(slug)s")
    config.attributes.update(
        connection=connection, version_table=lineage.version_table, runtime_role=runtime_role
    )
    return config


def _engine(url: str) -> sa.Engine:
    if url.startswith("postgres://"):
        url = "postgresql://" + url.removeprefix("postgres://")
    url = url.replace("postgresql://", "postgresql+psycopg://", 1)
    return sa.create_engine(url, poolclass=NullPool, connect_args={"connect_timeout": 10})


@contextlib.contextmanager
def _only_migrator(owner_url: str) -> Iterator[sa.Connection]:
    engine = _engine(owner_url)
    with engine.connect() as connection:
        connection.execute(sa.text("set lock_timeout = '5min'"))
        connection.execute(sa.select(sa.func.pg_advisory_lock(ONE_AT_A_TIME)))
        connection.execute(sa.text("set lock_timeout = '10s'"))
        connection.commit()
        yield connection


@contextlib.contextmanager
def _told(lineage: Lineage) -> Iterator[None]:
    try:
        yield
    except CommandError as error:
        raise MigrationError(
            f"{lineage.name}: {error}. If the database was migrated by a newer version, install that one."
        ) from error
