"""Who reads Chinese meets no English word: on no page that a link leads to, and in no complaint about a form."""

from __future__ import annotations

import re
from collections import Counter

import pytest
import sqlalchemy as sa

from casework.audit.model import AuditEntry
from casework.cases.model import Event
from casework.documents.model import Document
from casework.forms.model import Response
from casework.funds.model import Fund, FundPosting, Payment
from casework.handbook.model import EditionDraft
from casework.people.model import CasePerson
from casework.plans.model import Goal
from casework.security.model import SignInSession
from casework.staff.model import Account, Grant
from casework.testing.english import english_left
from casework.testing.world import build_world

ROLES = ("nurse", "worker", "coordinator", "auditor", "admin", "patient")

ROUTES = {"home", "case", "staff", "account", "search", "document"}
"""Names of routes of one word, as the audit trail tells them."""

BY_HAND = (
    Account.name,
    Account.sign_in_name,
    AuditEntry.actor_name,
    CasePerson.name,
    CasePerson.note,
    Document.problem,
    EditionDraft.number,
    Event.payload,
    Fund.names,
    FundPosting.source,
    Goal.text,
    Goal.baseline,
    Goal.target,
    Goal.measure,
    Grant.reason,
    Payment.payee_bank,
    Payment.payee_name,
    Response.answers,
    SignInSession.browser,
    SignInSession.user_agent,
)
"""Where the records keep what people wrote, in their own words and language."""

ALIKE = 2
"""So many pages that differ in a number only are read."""


@pytest.fixture
def world(network, standard, as_actor, as_system):
    world = build_world(network, as_actor, as_system)
    work = as_system()
    for account in {**world.network.accounts, **world.people}.values():
        kept = work.session.merge(account)
        kept.language, kept.name = "zh_Hans", "陈玉兰"
    work.session.commit()
    return world


@pytest.fixture
def typed(world, as_system):
    """What the people of the world wrote."""
    session = as_system().session
    return ROUTES | {
        text for column in BY_HAND for value in session.scalars(sa.select(column)) for text in texts(value)
    }


def texts(value):
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        return {text for each in value for text in texts(each)}
    return {value.strip()} if isinstance(value, str) else set()


def crawl(browser, start="/"):
    """Every page that links lead to from the first one: address and answer."""
    waiting, seen, alike = [start], {start}, Counter()
    while waiting:
        address = waiting.pop(0)
        answer = browser.get(address, status="*")
        if answer.status_int in {302, 303}:
            answer = answer.follow()
        if answer.content_type != "text/html":
            continue
        yield address, answer
        for link in answer.html.find_all("a", href=True):
            found = link["href"].removeprefix("http://localhost").split("#")[0]
            pattern = re.sub(r"\d+", "0", found.split("?")[0])
            if found.startswith("/") and found not in seen and alike[pattern] < ALIKE:
                alike[pattern] += 1
                seen.add(found)
                waiting.append(found)


def told(address, answer, typed=()):
    left = english_left(answer.text, typed)
    return [f"{address}: {' '.join(left)}"] if left else []


@pytest.mark.parametrize("role", ROLES)
def test_no_page_has_english_left(browse, world, typed, role):
    pages = list(crawl(browse(world.people[role])))
    assert "\n".join(line for address, answer in pages for line in told(address, answer, typed)) == ""
    assert [address for address, answer in pages if answer.status_int != 200] == []


def test_no_complaint_about_an_empty_form_is_english(browse, world, typed):
    browser, found, complained = browse(world.people["worker"]), [], 0
    for address, page in list(crawl(browser)):
        for form in page.html.select("main form[method=post]"):
            token = form.find("input", {"name": "csrf_token"})
            action = form.get("action") or address
            answer = browser.post(action, {"csrf_token": token["value"]}, status="*")
            if answer.status_int >= 400:
                complained += 1
                found += told(f"POST {action}", answer, typed)
    assert "\n".join(found) == ""
    assert complained > 5


def test_strangers_and_the_lost_read_no_english(app):
    app.set_cookie("language", "zh_Hans")
    for address in ("/sign-in", "/nowhere", "/static/nothing"):
        answer = app.get(address, status="*")
        assert told(address, answer) == []
    assert told("POST /sign-in", app.post("/sign-in", {"csrf_token": "wrong"}, status="*")) == []
