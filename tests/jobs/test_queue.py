from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta
from importlib import resources

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import sessionmaker

from casework.clock import MovableClock
from casework.db import SYSTEM_ACTOR, ActingSession
from casework.jobs import JobError, QueuedJobs, Tasks, UnknownTaskError, job, worker_seen
from casework.jobs.performing import Workshop
from casework.jobs.schema import LAST_MIGRATION
from casework.jobs.tasks import Task
from casework.jobs.worker import run_waiting
from casework.programs import Programs
from casework.settings import Settings

NOW = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)
NO_PROGRAMS = Programs({})

seen: list[object] = []


def note(work, **arguments):
    seen.append(arguments)


def break_down(work, **arguments):
    work.session.execute(sa.text("insert into job_runs values (-1, now())"))
    raise RuntimeError("broken")


TASKS = Tasks([Task("test.note", note), Task("test.break", break_down, retries=1)])


@pytest.fixture(autouse=True)
def nothing_waits(own_database):
    seen.clear()
    yield
    with own_database.engine.begin() as connection:
        connection.execute(sa.text("delete from procrastinate_jobs"))
        connection.execute(sa.text("delete from job_runs"))
        connection.execute(sa.text("delete from procrastinate_workers"))


@pytest.fixture
def new_session(own_database):
    make = sessionmaker(own_database.engine, class_=ActingSession)

    def begin():
        session = make()
        session.act_as(SYSTEM_ACTOR, NOW)
        return session

    return begin


@pytest.fixture
def run_due(own_database):
    return lambda clock=None: run_waiting(own_database.engine, Settings(), NO_PROGRAMS, clock, TASKS)


def waiting(own_database):
    with own_database.engine.connect() as connection:
        return connection.scalar(sa.text("select count(*) from procrastinate_jobs where status = 'todo'"))


def test_a_job_is_kept_with_its_transaction(own_database, new_session, run_due):
    with new_session() as session, session.begin():
        QueuedJobs(TASKS).defer(session, "test.note", number=7)
        assert waiting(own_database) == 0
    assert waiting(own_database) == 1
    assert run_due().done == ["test.note"]
    assert seen == [{"number": 7}]
    assert run_due().done == []


def test_a_job_is_undone_with_its_transaction(own_database, new_session):
    with new_session() as session:
        QueuedJobs(TASKS).defer(session, "test.note")
        session.rollback()
    assert waiting(own_database) == 0


def test_an_unknown_task_is_refused_where_it_is_deferred(new_session):
    with new_session() as session, pytest.raises(UnknownTaskError):
        QueuedJobs(TASKS).defer(session, "test.nothing")


def test_one_key_waits_once_and_the_transaction_goes_on(own_database, new_session, run_due):
    for _each in range(2):
        with new_session() as session, session.begin():
            for _time in range(2):
                QueuedJobs(TASKS).defer(session, "test.note", key="one")
            assert session.scalar(sa.text("select 1")) == 1
    assert waiting(own_database) == 1
    run_due()
    with new_session() as session, session.begin():
        QueuedJobs(TASKS).defer(session, "test.note", key="one")
    assert waiting(own_database) == 1


def test_two_transactions_with_one_key_at_the_same_time_leave_one_job(own_database, new_session):
    first, second = new_session(), new_session()
    QueuedJobs(TASKS).defer(first, "test.note", key="one")
    other = threading.Thread(
        target=lambda: (QueuedJobs(TASKS).defer(second, "test.note", key="one"), second.commit())
    )
    other.start()
    first.commit()
    other.join(10)
    assert not other.is_alive()
    assert waiting(own_database) == 1
    first.close()
    second.close()


def test_a_waiting_job_does_not_begin_before_whoever_counts_on_it_has_ended(
    own_database, new_session, run_due
):
    with new_session() as session, session.begin():
        QueuedJobs(TASKS).defer(session, "test.note", key="one")
    with new_session() as session, session.begin():
        QueuedJobs(TASKS).defer(session, "test.note", key="one")
        assert run_due().done == []
    assert run_due().done == ["test.note"]


def test_a_job_for_later_waits_for_its_hour(new_session, run_due):
    clock = MovableClock(NOW)
    with new_session() as session, session.begin():
        QueuedJobs(TASKS).defer(session, "test.note", at=NOW + timedelta(days=1))
    assert run_due(clock).done == []
    clock.move(days=1)
    assert run_due(clock).done == ["test.note"]


