"""Records a bank's slip again and again in processes that die at each of its statements, one after another.

Run by test_money.py. Each line that it prints says what was left: the state of the payment, and how often
the ledger paid it.
"""

from __future__ import annotations

import os
import signal
import sys
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.orm import sessionmaker
from sqlalchemy.pool import NullPool

from casework.clock import SystemClock
from casework.db import SYSTEM_ACTOR, ActingSession, make_engine
from casework.funds import queries
from casework.funds.paying import record_slip
from casework.jobs import QueuedJobs, Tasks
from casework.programs import Programs
from casework.settings import Settings
from casework.staff.model import Account
from casework.staff.queries import actor_of
from casework.work import Work

MOST = 80
"""More than the statements of the whole act."""


def main(url: str, account_id: int, payment_id: int) -> None:
    """Die before the first statement, then before the second ..., and last of all before the commit."""
    programs = Programs.load(("casework",))
    for number in range(1, MOST):
        if (child := os.fork()) == 0:
            pay(url, programs, account_id, payment_id, number)
            os._exit(0)
        _pid, status = os.waitpid(child, 0)
        print(*left(url, payment_id), "died" if os.WIFSIGNALED(status) else "lived", flush=True)  # noqa: T201
        if not os.WIFSIGNALED(status):
            return


def pay(url: str, programs: Programs, account_id: int, payment_id: int, number: int) -> None:
    engine, done = make_engine(url, pool_size=1), 0

    def count(*_told: Any) -> None:
        nonlocal done
        done += 1
        if done == number:
            os.kill(os.getpid(), signal.SIGKILL)

    now = SystemClock().now()
    with sessionmaker(engine, class_=ActingSession, expire_on_commit=False)() as session:
        session.act_as(account_id, now)
        account = session.get_one(Account, account_id)
        actor = actor_of(session, account, now)
        jobs = QueuedJobs(Tasks.load(programs))
        work = Work(session, actor, now, programs, Settings(programs=("casework",)), jobs)
        payment = queries.payment(work, payment_id)
        event.listen(engine, "before_cursor_execute", count)
        event.listen(engine, "commit", count)
        said = {"payee_name": payment.payee_name, "slip_number": "the slip", "paid_on": work.today}
        assert record_slip(work, payment, amount=payment.amount, **said).paid
        session.commit()


def left(url: str, payment_id: int) -> tuple[str, int]:
    engine = sa.create_engine(url.replace("postgresql://", "postgresql+psycopg://", 1), poolclass=NullPool)
    with engine.begin() as connection:
        connection.execute(
            sa.text("select set_config('casework.actor', :system, true)"), {"system": str(SYSTEM_ACTOR)}
        )
        statement = "select status, (select count(*) from fund_postings where payment_id = :id) from payments where id = :id"
        row = connection.execute(sa.text(statement), {"id": payment_id}).one()
    return row[0], row[1]


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
