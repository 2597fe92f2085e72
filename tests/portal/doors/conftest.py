"""A case of a program that people apply to, behind a wall of its own, and people who come to it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import sessionmaker

from casework.cases.model import Case
from casework.cases.usecases import open_case
from casework.clock import MovableClock
from casework.db import ActingSession
from casework.i18n import Message as _
from casework.people.usecases import register_person
from casework.portal import development
from casework.portal.model import Text
from casework.portal.texts import BODY, RECIPIENT
from casework.programs import (
    EventKind,
    Move,
    Portal,
    Program,
    Programs,
    Purpose,
    State,
    Workflow,
    hookimpl,
)
from casework.security.fields import keys_of
from casework.security.roles import opened
from casework.settings import Settings
from casework.staff.model import Grant
from casework.staff.usecases import give_case_grant
from casework.testing.acting import Troupe
from casework.testing.network import Network
from casework.work import Actor, Work

PURPOSES = (
    Purpose("processing", _("Use of your data"), _("We read what you tell us."), required=True),
    Purpose("publication", _("Publication"), _("We put your surname on the board."), separate=True),
)
SHARED = frozenset({"aid", "application"})


class Plugin:
    """A program with a door for applicants and little behind it."""

    @hookimpl
    def casework_program(self) -> Program:
        return _Bare(
            key="alms",
            code="AL",
            title=_("Alms"),
            package="casework",
            workflow=Workflow(
                "draft",
                (State("draft", _("Draft"), "before", 0), State("withdrawn", _("Withdrawn"), "done")),
                (
                    Move(
                        "submit", _("Hand in"), ("draft",), "draft", "alms.submitted", asks="alms.application"
                    ),
                    Move("withdraw", _("Withdraw"), ("draft",), "withdrawn", "alms.withdrawn"),
                ),
                steps=(_("Fill in"),),
            ),
            events=tuple(EventKind(f"alms.{name}", _(name)) for name in ("begun", "submitted", "withdrawn")),
            compartment="aid",
            opens={
                ("worker", "case"): SHARED,
                ("coordinator", "unit"): SHARED,
                ("fund_officer", "unit"): SHARED | {"client", "referral"},
                ("client", "case"): frozenset({"application"}),
            },
            portal=Portal(
                form="alms.application",
                summary=_("Alms for the poor."),
                papers=lambda _answers: (),
                purposes=PURPOSES,
                todos=lambda _work, _dossier: (),
            ),
        )


class _Bare(Program):
    @property
    def folder(self) -> Path:
        return Path(__file__).parent


@pytest.fixture(scope="session")
def portal_programs() -> Programs:
    """The program above, and the adapter that sends nothing away."""
    return Programs({"alms": Plugin()}, {"development": development})


@pytest.fixture
def troupe(
    session: ActingSession, portal_programs: Programs, settings: Settings, clock: MovableClock
) -> Troupe:
    """As everywhere, with these programs."""
    return Troupe(session, portal_programs, settings, clock)


@pytest.fixture
def network(network: Network, as_system: Callable[[], Work]) -> Network:
    """As everywhere, with what the program opens to the roles."""
    work = as_system()
    for grant in work.session.scalars(sa.select(Grant)):
        grant.compartments = opened(grant.role, "unit", work.programs)
    work.session.flush()
    return network


@pytest.fixture
def visitor(make_work: Callable[[Actor], Work]) -> Callable[..., Work]:
    """`visitor()`: somebody who has not signed in, at the present moment; `visitor(address=...)` elsewhere."""
    origin = {"address": "192.0.2.7", "agent": "Firefox"}
    return lambda **more: replace(make_work(Actor(0, "", "visitor")), origin=origin | more)


@pytest.fixture(scope="session")
def router(settings: Settings, portal_programs: Programs) -> Any:
    """The WSGI application with these programs."""
    from casework.web.application import make_application

    unconnected: Any = sessionmaker(class_=ActingSession)
    return make_application(settings, sessions=unconnected, programs=portal_programs)


@pytest.fixture
def new_case(network: Network, as_system: Callable[[], Work]) -> Callable[..., Case]:
    """`new_case()`: the aid case of a new person in the first hospital, with the worker on it."""

    def make(name: str = "陈小雨", born: str = "2000-01-01") -> Case:
        work = as_system()
        unit = network.units["hospital"].id
        person = register_person(work, unit_id=unit, full_name=name, birth_date=born, confirmed=True)
        case = open_case(work, work.programs["alms"], unit_id=unit, person_id=person.id)
        worker = network["worker"].id
        give_case_grant(work, account_id=worker, case_id=case.id, role="worker", reason="test")
        work.session.flush()
        return case

    return make


@pytest.fixture
def case(new_case: Callable[..., Case]) -> Case:
    """One such case."""
    return new_case()


@pytest.fixture
def sent(as_system: Callable[[], Work]) -> Callable[[], list[tuple[str, str]]]:
    """`sent()`: every text there is, as number and body, in the order of writing."""

    def read() -> list[tuple[str, str]]:
        work = as_system()
        keys = keys_of(work.settings)
        return [
            (keys.open(RECIPIENT, text.key, text.recipient), keys.open(BODY, text.key, text.body))
            for text in work.session.scalars(sa.select(Text).order_by(Text.id))
        ]

    return read
