"""The audit trail: who did, saw or was refused what, appended without a lock and sealed each minute.

`trail.record` appends inside a transaction, `witness` testifies to every request, `seal` chains
what was appended and anchors the head outside the database, `verify` proves it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pyramid.config import Configurator


def includeme(config: Configurator) -> None:
    """Bear witness to every request, and show the trail."""
    config.include("casework.audit.witness")
    config.include("casework.audit.views")
