"""The people served: registering, finding, changing, households and contact persons."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pyramid.config import Configurator


def includeme(config: Configurator) -> None:
    """Add the pages of people."""
    for pages in ("views", "household_views", "contact_views"):
        config.include(f"casework.people.{pages}")
