"""Every page says who may ask for it, and how: nothing is open because somebody forgot."""

from __future__ import annotations

import re
from collections import Counter
from typing import Any

from casework.programs import Programs
from casework.security.permissions import PERMISSIONS, PUBLIC, TABLE
from casework.security.roles import ROLES

OPEN_TO_ALL = {
    ("static", "GET"): "the look of every page",
    ("healthz", "GET"): "asked by load balancers; tells nothing",
    ("readyz", "GET"): "as above",
    ("sign_in", "GET"): "where everybody begins",
    ("sign_in", "POST"): "as above; throttled",
    ("language", "POST"): "the sign-in page has a language too",
    ("help", "GET"): "what there is to ask for, before anybody has an account",
    ("help.check", "GET"): "whether it is worth asking; nothing that is typed is kept",
    ("help.check", "POST"): "as above",
    ("help.check.shown", "POST"): "as above, while it is being filled in",
    ("my.sign_in", "GET"): "where patients and families begin",
    ("my.sign_in", "POST"): "as above; throttled by phone, browser and network",
    ("my.sign_in.code", "GET"): "as above, for the browser that asked for the code",
    ("my.sign_in.code", "POST"): "as above",
    ("my.code", "GET"): "where a code on paper is typed in",
    ("my.code", "POST"): "as above; throttled",
    ("outbox", "GET"): "the texts of a demonstration; not there in production",
    ("subsidy.notices", "GET"): "notices of awards, masked, which the law wants public for some days",
}
"""The only public pages, each with the reason."""

READING = {"read", "list", "status", "search", "audit"}
READ_BUT_WRITES = {
    "case.move": "the permission is that of the move, which the view asks for: it depends on the address",
    "case.form": "the permission is that of the form, which the view asks for",
    "case.form.draft": "as above",
    "case.response.amend": "as above",
    "books": "has a book made of what may be read, once while it waits",
    "form.shown": "shows what a change would show; keeps nothing",
    "draft.discard": "only one's own drafts",
}
"""Unsafe routes whose view is reached with a permission to read, each with the reason."""


def views(application: Any) -> list[tuple[str, str | None, str | None]]:
    """Route, method and permission of every view that is not the page of an error."""
    found = []
    for each in application.registry.introspector.get_category("views"):
        view = each["introspectable"]
        if view["route_name"]:
            permissions = [
                other["value"] for other in each["related"] if other.category_name == "permissions"
            ]
            (permission,) = permissions or [None]
            found.append((view["route_name"], view["request_methods"], permission))
    return found


def known(programs: Programs) -> set[str]:
    moves = {f"{program.key}:move:{move.key}" for program in programs for move in program.workflow.moves}
    return {
        *PERMISSIONS,
        *moves,
        *(name for program in programs for names in program.grants.values() for name in names),
    }


def test_every_view_names_a_permission_that_there_is(application: Any, programs: Programs) -> None:
    for route, method, permission in views(application):
        assert permission in {PUBLIC, *known(programs)}, f"{method} {route}: {permission}"


def test_whoever_forgets_the_permission_closes_the_page(application: Any, programs: Programs) -> None:
    defaults = application.registry.introspector.get_category("default permission")
    assert [each["introspectable"]["value"] for each in defaults] == ["nobody"]
    assert "nobody" not in known(programs) | {name for names in TABLE.values() for name in names}


def test_every_view_names_one_method(application: Any) -> None:
    assert {method for _route, method, _permission in views(application)} == {"GET", "POST"}
    registered = Counter((route, method) for route, method, _permission in views(application))
    assert max(registered.values()) == 1


def test_only_the_listed_pages_are_public(application: Any) -> None:
    public = {(route, method) for route, method, permission in views(application) if permission == PUBLIC}
    assert public == OPEN_TO_ALL.keys()


def test_no_view_that_writes_is_reached_by_a_permission_to_read(application: Any) -> None:
    found = {
        route
        for route, method, permission in views(application)
        if method == "POST" and permission and permission.rpartition(":")[2] in READING
    }
    assert found == READ_BUT_WRITES.keys()


def test_every_form_is_checked_for_its_token(application: Any) -> None:
    options = application.registry.introspector.get_category("default csrf view options")
    assert options
    assert all(each["introspectable"]["require_csrf"] is True for each in options)
    exempt = [
        each["introspectable"]["route_name"]
        for each in application.registry.introspector.get_category("views")
        if each["introspectable"]["route_name"] and each["introspectable"].get("require_csrf") is False
    ]
    assert exempt == []


def test_an_id_in_an_address_is_written_in_one_way_only(application: Any) -> None:
    """The trail names what was opened as the address does: 007 or another alphabet's digits would hide it.
    The id of a clause is its name, and is that of no record."""
    for each in application.registry.introspector.get_category("routes"):
        pattern = each["introspectable"]["pattern"]
        ids = re.findall(r"\{(?!clause_id\})\w+_id(?::((?:[^{}]|\{[^{}]*\})*))?\}", pattern)
        assert set(ids) <= {"[1-9][0-9]{0,17}"}, pattern


def test_roles_and_permissions_are_spelt_alike_everywhere(programs: Programs) -> None:
    ties = {*TABLE, *(tie for program in programs for tie in program.grants)}
    assert {role for role, _relation in ties} <= {*ROLES, "anyone", "applicant", "system"}
    assert {relation for _role, relation in ties} == {"unit", "case", "own"}
    assert {name for names in TABLE.values() for name in names} <= PERMISSIONS.keys()
    for program in programs:
        for tie, names in program.grants.items():
            assert all(name.startswith(f"{program.key}:") for name in names), tie
