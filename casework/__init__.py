"""Casework: case management for medical social workers, with a standard that runs.

`main` is the application's table of contents.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pyramid.router import Router


def main(_global_config: dict[str, str], **ini: str) -> Router:
    """Make the WSGI application from an ini section; settings come from casework/settings.py."""
    from casework.settings import Settings
    from casework.web.application import make_application

    application: Any = make_application(Settings.read(ini))
    return application
