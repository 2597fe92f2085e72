"""The application with a small program that people apply to on their own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from importlib.metadata import entry_points
from typing import Any

import pytest
from sqlalchemy.orm import sessionmaker

from casework.db import ActingSession
from casework.programs import Programs
from casework.programs.registry import GROUP
from casework.settings import Settings
from casework.testing.network import Network
from casework.work import Work

from .applicants import Applicant, new_applicant
from .trial import Plugin


@pytest.fixture(scope="session")
def programs() -> Programs:
    """Individual casework, and a program that people apply to."""
    (casework,) = entry_points(group=GROUP, name="casework")
    return Programs({"casework": casework.load(), "trial": Plugin()})


@pytest.fixture(scope="session")
def router(settings: Settings, programs: Programs) -> Any:
    """The WSGI application with these programs."""
    from casework.web.application import make_application

    unconnected: Any = sessionmaker(class_=ActingSession)
    return make_application(settings, sessions=unconnected, programs=programs)


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
