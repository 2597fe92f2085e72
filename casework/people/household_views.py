"""The pages of a household: somebody is added, somebody moves out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pyramid.config import Configurator
from pyramid.httpexceptions import HTTPSeeOther
from pyramid.request import Request
from pyramid.view import view_config

from casework.errors import Forbidden, Invalid
from casework.i18n import _
from casework.people import households, queries
from casework.people.codes import HEAD, RELATIONS, SEXES
from casework.people.model import Person
from casework.people.queries import PersonFile
from casework.people.typed import day
from casework.people.usecases import PossibleDuplicates
from casework.people.views import PERSON, person_context
from casework.security.permissions import Place, permits
from casework.web.asked import number
from casework.web.mending import to_mend
from casework.web.notices import tell

FIELDS = ("full_name", "relation", "since")


def includeme(config: Configurator) -> None:
    """Add the pages of households."""
    config.add_route("person.household.new", f"{PERSON}/household/new", factory=person_context)
    config.add_route("person.household.leave", f"{PERSON}/household/leave", factory=person_context)
    config.scan(__name__)


def _page(
    context: PersonFile,
    request: Request,
    values: Mapping[str, str],
    *,
    member: Person | None = None,
    found_alike: PossibleDuplicates | None = None,
) -> dict[str, Any]:
    work, looked = request.work, request.GET.get("q", "")[:200]
    may_look = permits(work, "person:search", Place())
    heads = [mate.full_name for mate in context.household if mate.relation == HEAD]
    if not context.household:
        heads = [context.person.full_name]
    return {
        "person": context.person,
        "member": member,
        "head": heads[0] if heads else None,
        "here": {mate.person_id for mate in context.household} | {context.person.id},
        "values": values,
        "problems": (),
        "relations": {key: title for key, title in RELATIONS.items() if key != HEAD},
        "q": looked,
        "may_look": may_look,
        "found": queries.search(work, looked) if looked.strip() and may_look else None,
        "sexes": SEXES,
        "alike": found_alike.persons if found_alike else (),
    }


def _member(request: Request, person_id: int | None) -> Person | None:
    """Somebody known who is to live here; their data too are the actor's to change."""
    if person_id is None:
        return None
    member = queries.person(request.work, person_id)
    if not permits(request.work, "person:write", PersonFile(request.work, member)):
        raise Forbidden("person:write")
    return member


@view_config(
    route_name="person.household.new",
    request_method="GET",
    permission="person:write",
    renderer="people/household.jinja2",
)
def show_new(context: PersonFile, request: Request) -> dict[str, Any]:
    """Look for whoever lives here; then since when, and what they are to the head."""
    values = dict.fromkeys(FIELDS, "") | dict(request.held or {})
    return _page(context, request, values, member=_member(request, number(request, "member")))


@view_config(
    route_name="person.household.new",
    request_method="POST",
    permission="person:write",
    renderer="people/household.jinja2",
)
def add(context: PersonFile, request: Request) -> Any:
    """Let somebody known live here, or register somebody by name first."""
    typed = {name: request.POST.get(name, "") for name in FIELDS}
    member = _member(request, number(request, "member_id", posted=True))
    try:
        if member is not None:
            households.live_together(request.work, context.person, member, typed)
        else:
            confirmed = request.POST.get("confirmed") == "yes"
            member = households.register_housemate(request.work, context.person, typed, confirmed=confirmed)
    except Invalid as invalid:
        return to_mend(request, invalid, _page(context, request, typed, member=member))
    except PossibleDuplicates as found:
        request.response.status_int = 409
        return _page(context, request, typed, found_alike=found)
    tell(request, _("Entered as living here: %(name)s.", name=member.full_name))
    return HTTPSeeOther(request.route_path("person", person_id=context.person.id, _anchor="household"))


def _leaving(context: PersonFile, until: str) -> dict[str, Any]:
    return {"person": context.person, "household": context.household, "until": until, "problems": ()}


@view_config(
    route_name="person.household.leave",
    request_method="GET",
    permission="person:write",
    renderer="people/household_leave.jinja2",
)
def show_leaving(context: PersonFile, request: Request) -> dict[str, Any]:
    """The question since when somebody no longer lives there."""
    return _leaving(context, str((request.held or {}).get("until", request.work.today.isoformat())))


@view_config(
    route_name="person.household.leave",
    request_method="POST",
    permission="person:write",
    renderer="people/household_leave.jinja2",
)
def leave(context: PersonFile, request: Request) -> Any:
    """Let the person leave the household, or ask again."""
    until = request.POST.get("until", "")
    try:
        households.leave_household(request.work, context.person, day(until, "until"))
    except Invalid as invalid:
        return to_mend(request, invalid, _leaving(context, until))
    tell(request, _("Entered as moved out: %(name)s.", name=context.person.full_name))
    return HTTPSeeOther(request.route_path("person", person_id=context.person.id, _anchor="household"))
