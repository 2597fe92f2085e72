"""The pages of editions: those published, the draft of the next, and what two people do to publish it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from pyramid.config import Configurator
from pyramid.httpexceptions import HTTPSeeOther
from pyramid.request import Request
from pyramid.response import Response
from pyramid.view import view_config

from casework.duties.compliance import Period, Share, added_up, before, compliance, suppressed
from casework.duties.model import Edition
from casework.duties.source import StandardsError
from casework.errors import Conflict, Invalid, Missing, Refusal, Refused
from casework.handbook import drafting
from casework.handbook.clauses import Handbook
from casework.handbook.compliance_views import ROLES as COUNTED
from casework.handbook.differences import Content, content_in, content_of, differences
from casework.handbook.editions import (
    ask_for_effects,
    edition_and_former,
    findings_by_clause,
    published_editions,
    weighing_of,
)
from casework.handbook.model import EditionDraft
from casework.handbook.standard import files_of, newest_edition, standard_with
from casework.i18n import Message, _
from casework.security.permissions import Place, permits
from casework.security.roles import ROLES
from casework.staff.queries import names_of
from casework.web.asked import choice, version
from casework.web.mending import to_mend
from casework.web.notices import tell
from casework.work import Work

MONTHS = 3
"""So many months are counted beside a clause, the present one among them."""

Written = Callable[[Work, EditionDraft, int], object]


def includeme(config: Configurator) -> None:
    """The addresses of these pages."""
    for route, path in (
        ("editions", "/editions"),
        ("edition.draft", "/editions/draft"),
        ("edition.effects", "/editions/effects"),
        ("edition.propose", "/editions/propose"),
        ("edition.take-back", "/editions/take-back"),
        ("edition.discard", "/editions/discard"),
        ("edition.publish", "/editions/publish"),
        ("edition", "/editions/{edition:[1-9][0-9]{0,17}}"),
    ):
        config.add_route(route, path, factory=lambda _request: Place())
    config.scan(__name__)


def draft_of(request: Request) -> EditionDraft:
    """The draft that is open; Missing if none is."""
    draft = drafting.open_draft(request.work)
    if draft is None:
        raise Missing
    return draft


def _list_page(request: Request, typed: Mapping[str, str]) -> dict[str, Any]:
    editions, draft = published_editions(request.work), drafting.open_draft(request.work)
    people = {number for each in editions for number in (each.proposed_by, each.published_by)}
    past = (each.id for each in editions if each.in_force_from <= request.work.now)
    return {
        "editions": editions,
        "in_force": next(past, None),
        "names": names_of(request.work, {*people, *([draft.begun_by] if draft else [])}),
        "draft": draft,
        "values": typed,
        "problems": (),
    }


@view_config(
    route_name="editions",
    request_method="GET",
    permission="standard:write",
    renderer="handbook/editions.jinja2",
)
def list_editions(_context: Place, request: Request) -> dict[str, Any]:
    """The editions that were published, and the draft or the form that begins one."""
    return _list_page(request, dict.fromkeys(("number", "note", "in_force_on"), ""))


@view_config(
    route_name="editions",
    request_method="POST",
    permission="standard:write",
    renderer="handbook/editions.jinja2",
)
def begin(_context: Place, request: Request) -> Any:
    """Begin the next edition."""
    typed = {name: request.POST.get(name, "") for name in ("number", "note", "in_force_on")}
    try:
        drafting.begin_draft(
            request.work, number=typed["number"], note=typed["note"], in_force_on=_day(typed["in_force_on"])
        )
    except Invalid as invalid:
        return to_mend(request, invalid, _list_page(request, typed))
    tell(request, _("The draft is begun. It has no effect until it is published."))
    return HTTPSeeOther(request.route_path("edition.draft"))


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        return None


@view_config(
    route_name="edition.draft",
    request_method="GET",
    permission="standard:write",
    renderer="handbook/edition_draft.jinja2",
    http_cache=0,
)
def show_draft(context: Place, request: Request) -> dict[str, Any]:
    """The draft: what it changes, what the checker says, and every clause with how far it was kept."""
    work, draft = request.work, draft_of(request)
    try:
        handbook = drafting.standard_in(work, draft)
    except StandardsError:
        handbook = None
    known = {clause.id for clause in handbook} if handbook is not None else set()
    chapters = {each.number: each for each in handbook.chapters if each.sections} if handbook else {}
    chosen = choice(request, "chapter", chapters) or next(iter(chapters), None)
    placed, others = findings_by_clause(work, draft, known)
    writers = (draft.proposed_by, draft.changed_by)
    changed = differences(_base(work), content_in(handbook)) if handbook is not None else []
    return {
        "draft": draft,
        "names": names_of(work, {draft.begun_by, *writers}),
        "handbook": handbook,
        "chapter": chapters[chosen] if chosen is not None else None,
        "tabs": [
            (f"{number} {request.words.names(each.titles)}", _chapter_url(request, number), number == chosen)
            for number, each in chapters.items()
        ],
        "found_at": {clause: draft_url(request, handbook, clause) for clause in placed} if handbook else {},
        "changed": changed,
        "changed_ids": {each.clause for each in changed},
        "findings": placed,
        "other_findings": others,
        "errors": sum(each.level == "error" for all_ in (*placed.values(), others) for each in all_),
        "kept": _kept(context, work),
        "wrote_it": work.actor.id in writers,
        "may_publish": permits(work, "standard:publish", context),
        **_shown(request),
    }


def draft_url(request: Request, handbook: Handbook, clause: str) -> str:
    """Where the draft shows a clause."""
    number = handbook.place(clause)[0].number
    return str(request.route_path("edition.draft", _query={"chapter": number}, _anchor=clause))


def _chapter_url(request: Request, number: str) -> str:
    return str(request.route_path("edition.draft", _query={"chapter": number}, _anchor="chapters"))


def _shown(request: Request) -> dict[str, Any]:
    return {"language": request.work.language, "roles": {key: role.title for key, role in ROLES.items()}}


def _base(work: Work) -> Content:
    """What the draft is compared with: the newest edition, or what the programs brought along."""
    return content_in(standard_with(work.programs, files_of(newest_edition(work))))


def _kept(context: Place, work: Work) -> Mapping[str, Share]:
    """How far each clause was kept in the last months, where the actor answers for it."""
    month = work.today.replace(day=1)
    units = frozenset[int]().union(*(work.actor.units(role) for role in COUNTED))
    cells = compliance(work, Period(before(month, MONTHS - 1), month), units=units)
    shares = added_up((cell.clause, cell.share) for cell in cells)
    return shares if permits(work, "case:read", context) else suppressed(shares)


@view_config(
    route_name="edition.effects",
    request_method="GET",
    permission="standard:write",
    renderer="handbook/edition_effects.jinja2",
    http_cache=0,
)
def show_effects(_context: Place, request: Request) -> dict[str, Any]:
    """What the draft would have done to the cases of the last year, or how far that is known."""
    draft = draft_of(request)
    handbook = readable(request, draft)
    return {
        "draft": draft,
        "weighing": weighing_of(request.work, draft),
        "handbook": handbook,
        "changes": {each.clause: each for each in differences(_base(request.work), content_in(handbook))},
        **_shown(request),
    }


@view_config(route_name="edition.effects", request_method="POST", permission="standard:write")
def ask_effects(_context: Place, request: Request) -> Response:
    """Have it found."""
    draft = draft_of(request)
    readable(request, draft)
    ask_for_effects(request.work, draft)
    return HTTPSeeOther(request.route_path("edition.effects"))


def readable(request: Request, draft: EditionDraft) -> Handbook:
    """The standard as the draft has it; Refused with what keeps it from being read."""
    try:
        return drafting.standard_in(request.work, draft)
    except StandardsError as error:
        raise Refused([Refusal(problem.message) for problem in error.problems]) from None


@view_config(route_name="edition.propose", request_method="POST", permission="standard:write")
def propose(_context: Place, request: Request) -> Response:
    """Say that the draft is ready for the second person."""
    return _act(request, drafting.propose, _("The draft is proposed. Somebody else can publish it now."))


@view_config(route_name="edition.take-back", request_method="POST", permission="standard:write")
def take_back(_context: Place, request: Request) -> Response:
    """Go on writing."""
    return _act(request, drafting.take_back, _("The draft can be changed again."))


@view_config(route_name="edition.discard", request_method="POST", permission="standard:write")
def discard(_context: Place, request: Request) -> Response:
    """Throw the draft away."""
    return _act(request, drafting.discard, _("The draft was thrown away."), "editions")


@view_config(route_name="edition.publish", request_method="POST", permission="standard:publish")
def publish(_context: Place, request: Request) -> Response:
    """Publish the draft of somebody else."""
    return _act(
        request, drafting.publish, _("The edition is published. New duties follow it from its day on.")
    )


def _act(request: Request, written: Written, message: Message, then: str = "edition.draft") -> Response:
    """Do it to the draft as it was read, and say so; 409 if it has changed since."""
    try:
        made = written(request.work, draft_of(request), version(request))
    except Conflict:
        raise Refused(
            [Refusal(_("Somebody changed the draft meanwhile. Look at it again, and decide anew."))]
        ) from None
    tell(request, message)
    if isinstance(made, Edition):
        return HTTPSeeOther(request.route_path("edition", edition=made.id))
    return HTTPSeeOther(request.route_path(then))


@view_config(
    route_name="edition",
    request_method="GET",
    permission="standard:write",
    renderer="handbook/edition.jinja2",
)
def show_edition(_context: Place, request: Request) -> dict[str, Any]:
    """A published edition: its imprint, and in words what it changed."""
    work = request.work
    edition, former = edition_and_former(work, int(request.matchdict["edition"]))
    changed = differences(content_of(former), content_of(edition)) if former is not None else []
    return {
        "edition": edition,
        "former": former,
        "changed": changed,
        "names": names_of(work, (edition.proposed_by, edition.published_by)),
        **_shown(request),
    }
