"""The pages of documents: handing one in for a case, opening it, taking it off, trying a letter again."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import quote

from pyramid.httpexceptions import HTTPSeeOther
from pyramid.request import Request
from pyramid.response import Response
from pyramid.view import view_config

from casework.cases.dossier import Dossier
from casework.cases.queries import dossier_of
from casework.documents import queries, usecases
from casework.documents.model import Document
from casework.documents.rules import LONGEST_NAME, display_name
from casework.errors import Invalid, Problem, Refused
from casework.i18n import Message, _
from casework.web.asked import mark, new_mark
from casework.web.mending import to_mend
from casework.web.notices import tell
from casework.work import Work

OTHER = "other"
"""The kind of a paper that nobody asked for by name."""


class DocumentPage:
    """One document with the case that it belongs to: the context of its pages."""

    def __init__(self, document: Document, dossier: Dossier) -> None:
        self.document, self.dossier = document, dossier

    def relations(self, work: Work) -> Iterable[tuple[str, str]]:
        """How the actor is tied to the document's case."""
        return self.dossier.relations(work)


def document_page(request: Request) -> DocumentPage:
    """The document that the address names; what may not be seen is not there."""
    found = queries.document(request.work, request.matchdict["uid"])
    request.testimony.tell(subject=f"case:{found.case_id}", document=found.uid)
    return DocumentPage(found, dossier_of(request.work, found.case_id))


@view_config(route_name="document", request_method="GET", permission="document:read")
def show_document(context: DocumentPage, request: Request) -> Response:
    """The document itself: a photo to be looked at, a PDF to be saved. Nothing in it can act here."""
    document = context.document
    content = queries.content_of(request.work, document)
    response = Response(body=content, content_type=document.media_type, charset=None)
    seen = document.media_type.startswith("image/")
    response.content_disposition = disposition("inline" if seen else "attachment", file_name(document))
    response.headers["Content-Security-Policy"] = "sandbox"
    return response


def file_name(document: Document) -> str:
    """What the file is called on the reader's own device; its ending tells what it is."""
    ending = ".jpg" if document.media_type.startswith("image/") else ".pdf"
    stem = (document.number or document.name.rpartition(".")[0] or document.name)[:LONGEST_NAME]
    return f"{stem or document.kind}{ending}"


def disposition(kind: str, name: str) -> str:
    """A Content-Disposition by RFC 6266: the name in UTF-8, and in ASCII for old readers."""
    plain = "".join(each if each.isascii() and each.isprintable() else "_" for each in name)
    plain = plain.replace('"', "_").replace("\\", "_")
    return f"{kind}; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"


@view_config(
    route_name="document.remove",
    request_method="GET",
    permission="document:remove",
    renderer="documents/remove.jinja2",
)
def show_removal(context: DocumentPage, _request: Request) -> dict[str, Any]:
    """What is to be taken off the case."""
    return {"document": context.document, "case": context.dossier.case, "person": context.dossier.person}


@view_config(route_name="document.remove", request_method="POST", permission="document:remove")
def remove_document(context: DocumentPage, request: Request) -> HTTPSeeOther:
    """Take it off."""
    usecases.remove_document(request.work, context.document)
    tell(request, _("The document was taken off the case."))
    return _back(context.dossier, request)


@view_config(route_name="document.again", request_method="POST", permission="document:add")
def make_again(context: DocumentPage, request: Request) -> HTTPSeeOther:
    """Have a failed letter made once more."""
    usecases.make_again(request.work, context.document)
    tell(request, _("The letter is being made. Look again in a moment."))
    return _back(context.dossier, request)


def _back(context: Dossier, request: Request) -> HTTPSeeOther:
    return HTTPSeeOther(request.route_path("case", case_id=context.case.id, _anchor="papers"))


def paper_kinds(context: Dossier) -> Mapping[str, Message]:
    """The kinds of papers that the program of a case asks for, and any other."""
    portal = context.program.portal if context.program else None
    papers = portal.papers(context.answers(portal.form)) if portal else ()
    return {**{paper.key: paper.title for paper in papers}, OTHER: _("Something else")}


def compartment_of(context: Dossier) -> str:
    """Where papers of a case stand: shared with whoever applies, where people apply on their own."""
    return "application" if context.program and context.program.portal else context.case.compartment


def _page(context: Dossier, request: Request, typed: Mapping[str, str], problems: Any = ()) -> dict[str, Any]:
    return {
        "case": context.case,
        "person": context.person,
        "kinds": paper_kinds(context),
        "values": typed,
        "problems": problems,
        "most": request.work.settings.upload_mb,
    }


@view_config(
    route_name="case.document.new",
    request_method="GET",
    permission="document:add",
    renderer="documents/new.jinja2",
)
def show_new(context: Dossier, request: Request) -> dict[str, Any]:
    """A photo or paper to be chosen."""
    return _page(context, request, {"kind": "", "title": "", "_submission": new_mark()})


@view_config(
    route_name="case.document.new",
    request_method="POST",
    permission="document:add",
    renderer="documents/new.jinja2",
)
def add_document(context: Dossier, request: Request) -> Any:
    """Keep it."""
    typed = {"kind": request.POST.get("kind", ""), "title": display_name(request.POST.get("title", ""))}
    submission, kinds, file = mark(request), paper_kinds(context), request.POST.get("file")
    problems = _problems(typed, kinds, file)
    if problems or file is None:
        page = _page(context, request, {**typed, "_submission": submission or ""})
        return to_mend(request, Invalid(problems), page)
    try:
        usecases.keep_document(
            request.work,
            context.case,
            kind=typed["kind"],
            upload=file.file,
            file_name=file.filename,
            compartment=compartment_of(context),
            title=typed["title"] if typed["kind"] == OTHER else kinds[typed["kind"]],
            submission=submission,
        )
    except Refused as refused:
        found = Invalid([Problem("file", refusal.reason) for refusal in refused.refusals])
        return to_mend(request, found, _page(context, request, {**typed, "_submission": submission or ""}))
    tell(request, _("The document was added."))
    return _back(context, request)


def _problems(typed: Mapping[str, str], kinds: Mapping[str, Message], file: Any) -> list[Problem]:
    problems = []
    if typed["kind"] not in kinds:
        problems.append(Problem("kind", _("Choose what this is.")))
    elif typed["kind"] == OTHER and not typed["title"]:
        problems.append(Problem("title", _("Write what this is.")))
    if not hasattr(file, "file"):
        problems.append(Problem("file", _("Choose a photo or a PDF.")))
    return problems
