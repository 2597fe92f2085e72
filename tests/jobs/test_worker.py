"""The worker as a process of its own: killed, stopped, and left without its database."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import sessionmaker

from casework.db import SYSTEM_ACTOR, ActingSession
from casework.jobs import QueuedJobs, Tasks, worker_seen
from casework.jobs.tasks import Task
from casework.jobs.worker import run_waiting
from casework.programs import Programs
from casework.settings import Settings

WORKER = """
import asyncio, sys, time
import sqlalchemy as sa
from casework.db import make_engine
from casework.jobs import worker
from casework.jobs.performing import Workshop
from casework.jobs.tasks import Task, Tasks
from casework.programs import Programs
from casework.settings import Settings

def slow(work, seconds, mark):
    work.session.execute(sa.text("insert into job_runs values (:mark, now())"), {"mark": mark})
    print("begun", flush=True)
    time.sleep(seconds)

url = sys.argv[1]
tasks = Tasks([Task("test.slow", slow)])
workshop = Workshop.build(make_engine(url, pool_size=4), Settings(), Programs({}), tasks=tasks)
asyncio.run(worker.work_until_told(workshop, url))
print("ended", flush=True)
"""


@pytest.fixture
def start_worker(own_database):
    started = []

    def start():
        process = subprocess.Popen(
            [sys.executable, "-c", WORKER, own_database.url], stdout=subprocess.PIPE, text=True
        )
        started.append(process)
        return process

    yield start
    for process in started:
        process.kill()
        process.wait()
        process.stdout.close()
    with own_database.engine.begin() as connection:
        for table in ("procrastinate_jobs", "procrastinate_workers", "job_runs"):
            connection.execute(sa.text(f"delete from {table}"))


def defer(own_database, seconds, mark):
    with sessionmaker(own_database.engine, class_=ActingSession)() as session, session.begin():
        session.act_as(SYSTEM_ACTOR, datetime.now(UTC))
        QueuedJobs().defer(session, "test.slow", seconds=seconds, mark=mark)


def marks(own_database):
    with own_database.engine.connect() as connection:
        return set(connection.scalars(sa.text("select job_id from job_runs where job_id < 0")))


def wait_for(condition, seconds=15.0):
    give_up = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < give_up, "waited in vain"
        time.sleep(0.05)


def test_a_killed_worker_loses_nothing_and_half_done_work_does_not_show(own_database, start_worker):
    defer(own_database, 60, -1)
    worker = start_worker()
    assert worker.stdout.readline() == "begun\n"
    worker.kill()
    worker.wait()
    assert marks(own_database) == set()
    with own_database.engine.begin() as connection:
        connection.execute(
            sa.text("update procrastinate_workers set last_heartbeat = now() - interval '1 minute'")
        )
        connection.execute(sa.text("update procrastinate_jobs set args = jsonb_set(args, '{seconds}', '0')"))
    start_worker()
    wait_for(lambda: marks(own_database) == {-1})


def test_a_stopped_worker_ends_what_it_began(own_database, start_worker):
    defer(own_database, 1, -2)
    worker = start_worker()
    assert worker.stdout.readline() == "begun\n"
    defer(own_database, 0, -3)
    worker.send_signal(signal.SIGTERM)
    assert worker.wait(20) == 0
    assert worker.stdout.read().endswith("ended\n")
    assert -2 in marks(own_database)
    with own_database.engine.connect() as connection:
        assert connection.scalar(sa.text("select count(*) from procrastinate_workers")) == 0


def test_a_worker_goes_on_when_the_database_comes_back(own_database, start_worker):
    worker = start_worker()
    with sessionmaker(own_database.engine)() as session:
        wait_for(lambda: session.rollback() or worker_seen(session))
    with own_database.engine.connect() as connection:
        connection.execute(
            sa.text(
                "select pg_terminate_backend(pid) from pg_stat_activity"
                " where datname = current_database() and pid <> pg_backend_pid()"
                " and usename = 'casework_runtime'"
            )
        )
    own_database.engine.dispose()
    defer(own_database, 0, -4)
    wait_for(lambda: marks(own_database) == {-4}, 30)
    assert worker.poll() is None


def test_a_job_that_kills_its_worker_each_time_is_parked(own_database, start_worker):
    defer(own_database, 0, -5)
    with own_database.engine.begin() as connection:
        connection.execute(sa.text("update procrastinate_jobs set status = 'doing', attempts = 8"))
    start_worker()

    def parked():
        with own_database.engine.connect() as connection:
            return connection.scalar(sa.text("select status::text from procrastinate_jobs")) == "failed"

    wait_for(parked)
    assert marks(own_database) == set()


def test_a_pass_inside_an_event_loop_works(own_database):
    import asyncio

    async def inside():
        return run_waiting(
            own_database.engine, Settings(), Programs({}), tasks=Tasks([Task("test.none", print)])
        )

    # In a thread of its own, because a browser that another test began may keep a loop in this one.
    with ThreadPoolExecutor(1) as apart:
        assert apart.submit(lambda: asyncio.run(inside())).result().done == []
