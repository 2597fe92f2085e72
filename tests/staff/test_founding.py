"""The first administrator, opened from the command line."""

from __future__ import annotations

from pathlib import Path

import pytest
import sqlalchemy as sa
from click.testing import CliRunner

from casework.cli import casework
from casework.errors import Invalid
from casework.security.passwords import is_right
from casework.staff.founding import open_administrator
from casework.staff.model import Account, Unit
from casework.testing.committed import OwnDatabase


def test_the_first_administrator_founds_the_network(work, roles_now) -> None:
    account, password = open_administrator(work, "Anna", "Hospitals of the district")
    root = work.session.scalars(sa.select(Unit)).one()
    assert (root.parent_id, root.names["en"]) == (None, "Hospitals of the district")
    assert roles_now(account) == [("administrator", root.id)]
    assert account.sign_in_name == "anna"
    assert is_right(account.password_hash, password)


def test_a_further_one_is_opened_in_the_network_that_there_is(work, network, roles_now) -> None:
    account, _password = open_administrator(work, "anna", "Another")
    assert roles_now(account) == [("administrator", network.units["district"].id)]


def test_the_name_of_somebody_is_not_taken_over(work, network) -> None:
    with pytest.raises(Invalid):
        open_administrator(work, "Nurse", "x")


def test_the_command_prints_the_password_once(
    own_database: OwnDatabase, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ini = tmp_path / "test.ini"
    ini.write_text("[app:main]\ncasework.programs = casework\ncasework.state_dir = %(here)s\n")
    monkeypatch.setenv("CASEWORK_DATABASE_URL", own_database.url)
    owner = own_database.owner.url.set(drivername="postgresql")
    monkeypatch.setenv("CASEWORK_OWNER_URL", owner.render_as_string(hide_password=False))
    monkeypatch.delenv("CASEWORK_CONFIG", raising=False)
    arguments = ["administrator", "anna", "-c", str(ini)]
    done = CliRunner().invoke(casework, arguments)
    assert done.exit_code == 0, done.output
    password = done.output.split("One-time password: ")[1].split()[0]
    with own_database.engine.connect() as connection:
        stored = connection.scalar(sa.select(Account.password_hash).where(Account.sign_in_name == "anna"))
    assert is_right(stored, password)
    again = CliRunner().invoke(casework, arguments)
    assert again.exit_code == 1
    assert "This sign-in name is taken" in again.output
