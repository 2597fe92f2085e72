"""The pages of contact persons of a case: name one, change, remove."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pyramid.config import Configurator
from pyramid.httpexceptions import HTTPSeeOther
from pyramid.request import Request
from pyramid.view import view_config

from casework.cases.dossier import Dossier
from casework.errors import Invalid
from casework.i18n import _
from casework.people import contacts, queries
from casework.people.codes import CONTACT_ROLES, RELATIONS, SEXES
from casework.people.contacts import FIELDS
from casework.people.model import CasePerson, Person
from casework.security.permissions import Place, permits
from casework.web.asked import number, version
from casework.web.mending import to_mend
from casework.web.notices import tell


def includeme(config: Configurator) -> None:
    """Add the pages of contact persons."""
    config.add_case_route("case.person.new", "/people/new")
    config.add_case_route("case.person", "/people/{contact_id:[1-9][0-9]{0,17}}")
    config.add_case_route("case.person.remove", "/people/{contact_id:[1-9][0-9]{0,17}}/remove")
    config.scan(__name__)


def _typed(request: Request) -> dict[str, Any]:
    values: dict[str, Any] = {name: request.POST.get(name, "") for name in FIELDS}
    return values | {"phone_message_safe": values["phone_message_safe"] == "yes"}


def _start(request: Request, kept: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """What the form begins with: what is known, or what was typed before the session ended."""
    return dict.fromkeys(FIELDS, "") | dict(kept or {}) | dict(request.held or {})


def _page(
    context: Dossier,
    request: Request,
    values: Mapping[str, Any],
    *,
    person: Person | None = None,
    contact: CasePerson | None = None,
    seen: int = 0,
) -> dict[str, Any]:
    looked = request.GET.get("q", "")[:200]
    may_look = contact is None and permits(request.work, "person:search", Place())
    found = queries.search(request.work, looked) if looked.strip() and may_look else None
    return {
        "case": context.case,
        "served": context.person,
        "values": values,
        "problems": (),
        "person": person,
        "contact": contact,
        "version": seen,
        "roles": CONTACT_ROLES,
        "relations": {key: title for key, title in RELATIONS.items() if key != "0"},
        "q": looked,
        "may_look": may_look,
        "found": found,
        "sexes": SEXES,
    }


def _registered(request: Request, person_id: int | None) -> Person | None:
    return queries.person(request.work, person_id) if person_id is not None else None


def _back(context: Dossier, request: Request) -> HTTPSeeOther:
    return HTTPSeeOther(request.route_path("case", case_id=context.case.id, _anchor="people"))


@view_config(
    route_name="case.person.new",
    request_method="GET",
    permission="case:people",
    renderer="people/contact.jinja2",
)
def show_new(context: Dossier, request: Request) -> dict[str, Any]:
    """Look for the person first; then what they are to the person served."""
    person = _registered(request, number(request, "person"))
    return _page(context, request, _start(request), person=person)


@view_config(
    route_name="case.person.new",
    request_method="POST",
    permission="case:people",
    renderer="people/contact.jinja2",
)
def name_one(context: Dossier, request: Request) -> Any:
    """Name the contact person, or show the form with what is wrong."""
    person, typed = _registered(request, number(request, "person_id", posted=True)), _typed(request)
    try:
        contacts.name_contact_person(request.work, context.case, person=person, **typed)
    except Invalid as invalid:
        return to_mend(request, invalid, _page(context, request, typed, person=person))
    tell(request, _("The contact person was added."))
    return _back(context, request)


def _contact(context: Dossier, request: Request) -> CasePerson:
    return contacts.contact_person(request.work, context.case.id, int(request.matchdict["contact_id"]))


def _known(contact: CasePerson, request: Request) -> Person | None:
    """The registered person behind a contact person, if the actor may see them."""
    return _registered(request, contact.person_id)


@view_config(
    route_name="case.person", request_method="GET", permission="case:people", renderer="people/contact.jinja2"
)
def show_one(context: Dossier, request: Request) -> dict[str, Any]:
    """A contact person to be changed."""
    contact = _contact(context, request)
    values = _start(request, {name: getattr(contact, name) for name in FIELDS})
    person = _known(contact, request)
    return _page(context, request, values, person=person, contact=contact, seen=contact.version)


@view_config(
    route_name="case.person",
    request_method="POST",
    permission="case:people",
    renderer="people/contact.jinja2",
)
def change_one(context: Dossier, request: Request) -> Any:
    """Keep the change, or show the form with what is wrong."""
    contact, typed, seen = _contact(context, request), _typed(request), version(request)
    try:
        contacts.change_contact_person(request.work, contact, seen, **typed)
    except Invalid as invalid:
        person = _known(contact, request)
        page = _page(context, request, typed, person=person, contact=contact, seen=seen)
        return to_mend(request, invalid, page)
    tell(request, _("The contact person was changed."))
    return _back(context, request)


def _removing(
    context: Dossier,
    request: Request,
    contact: CasePerson,
    seen: int,
    reason: str = "",
) -> dict[str, Any]:
    person = _known(contact, request)
    return {
        "case": context.case,
        "contact": contact,
        "name": person.full_name if person else contact.name,
        "version": seen,
        "reason": reason,
        "problems": (),
    }


@view_config(
    route_name="case.person.remove",
    request_method="GET",
    permission="case:people",
    renderer="people/contact_remove.jinja2",
)
def show_removing(context: Dossier, request: Request) -> dict[str, Any]:
    """The question why somebody is no longer a contact person."""
    contact = _contact(context, request)
    return _removing(context, request, contact, contact.version, str((request.held or {}).get("reason", "")))


@view_config(
    route_name="case.person.remove",
    request_method="POST",
    permission="case:people",
    renderer="people/contact_remove.jinja2",
)
def remove_one(context: Dossier, request: Request) -> Any:
    """Remove the contact person, or ask again."""
    contact, seen, reason = _contact(context, request), version(request), request.POST.get("reason", "")
    try:
        contacts.remove_contact_person(request.work, contact, seen, reason)
    except Invalid as invalid:
        return to_mend(request, invalid, _removing(context, request, contact, seen, reason))
    tell(request, _("The contact person was removed."))
    return _back(context, request)
