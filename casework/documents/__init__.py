"""documents."""

from __future__ import annotations

from pyramid.config import Configurator


def includeme(config: Configurator) -> None:
    """The pages of this domain."""
    config.include("casework.documents.views")
