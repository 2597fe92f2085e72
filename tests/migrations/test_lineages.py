"""Each owner's tables change in a lineage of their own; programs come and go."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg
import pytest
import sqlalchemy as sa

from casework import migrations
from casework.db import Base, make_engine
from casework.embedded import at_database, create_database, drop_database
from casework.migrations import MigrationError, difference, downgrade, lineages, migrate, pending, revise
from casework.programs import Programs
from casework.testing.database import quick_server

REVISION = """
import sqlalchemy as sa
from alembic import op

revision = "{number:04}"
down_revision = {before!r}
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table("{table}", sa.Column("id", sa.BigInteger(), primary_key=True))


def downgrade() -> None:
    op.drop_table("{table}")
"""


@dataclass
class Outreach:
    """As much of a program as migrating looks at."""

    folder: Path
    key: str = "outreach"
    package: str = "outreach"
    policies: dict[str, Any] = field(default_factory=dict)
    opens: dict[tuple[str, str], frozenset[str]] = field(default_factory=dict)

    def subfolder(self, name: str) -> Path | None:
        folder = self.folder / name
        return folder if folder.is_dir() else None

    def add(self, number: int, table: str) -> None:
        folder = self.folder / "migrations" / "versions"
        folder.mkdir(parents=True, exist_ok=True)
        before = f"{number - 1:04}" if number > 1 else None
        text = REVISION.format(number=number, before=before, table=table)
        (folder / f"{number:04}_{table}.py").write_text(text)


@pytest.fixture
def outreach(tmp_path: Path) -> Any:
    program = Outreach(tmp_path / "outreach")
    program.add(1, "outreach_visits")
    return program


@pytest.fixture
def url(state_dir: Path, worker_id: str) -> Iterator[str]:
    """The owner's address of an empty database."""
    with quick_server(state_dir) as server:
        name = f"casework_lineages_{worker_id}_{os.getpid()}"
        drop_database(server.superuser_url, name)
        create_database(server.superuser_url, name)
        yield at_database(server.owner_url, name)
        drop_database(server.superuser_url, name)


def tables(url: str) -> set[str]:
    engine = make_engine(url)
    try:
        return set(sa.inspect(engine).get_table_names())
    finally:
        engine.dispose()


RUNTIME = "casework_runtime"


def test_models_and_migrations_say_the_same_and_everything_can_be_undone(
    url: str, programs: Programs
) -> None:
    empty = tables(url)
    migrate(url, programs, RUNTIME)
    for lineage in reversed(lineages(programs)):
        assert difference(url, programs, lineage.key) == []
        downgrade(url, programs, RUNTIME, lineage.key)
    assert {table for table in tables(url) - empty if not table.startswith("alembic_version")} == set()
    migrate(url, programs, RUNTIME)
    assert pending(url, programs) == []


def test_a_program_is_enabled_disabled_upgraded_past_and_enabled_again(
    url: str, programs: Programs, outreach: Any
) -> None:
    migrate(url, programs, RUNTIME)
    assert pending(url, [*programs, outreach]) == ["outreach 0001"]
    migrate(url, [*programs, outreach], RUNTIME)
    assert pending(url, [*programs, outreach]) == []
    assert "outreach_visits" in tables(url)

    migrate(url, programs, RUNTIME)
    assert "outreach_visits" in tables(url)
    assert difference(url, programs) == []

    outreach.add(2, "outreach_routes")
    assert pending(url, [*programs, outreach]) == ["outreach 0002"]
    migrate(url, [*programs, outreach], RUNTIME)
    assert {"outreach_visits", "outreach_routes"} <= tables(url)

    downgrade(url, [*programs, outreach], RUNTIME, "outreach")
    assert not {"outreach_visits", "outreach_routes"} & tables(url)
    assert "cases" in tables(url)


def test_the_runtime_role_can_ask_what_is_pending(url: str, programs: Programs, state_dir: Path) -> None:
    migrate(url, programs, RUNTIME)
    database = url.rpartition("?")[0].rpartition("/")[2]
    runtime = at_database(quick_server(state_dir).runtime_url, database)
    assert pending(runtime, programs) == []
    engine = make_engine(runtime)
    with engine.connect() as connection, pytest.raises(sa.exc.ProgrammingError, match="permission denied"):
        connection.execute(sa.text("delete from alembic_version"))
    engine.dispose()


def test_several_processes_may_migrate_at_once(url: str, programs: Programs) -> None:
    errors: list[BaseException] = []

    def attempt() -> None:
        try:
            migrate(url, programs, RUNTIME)
        except BaseException as error:  # noqa: BLE001 - shown by the test
            errors.append(error)

    threads = [threading.Thread(target=attempt) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    assert pending(url, programs) == []


def test_a_failing_revision_leaves_nothing_of_it(url: str, programs: Programs, outreach: Any) -> None:
    outreach.add(2, "outreach_visits")
    with pytest.raises(sa.exc.ProgrammingError, match="already exists"):
        migrate(url, [*programs, outreach], RUNTIME)
    assert "outreach_visits" not in tables(url)
    assert pending(url, [*programs, outreach]) == ["outreach 0002"]


def test_a_database_of_a_newer_version_is_told(url: str, programs: Programs) -> None:
    migrate(url, programs, RUNTIME)
    with psycopg.connect(url) as connection:
        connection.execute("update alembic_version set version_num = '9999'")
    with pytest.raises(MigrationError, match="newer version"):
        migrate(url, programs, RUNTIME)


def test_a_revision_is_drafted_with_only_the_owner_s_tables(
    url: str, programs: Programs, outreach: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    metadata = sa.MetaData(naming_convention=Base.metadata.naming_convention)
    sa.Table("outreach_visits", metadata, sa.Column("id", sa.BigInteger, primary_key=True))
    sa.Table("outreach_routes", metadata, sa.Column("id", sa.BigInteger, primary_key=True))
    sa.Table("strange", metadata, sa.Column("id", sa.BigInteger, primary_key=True))
    monkeypatch.setattr(migrations, "load_models", lambda _programs: metadata)
    migrate(url, [*programs, outreach], RUNTIME)
    path = revise(url, [*programs, outreach], "Plan the routes", "outreach")
    text = path.read_text()
    assert path.name == "0002_plan_the_routes.py"
    assert "'outreach_routes'" in text
    assert "strange" not in text
    assert "cases" not in text
    compile(text, path.name, "exec")
    migrate(url, [*programs, outreach], RUNTIME)
    assert "outreach_routes" in tables(url)
