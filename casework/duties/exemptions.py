"""Exempting a case from a duty: one, or all of a clause, until a stated day, with a reason."""

from __future__ import annotations

from datetime import date, timedelta

from casework.audit.trail import record
from casework.cases.events import append_event
from casework.cases.model import Case
from casework.duties.calendar import Calendar
from casework.duties.judge import EXEMPTION
from casework.duties.model import Duty
from casework.duties.usecases import REASON_CHARACTERS
from casework.errors import Invalid, Missing, Problem, Refusal, Refused
from casework.i18n import _
from casework.texts import clean
from casework.work import Work

LONGEST_DAYS = 366


def exempt(
    work: Work, duty: Duty, reason: str, until: date | None = None, *, whole_clause: bool = False
) -> None:
    """Exempt from one duty, or with `whole_clause` from every one of its clause on this case, up to
    and including a day; without one for a year. The actor is the approver. The duty is open again
    afterwards.

    Refused if it is decided already, Invalid without a reason or with an end that is past or more
    than a year away.
    """
    until = until or work.today + timedelta(days=LONGEST_DAYS)
    problems, reason = [], clean(reason, lines=True)
    if not reason or len(reason) > REASON_CHARACTERS:
        problems.append(
            Problem(
                "reason", _("Write the reason, in at most %(count)s characters.", count=REASON_CHARACTERS)
            )
        )
    if not 0 <= (until - work.today).days <= LONGEST_DAYS:
        problems.append(Problem("until", _("Give a last day from today to a year from now.")))
    if problems:
        raise Invalid(problems)
    if duty.state not in {"open", "exempt"} or duty.closed_by is not None:
        raise Refused([Refusal(_("This duty is decided; an exemption cannot change that."), duty.clause)])
    case = work.session.get(Case, duty.case_id)
    if case is None:
        raise Missing
    append_event(
        work,
        case,
        EXEMPTION,
        payload={
            "clause": duty.clause,
            "opened_by": None if whole_clause else duty.opened_by,
            "until": Calendar(work.zone).end_of(until).isoformat(),
            "reason": reason,
        },
        compartment=duty.compartment,
    )
    record(
        work,
        "write",
        f"case:{case.id}",
        action="duty exempted",
        clause=duty.clause,
        duty=duty.id,
        until=until.isoformat(),
    )
