"""The paper with a code, which the desk prints for whoever has no phone."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from pyramid.config import Configurator
from pyramid.httpexceptions import HTTPSeeOther
from pyramid.request import Request
from pyramid.response import Response
from pyramid.view import view_config

from casework.cases.dossier import Dossier
from casework.cases.views import dossier
from casework.errors import Missing
from casework.i18n import Message, _
from casework.portal import codes
from casework.web.asked import number
from casework.web.notices import tell


def includeme(config: Configurator) -> None:
    """The addresses of these pages."""
    config.add_route("case.code", "/cases/{case_id:[1-9][0-9]{0,17}}/code", factory=portal_dossier)
    config.add_route(
        "case.code.revoke", "/cases/{case_id:[1-9][0-9]{0,17}}/code/revoke", factory=portal_dossier
    )
    config.scan(__name__)


def portal_dossier(request: Request) -> Dossier:
    """The case that the address names, if people apply to its program on their own."""
    found = dossier(request)
    if found.program is None or found.program.portal is None:
        raise Missing
    return found


def paper(address: str, until: datetime) -> Sequence[Message]:
    """What the paper says, in every language of the service: a heading, and paragraphs below the code."""
    return (
        _("Your code for the service of the hospital"),
        _("With this code you, or somebody whom you trust, can look at your application and go on with it."),
        _(
            "Open %(address)s on a phone or computer and type in the code. Somebody at the desk can do it with you.",
            address=address,
        ),
        _(
            "The code is good until %(day)s. Keep this paper as you keep a key: whoever has it sees your application.",
            day=until.date(),
        ),
        _("If you lose it, tell the desk, who will make the code useless and give you a new one."),
    )


def _page(context: Dossier, request: Request, code: str | None = None) -> dict[str, Any]:
    words = request.registry["casework.words"]
    languages = sorted(words, key=lambda language: language != request.language)
    return {
        "case": context.case,
        "person": context.person,
        "unit": context.unit,
        "code": code,
        "readers": [words[language] for language in languages],
        "paper": paper(
            request.route_url("my.code"), (request.work.now + codes.VALID).astimezone(request.work.zone)
        ),
        "given": codes.desk_codes(request.work, context.case),
    }


@view_config(
    route_name="case.code",
    request_method="GET",
    permission="portal:give-code",
    renderer="portal/desk_code.jinja2",
    http_cache=0,
)
def show_codes(context: Dossier, request: Request) -> dict[str, Any]:
    """The codes that open the case now, and a button for a new one."""
    return _page(context, request)


@view_config(
    route_name="case.code",
    request_method="POST",
    permission="portal:give-code",
    renderer="portal/desk_code.jinja2",
    http_cache=0,
)
def give_code(context: Dossier, request: Request) -> dict[str, Any]:
    """Make a code and show the paper. There is no way back to it, hence no page to be sent on to."""
    return _page(context, request, codes.give_desk_code(request.work, context.case))


@view_config(route_name="case.code.revoke", request_method="POST", permission="portal:give-code")
def revoke_code(context: Dossier, request: Request) -> Response:
    """Make a code useless."""
    codes.revoke_desk_code(request.work, context.case, number(request, "code", posted=True) or 0)
    tell(request, _("The code opens nothing any more."))
    return HTTPSeeOther(request.route_path("case.code", case_id=context.case.id))
