"""The page where the book is asked for and fetched."""

from __future__ import annotations

from typing import Any

from pyramid.config import Configurator
from pyramid.httpexceptions import HTTPSeeOther
from pyramid.request import Request
from pyramid.response import Response

from casework.handbook.books import ask_for_book, books, numbers_of, pdf_of
from casework.handbook.drafting import open_draft
from casework.i18n import LANGUAGES, _
from casework.security.permissions import Place, permits
from casework.web.notices import tell

FORMS = {**LANGUAGES, "both": "简体中文 / English"}
"""The languages of the book, each in itself."""


def includeme(config: Configurator) -> None:
    """Asking, waiting and fetching."""
    config.add_route("books", "/handbook/books", factory=lambda _request: Place())
    config.add_route(
        "book", "/handbook/books/{print_id:[1-9][0-9]{0,17}}.pdf", factory=lambda _request: Place()
    )
    config.add_view(
        show_books,
        route_name="books",
        request_method="GET",
        permission="handbook:read",
        renderer="handbook/books.jinja2",
        http_cache=0,
    )
    config.add_view(ask, route_name="books", request_method="POST", permission="handbook:read")
    config.add_view(fetch, route_name="book", request_method="GET", permission="handbook:read", http_cache=0)


def _writes(request: Request) -> bool:
    """Whether the actor writes the standard: nobody else reads what may not become one."""
    return permits(request.work, "standard:write", Place())


def show_books(request: Request) -> dict[str, Any]:
    """The books that were made, and the form that asks for one."""
    work = request.work
    writes = _writes(request)
    found = books(work, drafts=writes)
    draft = open_draft(work) if writes else None
    return {
        "books": found,
        "numbers": numbers_of(work, found),
        "languages_of_books": FORMS,
        "draft": draft,
        "waiting": any(each.status == "making" for each in found),
    }


def ask(request: Request) -> Response:
    """Have a book made."""
    of_draft = request.POST.get("of") == "draft" and _writes(request)
    ask_for_book(request.work, request.POST.get("language", ""), draft=of_draft)
    tell(request, _("The book is being made. It appears below within a minute or two."))
    return HTTPSeeOther(request.route_path("books"))


def fetch(request: Request) -> Response:
    """A book as a file."""
    number = int(request.matchdict["print_id"])
    answer = Response(pdf_of(request.work, number, drafts=_writes(request)), content_type="application/pdf")
    answer.headers["Content-Disposition"] = f'attachment; filename="standard-{number}.pdf"'
    return answer
