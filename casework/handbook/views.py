"""The pages of the standard."""

from __future__ import annotations

from typing import Any

from pyramid.config import Configurator
from pyramid.request import Request

from casework.errors import Missing
from casework.handbook.search import LONGEST, search
from casework.handbook.standard import standard_of
from casework.handbook.words import KIND_TITLES, rule_rows
from casework.security.permissions import Place, permits


def includeme(config: Configurator) -> None:
    """The whole standard, and one clause with its rule."""
    config.add_route("handbook", "/handbook", factory=lambda _request: Place())
    config.add_route("clause", "/handbook/{clause_id}", factory=lambda _request: Place())
    config.add_view(
        show_handbook,
        route_name="handbook",
        request_method="GET",
        permission="handbook:read",
        renderer="handbook/handbook.jinja2",
    )
    config.add_view(
        show_clause,
        route_name="clause",
        request_method="GET",
        permission="handbook:read",
        renderer="handbook/clause.jinja2",
    )


def show_handbook(request: Request) -> dict[str, Any]:
    """All chapters, each clause under the anchor of its id; or what was asked for, if something was."""
    handbook = standard_of(request.work)
    asked = request.GET.get("q", "")[:LONGEST]
    return {
        "handbook": handbook,
        "language": request.work.language,
        "kinds": KIND_TITLES,
        "q": asked,
        "hits": search(handbook, asked) if asked.strip() else None,
        "may_write": permits(request.work, "standard:write", Place()),
    }


def show_clause(request: Request) -> dict[str, Any]:
    """One clause: its sentence, and what its rule makes the service do."""
    handbook = standard_of(request.work)
    clause = handbook.get(request.matchdict["clause_id"])
    if clause is None:
        raise Missing
    chapter, section = handbook.place(clause.id)
    return {
        "clause": clause,
        "chapter": chapter,
        "section": section,
        "language": request.work.language,
        "kinds": KIND_TITLES,
        "rule_rows": rule_rows(request.work, clause.rule, request.words) if clause.rule else [],
    }
