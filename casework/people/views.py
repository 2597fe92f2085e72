"""The pages of people: the search, one person, and what is changed there."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pyramid.config import Configurator
from pyramid.httpexceptions import HTTPSeeOther
from pyramid.request import Request

from casework.errors import Invalid, Missing
from casework.i18n import Message, _
from casework.people import codes, queries, rules, typed, usecases
from casework.people.queries import Found, PersonFile
from casework.security.permissions import Place, permitted
from casework.web.asked import version
from casework.web.mending import to_mend
from casework.web.notices import tell

PAGES = (
    ("search", "GET", "person:search", "search"),
    ("search.suggestions", "GET", "person:search", "suggestions"),
    ("person", "GET", "person:read", "person"),
    ("person.edit", "GET", "person:write", "edit"),
    ("person.edit", "POST", "person:write", "edit"),
    ("person.reveal", "POST", "person:reveal", "person"),
    ("person.death", "GET", "person:write", "death"),
    ("person.death", "POST", "person:write", "death"),
    ("person.death.withdraw", "GET", "person:write", "death_withdraw"),
    ("person.death.withdraw", "POST", "person:write", "death_withdraw"),
)
"""Route, method, permission and template of every page."""


def includeme(config: Configurator) -> None:
    """The search, and the pages of one person."""
    config.add_route("search", "/search", factory=_anywhere)
    config.add_route("search.suggestions", "/search/suggestions", factory=_anywhere)
    config.add_route("person", PERSON, factory=person_context)
    for part in ("edit", "reveal", "death"):
        config.add_route(f"person.{part}", f"{PERSON}/{part}", factory=person_context)
    config.add_route("person.death.withdraw", f"{PERSON}/death/withdraw", factory=person_context)
    views = {
        ("search", "GET"): show_search,
        ("search.suggestions", "GET"): show_suggestions,
        ("person", "GET"): show_person,
        ("person.edit", "GET"): show_edit,
        ("person.edit", "POST"): save_edit,
        ("person.reveal", "POST"): reveal,
        ("person.death", "GET"): show_death,
        ("person.death", "POST"): save_death,
        ("person.death.withdraw", "GET"): show_withdrawing,
        ("person.death.withdraw", "POST"): withdraw_death,
    }
    for route, method, permission, template in PAGES:
        config.add_view(
            views[route, method],
            route_name=route,
            request_method=method,
            permission=permission,
            renderer=f"people/{template}.jinja2",
        )


PERSON = "/people/{person_id:[1-9][0-9]{0,17}}"


def _anywhere(_request: Request) -> Place:
    return Place()


def person_context(request: Request) -> PersonFile:
    """The person that the address names; whoever may not be seen is not there."""
    work = request.work
    return PersonFile(work, queries.person(work, int(request.matchdict["person_id"])))


def read_person_fields(fields: Mapping[str, Any]) -> dict[str, Any]:
    """What a form made with `people/_person_fields.jinja2` says of a person, ready for
    `register_person` and `change_person`, which judge it. Only fields of that form are read, so that
    nothing else can be set; a box that is not ticked is False.
    """
    values: dict[str, Any] = {
        name: fields[name]
        for name in typed.FIELDS
        if name not in typed.FLAGS and isinstance(fields.get(name), str)
    }
    return {"full_name": ""} | values | {name: fields.get(name) == "yes" for name in typed.FLAGS}


def _text(request: Request, name: str) -> str:
    value = request.params.get(name, "")
    return value if isinstance(value, str) else ""


def show_search(_context: Place, request: Request) -> dict[str, Any]:
    """What the search box finds; an empty page before anything is typed."""
    text = _text(request, "q")
    found = queries.search(request.work, text) if text.strip() else None
    return {"q": text[:200], **_found(request, found)}


def show_suggestions(_context: Place, request: Request) -> dict[str, Any]:
    """The part of the search page that changes while one types."""
    text = _text(request, "q")
    return _found(request, queries.search(request.work, text) if text.strip() else None)


def _found(request: Request, found: Found | None) -> dict[str, Any]:
    return {
        "found": found,
        "sexes": codes.SEXES,
        "opens": permitted(request.work, Place()),
        "states": _states(request),
    }


def _states(request: Request) -> Mapping[tuple[str, str], Message]:
    """The titles of states by program and key."""
    return {
        (program.key, state.key): state.title
        for program in request.work.programs
        for state in program.workflow.states
    }


def show_person(context: PersonFile, request: Request) -> dict[str, Any]:
    """One person: who it is, how to reach them, who lives with them, which cases there are."""
    return _person_page(context, request)


def _person_page(context: PersonFile, request: Request, **more: Any) -> dict[str, Any]:
    person, work = context.person, request.work
    region = work.settings.phone_region
    return {
        "person": person,
        "file": context,
        "phone": rules.shown_phone(person.phone, region) if person.phone else "",
        "birth": rules.written_birth_date(person.birth_date, person.birth_date_precision),
        "age": rules.age(person.birth_date, person.died_on or work.today) if person.birth_date else None,
        "masked": rules.masked_tail(person.id_number_tail) or ("********" if person.id_number else ""),
        "choices": typed.CHOICES,
        "relations": codes.RELATIONS,
        "states": _states(request),
        "allowed": permitted(work, context),
        "revealed": None,
        "reason": "",
        "problems": (),
        **more,
    }


def reveal(context: PersonFile, request: Request) -> dict[str, Any]:
    """The person's page with the whole identity number, once, after the reason was recorded."""
    reason = _text(request, "reason")
    try:
        number = usecases.reveal_id_number(request.work, context.person, reason)
    except Invalid as invalid:
        return to_mend(request, invalid, _person_page(context, request, reason=reason))
    return _person_page(context, request, revealed=number)


