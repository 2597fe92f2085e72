"""A live service with browsers in front of it, for the journeys: a conftest imports what its tests use."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from casework.clock import MovableClock
from casework.forms.library import library_for
from casework.handbook.usecases import put_in_force
from casework.i18n import LANGUAGES, Words
from casework.programs import Programs
from casework.resources import share
from casework.security.cookies import cookie_name
from casework.settings import Settings
from casework.testing.database import quick_server, template_copy
from casework.testing.fixtures import MONDAY_MORNING
from casework.testing.live import Service, serving
from casework.testing.looking import page
from casework.testing.network import Network, found_network
from casework.testing.reader import Reader

__all__ = ["enter", "language", "people", "service", "visit"]

_numbers = count(1)


@pytest.fixture(params=LANGUAGES)
def language(request: pytest.FixtureRequest) -> str:
    """The language in which the whole network works."""
    return str(request.param)


@pytest.fixture
def service(state_dir: Path, programs: Programs, settings: Settings, worker_id: str) -> Iterator[Service]:
    """The service with an empty database of its own and the standard in force."""
    name = f"casework_live_{worker_id}_{os.getpid()}_{next(_numbers)}"
    clock = MovableClock(MONDAY_MORNING)
    with (
        quick_server(state_dir) as server,
        template_copy(server, programs, name, state_dir) as url,
        serving(url, settings, programs, clock) as running,
    ):
        with running.work() as work:
            put_in_force(work)
        yield running


@pytest.fixture
def people(service: Service, language: str) -> Network:
    """The network's accounts, all reading the language of the test."""
    with service.work() as work:
        network = found_network(work)
        for account in network.accounts.values():
            account.language = language
    return network


@pytest.fixture
def visit(browser: Any, service: Service, language: str) -> Iterator[Callable[..., Reader]]:
    """`visit("/help", "phone")`: somebody opens a browser of their own, in which nobody has signed in."""
    words = Words(language, [share("locale"), *service.programs.folders("locale")])
    library = library_for(service.programs)
    with ExitStack() as closing:

        def arrived(path: str = "/", width: str = "desk", cookie: str = "") -> Reader:
            opened = closing.enter_context(page(browser, width, words.html_language))
            if cookie:
                opened.context.add_cookies(
                    [{"name": cookie_name(service.settings), "value": cookie, "url": service.url}]
                )
            reader = Reader(opened, service.url, words, library)
            reader.open(path)
            return reader

        yield arrived


@pytest.fixture
def enter(visit: Callable[..., Reader], service: Service, people: Network) -> Callable[..., Reader]:
    """`enter("worker")`: that member signs in at a browser of their own, at the moment of the clock."""

    def signed_in(name: str, path: str = "/", width: str = "desk") -> Reader:
        return visit(path, width, service.sign_in(people[name]))

    return signed_in
