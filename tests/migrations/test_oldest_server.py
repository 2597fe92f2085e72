"""The oldest server that is promised, Debian's PostgreSQL 15, beside the embedded 18."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from casework.embedded import Embedded, prepare_server
from casework.embedded.roles import connect
from casework.migrations import difference, migrate, pending
from casework.programs import Programs

DEBIAN = sorted(Path("/usr/lib/postgresql").glob("*/bin"))


@pytest.fixture
def hospital_url() -> Iterator[str]:
    """A server of a hospital's own: one address, of a role that may create roles."""
    if not DEBIAN:
        pytest.skip("Debian's PostgreSQL is not installed: apt-get install postgresql")
    state = Path(tempfile.mkdtemp(prefix="casework-test-"))
    state.chmod(0o711)
    with Embedded(state, binaries=DEBIAN[0]) as server:
        with connect(server.superuser_url) as connection:
            connection.execute("alter role casework_owner createrole")
        yield server.owner_url
    shutil.rmtree(state)


def test_the_whole_schema_is_made_and_guarded_there(
    hospital_url: str, programs: Programs, tmp_path: Path
) -> None:
    keys = tmp_path / "keys"
    with psycopg.connect(hospital_url) as connection:
        assert 150000 <= connection.info.server_version < 180000
        connection.execute("drop role casework_runtime")
    urls = prepare_server(hospital_url, keys)
    migrate(urls.owner, programs, "casework_runtime")
    assert pending(urls.runtime, programs) == []
    assert difference(urls.owner, programs) == []
    with psycopg.connect(urls.runtime) as connection:
        assert connection.execute("select count(*) from cases").fetchone() == (0,)
        connection.execute("select set_config('casework.actor', '1', true)")
        assert connection.execute("select count(*) from cases").fetchone() == (0,)
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute("drop table cases")
