"""Every setting once: its name, type, default and one sentence.

A setting is read from the ini file as `casework.<name>` and may be overridden by the environment
variable `CASEWORK_<NAME>`. An unknown `casework.` name, or a value of the wrong type, stops the
start with a message that names it.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, Literal, get_args, get_origin, get_type_hints

Mode = Literal["development", "production", "test"]


class SettingsError(ValueError):
    """A setting that is unknown, malformed or not allowed in this mode."""


def _setting(default: Any, sentence: str) -> Any:
    return field(default=default, metadata={"sentence": sentence})


@dataclass(frozen=True)
class Settings:
    """One deployment's settings. Days and hours are whole numbers; lists are separated by spaces."""

    mode: Mode = _setting("development", "Production refuses everything that is only for trying out.")
    demo: bool = _setting(False, "Load the invented district and show its sign-in names.")
    state_dir: str = _setting("var", "Folder for the embedded database, secrets, anchors and files.")
    database_url: str = _setting(
        "", "Where the run-time role connects; empty starts the embedded PostgreSQL."
    )
    owner_url: str = _setting("", "Where the owner of the schema connects to migrate; empty means derived.")
    pool_size: int = _setting(8, "Database connections kept by one process.")
    secret_file: str = _setting("", "File with the key of encrypted fields; empty means made in state_dir.")
    programs: tuple[str, ...] = _setting((), "Keys of the programs that this network has enabled.")
    adapters: tuple[str, ...] = _setting(
        (), "Names of the adapters that send texts to phones; `development` shows them on a page instead."
    )
    default_language: str = _setting("zh_Hans", "Language of a visitor who asks for none.")
    time_zone: str = _setting("Asia/Shanghai", "The clock that deadlines and dates follow.")
    calendar: str = _setting("CN", "Country whose working days count, by its ISO 3166 code.")
    phone_region: str = _setting("CN", "Country of phone numbers written without +, by its ISO 3166 code.")
    phone_area_code: str = _setting("0757", "Area code of local phone numbers written without one.")
    hosts: tuple[str, ...] = _setting((), "Host names that are answered; empty means any (development only).")
    trusted_proxies: int = _setting(0, "How many proxies in front are trusted to name the visitor.")
    https: bool = _setting(False, "Visitors come by https: cookies are Secure and HSTS is sent.")
    session_idle_minutes: int = _setting(30, "A session unused for so long asks to sign in again.")
    session_hours: int = _setting(12, "A session ends after so long, used or not.")
    handover_access_days: int = _setting(
        7, "The former worker can still read a handed-over case for so long."
    )
    phone_link_days: int = _setting(
        90, "A phone by which nobody has signed in for so long is taken for somebody else's by now."
    )
    max_body_kb: int = _setting(1024, "Largest accepted form, in kilobytes.")
    documents_url: str = _setting(
        "", "Where documents are kept, such as s3://bucket/folder; empty means a folder in state_dir."
    )
    upload_mb: int = _setting(15, "Largest accepted photo or paper, in megabytes.")
    photo_megapixels: int = _setting(
        50, "Largest accepted JPEG, in millions of points; half for PNG and WebP."
    )
    documents_of_a_case: int = _setting(300, "Most documents that one case may hold.")
    removed_documents_days: int = _setting(
        30, "The file of a removed document is taken away after so many days."
    )

    @property
    def production(self) -> bool:
        """Whether real people's records are kept here."""
        return self.mode == "production"

    @property
    def state_path(self) -> Path:
        """The state folder as an absolute path."""
        return Path(self.state_dir).expanduser().resolve()

    @classmethod
    def read(cls, ini: Mapping[str, str], environment: Mapping[str, str] | None = None) -> Settings:
        """Read settings from an ini section and the environment; the environment wins."""
        environment = os.environ if environment is None else environment
        given = {
            name.removeprefix("casework."): value
            for name, value in ini.items()
            if name.startswith("casework.")
        }
        known = {each.name for each in fields(cls)}
        if unknown := sorted(given.keys() - known):
            raise SettingsError(f"unknown setting casework.{unknown[0]}; see casework/settings.py")
        types = get_type_hints(cls)
        values = {}
        for each in fields(cls):
            text = environment.get(f"CASEWORK_{each.name.upper()}", given.get(each.name))
            if text is not None:
                values[each.name] = _parse(each.name, str(text).strip(), types[each.name])
        return cls(**values)


def _parse(name: str, text: str, kind: Any) -> Any:
    if kind is bool:
        if text.lower() not in {"true", "false", "yes", "no", "on", "off", "1", "0"}:
            raise SettingsError(f"casework.{name} is {text!r}; write true or false")
        return text.lower() in {"true", "yes", "on", "1"}
    if kind is int:
        if not text.isdigit():
            raise SettingsError(f"casework.{name} is {text!r}; write a whole number")
        return int(text)
    if get_origin(kind) is Literal:
        if text not in get_args(kind):
            raise SettingsError(f"casework.{name} is {text!r}; write one of {get_args(kind)}")
        return text
    if get_origin(kind) is tuple:
        return tuple(text.split())
    return text
