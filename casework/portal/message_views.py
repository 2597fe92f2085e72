"""Messages on the applicant's page and on that of the case, and what she agreed to."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from pyramid.config import Configurator
from pyramid.httpexceptions import HTTPSeeOther
from pyramid.request import Request
from pyramid.response import Response
from pyramid.view import view_config

from casework.cases.dossier import Dossier
from casework.cases.model import Case
from casework.errors import Invalid, Missing
from casework.i18n import Message, _
from casework.portal import consents, messages
from casework.portal.desk_views import portal_dossier
from casework.portal.model import Consent
from casework.portal.rules import MESSAGE_LENGTH
from casework.programs import Program
from casework.security.permissions import Place, permits
from casework.web.asked import mark, new_mark, number
from casework.web.notices import tell

CASE = "{case_id:[1-9][0-9]{0,17}}"
ON_THE_CASE_PAGE = 3


def includeme(config: Configurator) -> None:
    """The addresses of these pages, and what the parts of other pages ask for."""
    config.add_route("my.messages", f"/my/messages/{CASE}", factory=portal_dossier)
    config.add_route("my.consent.withdraw", f"/my/consents/{CASE}/withdraw", factory=portal_dossier)
    config.add_route("case.messages", f"/cases/{CASE}/messages", factory=portal_dossier)
    config.add_request_method(conversation)
    config.add_request_method(waiting_messages)
    config.add_request_method(agreed)
    config.scan(__name__)


@dataclass(frozen=True)
class Conversation:
    """The messages of a case for one of its parts: `url` is where one is written and all are read."""

    lines: Sequence[messages.Line]
    unread: int
    url: str
    limit: int = MESSAGE_LENGTH
    new_mark: Callable[[], str] = field(default=new_mark)


def conversation(request: Request, case: Case) -> Conversation | None:
    """The messages of a case, for `portal/messages_part.jinja2`; None where there are none to be written.

    The applicant has read what is shown to her; the office, to which the last ones are shown, has not.
    """
    work = request.work
    program = work.programs.get(case.program)
    if program is None or program.portal is None:
        return None
    if work.actor.kind == "portal":
        unread = messages.count_unread(work, case.id, from_client=False)
        lines = messages.messages_of(work, case.id)
        if unread:
            messages.mark_read(work, case.id)
        return Conversation(lines, unread, request.route_path("my.messages", case_id=case.id))
    unread = messages.count_unread(work, case.id, from_client=True)
    lines = messages.messages_of(work, case.id)[-ON_THE_CASE_PAGE:]
    return Conversation(lines, unread, request.route_path("case.messages", case_id=case.id))


def waiting_messages(request: Request) -> Sequence[messages.Waiting]:
    """The cases whose applicants have written to the actor, for `portal/waiting_part.jinja2`."""
    work = request.work
    if not any(program.portal for program in work.programs) or work.actor.kind == "portal":
        return ()
    answers = "worker" in work.actor.roles or permits(work, "message:write", Place())
    return messages.waiting_messages(work) if answers else ()


@dataclass(frozen=True)
class Agreed:
    """A consent that stands, and what it is for."""

    consent: Consent
    title: Message | str


def agreed(request: Request, case: Case) -> Sequence[Agreed]:
    """What stands agreed on a case, for `portal/consents_part.jinja2`."""
    titles = _titles(request.work.programs.get(case.program))
    return [
        Agreed(consent, titles.get(consent.purpose, consent.purpose))
        for consent in consents.consents_of(request.work, case.id)
        if consent.withdrawn_at is None
    ]


def _titles(program: Program | None) -> Mapping[str, Message]:
    purposes = program.portal.purposes if program is not None and program.portal is not None else ()
    return {purpose.key: purpose.title for purpose in purposes}


def _page(context: Dossier, request: Request, body: str = "", problems: Any = ()) -> dict[str, Any]:
    work, case = request.work, context.case
    lines = messages.messages_of(work, case.id)
    messages.mark_read(work, case.id)
    return {
        "case": case,
        "person": context.person,
        "program": context.program,
        "lines": lines,
        "body": body,
        "submission": mark(request) or new_mark(),
        "limit": MESSAGE_LENGTH,
        "problems": problems,
    }


def _write(context: Dossier, request: Request, back: str) -> Any:
    body = request.POST.get("body", "")
    try:
        messages.write_message(request.work, context, body, submission=mark(request))
    except Invalid as invalid:
        request.response.status_int = 422
        return _page(context, request, body, invalid.problems)
    tell(request, _("Your message was sent."))
    return HTTPSeeOther(back)


def _held(request: Request) -> str:
    return str((request.held or {}).get("body", ""))


@view_config(
    route_name="my.messages",
    request_method="GET",
    permission="application:own",
    renderer="portal/own_messages.jinja2",
    http_cache=0,
)
def show_own(context: Dossier, request: Request) -> dict[str, Any]:
    """The applicant's messages with the office."""
    return _page(context, request, _held(request))


@view_config(
    route_name="my.messages",
    request_method="POST",
    permission="application:own",
    renderer="portal/own_messages.jinja2",
)
def write_own(context: Dossier, request: Request) -> Any:
    """Write to the office."""
    return _write(context, request, request.route_path("my.messages", case_id=context.case.id))


@view_config(
    route_name="case.messages",
    request_method="GET",
    permission="message:write",
    renderer="portal/messages.jinja2",
    http_cache=0,
)
def show_messages(context: Dossier, request: Request) -> dict[str, Any]:
    """The messages with the applicant, who is taken to have been read now."""
    return _page(context, request, _held(request))


@view_config(
    route_name="case.messages",
    request_method="POST",
    permission="message:write",
    renderer="portal/messages.jinja2",
)
def write(context: Dossier, request: Request) -> Any:
    """Write to the applicant, who learns by a text that there is a message."""
    return _write(context, request, request.route_path("case.messages", case_id=context.case.id))


@view_config(route_name="my.consent.withdraw", request_method="POST", permission="application:own")
def withdraw(context: Dossier, request: Request) -> Response:
    """End a consent at once, and say what stops and what has to be kept."""
    consent_id = number(request, "consent", posted=True)
    if consent_id is None:
        raise Missing
    consent = consents.withdraw_consent(request.work, context.case, consent_id)
    titles = _titles(context.program)
    tell(request, consents.what_stays(titles.get(consent.purpose, consent.purpose)))
    return HTTPSeeOther(request.route_path("application", case_id=context.case.id))
