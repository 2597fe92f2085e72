"""How patients and families sign in: by a code on the phone, or with a code on paper."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from pyramid.config import Configurator
from pyramid.httpexceptions import HTTPSeeOther
from pyramid.renderers import render_to_response
from pyramid.request import Request
from pyramid.response import Response as Answer
from pyramid.view import view_config, view_defaults

from casework.errors import Invalid, Missing, Problem
from casework.i18n import Message, _
from casework.portal import accounts, codes, phone_codes, texts
from casework.portal.phone_codes import Wait, WrongCode
from casework.portal.queries import demo_applicants
from casework.portal.rules import PHONE_CODE_LENGTH
from casework.security.cookies import drop_cookie, set_cookie, shown
from casework.security.usecases import where_to
from casework.security.views import ENDED, too_often
from casework.staff.model import Account
from casework.web.addresses import local

HOME = "/my"


def includeme(config: Configurator) -> None:
    """The addresses of these pages."""
    config.add_route("my.sign_in", "/my/sign-in")
    config.add_route("my.sign_in.code", "/my/sign-in/code")
    config.add_route("my.code", "/my/code")
    config.add_route("outbox", "/outbox")
    config.scan(__name__)


class _SigningIn:
    """What the pages of signing in have in common: where to go afterwards, and what was kept meanwhile."""

    template = ""

    def __init__(self, _context: Any, request: Request) -> None:
        self.request, self.work = request, request.work
        reading = request.method in {"GET", "HEAD"}
        if not reading:
            request.testimony.tell("sign-in", "account:?")
        asked = request.GET if reading else request.POST
        self.wanted, self.held = local(str(asked.get("next", "")), HOME), str(asked.get("held", ""))[:64]

    @property
    def query(self) -> str:
        """Where to go afterwards, for the address of the next page."""
        return urlencode({"next": self.wanted, **({"held": self.held} if self.held else {})})

    @property
    def browser(self) -> str:
        """The secret of this visitor's browser; her form was not accepted without it."""
        return shown(self.request, "visitor") or ""

    def page(self, problems: Sequence[Problem] = (), status: int = 200, **values: Any) -> Answer:
        """The page, with what has to be mended."""
        common = {"next": self.wanted, "held": self.held, "query": self.query, "problems": problems}
        answer = render_to_response(self.template, common | values, request=self.request)
        answer.status_int = status
        answer.cache_control = "no-store"
        return answer

    def refuse(self, where: str, message: Message, wait: timedelta = timedelta(), **values: Any) -> Answer:
        """Say that it did not work. That it was tried is kept."""
        self.request.environ["casework.keep"] = True
        answer = self.page([Problem(where, message)], status=429 if wait else 422, **values)
        if wait:
            answer.retry_after = math.ceil(wait.total_seconds())
        return answer

    def enter(self, account: Account, wanted: str) -> Answer:
        """Begin a session of the account and go on to where she was going."""
        opened = accounts.begin_portal_session(
            self.work,
            account,
            browser=shown(self.request, "browser"),
            replaces=shown(self.request, "session"),
        )
        self.request.testimony.tell("sign-in", f"account:{account.id}")
        answer = HTTPSeeOther(where_to(self.work, account, self.held, wanted))
        set_cookie(self.request, answer, "session", opened.cookie)
        set_cookie(self.request, answer, "browser", opened.browser)
        drop_cookie(self.request, answer, "visitor")
        return answer


@view_defaults(route_name="my.sign_in", permission="public")
class AskForCode(_SigningIn):
    """The phone to which a code is sent."""

    template = "portal/phone.jinja2"

    @view_config(request_method="GET")
    def show(self) -> Answer:
        """The question; whoever is signed in already goes on to where she was going."""
        if self.request.sign_in is not None:
            return HTTPSeeOther(self.wanted)
        return self._page(ended=ENDED.get(self.request.ended_sign_in))

    @view_config(request_method="POST")
    def send(self) -> Answer:
        """Send a code, to any phone that a text can reach."""
        if self.request.sign_in is not None:
            return HTTPSeeOther(self.wanted)
        typed = str(self.request.POST.get("phone", ""))
        if not texts.can_be_sent(self.work):
            raise Missing
        try:
            wait = phone_codes.ask_phone_code(self.work, typed, browser=self.browser)
        except Invalid as invalid:
            return self._page(invalid.problems, 422, phone=typed[:60])
        if wait is not None:
            return self.refuse("phone", too_often(wait.wait), wait.wait, **self._values(typed[:60]))
        return HTTPSeeOther(f"{self.request.route_path('my.sign_in.code')}?{self.query}")

    def _values(self, phone: str = "") -> dict[str, Any]:
        on_a_page = texts.is_shown_on_a_page(self.work)
        return {
            "phone": phone,
            "can_send": texts.can_be_sent(self.work),
            "ended": None,
            "applicants": [
                (each.phone, _("%(patient)s: %(state)s", patient=each.person_name, state=each.state))
                for each in (demo_applicants(self.work) if on_a_page else ())
            ],
        }

    def _page(self, problems: Sequence[Problem] = (), status: int = 200, **values: Any) -> Answer:
        return self.page(problems, status, **(self._values() | values))


