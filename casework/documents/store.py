"""Where the contents of documents lie: a folder of this machine, or a bucket that speaks S3.

Contents have random names and are never overwritten. They are written before the row that names
them is committed: what is interrupted in between leaves a content without a row, which the sweep
takes away (casework/documents/jobs.py), and never a row without a content.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from pathlib import Path

import obstore
from obstore.exceptions import BaseError
from obstore.store import LocalStore, ObjectStore, from_url

from casework.settings import Settings

NAME_BYTES = 20
"""Random bytes of a name: 160 bits, which nobody guesses."""


class StoreError(RuntimeError):
    """The store does not answer, or has no content of that name."""


@dataclass(frozen=True)
class Content:
    """One content of the store as a listing tells it."""

    name: str
    written_at: datetime


class Store:
    """The contents of one deployment's documents. Errors of the store are raised as StoreError."""

    def __init__(self, objects: ObjectStore, folder: Path | None) -> None:
        self._objects, self._folder = objects, folder

    def keep(self, content: bytes) -> str:
        """Write a content for good and answer its name."""
        token = secrets.token_hex(NAME_BYTES)
        name = f"{token[:2]}/{token[2:]}"
        try:
            obstore.put(self._objects, name, content, mode="create")
            if self._folder is not None:
                _write_through(self._folder / name)
        except (BaseError, OSError) as error:
            raise StoreError("the store of documents does not take a content") from error
        return name

    def read(self, name: str) -> bytes:
        """A content."""
        try:
            return bytes(obstore.get(self._objects, name).bytes())
        except (BaseError, OSError) as error:
            raise StoreError("the store of documents does not give a content") from error

    def take_away(self, name: str) -> None:
        """Remove a content; one that is not there is no error."""
        try:
            with suppress(FileNotFoundError):
                obstore.delete(self._objects, name)
        except (BaseError, OSError) as error:
            raise StoreError("the store of documents does not let go of a content") from error

    def contents(self) -> Iterator[Content]:
        """Every content, in no particular order."""
        try:
            for batch in obstore.list(self._objects):
                for each in batch:
                    yield Content(str(each["path"]), each["last_modified"])
        except (BaseError, OSError) as error:
            raise StoreError("the store of documents does not list its contents") from error


def _write_through(file: Path) -> None:
    """What was acknowledged is there also after the machine lost its power."""
    for place in (file, file.parent):
        handle = os.open(place, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def store_of(settings: Settings) -> Store:
    """The store that the settings name; a folder is made when it is first asked for."""
    return _store(settings.documents_url, settings.state_path / "documents")


@lru_cache(maxsize=8)
def _store(url: str, default: Path) -> Store:
    if url and not url.startswith("file:"):
        return Store(from_url(url), None)
    folder = Path(url.removeprefix("file://")) if url else default
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return Store(LocalStore(folder), folder)
