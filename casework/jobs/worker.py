"""The worker process: fetches jobs, runs them in threads, and outlives the database's absences."""

from __future__ import annotations

import asyncio
import logging
import signal
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime

import procrastinate
import psycopg
import psycopg_pool
import sqlalchemy as sa
from procrastinate.exceptions import ConnectorException, UniqueViolation
from procrastinate.jobs import Status

from casework.clock import Clock
from casework.db import make_engine
from casework.embedded import connect_urls
from casework.jobs.performing import Workshop
from casework.jobs.queue import QUEUE
from casework.jobs.tasks import Task, Tasks
from casework.programs import Programs
from casework.settings import Settings

log = logging.getLogger(__name__)

THREADS = 4
HEARTBEAT_SECONDS = 10.0
STALLED_SECONDS = 30.0
GRACE_SECONDS = 25.0
RECONNECT_SECONDS = (1, 2, 5, 10)
MOST_BEGINNINGS = 8
"""A job that was begun so often and never ended, because it kills its worker, is parked."""

_AWAY = (ConnectorException, psycopg.Error, psycopg_pool.PoolTimeout, OSError)


def run(settings: Settings) -> None:
    """Work until SIGTERM or SIGINT, then end the jobs in hand and return."""
    logging.getLogger("procrastinate").setLevel(logging.WARNING)
    url = connect_urls(settings).runtime
    engine = make_engine(url, pool_size=THREADS)
    try:
        workshop = Workshop.build(engine, settings, Programs.load(settings.programs, settings.adapters))
        asyncio.run(work_until_told(workshop, url))
    finally:
        engine.dispose()


@dataclass
class Outcome:
    """What a pass over the waiting jobs did: the names of tasks, and what failed how."""

    done: list[str] = field(default_factory=list)
    failed: list[tuple[str, BaseException]] = field(default_factory=list)


def run_waiting(
    engine: sa.Engine,
    settings: Settings,
    programs: Programs,
    clock: Clock | None = None,
    tasks: Tasks | None = None,
) -> Outcome:
    """Run every job that is due, once, by a real worker in this process; for tests and commands.

    Due is what `clock` says, so that a movable clock moves the queue too. Periodic tasks are not
    begun.
    """
    workshop = Workshop.build(engine, settings, programs, clock, tasks)
    url = engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
    outcome = Outcome()

    async def one_pass() -> None:
        app = build_app(workshop, url, outcome, periodic=False)
        async with app.open_async():
            await app.run_worker_async(
                wait=False,
                queues=[QUEUE],
                listen_notify=False,
                install_signal_handlers=False,
                delete_jobs="successful",
            )

    _follow(engine, workshop.clock)
    try:
        # A thread of its own, because the caller may be inside an event loop.
        with ThreadPoolExecutor(1) as thread:
            thread.submit(asyncio.run, one_pass()).result()
    finally:
        with engine.begin() as connection:
            connection.execute(
                sa.text("update procrastinate_jobs set queue_name = :queue where queue_name = 'later'"),
                {"queue": QUEUE},
            )
    return outcome


def _follow(engine: sa.Engine, clock: Clock) -> None:
    """Let what is due by the clock be due for the queue, which knows only the database's time."""
    with engine.begin() as connection:
        connection.execute(
            sa.text(
                "update procrastinate_jobs set"
                " queue_name = case when scheduled_at > :now then 'later' else queue_name end,"
                " scheduled_at = case when scheduled_at > :now then scheduled_at else now() end"
                " where status = 'todo' and scheduled_at is not null"
            ),
            {"now": clock.now()},
        )


