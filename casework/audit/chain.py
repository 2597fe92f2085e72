"""The chain as arithmetic: one way to write an entry down, and the hash of each link.

Pure, and fixed for ever: a chain made by any version must verify in every later one, on any
server, in any time zone. Source of the idea: hash chains as in RFC 6962, without the tree.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

BEGINNING = bytes(32)
"""What stands before the first link."""

VERSION = 1

FIELDS = (
    "id",
    "recorded_at",
    "actor_id",
    "actor_name",
    "session",
    "kind",
    "route",
    "method",
    "subject",
    "status",
    "address",
    "request_id",
    "details",
)
"""The columns of an entry that its link seals."""


def canonical(value: Any) -> bytes:
    """The one way to write a value: JSON in ASCII, keys sorted by code point, no blanks.

    Moments are UTC to the microsecond, whatever zone they came in.
    """
    text = json.dumps(_written(value), sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return text.encode("ascii")


def _written(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"
    if isinstance(value, Mapping):
        return {str(key): _written(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_written(each) for each in value]
    return value


def link(previous: bytes, sequence: int, sealed_at: datetime, entry: Mapping[str, Any]) -> bytes:
    """The hash of a link: SHA-256 over the hash before it (32 bytes) and the entry with its place."""
    body = {
        "entry": {name: entry[name] for name in FIELDS},
        "sealed_at": sealed_at,
        "sequence": sequence,
        "version": VERSION,
    }
    return hashlib.sha256(previous + canonical(body)).digest()
