"""The adapter for trying out and for tests: a text that it takes is shown on the page /outbox."""

from __future__ import annotations

from casework.portal.texts import DEVELOPMENT
from casework.programs.hookspecs import hookimpl
from casework.settings import Settings


@hookimpl
def casework_send_text(settings: Settings) -> str | None:
    """Take every text, but none in production."""
    return None if settings.production else DEVELOPMENT
