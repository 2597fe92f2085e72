"""The portal: what patients and families do on their own, on a phone, or with somebody's help."""

from __future__ import annotations

from pyramid.config import Configurator


def includeme(config: Configurator) -> None:
    """The pages of this domain."""
    for module in (
        *("views", "filling_views", "paper_views", "status_views", "office_views"),
        *("sign_in_views", "desk_views", "message_views"),
    ):
        config.include(f"casework.portal.{module}")
