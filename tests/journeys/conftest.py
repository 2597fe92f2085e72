"""A live service with a browser in front of it, in either language."""

from __future__ import annotations

import os
from contextlib import ExitStack
from itertools import count

import pytest

from casework.cases.usecases import move
from casework.clock import MovableClock
from casework.forms.library import library_for
from casework.handbook.usecases import put_in_force
from casework.i18n import LANGUAGES, Words
from casework.resources import share
from casework.security.cookies import cookie_name
from casework.testing.database import quick_server, template_copy
from casework.testing.fixtures import MONDAY_MORNING
from casework.testing.live import serving
from casework.testing.looking import page
from casework.testing.network import found_network
from casework.testing.reader import Reader
from casework.testing.referrals import refer_somebody

NUMBERS = count(1)


@pytest.fixture(params=LANGUAGES)
def language(request):
    """The language in which the whole network works."""
    return request.param


@pytest.fixture
def service(state_dir, programs, settings, worker_id):
    """The service with an empty database of its own and the standard in force."""
    name = f"casework_live_{worker_id}_{os.getpid()}_{next(NUMBERS)}"
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
def people(service, language):
    """The network's accounts, all reading the language of the test."""
    with service.work() as work:
        network = found_network(work)
        for account in network.accounts.values():
            account.language = language
    return network


@pytest.fixture
def case(service, people):
    """The address of a case that the worker has just been given."""
    with service.work(people["nurse"]) as work:
        referred = refer_somebody(work, people.units["ward"].id)
    with service.work(people["coordinator"]) as work:
        move(work, referred, "assign", worker_id=people["worker"].id)
    return f"/cases/{referred.id}"


@pytest.fixture
def enter(browser, service, people, language):
    """`enter("worker")`: that member signs in at a browser of their own, at the moment of the clock."""
    words = Words(language, [share("locale"), *service.programs.folders("locale")])
    library = library_for(service.programs)
    with ExitStack() as closing:

        def signed_in(name: str, path: str = "/", width: str = "desk") -> Reader:
            opened = closing.enter_context(page(browser, width, words.html_language))
            cookie = service.sign_in(people[name])
            opened.context.add_cookies(
                [{"name": cookie_name(service.settings), "value": cookie, "url": service.url}]
            )
            reader = Reader(opened, service.url, words, library)
            reader.open(path)
            return reader

        yield signed_in
