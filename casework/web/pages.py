"""The pages' engine: templates, words, navigation and what every template may use."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from jinja2 import Environment, pass_context
from jinja2.runtime import Context
from markupsafe import Markup
from pyramid.config import Configurator
from pyramid.csrf import get_csrf_token
from pyramid.events import BeforeRender
from pyramid.request import Request

from casework.handbook.standard import standard_of
from casework.i18n import Message, reading, words_now
from casework.resources import PACKAGE
from casework.security.permissions import Place, permitted
from casework.web.navigation import navigation
from casework.web.notices import take_notices
from casework.web.static import static
from casework.web.templates import configure


def includeme(config: Configurator) -> None:
    """Find the templates of every domain and program, and give them their words."""
    for folder in sorted(PACKAGE.glob("*/templates")):
        config.add_jinja2_search_path(str(folder))
    for folder in config.registry["casework.programs"].folders("templates"):
        config.add_jinja2_search_path(str(folder))
    config.add_request_method(navigation, reify=True)
    config.add_subscriber(_add_globals, BeforeRender)
    config.include("casework.web.static")
    config.action(None, _configure, args=(config,), order=1000)


def _configure(config: Configurator) -> None:
    environment: Environment = config.get_jinja2_environment()
    prepare(environment)


def prepare(environment: Environment) -> None:
    """Give a Jinja environment the project's words and components; used for mail and prints too."""
    environment.add_extension("jinja2.ext.i18n")
    environment.newstyle_gettext = True  # type: ignore[attr-defined]
    environment.globals.update(
        gettext=_gettext, ngettext=_ngettext, pgettext=_pgettext, _=_translate, words=_WordsNow()
    )
    environment.policies["ext.i18n.trimmed"] = True
    configure(environment)


class _WordsNow:
    """Stands in templates for the words of whoever reads at this moment."""

    def __getattr__(self, name: str) -> Any:
        return getattr(words_now(), name)

    def __call__(self, message: Message | str | None) -> str:
        return words_now()(message)


def _filled(context: Context, text: str, variables: Mapping[str, Any]) -> str:
    if context.eval_ctx.autoescape:
        return Markup(text) % variables  # noqa: S704 - catalogues are checked; values are escaped here
    return text % variables


@pass_context
def _gettext(context: Context, text: str, /, **variables: Any) -> str:
    return _filled(context, words_now().gettext(text), variables)


@pass_context
def _translate(context: Context, text: Message | str | None, /, **variables: Any) -> str:
    if text is None or isinstance(text, Message):
        return words_now()(text)
    return _filled(context, words_now().gettext(text), variables)


@pass_context
def _ngettext(context: Context, one: str, many: str, num: int, /, **variables: Any) -> str:
    variables.setdefault("num", num)
    return _filled(context, words_now().ngettext(one, many, num), variables)


@pass_context
def _pgettext(context: Context, meaning: str, text: str, /, **variables: Any) -> str:
    variables.setdefault("context", meaning)
    return _filled(context, words_now().pgettext(meaning, text), variables)


def _number(request: Request, clause_id: str) -> str:
    clause = standard_of(request.work).get(clause_id)
    return clause.number if clause else clause_id


def _add_globals(event: BeforeRender) -> None:
    request: Request | None = event["request"]
    if request is None:
        return
    reading(request.words)
    anywhere = permitted(request.work, Place())
    event.setdefault("allowed", anywhere)
    event.update(
        may_search="person:search" in anywhere,
        path=request.route_path,
        static=static,
        clause_number=lambda clause: _number(request, clause),
        csrf_token=lambda: get_csrf_token(request),
        actor=request.work.actor,
        notices=take_notices(request),
        language=request.language,
        demo=request.registry["casework.settings"].demo,
        today=request.work.today,
        now=request.work.now,
    )
