"""The pages on a phone and at a desk, as Chromium shows them and axe reads them."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from casework.clock import MovableClock
from casework.portal.applying import begin_application
from casework.security.cookies import cookie_name
from casework.staff.usecases import open_account
from casework.testing.committed import own_database
from casework.testing.fixtures import MONDAY_MORNING
from casework.testing.live import serving
from casework.testing.looking import complaints, page
from casework.testing.network import found_network

from .applicants import WHO

__all__ = ["own_database"]

PATHS = (
    "/my", "/my/apply/trial", "{home}/tasks", "{home}/pages/illness", "{home}/pages/family?check=1",
    "{home}/check", "{home}/papers", "{home}/papers/id-card", "{home}/consents", "{home}/consents/publishing",
)  # fmt: skip


@pytest.fixture(scope="module")
def service(own_database, settings, trial_programs):
    with serving(own_database.url, settings, trial_programs, MovableClock(MONDAY_MORNING)) as running:
        yield running


@pytest.fixture(scope="module")
def mother(service):
    with service.work() as work:
        units = found_network(work).units
        account = open_account(
            work, sign_in_name="mother", name="Mother", password=None, kind="portal", language="en"
        )
    with service.work(account) as work:
        typed = {**WHO, "unit_id": str(units["hospital"].id)}
        case = begin_application(work, service.programs["trial"], typed, submission="x")
    return account, f"/my/applications/{case.id}"


def keep_picture(opened, name: str) -> None:
    if folder := os.environ.get("LOOK_AT"):
        opened.screenshot(path=Path(folder) / f"{name}.png", full_page=True)


@pytest.mark.parametrize("width", ["phone", "desk"])
def test_the_pages_fit_and_are_read_out(service, mother, browser, width) -> None:
    account, home = mother
    wrong = []
    with page(browser, width, "en") as opened:
        for path in ("/help", "/help/trial"):
            opened.goto(service.url + path)
            wrong += [f"{path}: {each}" for each in complaints(opened, width, "en")]
            keep_picture(opened, f"{width}{path.replace('/', '-')}")
        opened.context.add_cookies(
            [{"name": cookie_name(service.settings), "value": service.sign_in(account), "url": service.url}]
        )
        for pattern in PATHS:
            path = pattern.format(home=home)
            opened.goto(service.url + path)
            wrong += [f"{pattern}: {each}" for each in complaints(opened, width, "en")]
            keep_picture(opened, f"{width}-{pattern.split('/', 1)[1].replace('/', '-').replace('?', '-')}")
    assert wrong == []
