"""The pages by which patients come in, as they look on a phone and at a desk, in both languages."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from casework.cases.model import Case
from casework.cases.queries import dossier_of
from casework.cases.usecases import open_case
from casework.clock import MovableClock
from casework.people.usecases import register_person
from casework.portal.accounts import account_for_phone, open_client_grant
from casework.portal.messages import write_message
from casework.programs import Programs
from casework.security.cookies import cookie_name
from casework.staff.model import Account
from casework.staff.usecases import give_case_grant
from casework.testing.committed import OwnDatabase, own_database
from casework.testing.fixtures import MONDAY_MORNING
from casework.testing.live import Service, serving
from casework.testing.looking import AXE_AT, WIDTHS, chromium_path, complaints, page
from casework.testing.network import found_network

__all__ = ["own_database"]

PHONE = "+8613800138000"
PICTURES = os.environ.get("CASEWORK_TEST_PICTURES")


@pytest.fixture(scope="module")
def service(own_database: OwnDatabase, settings: Any, portal_programs: Programs) -> Iterator[Service]:
    """The service as a demonstration, with one case on which both sides have written."""
    demo = replace(settings, demo=True)
    with serving(own_database.url, demo, portal_programs, MovableClock(MONDAY_MORNING)) as running:
        with running.work() as work:
            network = found_network(work)
            unit = network.units["hospital"].id
            person = register_person(work, unit_id=unit, full_name="陈小雨", birth_date="2010-01-01")
            case = open_case(work, work.programs["alms"], unit_id=unit, person_id=person.id)
            give_case_grant(
                work, account_id=network["worker"].id, case_id=case.id, role="worker", reason="test"
            )
            mother = account_for_phone(work, PHONE)
            open_client_grant(work, mother.id, case)
        for account, body in (
            (mother, "什么时候有消息？"),
            (network["worker"], "Next week. Bring the bill."),
        ):
            with running.work(account) as work:
                write_message(work, dossier_of(work, case.id), body)
        yield running


@pytest.fixture
def look(service: Service, browser: Any) -> Callable[..., None]:
    """`look(name, address, who, act)`: every width and language of a page, after `act(page)`."""

    def looked(name: str, address: str, who: str = "", act: Callable[[Any], None] | None = None) -> None:
        found = []
        for language in AXE_AT:
            for width in WIDTHS:
                with page(browser, width, "zh-CN" if language == "zh_Hans" else "en-US") as opened:
                    if who:
                        _sign_in(service, opened, who, language)
                    opened.goto(service.url + address)
                    if act is not None:
                        act(opened)
                    if PICTURES:
                        opened.screenshot(
                            path=Path(PICTURES) / f"{name}-{width}-{language}.png", full_page=True
                        )
                    found += [
                        f"{name} {width} {language}: {each}" for each in complaints(opened, width, language)
                    ]
        assert found == []

    return looked


def _sign_in(service: Service, opened: Any, who: str, language: str) -> None:
    is_it = Account.sign_in_name == "worker" if who == "worker" else Account.kind == "portal"
    with service.work() as work:
        account = work.session.scalars(sa.select(Account).where(is_it).order_by(Account.id).limit(1)).one()
        account.language = language
    opened.context.add_cookies(
        [{"name": cookie_name(service.settings), "value": service.sign_in(account), "url": service.url}]
    )


def the_case(service: Service) -> int:
    with service.work() as work:
        return int(work.session.scalars(sa.select(Case.id)).one())


try:
    chromium_path()
except LookupError:
    pytestmark = pytest.mark.skip("no Chromium")


def test_a_patient_comes_in_by_her_phone(service, browser):
    """From the phone to the code on the outbox, and in; without a script."""
    context = browser.new_context(
        java_script_enabled=False, locale="zh-CN", viewport={"width": 360, "height": 740}
    )
    opened = context.new_page()
    opened.goto(f"{service.url}/my/sign-in")
    opened.get_by_role("textbox").fill("138 0013 8000")
    opened.locator("main button[type=submit]").click()
    assert opened.url.endswith("/my/sign-in/code?next=%2Fmy")
    outbox = context.new_page()
    outbox.goto(f"{service.url}/outbox")
    code = re.search(r"\d{6}(?!\d)", outbox.locator("main p.kept").first.inner_text()).group()
    opened.get_by_role("textbox").fill(code)
    opened.locator("main button[type=submit]").click()
    assert opened.url == f"{service.url}/my"
    context.close()


def test_the_page_of_the_phone(look):
    look("phone", "/my/sign-in")


def test_the_page_of_a_wrong_phone(look):
    def wrong(opened):
        opened.get_by_role("textbox").fill("0757-86223344")
        opened.locator("main button[type=submit]").click()

    look("phone-wrong", "/my/sign-in", act=wrong)


def test_the_page_of_the_code(look, service):
    def ask(opened):
        service.clock.move(hours=1)
        opened.get_by_role("textbox").fill("13900139000")
        opened.locator("main button[type=submit]").click()

    look("phone-code", "/my/sign-in", act=ask)
    look("outbox", "/outbox")


def test_the_page_of_the_paper_code(look):
    def wrong(opened):
        opened.get_by_role("textbox").fill("AAAAA-AAAAA")
        opened.locator("main button[type=submit]").click()

    look("access-code", "/my/code", act=wrong)


def test_the_messages_of_both_sides(look, service):
    look("own-messages", f"/my/messages/{the_case(service)}", "mother")
    look("messages", f"/cases/{the_case(service)}/messages", "worker")
    look("case", f"/cases/{the_case(service)}", "worker")


def test_the_paper(look, service):
    def make(opened):
        opened.locator("main form button[type=submit]").first.click()

    look("paper", f"/cases/{the_case(service)}/code", "worker", act=make)
