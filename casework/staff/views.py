"""The pages of staff and roles: who works where, and for administrators what is changed there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pyramid.httpexceptions import HTTPSeeOther
from pyramid.request import Request
from pyramid.view import view_config

from casework.errors import Invalid, Missing
from casework.i18n import LANGUAGES, _
from casework.security.permissions import Place, permitted
from casework.staff import admitting, queries, renewing, usecases
from casework.staff.model import Account
from casework.staff.queries import Held, StaffFilter
from casework.staff.rules import UNIT_ROLES
from casework.web.asked import choice, number, version
from casework.web.mending import to_mend
from casework.web.notices import tell

ROLE_FIELDS = ("role", "unit_id", "until", "reason")
MEMBER_FIELDS = ("name", "sign_in_name", "phone", "language", *ROLE_FIELDS)


@view_config(route_name="staff", request_method="GET", permission="staff:read", renderer="staff/list.jinja2")
def list_staff(_context: Any, request: Request) -> dict[str, Any]:
    """The people with a role within the actor's reach, newest account first, and their roles."""
    work = request.work
    units = queries.units_within(work, work.actor.units())
    unit = choice(request, "unit", [str(each.id) for each in units])
    wanted = StaffFilter(
        text=request.GET.get("q", "")[:100],
        role=choice(request, "role", UNIT_ROLES),
        unit_id=int(unit) if unit else None,
    )
    page = queries.list_staff(work, wanted, before=number(request, "before"), after=number(request, "after"))
    held = queries.roles_of(work, [account.id for account in page.rows])
    return {
        "page": page,
        "held": {key: [each for each in roles if each.in_force(work.now)] for key, roles in held.items()},
        "roles": UNIT_ROLES,
        "units": units,
        "filters": {k: v for k, v in request.GET.items() if k in {"q", "role", "unit"} and v},
        "may_manage": _may_manage(request),
    }


def _may_manage(request: Request) -> bool:
    return "staff:manage" in permitted(request.work, Place())


def _typed(request: Request, names: Sequence[str]) -> dict[str, str]:
    return {name: request.POST.get(name, "") for name in names}


def _empty(request: Request, names: Sequence[str]) -> dict[str, Any]:
    """An empty form, or what was typed before the session ended."""
    return dict.fromkeys(names, "") | dict(request.held or {})


def _form(request: Request, values: Mapping[str, Any]) -> dict[str, Any]:
    """What the fields of a role need."""
    work = request.work
    return {
        "values": values,
        "problems": (),
        "roles": UNIT_ROLES,
        "units": queries.units_within(work, work.actor.units("administrator")),
        "offered_languages": LANGUAGES,
    }


@view_config(
    route_name="staff.open", request_method="GET", permission="staff:manage", renderer="staff/open.jinja2"
)
def show_open(_context: Any, request: Request) -> dict[str, Any]:
    """The form for a new member of staff."""
    return _form(request, _empty(request, MEMBER_FIELDS))


@view_config(
    route_name="staff.open", request_method="POST", permission="staff:manage", renderer="staff/open.jinja2"
)
def open_account(_context: Any, request: Request) -> dict[str, Any]:
    """Open the account and show its one-time password, this once; or the form with what is wrong."""
    typed = _typed(request, MEMBER_FIELDS)
    try:
        account, password = admitting.admit_member(request.work, typed)
    except Invalid as invalid:
        return to_mend(request, invalid, _form(request, typed))
    request.testimony.tell(subject=f"account:{account.id}")
    request.override_renderer = "staff/opened.jinja2"
    return {"account": account, "password": password}


def _member(request: Request) -> Account:
    """The account that the address names; whoever is out of reach is not there."""
    account = queries.member_of_staff(request.work, int(request.matchdict["account_id"]))
    request.testimony.tell(subject=f"account:{account.id}")
    return account


