"""Passwords and the master key lie in private files and are never half written."""

from __future__ import annotations

import stat
import threading
from pathlib import Path

import pytest

from casework.embedded.keys import make_key, make_password, master_key, read_or_make, secret_problems
from casework.settings import Settings, SettingsError


def test_a_made_file_is_private_and_stays_as_it_is(tmp_path: Path) -> None:
    first, fresh = read_or_make(tmp_path / "deep" / "secret", make_key)
    again, renewed = read_or_make(tmp_path / "deep" / "secret", make_key)
    assert (first, fresh, renewed) == (again, True, False)
    assert stat.S_IMODE((tmp_path / "deep" / "secret").stat().st_mode) == 0o600
    assert [path.name for path in (tmp_path / "deep").iterdir()] == ["secret"]


def test_many_who_make_it_at_once_get_the_same(tmp_path: Path) -> None:
    answers: list[tuple[str, bool]] = []
    threads = [
        threading.Thread(target=lambda: answers.append(read_or_make(tmp_path / "p", make_password)))
        for _ in range(20)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({text for text, _ in answers}) == 1
    assert sum(fresh for _, fresh in answers) == 1


def test_outside_production_the_master_key_makes_itself(tmp_path: Path) -> None:
    settings = Settings(state_dir=str(tmp_path / "state"))
    assert len(master_key(settings)) == 32
    assert master_key(settings) == master_key(settings)


def test_production_does_not_make_one(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="casework secret FILE"):
        master_key(Settings(mode="production", state_dir=str(tmp_path)))
    assert not list(tmp_path.iterdir())


def test_a_readable_secret_is_refused_in_every_mode(tmp_path: Path) -> None:
    path = tmp_path / "secret"
    path.write_text(make_key())
    path.chmod(0o640)
    with pytest.raises(SettingsError, match="can be read by others"):
        master_key(Settings(secret_file=str(path)))
    path.chmod(0o600)
    assert len(master_key(Settings(secret_file=str(path)))) == 32


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "holds 0 bytes instead of 32"),
        ("c2hvcnQ=", "holds 5 bytes instead of 32"),
        ("A" * 43 + "=", "holds no random key"),
        ("change-me, please!", "holds no base64"),
        ("密" * 40, "holds no base64"),
    ],
)
def test_what_is_no_key_is_told(tmp_path: Path, text: str, reason: str) -> None:
    path = tmp_path / "secret"
    path.touch(mode=0o600)
    path.write_text(text)
    (problem,) = secret_problems(path)
    assert reason in problem


def test_a_missing_secret_is_told(tmp_path: Path) -> None:
    (problem,) = secret_problems(tmp_path / "nothing")
    assert "cannot be read" in problem
