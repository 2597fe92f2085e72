"""Puts the application together, in order; each line is a chapter."""

from __future__ import annotations

from typing import Any

from pyramid.config import Configurator
from pyramid.router import Router
from sqlalchemy.orm import sessionmaker

from casework.clock import Clock, SystemClock
from casework.db import ActingSession, make_engine
from casework.programs import Programs
from casework.security.policy import TablePolicy
from casework.settings import Settings
from casework.web.templates import CompiledOnce
from casework.work import Jobs

DOMAINS = (
    "casework.people",
    "casework.cases",
    "casework.forms",
    "casework.plans",
    "casework.funds",
    "casework.portal",
    "casework.documents",
    "casework.handbook",
    "casework.staff",
)
"""The domains with pages, in the order of their routes."""


_COMPILED = CompiledOnce()


def make_application(
    settings: Settings,
    *,
    sessions: sessionmaker[ActingSession] | None = None,
    clock: Clock | None = None,
    programs: Programs | None = None,
    jobs: Jobs | None = None,
) -> Router:
    """The WSGI application. Tests hand in their own sessions, clock and programs."""
    config = Configurator(settings=_pyramid_settings())
    registry = config.registry
    registry["casework.settings"] = settings
    registry["casework.clock"] = clock or SystemClock()
    registry["casework.programs"] = programs or Programs.load(settings.programs, settings.adapters)
    registry["casework.sessions"] = sessions or make_sessions(settings)
    registry["casework.jobs"] = jobs or _jobs(registry["casework.programs"])

    config.set_security_policy(TablePolicy())
    config.set_default_permission("nobody")
    config.include("pyramid_retry")
    config.include("pyramid_tm")
    config.include("pyramid_jinja2")
    config.include("casework.web.request")
    config.include("casework.web.pages")
    config.include("casework.security")
    config.add_directive("add_case_route", _add_case_route)
    config.include("casework.audit")
    for domain in DOMAINS:
        config.include(domain)
    for program in registry["casework.programs"]:
        if program.includeme:
            config.include(program.includeme, route_prefix=f"programs/{program.key}")
    config.include("casework.web.errors")
    config.commit()
    return config.make_wsgi_app()


def _pyramid_settings() -> dict[str, Any]:
    return {
        "retry.attempts": 3,
        "tm.manager_hook": "pyramid_tm.explicit_manager",
        "tm.commit_veto": "casework.web.request.undo_when_answering_an_error",
        "jinja2.newstyle": True,
        "jinja2.undefined": "strict",
        "jinja2.autoescape": True,
        "jinja2.bytecode_caching": _COMPILED,
    }


def make_sessions(settings: Settings) -> sessionmaker[ActingSession]:
    """Sessions of the run-time role; with no server configured, the embedded one is started."""
    from casework.embedded import connect_urls

    engine = make_engine(connect_urls(settings).runtime, settings.pool_size)
    return sessionmaker(engine, class_=ActingSession, expire_on_commit=False)


def _jobs(programs: Programs) -> Jobs:
    from casework.jobs import QueuedJobs, Tasks

    return QueuedJobs(Tasks.load(programs))


def _add_case_route(config: Configurator, name: str, pattern: str = "", **options: Any) -> None:
    """A route under one case: its context is the Dossier, and a case that is not there is 404."""
    from casework.cases.views import dossier

    config.add_route(name, "/cases/{case_id:[1-9][0-9]{0,17}}" + pattern, factory=dossier, **options)
