"""One network on a database of its own, where every transaction is real and may be met by another."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from typing import Any
from urllib.parse import urlencode

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import sessionmaker
from webob import Request as Asking
from webob import Response as Answer

from casework.audit.seal import seal
from casework.audit.verify import verify
from casework.cases.model import Case, Event
from casework.cases.usecases import move
from casework.clock import Clock, SystemClock
from casework.db import SYSTEM_ACTOR, ActingSession, make_engine
from casework.duties.facts import facts_of
from casework.duties.ledger import Held, changes
from casework.duties.model import Duty
from casework.forms.model import Response
from casework.handbook.usecases import put_in_force
from casework.jobs import QueuedJobs, Tasks
from casework.people.usecases import register_person
from casework.programs import Programs
from casework.security.cookies import cookie_name
from casework.security.model import SignInSession
from casework.security.sessions import begin_session
from casework.settings import Settings
from casework.staff.model import Account
from casework.staff.queries import actor_of
from casework.testing.committed import own_database
from casework.testing.network import Network, found_network
from casework.testing.referrals import refer_somebody
from casework.work import Actor, Work

__all__ = ["own_database"]

NAMES = count(1)
MOST_THREADS = 20


@dataclass
class Ground:
    """A database with a network on it, outside any page; what is done with `work()` is committed."""

    sessions: sessionmaker[ActingSession]
    programs: Programs
    settings: Settings
    network: Network
    clock: Clock

    @contextmanager
    def work(self, account: Account | None = None) -> Iterator[Work]:
        """Somebody at work, or the system, in one transaction; raising undoes it."""
        now = self.clock.now()
        with self.sessions() as session:
            session.act_as(account.id if account else SYSTEM_ACTOR, now)
            actor = actor_of(session, account, now) if account else Actor(SYSTEM_ACTOR, "system", "system")
            yield Work(
                session=session,
                actor=actor,
                now=now,
                programs=self.programs,
                settings=self.settings,
                jobs=QueuedJobs(Tasks.load(self.programs)),
                language="en",
            )
            session.commit()

    def person(self) -> int:
        """Somebody whom the hospital knows."""
        with self.work(self.network["nurse"]) as work:
            unit = self.network.units["hospital"].id
            return register_person(work, unit_id=unit, full_name=f"Patient {next(NAMES)}", confirmed=True).id

    def case(self, state: str = "intervention", worker: str = "worker") -> int:
        """A case of the worker's in that state."""
        with self.work(self.network["nurse"]) as work:
            now = work.now.astimezone(work.zone).isoformat(timespec="minutes")
            case = refer_somebody(
                work, self.network.units["ward"].id, f"Patient {next(NAMES)}", referred_at=now
            )
        if state != "referred":
            with self.work(self.network["coordinator"]) as work:
                case = work.session.get_one(Case, case.id)
                move(work, case, "assign", worker_id=self.network[worker].id)
                case.state = state
        return case.id

    def signed_in(self, name: str) -> tuple[str, str]:
        """A new session of that member: the cookie, and the token of its forms."""
        with self.work() as work:
            cookie = begin_session(work.session, self.network[name], now=work.now, settings=self.settings)
            token = work.session.scalars(
                sa.select(SignInSession.csrf_token)
                .where(SignInSession.account_id == self.network[name].id)
                .order_by(SignInSession.created_at.desc())
                .limit(1)
            ).one()
        return f"{cookie_name(self.settings)}={cookie}", token

    def notes(self, case_ids: Sequence[int]) -> list[str]:
        """What the signed contact notes of the cases say."""
        with self.work() as work:
            statement = sa.select(Response.answers["content"].astext).where(
                Response.form_key == "contact-note",
                Response.case_id.in_(case_ids),
                Response.status != "draft",
            )
            return list(work.session.scalars(statement))

    def refuse_torn(self, case_ids: Sequence[int]) -> None:
        """Hold that every action is whole: response, event and duties, and the trail of all of them."""
        with self.work() as work:
            alone = sa.select(Response.id).where(
                Response.case_id.in_(case_ids),
                Response.status != "draft",
                ~sa.exists().where(Event.response_id == Response.id),
            )
            assert list(work.session.scalars(alone)) == []
            doubled = (
                sa.select(Event.response_id)
                .join(Response, Response.id == Event.response_id)
                .where(Event.case_id.in_(case_ids), Response.form_key == "contact-note")
                .group_by(Event.response_id)
                .having(sa.func.count() > 1)
            )
            assert list(work.session.scalars(doubled)) == []
            for case in work.session.scalars(sa.select(Case).where(Case.id.in_(case_ids))):
                self._refuse_duties_behind(work, case)
        with self.work() as work:
            seal(work)
        with self.work() as work:
            verdict = verify(work.session, work.settings.state_path / "no-anchors")
        assert verdict.intact
        assert verdict.links

    def _refuse_duties_behind(self, work: Work, case: Case) -> None:
        columns = Duty.__table__.c
        rows = work.session.execute(
            sa.select(
                columns.clause, columns.opened_by, *(columns[name] for name in Held.__dataclass_fields__)
            ).where(columns.case_id == case.id)
        )
        held = {(row.clause, row.opened_by): Held(*row[2:]) for row in rows}
        assert held
        wanted = changes(held, facts_of(work, case).verdicts(work), case.worker_id)
        assert wanted == {}, "the duties are not those that the events demand"