def show_edit(context: PersonFile, _request: Request) -> dict[str, Any]:
    """The form with what is known."""
    person = context.person
    values = typed.written(person) | {"id_number": ""}
    return _edit_page(context, values, person.version)


def _edit_page(context: PersonFile, values: Mapping[str, Any], version: int) -> dict[str, Any]:
    return {
        "person": context.person,
        "values": values,
        "version": version,
        "problems": (),
        "choices": typed.CHOICES,
        "kept_number": rules.masked_tail(context.person.id_number_tail),
    }


def save_edit(context: PersonFile, request: Request) -> Any:
    """Keep what was typed, or show it again with what is wrong."""
    values = read_person_fields(request.POST)
    seen = version(request)
    try:
        usecases.change_person(request.work, context.person, seen, **values)
    except Invalid as invalid:
        return to_mend(request, invalid, _edit_page(context, values, seen))
    tell(request, _("Saved."))
    return HTTPSeeOther(request.route_path("person", person_id=context.person.id))


def show_death(context: PersonFile, request: Request) -> dict[str, Any]:
    """The question for the day of death; Missing once it is recorded."""
    if context.person.died_on is not None:
        raise Missing
    return {"person": context.person, "died_on": request.work.today.isoformat(), "problems": ()}


def save_death(context: PersonFile, request: Request) -> Any:
    """Record the death on the person and on every open case."""
    typed_day = _text(request, "died_on").strip()
    try:
        usecases.record_death(request.work, context.person, typed.day(typed_day, "died_on"))
    except Invalid as invalid:
        return to_mend(request, invalid, {"person": context.person, "died_on": typed_day})
    tell(request, _("The death of %(name)s was recorded.", name=context.person.full_name))
    return HTTPSeeOther(request.route_path("person", person_id=context.person.id))


def show_withdrawing(context: PersonFile, request: Request) -> dict[str, Any]:
    """The question why a recorded death was a mistake; Missing if none is recorded."""
    if context.person.died_on is None:
        raise Missing
    reason = str((request.held or {}).get("reason", ""))
    return {"person": context.person, "reason": reason, "problems": ()}


def withdraw_death(context: PersonFile, request: Request) -> Any:
    """Take the death back, or ask again."""
    reason = _text(request, "reason")
    try:
        usecases.withdraw_death(request.work, context.person, reason)
    except Invalid as invalid:
        return to_mend(request, invalid, {"person": context.person, "reason": reason})
    tell(request, _("The death of %(name)s was taken back.", name=context.person.full_name))
    return HTTPSeeOther(request.route_path("person", person_id=context.person.id))
