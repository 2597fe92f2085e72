"""Encryption of single fields: identity numbers, bank accounts and the like.

A value is sealed with AES-256-GCM and bound to its place (table and column) and to the row that it
stands in, so that a ciphertext copied to another row or column does not open. Beside it stands a
blind index, an HMAC-SHA256 of the value, by which equal values are found without opening any.

The secret file holds one key a line, the newest first: `<key id> <32 bytes in base64>`. Everything
new is sealed with the first; the others still open what was sealed with them. Lines beginning with
`#` are remarks.
"""

from __future__ import annotations

import base64
import binascii
import os
import re
import secrets
import stat
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes, hmac
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from casework.settings import Settings

FORMAT = 1
NONCE_BYTES = 12
TAG_BYTES = 16
KEY_BYTES = 32
TAIL = 4
KEY_ID = re.compile(r"[A-Za-z0-9._-]{1,32}")


class SecretError(Exception):
    """The secret file is absent, malformed or open to others; the message says what to do."""


class SealError(Exception):
    """A sealed value that does not open: changed, moved from its row, or of a key that is gone."""


@dataclass(frozen=True)
class Sealed:
    """A value as its row keeps it: ciphertext, blind index, and the last characters in the clear."""

    ciphertext: bytes
    index: bytes
    tail: str


@dataclass(frozen=True)
class _Key:
    name: str
    seal: AESGCM = field(repr=False)
    index: bytes = field(repr=False)


class Keys:
    """The keys of one deployment. Neither they nor what they open ever appear in a `repr`."""

    def __init__(self, masters: Sequence[tuple[str, bytes]]) -> None:
        """`masters` are pairs of key id and 32 bytes, the newest first."""
        if not masters:
            raise SecretError("the secret file holds no key")
        self._keys: dict[str, _Key] = {}
        for name, master in masters:
            if not KEY_ID.fullmatch(name):
                raise SecretError(f"key id {name[:40]!r}: write 1 to 32 of A-Z a-z 0-9 . _ -")
            if name in self._keys:
                raise SecretError(f"key id {name!r} stands twice in the secret file")
            if len(master) != KEY_BYTES:
                raise SecretError(f"key {name!r} has {len(master)} bytes; it must have {KEY_BYTES}")
            self._keys[name] = _Key(
                name,
                AESGCM(_derive(master, b"casework sealed field")),
                _derive(master, b"casework blind index"),
            )
        self._newest = next(iter(self._keys.values()))

    def seal(self, place: str, row: object, value: str) -> bytes:
        """Seal a value for `place` ("table.column") and for the row of the stable key `row`."""
        name = self._newest.name.encode()
        nonce = secrets.token_bytes(NONCE_BYTES)
        header = bytes((FORMAT, len(name))) + name
        return header + nonce + self._newest.seal.encrypt(nonce, value.encode(), _bound(place, row))

    def open(self, place: str, row: object, sealed: bytes) -> str:
        """The value sealed for this place and row; SealError when it is anything else."""
        name, rest = _split(place, sealed)
        key = self._keys.get(name)
        if key is None:
            raise SealError(f"{place} of row {row}: sealed with key {name!r}, which the secret file lacks")
        try:
            opened = key.seal.decrypt(rest[:NONCE_BYTES], rest[NONCE_BYTES:], _bound(place, row))
        except InvalidTag:
            raise SealError(
                f"{place} of row {row}: the sealed value was changed or belongs to another row"
            ) from None
        return opened.decode()

    def index(self, place: str, value: str) -> bytes:
        """The blind index to store: 32 bytes, made with the newest key."""
        return _blind(self._newest, place, value)

    def indexes(self, place: str, value: str) -> list[bytes]:
        """The blind indexes under which an equal value may have been stored, one for each key."""
        return [_blind(key, place, value) for key in self._keys.values()]

    def sealed(self, place: str, row: object, value: str) -> Sealed:
        """All that a row keeps of a value: ciphertext, index and the last four characters.

        Of a value shorter than eight characters nothing is kept in the clear.
        """
        tail = value[-TAIL:] if len(value) >= 2 * TAIL else ""
        return Sealed(self.seal(place, row, value), self.index(place, value), tail)

    def is_current(self, sealed: bytes) -> bool:
        """Whether a value is sealed with the newest key; if not, a rotation has still to reseal it."""
        return _split("value", sealed)[0] == self._newest.name


def _derive(master: bytes, purpose: bytes) -> bytes:
    return HKDF(algorithm=hashes.SHA256(), length=KEY_BYTES, salt=None, info=purpose).derive(master)


def _bound(place: str, row: object) -> bytes:
    return f"{place}:{row}".encode()


def _blind(key: _Key, place: str, value: str) -> bytes:
    digest = hmac.HMAC(key.index, hashes.SHA256())
    digest.update(f"{place}:{value}".encode())
    return digest.finalize()


def _split(place: str, sealed: bytes) -> tuple[str, bytes]:
    """The key id of a sealed value, and its nonce with the ciphertext."""
    length = sealed[1] if len(sealed) > 1 else 0
    if len(sealed) < 2 + length + NONCE_BYTES + TAG_BYTES or sealed[0] != FORMAT:
        raise SealError(f"{place}: not a sealed value")
    return sealed[2 : 2 + length].decode("ascii", "replace"), sealed[2 + length :]


def new_key_line() -> str:
    """A fresh line for the secret file; put it first to rotate."""
    name = secrets.token_hex(4)
    return f"{name} {base64.b64encode(secrets.token_bytes(KEY_BYTES)).decode()}\n"


def read_keys(text: str) -> Keys:
    """The keys of a secret file's text."""
    masters = []
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        name, _space, encoded = line.strip().partition(" ")
        try:
            masters.append((name, base64.b64decode(encoded.strip(), validate=True)))
        except (binascii.Error, ValueError):
            # The line itself is not shown: it is, or nearly is, a key.
            raise SecretError(f"line {number} of the secret file: write a key id, a space, base64") from None
    return Keys(masters)


def secret_path(settings: Settings) -> Path:
    """Where this deployment's secret file is."""
    if settings.secret_file:
        return Path(settings.secret_file).expanduser().resolve()
    return settings.state_path / "secret"


@lru_cache(maxsize=8)
def keys_of(settings: Settings) -> Keys:
    """The keys of a deployment, read once for each process.

    Outside production a missing secret file is made, readable by its owner only. In production it
    must exist, and nobody but its owner may read it.
    """
    path = secret_path(settings)
    if not path.exists():
        if settings.production:
            raise SecretError(
                f"no secret file at {path}; write a key id, a space and 32 random bytes in base64 there"
            )
        _make(path)
    if settings.production and path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise SecretError(f"{path} can be read by others; run: chmod 600 {path}")
    return read_keys(path.read_text(encoding="ascii", errors="replace"))


def _make(path: Path) -> None:
    """Make a secret file; of several processes that start at once, one wins and all read the same."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(new_key_line())
        file.flush()
        os.fsync(file.fileno())
    try:
        os.link(draft, path)
    except FileExistsError:
        return
    finally:
        draft.unlink()
