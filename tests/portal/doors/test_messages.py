"""Messages go both ways in the applicant's part of the case, and are told of by a neutral text."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from casework.cases.queries import dossier_of
from casework.errors import Invalid
from casework.portal.accounts import account_for_phone, open_client_grant
from casework.portal.messages import (
    count_unread,
    mark_read,
    messages_of,
    unread_of_client,
    waiting_messages,
    write_message,
)
from casework.portal.model import PortalMessage


@pytest.fixture
def mother(case, visitor, as_actor):
    account = account_for_phone(visitor(), "+8613800138000")
    open_client_grant(as_actor(account), account.id, case)
    return lambda: as_actor(account)


@pytest.fixture
def worker(network, as_actor):
    return lambda: as_actor(network["worker"])


@pytest.fixture
def say(case):
    """`say(work, body)`: that person writes on the case."""
    return lambda work, body, **more: write_message(work, dossier_of(work, case.id), body, **more)


def bodies(work, case):
    return [line.message.body for line in messages_of(work, case.id)]


def test_both_sides_read_what_the_other_writes(say, mother, worker, case):
    say(mother(), "When do I hear from you?")
    say(worker(), "Next week.\nBring the bill.")
    for work in (mother(), worker()):
        assert bodies(work, case) == ["When do I hear from you?", "Next week.\nBring the bill."]
    assert [line.message.from_client for line in messages_of(worker(), case.id)] == [True, False]


def test_what_is_written_is_unread_until_the_other_side_reads(say, mother, worker, case):
    say(mother(), "Hello")
    mark_read(mother(), case.id)
    assert count_unread(worker(), case.id, from_client=True) == 1
    mark_read(worker(), case.id)
    assert count_unread(worker(), case.id, from_client=True) == 0
    say(worker(), "Hello to you")
    assert unread_of_client(mother()) == {case.id: 1}
    mark_read(mother(), case.id)
    assert unread_of_client(mother()) == {}


def test_a_page_sent_twice_is_one_message(say, mother, case):
    say(mother(), "Hello", submission="m")
    say(mother(), "Hello", submission="m")
    assert bodies(mother(), case) == ["Hello"]
    say(mother(), "Hello", submission="n")
    assert bodies(mother(), case) == ["Hello", "Hello"]


def test_the_mark_of_another_hides_no_message(say, mother, worker, case):
    say(mother(), "Mine", submission="m")
    say(worker(), "Ours", submission="m")
    assert bodies(worker(), case) == ["Mine", "Ours"]


@pytest.mark.parametrize("body", ["", "  \n ", "\u200b\ufeff", "x" * 2001])
def test_nothing_and_too_much_are_refused(say, mother, body):
    with pytest.raises(Invalid) as refused:
        say(mother(), body)
    assert [problem.where for problem in refused.value.problems] == ["body"]


def test_one_text_tells_of_messages_that_wait(say, mother, worker, sent):
    say(worker(), "One")
    say(worker(), "Two")
    assert [to for to, _body in sent()] == ["+8613800138000"]
    mark_read(mother(), mother_case(mother))
    say(worker(), "Three")
    assert len(sent()) == 2
    assert not any(word in body for _to, body in sent() for word in ("One", "Two", "Three"))


def mother_case(mother):
    return mother().session.scalars(sa.select(PortalMessage.case_id).limit(1)).one()


def test_what_the_applicant_writes_sends_her_no_text(say, mother, sent):
    say(mother(), "Hello")
    assert sent() == []


def test_the_office_finds_on_its_first_page_who_has_written(say, mother, worker, case, network, as_actor):
    say(mother(), "One")
    say(mother(), "Two")
    (line,) = waiting_messages(as_actor(network["coordinator"]))
    assert (line.case_id, line.count, line.person_name) == (case.id, 2, "陈小雨")
    assert [line.case_id for line in waiting_messages(worker())] == [case.id]
    assert waiting_messages(as_actor(network["other-coordinator"])) == []
    assert waiting_messages(as_actor(network["nurse"])) == []
    mark_read(worker(), case.id)
    assert waiting_messages(worker()) == []


def test_nobody_else_reads_a_message(say, mother, case, network, as_actor, visitor):
    say(mother(), "Hello")
    stranger = account_for_phone(visitor(), "+8613900139000")
    outside = ("nurse", "other-worker", "other-coordinator", "mediator", "purchaser", "auditor", "admin")
    for work in (as_actor(stranger), visitor(), *(as_actor(network[name]) for name in outside)):
        assert work.session.scalars(sa.select(PortalMessage)).all() == []
