"""Finds the folders that stand beside the package in a checkout and inside it in a wheel."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

PACKAGE = Path(__file__).resolve().parent


def share(name: Literal["forms", "locale", "standards"]) -> Path:
    """The folder `forms`, `locale` or `standards`, wherever this installation keeps it."""
    installed = PACKAGE / "share" / name
    return installed if installed.is_dir() else PACKAGE.parent / name
