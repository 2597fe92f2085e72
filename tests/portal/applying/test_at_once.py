"""One person, many clicks at the same moment: one application, handed in once."""

from __future__ import annotations

import io
import secrets
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import sessionmaker

from casework.cases.model import Case, Event
from casework.clock import SystemClock
from casework.db import SYSTEM_ACTOR, ActingSession, make_engine
from casework.documents.usecases import keep_document
from casework.forms.model import Response
from casework.jobs import QueuedJobs, Tasks
from casework.portal.applying import BegunAlready, begin_application, hand_in, keep_page
from casework.portal.consents import give_consent
from casework.portal.queries import application
from casework.staff.model import Account
from casework.staff.queries import actor_of
from casework.staff.usecases import open_account
from casework.testing.committed import own_database
from casework.testing.network import found_network
from casework.work import Actor, Work

from .applicants import WHO, photo
from .trial import PURPOSES

__all__ = ["own_database"]

THREADS = 20


@pytest.fixture(scope="module")
def at_work(own_database, trial_programs, settings) -> Iterator[Callable[..., Any]]:
    """Somebody at work in a transaction of her own, which is kept."""
    engine = make_engine(own_database.url, pool_size=THREADS)
    sessions = sessionmaker(engine, class_=ActingSession, expire_on_commit=False)

    @contextmanager
    def work(account: Account | None = None) -> Iterator[Work]:
        now = SystemClock().now()
        with sessions() as session:
            session.act_as(account.id if account else SYSTEM_ACTOR, now)
            actor = actor_of(session, account, now) if account else Actor(SYSTEM_ACTOR, "system", "system")
            jobs = QueuedJobs(Tasks.load(trial_programs))
            yield Work(session, actor, now, trial_programs, settings, jobs, language="en")
            session.commit()

    yield work
    engine.dispose()


def at_once(does: Callable[[], Any]) -> list[Any]:
    gate = threading.Barrier(THREADS)

    def one(_number: int) -> Any:
        gate.wait()
        return does()

    with ThreadPoolExecutor(THREADS) as pool:
        return list(pool.map(one, range(THREADS)))


def test_twenty_clicks_begin_one_application_and_hand_it_in_once(at_work, trial_programs) -> None:
    with at_work() as work:
        network = found_network(work)
        mother = open_account(
            work, sign_in_name="mother", name="Mother", password=None, kind="portal", language="en"
        )
    typed = {**WHO, "unit_id": str(network.units["hospital"].id)}

    def begin() -> int:
        with at_work(mother) as work:
            return begin_application(work, trial_programs["trial"], typed, submission="one page").id

    (case_id,) = set(at_once(begin))

    def begin_in_another_tab() -> None:
        with pytest.raises(BegunAlready), at_work(mother) as work:
            begin_application(work, trial_programs["trial"], typed, submission=secrets.token_hex(8))

    at_once(begin_in_another_tab)
    with at_work(mother) as work:
        found = application(work, case_id)
        answers = {"disease": "Leukaemia", "treated": False, "cost": 100}
        for section in found.form.sections[:3]:
            keep_page(work, found, section, answers, "")
        for paper in ("id-card",):
            keep_document(work, found.case, kind=paper, upload=io.BytesIO(photo()), file_name="a.jpg")
        give_consent(work, found.case, PURPOSES[0], relation="guardian", how="portal")

    def send() -> tuple[bool, str]:
        with at_work(mother) as work:
            found = application(work, case_id)
            return hand_in(work, found), found.case.number

    sent = at_once(send)
    assert [first for first, _number in sent].count(True) == 1
    assert len({number for _first, number in sent}) == 1
    with at_work() as work:
        assert work.session.scalar(sa.select(sa.func.count()).select_from(Case)) == 1
        kinds = work.session.scalars(sa.select(Event.kind).where(Event.case_id == case_id)).all()
        assert kinds.count("application.begun") == 1
        assert kinds.count("application.submitted") == 1
        states = work.session.scalars(sa.select(Response.status)).all()
        assert states == ["signed"]
