"""Public money: funds, their ledger, and payments."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pyramid.config import Configurator


def includeme(config: Configurator) -> None:
    """Add the pages of funds and of payments."""
    config.include("casework.funds.views")
    config.include("casework.funds.payment_views")
