"""Documents of a case: photos and papers that people hand in, and letters made as PDF."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pyramid.config import Configurator


def includeme(config: Configurator) -> None:
    """Add the pages of documents."""
    config.add_route(
        "document", "/documents/{uid:d[0-9a-f]{32}}", factory="casework.documents.views.document_page"
    )
    config.add_route(
        "document.remove",
        "/documents/{uid:d[0-9a-f]{32}}/remove",
        factory="casework.documents.views.document_page",
    )
    config.add_route(
        "document.again",
        "/documents/{uid:d[0-9a-f]{32}}/again",
        factory="casework.documents.views.document_page",
    )
    config.add_case_route("case.document.new", "/documents/new")
    config.scan("casework.documents.views")