@view_config(
    route_name="staff.member", request_method="GET", permission="staff:read", renderer="staff/member.jinja2"
)
def show_member(_context: Any, request: Request) -> dict[str, Any]:
    """One member of staff: what is known, and every role that was ever given."""
    work, account = request.work, _member(request)
    may_manage = _may_manage(request) and account.disabled_at is None and account.id != work.actor.id
    return {
        "account": account,
        "held": queries.roles_of(work, [account.id])[account.id],
        "roles": UNIT_ROLES,
        "may_manage": may_manage,
        "reach": work.actor.units("administrator"),
        "open_cases": queries.open_cases_of(work, account.id),
        "now": work.now,
    }


def _back(account: Account, request: Request) -> HTTPSeeOther:
    return HTTPSeeOther(request.route_path("staff.member", account_id=account.id))


@view_config(
    route_name="staff.grants", request_method="GET", permission="staff:manage", renderer="staff/role.jinja2"
)
def show_give_role(_context: Any, request: Request) -> dict[str, Any]:
    """The form for a further role."""
    return {"account": _member(request), **_form(request, _empty(request, ROLE_FIELDS))}


@view_config(
    route_name="staff.grants", request_method="POST", permission="staff:manage", renderer="staff/role.jinja2"
)
def give_role(_context: Any, request: Request) -> Any:
    """Give the role, or show the form with what is wrong."""
    account, typed = _member(request), _typed(request, ROLE_FIELDS)
    try:
        admitting.give_role(request.work, account, typed)
    except Invalid as invalid:
        return to_mend(request, invalid, {"account": account, **_form(request, typed)})
    tell(
        request, _("%(name)s has the role now: %(role)s.", name=account.name, role=UNIT_ROLES[typed["role"]])
    )
    return _back(account, request)


def _role_of(account: Account, request: Request) -> Held:
    """The role that the address names, of this person."""
    wanted = int(request.matchdict["grant_id"])
    for held in queries.roles_of(request.work, [account.id])[account.id]:
        if held.grant.id == wanted:
            return held
    raise Missing


@view_config(
    route_name="staff.grant.end", request_method="GET", permission="staff:manage", renderer="staff/end.jinja2"
)
def show_end_role(_context: Any, request: Request) -> dict[str, Any]:
    """The question whether a role shall end now."""
    account = _member(request)
    return {
        "account": account,
        "held": _role_of(account, request),
        "roles": UNIT_ROLES,
        "open_cases": queries.open_cases_of(request.work, account.id),
    }


@view_config(route_name="staff.grant.end", request_method="POST", permission="staff:manage")
def end_role(_context: Any, request: Request) -> HTTPSeeOther:
    """End the role now."""
    account = _member(request)
    usecases.end_grant(request.work, _role_of(account, request).grant.id)
    tell(request, _("The role of %(name)s has ended.", name=account.name))
    return _back(account, request)


@view_config(
    route_name="staff.disable",
    request_method="GET",
    permission="staff:manage",
    renderer="staff/disable.jinja2",
)
def show_disable(_context: Any, request: Request) -> dict[str, Any]:
    """The question whether an account shall be closed for good."""
    account = _member(request)
    return {"account": account, "open_cases": queries.open_cases_of(request.work, account.id)}


@view_config(route_name="staff.disable", request_method="POST", permission="staff:manage")
def disable_account(_context: Any, request: Request) -> HTTPSeeOther:
    """Close the account."""
    account = _member(request)
    usecases.disable_account(request.work, account, version(request))
    tell(request, _("The account of %(name)s was closed.", name=account.name))
    return _back(account, request)


@view_config(
    route_name="staff.password",
    request_method="GET",
    permission="staff:manage",
    renderer="staff/password.jinja2",
)
def show_new_password(_context: Any, request: Request) -> dict[str, Any]:
    """The question whether somebody shall get a new password."""
    return {"account": _member(request)}


@view_config(
    route_name="staff.password",
    request_method="POST",
    permission="staff:manage",
    renderer="staff/password_given.jinja2",
)
def give_new_password(_context: Any, request: Request) -> dict[str, Any]:
    """Give a one-time password and show it, this once."""
    account = _member(request)
    password = renewing.give_new_password(request.work, account, version(request))
    return {"account": account, "password": password}