def test_a_broken_job_leaves_nothing_and_others_go_on(own_database, new_session, run_due):
    with new_session() as session, session.begin():
        QueuedJobs(TASKS).defer(session, "test.break", key="same")
        QueuedJobs(TASKS).defer(session, "test.note")
    outcome = run_due()
    assert [name for name, _error in outcome.failed] == ["test.break"]
    assert outcome.done == ["test.note"]
    with own_database.engine.connect() as connection:
        assert connection.scalar(sa.text("select count(*) from job_runs where job_id = -1")) == 0
        later = connection.scalar(
            sa.text("select scheduled_at > now() from procrastinate_jobs where status = 'todo'")
        )
    assert later is True


def test_a_job_that_stays_broken_is_parked(own_database, new_session, run_due):
    with new_session() as session, session.begin():
        QueuedJobs(TASKS).defer(session, "test.break")
    far = MovableClock(datetime.now(UTC))
    for _time in range(3):
        far.move(days=1)
        run_due(far)
    with own_database.engine.connect() as connection:
        rows = connection.execute(sa.text("select status, attempts from procrastinate_jobs")).all()
    assert [tuple(row) for row in rows] == [("failed", 2)]


def test_a_broken_job_is_put_back_beside_a_new_one_with_its_key(own_database, new_session):
    def defer_twin(work):
        with new_session() as session, session.begin():
            QueuedJobs().defer(session, "test.twin", key="twin")
        raise RuntimeError("broken")

    with new_session() as session, session.begin():
        QueuedJobs().defer(session, "test.twin", key="twin")
    tasks = Tasks([Task("test.twin", defer_twin, retries=0)])
    retried = Tasks([Task("test.twin", defer_twin, retries=3)])
    run_once = MovableClock(datetime.now(UTC))
    with own_database.engine.begin() as connection:
        number = connection.scalar(sa.text("select id from procrastinate_jobs"))
    workshop = Workshop.build(own_database.engine, Settings(), NO_PROGRAMS, run_once, retried)
    with pytest.raises(RuntimeError):
        workshop.perform(tasks["test.twin"], number, {})
    with own_database.engine.connect() as connection:
        locks = connection.scalars(sa.text("select queueing_lock from procrastinate_jobs order by id")).all()
    assert locks == [None, "twin"]


def test_a_job_begun_twice_has_its_effect_once(own_database):
    workshop = Workshop.build(own_database.engine, Settings(), NO_PROGRAMS, MovableClock(NOW), TASKS)
    assert workshop.perform(TASKS["test.note"], 42, {}) is True
    assert workshop.perform(TASKS["test.note"], 42, {}) is False
    assert len(seen) == 1


def test_a_job_acts_as_the_system_at_the_clocks_moment(own_database, new_session, run_due):
    told = {}

    def look(work):
        told["actor"] = work.session.scalar(sa.text("select current_setting('casework.actor')"))
        told["now"] = work.now

    with new_session() as session, session.begin():
        QueuedJobs().defer(session, "test.look")
    tasks = Tasks([Task("test.look", look)])
    run_waiting(own_database.engine, Settings(), NO_PROGRAMS, MovableClock(NOW), tasks)
    assert told == {"actor": str(SYSTEM_ACTOR), "now": NOW}


def test_no_worker_has_been_seen_where_none_was(new_session):
    with new_session() as session:
        assert worker_seen(session) is None


def test_two_tasks_cannot_have_one_name():
    with pytest.raises(JobError, match="two tasks"):
        Tasks([Task("test.note", note), Task("test.note", break_down)])


def test_the_domains_tasks_are_found():
    tasks = Tasks.load(NO_PROGRAMS)
    assert tasks["audit.seal"].periodic == "* * * * *"
    assert tasks["jobs.tidy"].retries == 2


def test_a_declared_task_stays_a_plain_function():
    @job("test.plain")
    def plain(work):
        return None

    assert plain(None) is None


def test_the_installed_schema_is_that_of_the_installed_queue():
    migrations = sorted(
        path.name
        for path in resources.files("procrastinate.sql.migrations").iterdir()
        if path.name.endswith(".sql")
    )
    assert migrations[-1] == LAST_MIGRATION
