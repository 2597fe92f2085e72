"""Judging several events of a case at once, where many are loaded in one transaction.

That judging event by event and judging the whole at once agree is a promise of
casework/duties/judge.py. Only what a duty's row keeps of its past depends on when it is judged: the
date first given, and whose it was. So whoever loads lets a case be judged before its clocks stop or
go on, before it changes hands, and before its duties are read.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from casework.cases.model import Case
from casework.duties.usecases import keep_duties
from casework.work import Work

WAITING = "cases to be judged"


def judge_after_event(work: Work, case: Case) -> None:
    """Judge the case now; within `judged_together`, remember that it has to be."""
    waiting = work.session.info.get(WAITING)
    if waiting is None:
        keep_duties(work, case)
    else:
        waiting[case.id] = case


def judge_waiting(work: Work, case: Case) -> None:
    """Judge the case now if something happened in it that was not judged yet."""
    if work.session.info.get(WAITING, {}).pop(case.id, None) is not None:
        keep_duties(work, case)


@contextmanager
def judged_together(work: Work) -> Iterator[None]:
    """Within the block events are only remembered; at its end every case is judged that waits."""
    waiting: dict[int, Case] = {}
    work.session.info[WAITING] = waiting
    try:
        yield
        for case in list(waiting.values()):
            judge_waiting(work, case)
    finally:
        del work.session.info[WAITING]
