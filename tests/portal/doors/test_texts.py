"""Texts leave once, through whichever adapter takes them, and tell nothing of what they are about."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from casework.cases.queries import dossier_of
from casework.i18n import _
from casework.portal.accounts import account_for_phone, open_client_grant
from casework.portal.messages import write_message
from casework.portal.model import Text
from casework.portal.phone_codes import ask_phone_code
from casework.portal.rules import may_be_sent
from casework.portal.texts import can_be_sent, deliver, purge, send_text, shown_texts
from casework.programs import Programs, hookimpl
from casework.programs.hookspecs import TextRefusedError

PHONE = "+8613800138000"


class Adapter:
    """An adapter that takes down what it is handed, or fails as it was told."""

    def __init__(self, failing: Exception | None = None, answer: str | None = "test") -> None:
        self.taken, self.failing, self.answer = [], failing, answer

    @hookimpl
    def casework_send_text(self, to, body, key):
        if self.failing is not None:
            raise self.failing
        self.taken.append((to, body, key))
        return self.answer


@pytest.fixture
def write(visitor):
    """`write(key)`: a text that waits; answers its number."""

    def written(key="k", **more):
        work = visitor()
        send_text(work, to=PHONE, purpose="test", body=_("Hello"), language="en", key=key, **more)
        with work.session.as_system():
            return work.session.scalars(sa.select(Text.id).where(Text.key == key)).one()

    return written


@pytest.fixture
def system_with(as_system):
    """`system_with(adapter)`: the system at work, with that adapter and no other."""
    return lambda *adapters: replace(
        as_system(), programs=Programs({}, {str(n): a for n, a in enumerate(adapters)})
    )


def text(as_system, number):
    return as_system().session.get(Text, number, populate_existing=True)


def jobs(as_system) -> list[tuple]:
    statement = sa.text("select task_name, args, scheduled_at from procrastinate_jobs order by id")
    return [tuple(row) for row in as_system().session.execute(statement)]


def test_a_text_is_handed_over_once_however_often_the_job_runs(write, system_with, as_system):
    adapter, number = Adapter(), write()
    for _again in range(3):
        deliver(system_with(adapter), number)
    assert adapter.taken == [(PHONE, "Hello", "k")]
    row = text(as_system, number)
    assert (row.status, row.adapter, row.sent_at) == ("sent", "test", as_system().now)


def test_one_key_is_one_text(write, as_system):
    assert write() == write()
    assert [(task, args["text_id"]) for task, args, _at in jobs(as_system)] == [("portal.send_text", write())]


def test_neither_number_nor_words_stand_in_the_tables(write, as_system):
    row = text(as_system, write())
    assert b"13800138000" not in row.recipient
    assert b"Hello" not in row.body
    assert set(jobs(as_system)[0][1]) == {"text_id"}


def test_after_an_error_the_text_waits_for_the_next_try(write, system_with, as_system):
    number, adapter = write(), Adapter(failing=OSError("no line"))
    with pytest.raises(OSError, match="no line"):
        deliver(system_with(adapter), number)
    adapter.failing = None
    deliver(system_with(adapter), number)
    assert [key for _to, _body, key in adapter.taken] == ["k"]


def test_what_an_adapter_refuses_is_not_tried_again(write, system_with, as_system):
    number = write()
    deliver(system_with(Adapter(failing=TextRefusedError("no such number"))), number)
    later = Adapter()
    deliver(system_with(later), number)
    assert later.taken == []
    assert (text(as_system, number).status, text(as_system, number).reason) == ("failed", "no such number")


def test_what_comes_too_late_is_not_sent(write, system_with, as_system, clock):
    number, adapter = write(expires_at=as_system().now + timedelta(minutes=10)), Adapter()
    clock.move(minutes=10)
    deliver(system_with(adapter), number)
    assert (adapter.taken, text(as_system, number).status) == ([], "failed")


def test_an_adapter_may_leave_a_text_to_the_next(write, system_with, as_system):
    number, passing, taking = write(), Adapter(answer=None), Adapter()
    deliver(system_with(taking, passing), number)
    assert (len(passing.taken), len(taking.taken)) == (1, 1)


def test_without_an_adapter_a_text_has_failed(write, system_with, as_system):
    number = write()
    deliver(system_with(), number)
    assert text(as_system, number).status == "failed"
    assert not can_be_sent(system_with())


def test_in_production_the_adapter_for_trying_out_takes_nothing(write, as_system, settings):
    number = write()
    work = as_system()
    hook = work.programs.hook.casework_send_text
    assert hook(settings=replace(settings, mode="production"), to=PHONE, body="x", key="k") is None
    assert not can_be_sent(replace(work, settings=replace(settings, mode="production")))
    assert can_be_sent(work)
    deliver(work, number)
    assert text(as_system, number).adapter == "development"


def test_texts_are_shown_in_a_demonstration_alone(write, visitor, settings):
    write()
    work = visitor()
    assert shown_texts(work) == []
    demo = replace(settings, demo=True)
    assert [shown.body for shown in shown_texts(replace(work, settings=demo))] == ["Hello"]
    assert shown_texts(replace(work, settings=replace(demo, mode="production"))) == []
    assert shown_texts(replace(work, settings=replace(demo, adapters=()))) == []


def test_a_text_is_forgotten_after_three_months(write, as_system, clock):
    write()
    for days, left in ((90, 1), (1, 0)):
        clock.move(days=days)
        purge(as_system())
        assert as_system().session.scalar(sa.select(sa.func.count()).select_from(Text)) == left


@pytest.mark.parametrize(
    ("local", "sent"),
    [("07:59", "2026-03-02 08:00"), ("08:00", None), ("20:59", None), ("21:00", "2026-03-03 08:00")],
)
def test_nobody_is_woken(local, sent, visitor):
    work = visitor()
    hour, minute = map(int, local.split(":"))
    now = datetime(2026, 3, 2, hour, minute, tzinfo=work.zone).astimezone(UTC)
    found = may_be_sent(now, work.zone)
    assert (f"{found:%Y-%m-%d %H:%M}" if found else None) == sent


def test_a_code_is_sent_at_night_and_a_message_in_the_morning(visitor, clock, as_system, write):
    clock.move(hours=13)
    ask_phone_code(visitor(), "13800138000", browser="A")
    write()
    assert [at.astimezone(visitor().zone).hour if at else None for _t, _a, at in jobs(as_system)] == [None, 8]


def test_texts_tell_no_name_no_illness_and_no_amount(case, visitor, as_actor, network, sent):
    mother = account_for_phone(visitor(), PHONE)
    open_client_grant(as_actor(mother), mother.id, case)
    work = as_actor(network["worker"])
    write_message(work, dossier_of(work, case.id), "陈小雨: leukaemia, 3,000 yuan granted for case AL")
    ask_phone_code(visitor(), "13800138000", browser="A")
    assert len(sent()) == 2
    for _to, body in sent():
        assert not re.search(r"陈|小雨|leuk|yuan|granted|Alms|AL-|hospital case", body)
        assert not re.search(r"\d", re.sub(r"^\d{6} ", "", body).replace("10 minutes", ""))
