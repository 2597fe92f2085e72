"""The page on which a coordinator writes a clause of the draft anew."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from pyramid.config import Configurator
from pyramid.httpexceptions import HTTPSeeOther
from pyramid.request import Request
from pyramid.view import view_config

from casework.errors import Conflict, Invalid, Missing, Refusal, Refused
from casework.handbook.clause_form import LABELS, OWNERS, UNITS, preview, shown_values, typed_rule
from casework.handbook.clauses import Clause
from casework.handbook.drafting import change_clause
from casework.handbook.edition_views import draft_of, draft_url, readable
from casework.handbook.model import EditionDraft
from casework.handbook.words import KIND_TITLES, rule_rows
from casework.i18n import LANGUAGES, _
from casework.security.permissions import Place
from casework.texts import clean
from casework.web.asked import version
from casework.web.mending import to_mend
from casework.web.notices import tell

CLAUSE = "/editions/draft/{clause_id}"
PAGE = "handbook/edition_clause.jinja2"


def includeme(config: Configurator) -> None:
    """The addresses of these pages."""
    config.add_route("edition.clause", CLAUSE, factory=lambda _request: Place())
    config.add_route("edition.clause.preview", f"{CLAUSE}/preview", factory=lambda _request: Place())
    config.scan(__name__)


def _asked(request: Request) -> tuple[EditionDraft, Clause]:
    """The draft and the clause that the address names; Refused while the draft may not be changed."""
    draft = draft_of(request)
    if draft.status != "draft":
        raise Refused([Refusal(_("The draft is proposed. Take it back before you change it."))])
    clause = readable(request, draft).get(request.matchdict["clause_id"])
    if clause is None:
        raise Missing
    return draft, clause


def _page(request: Request, draft: EditionDraft, clause: Clause, values: Mapping[str, str]) -> dict[str, Any]:
    rule = clause.rule
    return {
        "draft": draft,
        "version": draft.version,
        "clause": clause,
        "kinds": KIND_TITLES,
        "values": values,
        "labels": LABELS,
        "units": UNITS.items(),
        "owners": OWNERS.items(),
        "rule_rows": rule_rows(request.work, rule, request.words) if rule is not None else [],
        "preview": preview(clause, values),
        "theirs": {},
        "problems": (),
    }


def _typed(request: Request, clause: Clause) -> dict[str, str]:
    return {name: request.POST.get(name, "") for name in shown_values(clause)}


@view_config(
    route_name="edition.clause",
    request_method="GET",
    permission="standard:write",
    renderer=PAGE,
    http_cache=0,
)
def show_clause(_context: Place, request: Request) -> dict[str, Any]:
    """The clause as the draft has it."""
    draft, clause = _asked(request)
    return _page(request, draft, clause, shown_values(clause))


@view_config(
    route_name="edition.clause.preview", request_method="POST", permission="standard:write", renderer=PAGE
)
def show_preview(_context: Place, request: Request) -> dict[str, Any]:
    """The same page with what was typed, and how the sentences would read; nothing is kept."""
    draft, clause = _asked(request)
    seen = version(request)
    return {**_page(request, draft, clause, _typed(request, clause)), "version": seen}


@view_config(route_name="edition.clause", request_method="POST", permission="standard:write", renderer=PAGE)
def save_clause(_context: Place, request: Request) -> Any:
    """Write the clause anew in the draft."""
    draft, clause = _asked(request)
    typed, seen = _typed(request, clause), version(request)
    page = _page(request, draft, clause, typed)
    try:
        change_clause(
            request.work,
            draft,
            clause.id,
            titles={language: typed[f"title_{language}"] for language in LANGUAGES},
            sentences={language: typed[f"sentence_{language}"] for language in LANGUAGES},
            rule=typed_rule(clause, typed),
            seen_version=seen,
        )
    except Conflict:
        request.response.status_int = HTTPStatus.CONFLICT
        return {**page, "theirs": _theirs(clause, typed), "version": draft.version}
    except Invalid as invalid:
        return {**to_mend(request, invalid, page), "version": seen}
    tell(request, _("The clause is written in the draft."))
    return HTTPSeeOther(draft_url(request, readable(request, draft), clause.id))


def _theirs(clause: Clause, typed: Mapping[str, str]) -> dict[str, str]:
    """What the draft has by now, wherever that is not what was typed."""
    return {name: value for name, value in shown_values(clause).items() if clean(typed[name]) != value}
