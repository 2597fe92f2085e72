"""Keeping the queue small."""

from __future__ import annotations

from datetime import timedelta

import sqlalchemy as sa

from casework.jobs.tasks import job
from casework.work import Work

KEEP_PARKED = timedelta(days=90)


@job("jobs.tidy", periodic="17 19 * * *")
def tidy(work: Work) -> None:
    """Forget the marks of jobs that the queue has forgotten, and failed jobs after 90 days."""
    work.session.execute(
        sa.text(
            "delete from procrastinate_jobs j where status = 'failed' and not exists"
            " (select 1 from procrastinate_events e where e.job_id = j.id and e.at > :since)"
        ),
        {"since": work.now - KEEP_PARKED},
    )
    work.session.execute(
        sa.text(
            "delete from job_runs r where finished_at < :since and not exists"
            " (select 1 from procrastinate_jobs j where j.id = r.job_id and j.status in ('todo', 'doing'))"
        ),
        {"since": work.now - timedelta(days=1)},
    )
