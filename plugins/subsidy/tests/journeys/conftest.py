"""An office in front of which browsers stand: what the pages do is committed, and so is what it does here."""

from __future__ import annotations

from dataclasses import replace

import pytest

from casework.jobs.worker import run_waiting
from casework.portal.accounts import account_for_phone
from casework.testing.acting import Troupe
from casework.testing.journeys import enter, language, people, service, visit

from .steps import PHONE, WHO, Family

__all__ = ["enter", "language", "people", "service", "visit"]


@pytest.fixture
def settings(settings):
    """Settings of a demonstration, in which the texts to phones stand on a page."""
    return replace(settings, demo=True)


@pytest.fixture
def troupe(service, programs, settings):
    """Whoever acts without a browser, in one session on the service's database."""
    with service.sessions() as session:
        yield Troupe(session, programs, settings, service.clock)


@pytest.fixture
def network(people):
    """The network of the service, not that of the tests that are rolled back."""
    return people


@pytest.fixture
def standard(service):
    """In force on the service from the beginning."""


@pytest.fixture
def keep(troupe):
    """`keep()`: commit what was done without a browser, so that the pages show it."""

    def commit():
        session = troupe.as_system().session
        session.commit()
        session.expire_all()

    return commit


@pytest.fixture
def office(office, language, keep):
    """The office, whose people all read the language of the test."""
    for account in office.network.accounts.values():
        office.as_system().session.merge(account).language = language
    keep()
    return office


@pytest.fixture
def run_jobs(service):
    """`run_jobs()`: the worker process does everything that waits."""

    def run():
        with service.sessions() as session:
            outcome = run_waiting(session.get_bind(), service.settings, service.programs, service.clock)
        assert not outcome.failed
        return outcome.done

    return run


@pytest.fixture
def family(service, office, visit, language):
    """A mother whose application was handed in with photos and consents, and the address of its case."""
    with service.work() as work:
        account = account_for_phone(work, PHONE)
        account.language = language
    family = Family(service, visit, account)
    with service.work(account) as work:
        family.apply(work, {**WHO, "unit_id": str(office.network.units["hospital"].id)}, office.APPLICATION)
    return family
