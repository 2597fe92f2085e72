"""Settings are typed, known by name, and overridden by the environment; so is the ini file."""

from __future__ import annotations

from pathlib import Path

import pytest

from casework import configuration
from casework.settings import Settings, SettingsError

ROOT = Path(__file__).resolve().parents[1]


def test_without_anything_it_is_a_development() -> None:
    settings = Settings.read({}, {})
    assert settings.mode == "development"
    assert not settings.production
    assert not settings.demo


def test_the_environment_wins_over_the_ini() -> None:
    settings = Settings.read({"casework.pool_size": "3", "casework.demo": "no"}, {"CASEWORK_POOL_SIZE": "5"})
    assert settings.pool_size == 5
    assert settings.demo is False


def test_lists_are_separated_by_spaces_and_may_be_empty() -> None:
    ini = {"casework.programs": "casework  hospice", "casework.hosts": ""}
    settings = Settings.read(ini, {})
    assert settings.programs == ("casework", "hospice")
    assert settings.hosts == ()


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("casework.demmo", "true", "unknown setting casework.demmo"),
        ("casework.demo", "maybe", "write true or false"),
        ("casework.pool_size", "many", "write a whole number"),
        ("casework.pool_size", "-1", "write a whole number"),
        ("casework.mode", "prod", "write one of"),
    ],
)
def test_what_is_wrong_is_named(name: str, value: str, told: str) -> None:
    with pytest.raises(SettingsError, match=told):
        Settings.read({name: value}, {})


def test_other_names_in_the_section_are_none_of_our_business() -> None:
    assert Settings.read({"use": "egg:casework", "pyramid.reload_templates": "true"}, {}) == Settings.read(
        {}, {}
    )


def test_every_setting_has_a_sentence() -> None:
    from dataclasses import fields

    for field in fields(Settings):
        assert field.metadata["sentence"].endswith("."), field.name


@pytest.mark.parametrize("name", ["development", "production"])
def test_the_shipped_files_are_read(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in ("CASEWORK_MODE", "CASEWORK_DEMO", "CASEWORK_STATE_DIR", "CASEWORK_PORT"):
        monkeypatch.delenv(variable, raising=False)
    read = configuration.read(ROOT / f"{name}.ini")
    assert read.settings.mode == name
    assert read.settings.demo == (name == "development")
    assert read.settings.state_path.is_absolute()
    assert read.server.port == 6543
    assert read.on_port(8000).server.port == 8000
    assert read.on_port(None) == read


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "no section"),
        ("not an ini", "no section headers"),
        ("[app:main]\ncasework.state_dir = %(nowhere)s", "nowhere"),
        ("[app:main]\n[server:main]\nport = http", "port is 'http'"),
        ("[app:main]\n[server:main]\nport = 70000", "port is '70000'"),
        ("[app:main]\n[server:main]\nworkers = 0", "workers is '0'"),
    ],
)
def test_a_damaged_file_is_told_in_one_sentence(tmp_path: Path, text: str, told: str) -> None:
    path = tmp_path / "x.ini"
    path.write_text(text)
    with pytest.raises(SettingsError, match=told):
        configuration.read(path)


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"nothing\.ini cannot be read"):
        configuration.read(tmp_path / "nothing.ini")


def test_a_folder_with_a_percent_sign_is_fine(tmp_path: Path) -> None:
    folder = tmp_path / "100% ours"
    folder.mkdir()
    (folder / "x.ini").write_text("[app:main]\ncasework.state_dir = %(here)s/var\n")
    assert configuration.read(folder / "x.ini").settings.state_path == folder / "var"
