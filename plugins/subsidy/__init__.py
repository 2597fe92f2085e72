"""Aid for patients who cannot pay: from the application on a phone to the settled bill."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pyramid.config import Configurator


def includeme(config: Configurator) -> None:
    """The pages of aid besides those that the core has for every program."""
    config.include(f"{__name__}.views")
    config.include(f"{__name__}.terms_views")
