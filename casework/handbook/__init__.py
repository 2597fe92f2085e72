"""The standard as people read it: chapters, sections and clauses with the rules behind them."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pyramid.config import Configurator


def includeme(config: Configurator) -> None:
    """Show the standard and each of its clauses."""
    config.include("casework.handbook.compliance_views")
    config.include("casework.handbook.evidence_views")
    config.include("casework.handbook.book_views")
    config.include("casework.handbook.edition_views")
    config.include("casework.handbook.clause_views")
    config.include("casework.handbook.views")
