"""The live engine: the table of duties follows the events of each case."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import cast

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from casework.cases.model import Case
from casework.duties.facts import Facts, facts_of, missed_by
from casework.duties.judge import Verdict
from casework.duties.ledger import Held, Key, changes
from casework.duties.model import Duty
from casework.errors import Invalid, Problem
from casework.i18n import _
from casework.work import Work

REASON_CHARACTERS = 4000

OPEN_TO_OTHERS = frozenset({"referral", "client"})
"""Compartments read by others than the team: a duty that their events open is the team's own."""

_HELD = tuple(Held.__dataclass_fields__)
_DUTIES = cast("sa.Table", Duty.__table__)
_READ = sa.select(*(_DUTIES.c[name] for name in ("clause", "opened_by", *_HELD))).where(
    _DUTIES.c.case_id == sa.bindparam("case")
)
# Not the plain lock: whoever else added rows of the case holds a share of its key.
_TAKE_TURN = sa.select(Case.id).where(Case.id == sa.bindparam("case")).with_for_update(key_share=True)
_ADD = insert(_DUTIES)
_WRITE = _ADD.on_conflict_do_update(
    index_elements=["case_id", "clause", "opened_by"],
    set_={name: _ADD.excluded[name] for name in (*_HELD, "unit_id", "updated_at")},
)
"""Built once: these run after every event."""


def keep_duties(work: Work, case: Case) -> None:
    """Judge the case and write what differs; to be called after every event.

    Reads all events of the case and its duties, then adds and changes rows in one statement. Of two
    events at the same moment the second waits for the first, so that the last judgement knows both.
    """
    with work.session.as_system():
        work.session.execute(_TAKE_TURN, {"case": case.id})
        facts, wanted = _judged(work, case)
        if wanted:
            _write(work, case, facts, wanted)


def _judged(work: Work, case: Case) -> tuple[Facts, Mapping[Key, tuple[Verdict, Held]]]:
    """The facts of the case, and what differs between its duties and what they demand."""
    facts = facts_of(work, case)
    rows = work.session.execute(_READ, {"case": case.id})
    held = {(row.clause, row.opened_by): Held(*row[2:]) for row in rows}
    return facts, changes(held, facts.verdicts(work), case.worker_id)


def excuse_on_closing(work: Work, case: Case, reason: str, event: str = "case.closed") -> None:
    """Keep the typed reason with the duties that the coming event of that kind will leave missed.

    Invalid if there are any and no reason was typed. To be called before that event is appended.
    """
    missed = missed_by(work, case, event)
    if not missed:
        return
    if not reason.strip():
        raise Invalid(
            [Problem("reason", _("Duties are still open. Write why the case is closed all the same."))]
        )
    with work.session.as_system():
        work.session.execute(
            sa.update(Duty)
            .where(Duty.case_id == case.id, sa.tuple_(Duty.clause, Duty.opened_by).in_(sorted(missed)))
            .values(note=reason.strip()[:REASON_CHARACTERS], updated_at=work.now)
            .execution_options(synchronize_session=False)
        )


def recompute_provisional(work: Work) -> int:
    """Judge anew every case that time alone may have changed. Answers how many were looked at.

    Those are cases with a provisional deadline, as after a year's calendar was loaded, and those
    whose exemption has ended. The date first given stays in `first_due_at`.
    """
    ended = sa.and_(Duty.state == "exempt", Duty.closed_by.is_(None), Duty.due_at < work.now)
    with work.session.as_system():
        ids = sa.select(Duty.case_id).where(sa.or_(Duty.provisional, ended))
        cases = work.session.scalars(sa.select(Case).where(Case.id.in_(ids)).order_by(Case.id)).all()
        # Of many cases few have changed; only those are locked until the end.
        changed = [case for case in cases if _judged(work, case)[1]]
    for case in changed:
        keep_duties(work, case)
    return len(cases)


def _write(work: Work, case: Case, facts: Facts, wanted: Mapping[Key, tuple[Verdict, Held]]) -> None:
    rows = [
        {
            "case_id": case.id,
            "unit_id": case.unit_id,
            "compartment": _compartment(case, facts.compartments[verdict.opened_by]),
            "clause": verdict.clause,
            "edition_id": verdict.edition,
            "opened_by": verdict.opened_by,
            "opened_at": verdict.opened_at,
            "updated_at": work.now,
            **asdict(row),
        }
        for verdict, row in wanted.values()
    ]
    work.session.execute(_WRITE, rows)


def _compartment(case: Case, opened_in: str) -> str:
    return case.compartment if opened_in in OPEN_TO_OTHERS else opened_in