@view_defaults(route_name="my.sign_in.code", permission="public")
class EnterCode(_SigningIn):
    """The code that was sent."""

    template = "portal/phone_code.jinja2"

    @view_config(request_method="GET")
    def show(self) -> Answer:
        """The question, if a code is on its way to somebody in this browser."""
        if self.request.sign_in is not None:
            return HTTPSeeOther(self.wanted)
        if phone_codes.asked_for(self.work, self.browser) is None:
            return self._again()
        return self._page()

    @view_config(request_method="POST")
    def enter_code(self) -> Answer:
        """Sign in with the right code."""
        if self.request.sign_in is not None:
            return HTTPSeeOther(self.wanted)
        typed = str(self.request.POST.get("code", ""))
        try:
            outcome = phone_codes.enter_phone_code(self.work, typed, browser=self.browser)
        except Invalid as invalid:
            return self._page(invalid.problems, 422)
        if isinstance(outcome, Wait):
            return self.refuse("code", too_often(outcome.wait), outcome.wait, **self._values())
        if isinstance(outcome, WrongCode):
            over = _("This code is not good any more. Have a new one sent.")
            wrong = _("This is not the code that we sent. Look at the text again.")
            return self.refuse("code", over if outcome.over else wrong, **self._values())
        return self.enter(outcome, self.wanted)

    def _again(self) -> Answer:
        return HTTPSeeOther(f"{self.request.route_path('my.sign_in')}?{self.query}")

    def _values(self) -> dict[str, Any]:
        return {
            "tail": phone_codes.asked_for(self.work, self.browser) or "",
            "digits": PHONE_CODE_LENGTH,
            "minutes": phone_codes.VALID // timedelta(minutes=1),
            "on_a_page": texts.is_shown_on_a_page(self.work),
        }

    def _page(self, problems: Sequence[Problem] = (), status: int = 200) -> Answer:
        return self.page(problems, status, **self._values())


@view_defaults(route_name="my.code", permission="public")
class EnterAccessCode(_SigningIn):
    """A code from the desk, or the one to come back with."""

    template = "portal/access_code.jinja2"

    @view_config(request_method="GET")
    def show(self) -> Answer:
        """The question; for staff there is nothing to enter."""
        return HTTPSeeOther("/") if self._is_staff() else self.page()

    @view_config(request_method="POST")
    def enter_code(self) -> Answer:
        """Let in whoever holds the code, and show what it opens."""
        if self._is_staff():
            return HTTPSeeOther("/")
        outcome = codes.enter_access_code(self.work, str(self.request.POST.get("code", "")))
        if isinstance(outcome, Wait):
            return self.refuse("code", too_often(outcome.wait), outcome.wait)
        if isinstance(outcome, WrongCode):
            message = _("This code is not right, or it is not good any more. Ask the desk for a new one.")
            return self.refuse("code", message)
        if outcome.account.id == self.work.actor.id:
            return HTTPSeeOther(self.wanted)
        return self.enter(outcome.account, self.wanted)

    def _is_staff(self) -> bool:
        return self.work.actor.kind not in {"visitor", "portal"}


@view_config(
    route_name="outbox",
    request_method="GET",
    permission="public",
    renderer="portal/outbox.jinja2",
    http_cache=0,
)
def show_outbox(_context: Any, request: Request) -> dict[str, Any]:
    """The texts of a demonstration, for whoever tries it out; not there where texts are really sent."""
    if not texts.is_shown_on_a_page(request.work):
        raise Missing
    return {"texts": texts.shown_texts(request.work)}