class Desk:
    """A member at a browser; every request is a transaction of its own, from any thread."""

    def __init__(self, application: Any, ground: Ground, name: str) -> None:
        self._application = application
        self._cookie, self.token = ground.signed_in(name)

    def get(self, path: str) -> Answer:
        return self._ask(Asking.blank(path))

    def post(self, path: str, fields: Any) -> Answer:
        pairs = [*(fields.items() if isinstance(fields, dict) else fields), ("csrf_token", self.token)]
        return self._ask(Asking.blank(path, method="POST", POST=urlencode(pairs).encode()))

    def _ask(self, request: Asking) -> Answer:
        request.headers["Cookie"] = self._cookie
        request.headers["Accept-Language"] = "en"
        return request.get_response(self._application)


@contextmanager
def laid(url: str, programs: Programs, settings: Settings) -> Iterator[Ground]:
    """The network and the standard on the migrated database at `url`."""
    engine = make_engine(url, pool_size=MOST_THREADS + 2)
    sessions = sessionmaker(engine, class_=ActingSession, expire_on_commit=False)
    place = Ground(sessions, programs, settings, Network(), SystemClock())
    try:
        with place.work() as work:
            put_in_force(work)
            place.network = found_network(work)
        yield place
    finally:
        engine.dispose()


@pytest.fixture(scope="module")
def ground(own_database: Any, programs: Programs, settings: Settings) -> Iterator[Ground]:
    """The network and the standard on a database of this module's own."""
    with laid(own_database.url, programs, settings) as place:
        yield place


@pytest.fixture(scope="module")
def desk(ground: Ground) -> Callable[[str], Desk]:
    """`desk("worker")`: that member at a browser, with the whole application behind it."""
    from casework.web.application import make_application

    application = make_application(
        ground.settings, sessions=ground.sessions, clock=ground.clock, programs=ground.programs
    )
    return lambda name: Desk(application, ground, name)


@pytest.fixture(scope="module")
def at_once() -> Callable[[Sequence[Callable[[], Any]]], list[Any]]:
    """`at_once([act, other])`: all of them begun at the same moment in threads; what each answered or raised."""

    def run(acts: Sequence[Callable[[], Any]]) -> list[Any]:
        barrier = threading.Barrier(len(acts))

        def begin(act: Callable[[], Any]) -> Any:
            barrier.wait(20)
            try:
                return act()
            except Exception as error:  # noqa: BLE001 - what was raised is the finding
                return error

        with ThreadPoolExecutor(len(acts)) as threads:
            return list(threads.map(begin, acts))

    return run
