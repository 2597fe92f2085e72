"""portal."""

from __future__ import annotations

from pyramid.config import Configurator


def includeme(config: Configurator) -> None:
    """The pages of this domain."""
    for module in ("views", "sign_in_views", "desk_views", "message_views"):
        config.include(f"casework.portal.{module}")