def build_app(
    workshop: Workshop, url: str, outcome: Outcome | None = None, *, periodic: bool = True
) -> procrastinate.App:
    """The queue's application with every task; `outcome` is told what happens."""
    connector = procrastinate.PsycopgConnector(
        conninfo=url,
        min_size=1,
        max_size=3,
        timeout=10,
        kwargs={"connect_timeout": 5, "options": "-c timezone=UTC"},
    )
    app = procrastinate.App(connector=connector)
    for task in workshop.tasks.values():
        registered = app.task(
            name=task.name,
            queue=QUEUE,
            pass_context=True,
            retry=procrastinate.RetryStrategy(max_attempts=task.retries, exponential_wait=4)
            if task.retries
            else False,
        )(_runner(workshop, task, outcome))
        if periodic and task.periodic:
            app.periodic(cron=task.periodic, queueing_lock=f"periodic:{task.name}")(registered)
    if periodic:
        app.periodic(cron="* * * * *", queueing_lock="periodic:stalled")(
            app.task(name="jobs.revive", queue=QUEUE, pass_context=True)(_revive)
        )
    return app


def _runner(workshop: Workshop, task: Task, outcome: Outcome | None) -> Callable[..., None]:
    def run_task(context: procrastinate.JobContext, **arguments: object) -> None:
        if task.periodic:
            arguments.pop("timestamp", None)
        try:
            workshop.perform(task, context.job.id or 0, arguments)
        except BaseException as error:
            if outcome is not None:
                outcome.failed.append((task.name, error))
            raise
        if outcome is not None:
            outcome.done.append(task.name)

    return run_task


async def _revive(context: procrastinate.JobContext, timestamp: int) -> None:  # noqa: ARG001 - named by the queue
    """Put back the jobs of workers that died, each minute."""
    await revive(context.app)


async def revive(app: procrastinate.App) -> None:
    """Put back the jobs whose worker gave no sign of life for 30 seconds."""
    jobs = app.job_manager
    for stalled in await jobs.get_stalled_jobs(seconds_since_heartbeat=STALLED_SECONDS):
        try:
            if stalled.attempts >= MOST_BEGINNINGS:
                log.error("job %s (%s) never ends and is parked", stalled.id, stalled.task_name)
                await jobs.finish_job(stalled, status=Status.FAILED, delete_job=False)
            else:
                log.warning("job %s (%s) lost its worker and is put back", stalled.id, stalled.task_name)
                await jobs.retry_job(stalled, retry_at=datetime.now(UTC))
        except UniqueViolation:
            # One with the same key waits already and will do the same.
            await jobs.finish_job(stalled, status=Status.FAILED, delete_job=True)
        except ConnectorException:
            log.info("job %s was put back by another worker", stalled.id)


async def work_until_told(workshop: Workshop, url: str) -> None:
    """Work until SIGTERM or SIGINT; when the database goes away, wait for it and go on."""
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopping.set)
    told = asyncio.create_task(stopping.wait())
    failures = 0
    while not stopping.is_set():
        begun = loop.time()
        try:
            await _first_of(_work(workshop, url), told)
        except _AWAY as error:
            log.warning("the database is away: %s", str(error) or type(error).__name__)
        failures = 0 if loop.time() - begun > RECONNECT_SECONDS[-1] else failures + 1
        if not stopping.is_set():
            pause = RECONNECT_SECONDS[min(failures, len(RECONNECT_SECONDS) - 1)]
            await asyncio.wait({told}, timeout=pause)


async def _work(workshop: Workshop, url: str) -> None:
    """Work until cancelled or until the database goes away."""
    app = build_app(workshop, url)
    async with app.open_async():
        await revive(app)
        log.info("worker ready: %s tasks, %s threads", len(workshop.tasks), THREADS)
        await app.run_worker_async(
            queues=[QUEUE],
            concurrency=THREADS,
            delete_jobs="successful",
            listen_notify=True,
            install_signal_handlers=False,
            update_heartbeat_interval=HEARTBEAT_SECONDS,
            stalled_worker_timeout=STALLED_SECONDS,
            shutdown_graceful_timeout=GRACE_SECONDS,
        )


async def _first_of(working: Awaitable[None], told: asyncio.Task[bool]) -> None:
    """Wait for the work to end; once told to stop, cancel it, which lets its jobs end."""
    task = asyncio.ensure_future(working)
    await asyncio.wait({task, told}, return_when=asyncio.FIRST_COMPLETED)
    if told.done():
        task.cancel()
    try:
        await task
    except asyncio.CancelledError:
        log.info("worker stopped")
