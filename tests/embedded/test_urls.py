"""Where the roles connect: the embedded server, one configured address, or two."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from casework.deployment import database_problems, setting_problems
from casework.embedded import (
    Embedded,
    EmbeddedError,
    Urls,
    at_database,
    connect_urls,
    create_database,
    prepare_server,
)
from casework.embedded.keys import make_key
from casework.embedded.urls import release
from casework.settings import Settings


@pytest.fixture(scope="module")
def state() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="casework-test-"))
    folder.chmod(0o711)
    yield folder
    shutil.rmtree(folder)


@pytest.fixture(scope="module")
def server(state: Path) -> Iterator[Embedded]:
    """Stands for a server of a hospital's own."""
    with Embedded(state) as server:
        yield server


@pytest.fixture
def hospital(server: Embedded) -> str:
    """The address of a role that may create roles and owns the database `hospital`."""
    with psycopg.connect(server.superuser_url, autocommit=True) as connection:
        connection.execute("drop database if exists hospital")
        connection.execute("drop role if exists hospital_runtime")
        connection.execute("drop role if exists admin_role")
        connection.execute("create role admin_role login createrole password 'p@ss/word'")
    create_database(server.superuser_url, "hospital", owner="admin_role")
    host = server.superuser_url.partition("?")[2]
    return f"postgresql://admin_role:p%40ss%2Fword@/hospital?{host}"


def test_two_addresses_are_taken_as_they_are() -> None:
    settings = Settings(database_url="postgresql://a@h/d", owner_url="postgresql://b@h/d")
    assert connect_urls(settings) == Urls("postgresql://b@h/d", "postgresql://a@h/d")


def test_addresses_do_not_show_in_a_traceback() -> None:
    assert "secret" not in repr(Urls("postgresql://a:secret@h/d", "postgresql://b:secret@h/d"))


@pytest.mark.parametrize("name", ["database_url", "owner_url"])
def test_beside_one_address_a_run_time_role_is_made(hospital: str, tmp_path: Path, name: str) -> None:
    urls = connect_urls(Settings(**{name: hospital}, state_dir=str(tmp_path)))  # type: ignore[arg-type]
    assert urls.owner == hospital
    assert (tmp_path / "hospital_runtime.password").stat().st_mode & 0o777 == 0o600
    with psycopg.connect(urls.runtime) as connection:
        row = connection.execute(
            "select current_user, rolsuper, rolcreaterole, rolbypassrls from pg_roles where rolname = current_user"
        ).fetchone()
    assert row == ("hospital_runtime", False, False, False)
    assert prepare_server(hospital, tmp_path) == urls


def test_an_old_spelling_of_the_address_is_understood(hospital: str, tmp_path: Path) -> None:
    urls = prepare_server(hospital.replace("postgresql://", "postgres://"), tmp_path)
    assert urls.owner == hospital


def test_a_role_that_may_not_create_roles_is_told_what_to_do(server: Embedded, tmp_path: Path) -> None:
    with pytest.raises(EmbeddedError, match="CASEWORK_OWNER_URL and CASEWORK_DATABASE_URL"):
        prepare_server(at_database(server.owner_url, "postgres"), tmp_path)


def test_a_server_that_does_not_answer_is_told(tmp_path: Path) -> None:
    with pytest.raises(EmbeddedError, match="does not answer"):
        prepare_server("postgresql://a@127.0.0.1:1/d", tmp_path)


def test_with_no_address_the_embedded_server_is_kept_until_released(state: Path, server: Embedded) -> None:
    settings = Settings(state_dir=str(state))
    urls = connect_urls(settings)
    assert urls == connect_urls(settings) == Urls(server.owner_url, server.runtime_url)
    release(settings)
    release(settings)
    assert server.running()


class TestProduction:
    @pytest.fixture
    def settings(self, tmp_path: Path) -> Settings:
        secret = tmp_path / "secret"
        secret.touch(mode=0o600)
        secret.write_text(make_key())
        return Settings(mode="production", hosts=("casework.example.org",), secret_file=str(secret))

    def test_a_complete_one_is_let_through(self, settings: Settings) -> None:
        assert setting_problems(settings) == []

    def test_everything_that_is_missing_is_told_at_once(self) -> None:
        told = " ".join(setting_problems(Settings(mode="production", demo=True)))
        assert "casework.demo is on" in told
        assert "casework.hosts is empty" in told
        assert "casework.secret_file is empty" in told

    def test_a_readable_secret_is_refused(self, settings: Settings) -> None:
        Path(settings.secret_file).chmod(0o604)
        (problem,) = setting_problems(settings)
        assert "can be read by others" in problem

    def test_roles_above_the_rules_are_refused(
        self, settings: Settings, hospital: str, server: Embedded
    ) -> None:
        with psycopg.connect(hospital) as connection:
            connection.execute(
                "create table accounts (sign_in_name text, password_hash text, disabled_at timestamptz)"
            )
        (problem,) = database_problems(settings, at_database(server.superuser_url, "hospital"))
        assert "above the rules" in problem
        (problem,) = database_problems(settings, hospital)
        assert "owns the tables" in problem

    def test_demo_accounts_left_behind_are_refused(
        self, settings: Settings, hospital: str, tmp_path: Path
    ) -> None:
        from argon2 import PasswordHasher

        hashed = PasswordHasher().hash("casework-demo")
        other = PasswordHasher().hash("something else")
        urls = prepare_server(hospital, tmp_path)
        with psycopg.connect(hospital) as connection:
            connection.execute(
                "create table accounts (sign_in_name text, password_hash text, disabled_at timestamptz)"
            )
            connection.execute("grant select on accounts to hospital_runtime")
            connection.execute(
                "insert into accounts values ('admin', %s, null), ('nurse', %s, now())", [other, hashed]
            )
        assert database_problems(settings, urls.runtime) == []
        with psycopg.connect(hospital) as connection:
            connection.execute("insert into accounts values ('worker', %s, null)", [hashed])
        (problem,) = database_problems(settings, urls.runtime)
        assert "worker" in problem
        assert "admin" not in problem
