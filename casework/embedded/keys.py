"""Passwords and keys in files that only their owner can read."""

from __future__ import annotations

import base64
import binascii
import os
import secrets
import stat
from collections.abc import Callable
from pathlib import Path

from casework.settings import Settings, SettingsError

KEY_BYTES = 32


def make_password() -> str:
    """A new password of 192 random bits that needs no quoting in an address."""
    return secrets.token_urlsafe(24)


def make_key() -> str:
    """A new master key: 32 random bytes, written in base64."""
    return base64.urlsafe_b64encode(secrets.token_bytes(KEY_BYTES)).decode()


def read_or_make(path: Path, make: Callable[[], str]) -> tuple[str, bool]:
    """The text of a private file, and whether this call made it.

    The file is complete or absent at every moment; of two processes that make it at once, both
    get the text of the first.
    """
    try:
        return path.read_text().strip(), False
    except FileNotFoundError:
        pass
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "w") as file:
            file.write(make() + "\n")
            file.flush()
            os.fsync(file.fileno())
        os.link(draft, path)
    except FileExistsError:
        return path.read_text().strip(), False
    finally:
        draft.unlink()
    return path.read_text().strip(), True


def secret_path(settings: Settings) -> Path:
    """Where the master key lies: the configured file, else `secret` in the state folder."""
    return Path(settings.secret_file).expanduser() if settings.secret_file else settings.state_path / "secret"


def secret_problems(path: Path) -> list[str]:
    """What is wrong with a file that holds the master key, in sentences; empty if nothing is."""
    try:
        mode = path.stat().st_mode
        text = path.read_text()
    except (OSError, UnicodeDecodeError) as error:
        return [f"the secret file {path} cannot be read: {error}"]
    problems = []
    if stat.S_IMODE(mode) & 0o077:
        problems.append(f"the secret file {path} can be read by others; run: chmod 600 {path}")
    try:
        _decode(text)
    except ValueError as error:
        problems.append(f"the secret file {path} {error}; make one with: casework secret FILE")
    return problems


def master_key(settings: Settings) -> bytes:
    """The 32 bytes from which the keys of encrypted fields and cookies are derived.

    Outside production it is made when no file is configured. Raises SettingsError if the file is
    missing, malformed or readable by others.
    """
    path = secret_path(settings)
    if not settings.secret_file:
        if settings.production:
            raise SettingsError("production needs casework.secret_file; make one with: casework secret FILE")
        read_or_make(path, make_key)
    if problems := secret_problems(path):
        raise SettingsError(problems[0])
    return _decode(path.read_text())


def _decode(text: str) -> bytes:
    try:
        key = base64.b64decode(text.strip().encode(), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        raise ValueError("holds no base64") from None
    if len(key) != KEY_BYTES:
        raise ValueError(f"holds {len(key)} bytes instead of {KEY_BYTES}")
    if len(set(key)) < KEY_BYTES // 4:
        raise ValueError("holds no random key")
    return key
