"""The application with a small program that people apply to on their own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from importlib.metadata import entry_points
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import sessionmaker

from casework.clock import MovableClock
from casework.db import ActingSession
from casework.programs import Programs
from casework.programs.registry import GROUP
from casework.security.roles import opened
from casework.settings import Settings
from casework.staff.model import Grant
from casework.testing.acting import Troupe
from casework.testing.network import Network
from casework.work import Work

from .applicants import Applicant, new_applicant
from .trial import Plugin


@pytest.fixture(scope="session")
def trial_programs() -> Programs:
    """Individual casework, and a program that people apply to; not the `programs` of which the database
    of the other tests is made."""
    (casework,) = entry_points(group=GROUP, name="casework")
    return Programs({"casework": casework.load(), "trial": Plugin()})


@pytest.fixture
def troupe(
    session: ActingSession, trial_programs: Programs, settings: Settings, clock: MovableClock
) -> Troupe:
    """As everywhere, with these programs."""
    return Troupe(session, trial_programs, settings, clock)


@pytest.fixture
def network(network: Network, as_system: Callable[[], Work]) -> Network:
    """As everywhere, with what the program opens to the roles."""
    work = as_system()
    for grant in work.session.scalars(sa.select(Grant)):
        grant.compartments = opened(grant.role, "unit", work.programs)
    work.session.flush()
    return network


@pytest.fixture(scope="session")
def router(settings: Settings, trial_programs: Programs) -> Any:
    """The WSGI application with these programs."""
    from casework.web.application import make_application

    unconnected: Any = sessionmaker(class_=ActingSession)
    return make_application(settings, sessions=unconnected, programs=trial_programs)


@pytest.fixture
def applicant(
    network: Network, as_system: Callable[[], Work], browse: Callable[..., Any]
) -> Iterator[Applicant]:
    """A mother on a phone who has just signed in."""
    return new_applicant(as_system(), browse, network.units["hospital"].id)


@pytest.fixture
def neighbour(
    network: Network, as_system: Callable[[], Work], browse: Callable[..., Any]
) -> Iterator[Applicant]:
    """Somebody else on a phone of her own."""
    return new_applicant(as_system(), browse, network.units["hospital"].id)
