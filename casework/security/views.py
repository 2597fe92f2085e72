"""Signing in and out, the language, and the pages of one's own account."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from pyramid.config import Configurator
from pyramid.httpexceptions import HTTPNoContent, HTTPSeeOther
from pyramid.request import Request
from pyramid.response import Response
from pyramid.view import view_config

from casework.errors import Invalid, Problem
from casework.i18n import LANGUAGES, Message, _, ngettext
from casework.security import passwords, queries, usecases
from casework.security.cookies import drop_cookie, set_cookie, shown
from casework.web.addresses import local
from casework.web.mending import to_mend
from casework.web.notices import tell

ENDED: dict[str | None, Message] = {
    "idle": _("You were signed out because nothing was done here for a while."),
    "age": _("You were signed out because your session had lasted for its longest time."),
    "revoked": _("This device was signed out from another one."),
    "password": _("Your password was changed. Sign in with the new one."),
    "disabled": _("This account is closed. Ask your coordinator if that is a mistake."),
}


def includeme(config: Configurator) -> None:
    """The addresses of these pages."""
    config.add_route("sign_in", "/sign-in")
    config.add_route("sign_out", "/sign-out")
    config.add_route("language", "/language")
    config.add_route("session.keep", "/session/keep")
    config.add_route("account", "/account")
    config.add_route("account.name", "/account/name")
    config.add_route("account.password", "/account/password")
    config.add_route("account.device", "/account/device")
    config.add_route("account.devices", "/account/devices")
    config.scan(__name__)


@view_config(
    route_name="sign_in", request_method="GET", permission="public", renderer="security/sign_in.jinja2"
)
def sign_in_page(request: Request) -> Any:
    """The form; whoever is signed in already goes on to where she was going."""
    wanted, held = request.GET.get("next"), request.GET.get("held", "")
    if request.sign_in is not None:
        return HTTPSeeOther(local(wanted))
    return _form(request, name="", wanted=local(wanted), held=held)


def _form(
    request: Request, *, name: str, wanted: str, held: str, problems: Sequence[Problem] = ()
) -> dict[str, Any]:
    demo = request.registry["casework.settings"].demo
    return {
        "name": name,
        "next": wanted,
        "held": held,
        "problems": problems,
        "ended": ENDED.get(request.ended_sign_in) if not problems else None,
        "demo_accounts": queries.demo_accounts(request.db) if demo else [],
        "demo_password": passwords.DEMO_PASSWORD,
    }


@view_config(
    route_name="sign_in", request_method="POST", permission="public", renderer="security/sign_in.jinja2"
)
def sign_in(request: Request) -> Any:
    """Sign in, or show the form again: 422 if name or password are wrong, 429 if it was too often."""
    name, wanted, held = request.POST.get("name", ""), request.POST.get("next"), request.POST.get("held", "")
    outcome = usecases.sign_in(
        request.work,
        name,
        request.POST.get("password", ""),
        browser=shown(request, "browser"),
        replaces=shown(request, "session"),
    )
    if isinstance(outcome, usecases.NotOpened):
        request.testimony.tell(
            "sign-in", f"account:{outcome.account_id}" if outcome.account_id else "account:?"
        )
        request.environ["casework.keep"] = True  # The counted failure.
        problem = Problem("name", _("The sign-in name or the password is not right."))
        request.response.status_int = 422
        if outcome.wait:
            problem = Problem("name", too_often(outcome.wait))
            request.response.status_int = 429
            request.response.retry_after = math.ceil(outcome.wait.total_seconds())
        return _form(request, name=name[:200], wanted=local(wanted), held=held, problems=[problem])
    request.testimony.tell("sign-in", f"account:{outcome.account.id}")
    response = HTTPSeeOther(usecases.where_to(request.work, outcome.account, held, local(wanted)))
    set_cookie(request, response, "session", outcome.cookie)
    set_cookie(request, response, "browser", outcome.browser)
    drop_cookie(request, response, "visitor")
    return response


def too_often(wait: timedelta) -> Message:
    """What to say to whoever tried too often, and must wait for so long."""
    seconds = math.ceil(wait.total_seconds())
    if wait < timedelta(minutes=1):
        return ngettext(
            "Too many attempts. Try again in %(count)s second.",
            "Too many attempts. Try again in %(count)s seconds.",
            seconds,
        )
    return ngettext(
        "Too many attempts. Try again in %(count)s minute.",
        "Too many attempts. Try again in %(count)s minutes.",
        math.ceil(seconds / 60),
    )


@view_config(route_name="sign_out", request_method="POST", permission="account:own")
def sign_out(request: Request) -> Response:
    """End the session and take the cookie back."""
    usecases.sign_out(request.work, request.sign_in.session)
    response = HTTPSeeOther("/my/sign-in" if request.work.actor.kind == "portal" else "/sign-in")
    drop_cookie(request, response, "session")
    return response


@view_config(route_name="session.keep", request_method="POST", permission="account:own")
def keep(_request: Request) -> Response:
    """Count as use of the session, which looking it up has done."""
    return HTTPNoContent()


@view_config(route_name="language", request_method="POST", permission="public")
def change_language(request: Request) -> Response:
    """Read on in another language, on the same page."""
    language = request.POST.get("language", "")
    if language not in LANGUAGES:
        raise Invalid([Problem("language", _("Choose one of the languages in the list."))])
    if request.sign_in is not None:
        usecases.change_language(request.work, language)
    response = HTTPSeeOther(local(request.POST.get("next")))
    set_cookie(request, response, "language", language)
    return response


@view_config(
    route_name="account", request_method="GET", permission="account:own", renderer="security/account.jinja2"
)
def account_page(request: Request) -> dict[str, Any]:
    """Name, language, password, devices, and what was kept when a session ran out."""
    return _account(request)


def _account(request: Request, problems: Sequence[Problem] = (), name: str | None = None) -> dict[str, Any]:
    account = queries.own_account(request.work)
    return {
        "account": account,
        "name": account.name if name is None else name,
        "problems": problems,
        "devices": queries.devices(request.work),
        "this_device": request.sign_in.session.id,
        "kept": queries.held_posts(request.work),
        "shortest": passwords.SHORTEST,
    }


@view_config(
    route_name="account.name",
    request_method="POST",
    permission="account:own",
    renderer="security/account.jinja2",
)
def change_name(request: Request) -> Any:
    """Set one's own name."""
    name = request.POST.get("name", "")
    try:
        usecases.change_name(request.work, name)
    except Invalid as wrong:
        return to_mend(request, wrong, _account(request, name=name))
    tell(request, _("Your name was changed."))
    return HTTPSeeOther("/account")


@view_config(
    route_name="account.password",
    request_method="POST",
    permission="account:own",
    renderer="security/account.jinja2",
)
def change_password(request: Request) -> Any:
    """Set a new password; other devices are signed out."""
    problems = usecases.change_password(
        request.work,
        request.sign_in.session,
        request.POST.get("old_password", ""),
        request.POST.get("new_password", ""),
    )
    if problems:
        request.environ["casework.keep"] = True  # The counted failure.
        request.response.status_int = 422
        return _account(request, problems)
    tell(request, _("Your password was changed. Your other devices were signed out."))
    return HTTPSeeOther("/account")


@view_config(route_name="account.device", request_method="POST", permission="account:own")
def revoke_device(request: Request) -> Response:
    """Sign one device out."""
    usecases.revoke_device(request.work, request.POST.get("device", ""))
    tell(request, _("The device was signed out."))
    return HTTPSeeOther("/account#devices")


@view_config(route_name="account.devices", request_method="POST", permission="account:own")
def end_other_sessions(request: Request) -> Response:
    """Sign every other device out."""
    usecases.end_other_sessions(request.work, request.sign_in.session)
    tell(request, _("Your other devices were signed out."))
    return HTTPSeeOther("/account#devices")
