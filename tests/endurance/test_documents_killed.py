"""A paper that is handed in while its process is killed is kept whole or not at all."""

from __future__ import annotations

import dataclasses
import signal
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from casework.cases.model import Event
from casework.clock import MovableClock
from casework.documents.jobs import sweep
from casework.documents.model import Document
from casework.documents.store import store_of

from .conftest import Ground

HANDING_IN = """
import io, os, signal, sys
from sqlalchemy.orm import sessionmaker
from casework.cases.model import Case
from casework.clock import SystemClock
from casework.db import SYSTEM_ACTOR, ActingSession, make_engine
from casework.documents import store, usecases
from casework.jobs import QueuedJobs
from casework.programs import Programs
from casework.settings import Settings
from casework.work import Actor, Work

url, state, case_id, step, account = sys.argv[1:]

def die(*_arguments, **_options):
    os.kill(os.getpid(), signal.SIGKILL)

if step == "read":
    store.Store.keep = die
if step == "written":
    usecases._new = die
if step == "rowed":
    usecases._tell = die
session = ActingSession(make_engine(url))
now = SystemClock().now()
session.act_as(int(account), now)
work = Work(
    session=session, actor=Actor(int(account), "worker"), now=now, programs=Programs.load(("casework",)),
    settings=Settings(programs=("casework",), state_dir=state), jobs=QueuedJobs(),
)
case = session.get_one(Case, int(case_id))
paper = b"%PDF-1.7\\n1 0 obj\\nendobj\\n%%EOF\\n"
usecases.keep_document(work, case, kind="income", upload=io.BytesIO(paper), file_name="x.pdf", compartment="case")
if step == "told":
    die()
session.commit()
die()
"""


@pytest.mark.parametrize("step", ["read", "written", "rowed", "told", "committed"])
def test_no_row_is_left_without_content_and_no_content_without_row(
    step: str, ground: Ground, own_database: Any, tmp_path: Path
) -> None:
    case_id, account = ground.case(), ground.network["worker"].id
    arguments = [own_database.url, str(tmp_path), str(case_id), step, str(account)]
    done = subprocess.run([sys.executable, "-c", HANDING_IN, *arguments], capture_output=True, check=False)
    assert done.returncode == -signal.SIGKILL, done.stderr.decode()

    settings = dataclasses.replace(ground.settings, state_dir=str(tmp_path))
    later = dataclasses.replace(
        ground, settings=settings, clock=MovableClock(datetime.now(UTC) + timedelta(days=2))
    )
    with later.work() as work:
        # What other steps kept lies in stores of their own.
        work.session.execute(sa.update(Document).where(Document.case_id != case_id).values(store_name=None))
    with later.work() as work:
        sweep(work)
    with later.work() as work:
        rows = work.session.scalars(sa.select(Document).where(Document.case_id == case_id)).all()
        told = sa.select(sa.func.count()).where(Event.case_id == case_id, Event.kind == "document.added")
        kept = {content.name for content in store_of(settings).contents()}
        assert {row.store_name for row in rows} == kept
        assert len(rows) == work.session.scalar(told) == (1 if step == "committed" else 0)
