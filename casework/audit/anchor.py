"""Anchors: the head of the chain, written outside the database, line by line.

Whoever cuts off the end of the trail, or writes the whole chain anew, contradicts a line of this
file. Copy it where the database's administrator cannot write.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from casework.settings import Settings

NAME = "audit-anchor.log"
LONGEST_LINE = 400


@dataclass(frozen=True)
class Head:
    """The end of the chain at a moment: how many links it has, and the hash of the last."""

    sequence: int
    hash: bytes
    sealed_at: datetime

    def line(self) -> str:
        """The head as one line of the file."""
        written = {"links": self.sequence, "hash": self.hash.hex(), "sealed_at": self.sealed_at.isoformat()}
        return json.dumps(written) + "\n"


def anchor_path(settings: Settings) -> Path:
    """Where this installation keeps its anchors."""
    return settings.state_path / NAME


def drop_anchor(path: Path, head: Head) -> None:
    """Append the head, unless the last line has it, and wait until the disk has it."""
    if _last_line(path) == head.line():
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    try:
        os.write(descriptor, head.line().encode())
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def read_anchors(path: Path) -> tuple[dict[int, bytes], int]:
    """The anchored hashes by number of links, and how many lines cannot be read."""
    anchors: dict[int, bytes] = {}
    broken = 0
    for line in _lines(path):
        try:
            found = json.loads(line)
            anchors.setdefault(int(found["links"]), bytes.fromhex(found["hash"]))
        except (ValueError, KeyError, TypeError):
            broken += 1
    return anchors, broken


def _lines(path: Path) -> Iterator[str]:
    if path.exists():
        with path.open(encoding="utf-8", errors="replace") as file:
            yield from file


def _last_line(path: Path) -> str:
    if not path.exists():
        return ""
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - LONGEST_LINE))
        return (file.readlines() or [b""])[-1].decode("utf-8", errors="replace")
