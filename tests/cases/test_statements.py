"""The statements of the busy pages stay few, whatever the data (performance budget B9)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import sqlalchemy as sa

from casework.cases.usecases import move, refer
from casework.forms.library import library_of
from casework.forms.usecases import sign, start_answers
from casework.people.usecases import register_person
from casework.testing.browsing import Browser
from casework.testing.network import Network
from casework.work import Work

MOST = 12


@contextmanager
def counted(engine: sa.Engine) -> Iterator[list[str]]:
    """The statements sent to the database within the block, without savepoints."""
    sent: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if not statement.startswith(("SAVEPOINT", "RELEASE", "ROLLBACK")):
            sent.append(statement)

    sa.event.listen(engine, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        sa.event.remove(engine, "before_cursor_execute", note)


REFERRAL = {
    "urgency": "urgent",
    "reasons": ["financial"],
    "source": "ward",
    "knows_diagnosis": "yes",
    "agrees": "yes",
}


def open_cases(
    work: Work, network: Network, as_actor: Callable[..., Work], number: int, notes: int
) -> list[int]:
    """Cases of the worker with some contact notes each."""
    ids = []
    for count in range(number):
        as_actor(network["nurse"])
        nurse = as_actor(network["nurse"])
        person = register_person(
            nurse, unit_id=network.units["hospital"].id, full_name=f"病人{count}", confirmed=True
        )
        form = library_of(nurse)["referral"]
        case = refer(
            nurse,
            program_key="casework",
            unit_id=network.units["ward"].id,
            person_id=person.id,
            answers={**start_answers(nurse, form), **REFERRAL},
        )
        coordinator = as_actor(network["coordinator"])
        move(coordinator, case, "assign", worker_id=network["worker"].id)
        worker = as_actor(network["worker"])
        note = library_of(worker)["contact-note"]
        for _note in range(notes):
            sign(worker, note, case, {**start_answers(worker, note), "content": "Sat with him."})
        ids.append(case.id)
    return ids


@pytest.mark.usefixtures("standard")
@pytest.mark.parametrize(("cases", "notes"), [(1, 1), (6, 4)])
def test_the_busy_pages_need_few_statements(
    work: Work,
    network: Network,
    as_actor: Callable[..., Work],
    browse: Callable[..., Browser],
    stage: sa.Engine,
    cases: int,
    notes: int,
) -> None:
    ids = open_cases(work, network, as_actor, cases, notes)
    browser = browse(network["worker"])
    browser.get("/")  # the first request of a session also marks that it was seen
    for page in ("/", "/cases", f"/cases/{ids[0]}"):
        with counted(stage) as sent:
            browser.get(page)
        assert sent, page
        assert len(sent) <= MOST, "\n".join([page, *(" ".join(s.split())[:150] for s in sent)])
