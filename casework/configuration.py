"""Reads an ini file: the settings of Casework and those of the server that serves it."""

from __future__ import annotations

import configparser
import os
from dataclasses import dataclass, replace
from pathlib import Path

from casework.settings import Settings, SettingsError


@dataclass(frozen=True)
class Server:
    """Where the web processes listen and how many there are; `threads` for each."""

    host: str = "127.0.0.1"
    port: int = 6543
    workers: int = 1
    threads: int = 4


@dataclass(frozen=True)
class Configuration:
    """One ini file, read."""

    path: Path
    settings: Settings
    server: Server

    def on_port(self, port: int | None) -> Configuration:
        """The same, listening on another port if one is given."""
        return replace(self, server=replace(self.server, port=port)) if port is not None else self


def read(path: Path) -> Configuration:
    """Read `[app:main]` and `[server:main]`; `%(here)s` stands for the file's folder.

    Raises SettingsError that names what is missing or wrong.
    """
    path = path.resolve()
    parser = configparser.ConfigParser({"here": str(path.parent).replace("%", "%%")})
    try:
        with path.open() as file:
            parser.read_file(file)
        application = dict(parser["app:main"])
        given = dict(parser["server:main"]) if parser.has_section("server:main") else {}
    except OSError as error:
        raise SettingsError(f"{path} cannot be read: {error.strerror}") from error
    except KeyError as error:
        raise SettingsError(f"{path} has no section [app:main]") from error
    except (configparser.Error, UnicodeDecodeError) as error:
        raise SettingsError(f"{path}: {error}") from error
    return Configuration(path, Settings.read(application), _server(given))


def _server(given: dict[str, str]) -> Server:
    numbers = {}
    for name in ("port", "workers", "threads"):
        text = os.environ.get(f"CASEWORK_{name.upper()}", given.get(name, str(getattr(Server, name))))
        if not text.isascii() or not text.isdigit() or not 0 < int(text) < 2**16:
            raise SettingsError(f"[server:main] {name} is {text!r}; write a whole number from 1 to 65535")
        numbers[name] = int(text)
    return Server(os.environ.get("CASEWORK_HOST", given.get("host", Server.host)), **numbers)
