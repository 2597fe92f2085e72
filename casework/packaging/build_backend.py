"""The build backend: setuptools, after compiling the translations that git does not keep.

Named in pyproject.toml; runs with nothing but setuptools and Babel installed.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from setuptools import build_meta
from setuptools.build_meta import (
    build_sdist,
    get_requires_for_build_editable,
    get_requires_for_build_sdist,
    get_requires_for_build_wheel,
    prepare_metadata_for_build_editable,
    prepare_metadata_for_build_wheel,
)

__all__ = [
    "build_editable",
    "build_sdist",
    "build_wheel",
    "compile_catalogues",
    "get_requires_for_build_editable",
    "get_requires_for_build_sdist",
    "get_requires_for_build_wheel",
    "prepare_metadata_for_build_editable",
    "prepare_metadata_for_build_wheel",
]


def catalogues(root: Path) -> Iterator[Path]:
    """The translated catalogues of the core and of each program below the root of the tree."""
    for folder in (root / "locale", *sorted(root.glob("plugins/*/locale"))):
        yield from sorted(folder.glob("*/LC_MESSAGES/*.po"))


def compile_catalogues(root: Path) -> int:
    """Write a .mo beside each .po that is newer; answer how many were written.

    Fuzzy messages are left out: they are guesses until a person has read them.
    """
    written = 0
    for source in catalogues(root):
        target = source.with_suffix(".mo")
        if target.exists() and target.stat().st_mtime_ns >= source.stat().st_mtime_ns:
            continue
        with source.open("rb") as file:
            catalogue = read_po(file, locale=source.parent.parent.name, domain=source.stem)
        descriptor, draft = tempfile.mkstemp(dir=target.parent)
        with os.fdopen(descriptor, "wb") as output:
            write_mo(output, catalogue)
        Path(draft).chmod(0o644)
        Path(draft).replace(target)
        written += 1
    return written


def build_wheel(
    wheel_directory: str, config_settings: Any = None, metadata_directory: str | None = None
) -> str:
    """Build the wheel with compiled catalogues."""
    compile_catalogues(Path.cwd())
    return str(build_meta.build_wheel(wheel_directory, config_settings, metadata_directory))


def build_editable(
    wheel_directory: str, config_settings: Any = None, metadata_directory: str | None = None
) -> str:
    """Install from the tree with compiled catalogues."""
    compile_catalogues(Path.cwd())
    return str(build_meta.build_editable(wheel_directory, config_settings, metadata_directory))
