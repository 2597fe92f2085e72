"""The pages of this domain."""

from __future__ import annotations

from pyramid.config import Configurator


def includeme(_config: Configurator) -> None:
    """The addresses of these pages."""
