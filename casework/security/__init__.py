"""Who is signed in, what may be done, and what is let in at all."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pyramid.config import Configurator


def includeme(config: Configurator) -> None:
    """Wire the door, the headers, sessions, form tokens and the account's own pages."""
    from casework.security.csrf import SessionTokens

    config.add_settings({"tm.annotate_user": "false"})  # Else each static file would ask who reads it.
    config.include("casework.security.headers")
    config.include("casework.security.edge")
    config.include("casework.security.sessions")
    config.set_csrf_storage_policy(SessionTokens())
    config.set_default_csrf_options(require_csrf=True)
    config.include("casework.security.views")
    config.include("casework.web.health")
