"""The evidence of a case: what each clause asked of it, by which edition, and what answered it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import aliased

from casework.cases.events import event_kinds
from casework.cases.model import Case, Event
from casework.documents.letters import words_of
from casework.documents.model import Document
from casework.documents.usecases import issue_letter
from casework.duties.model import Duty, Edition
from casework.duties.rules import Rule
from casework.handbook import links
from casework.handbook.standard import standard_of
from casework.handbook.wording import WITHIN
from casework.i18n import Message, _
from casework.staff.model import Account
from casework.work import Work

STATE_TITLES: Mapping[str, Message] = {
    "open": _("Open"),
    "overdue": _("Overdue"),
    "met": _("Kept in time"),
    "late": _("Kept late"),
    "missed": _("Missed"),
    "exempt": _("Exempt"),
    "not_applicable": _("No longer applies"),
}
"""What the state of a duty is called."""


@dataclass(frozen=True)
class Evidence:
    """One duty of a case with the clause as it stood when the duty arose, and the facts behind it."""

    clause: str
    number: str
    titles: Mapping[str, str]
    sentences: Mapping[str, str]
    edition: str
    state: str
    overdue: bool
    opened_by: Message | str
    opened_at: datetime
    due_at: datetime | None
    moved_by: str
    closed_by: Message | str | None
    closed_by_whom: str | None
    closed_at: datetime | None
    note: str


def evidence_of(work: Work, case: Case) -> Sequence[Evidence]:
    """Every visible duty of a case in the order in which they arose, in one statement.

    The sentence is that of the edition under which the duty is judged, whatever is in force now.
    """
    opening, closing = aliased(Event), aliased(Event)
    rows = work.session.execute(
        sa.select(
            Duty,
            Edition.number.label("edition"),
            Edition.texts[Duty.clause].label("texts"),
            Edition.rules[Duty.clause].label("rule"),
            opening.kind.label("opened"),
            closing.kind.label("closed"),
            Account.name.label("whom"),
        )
        .join(Edition, Edition.id == Duty.edition_id)
        .outerjoin(opening, opening.id == Duty.opened_by)
        .outerjoin(closing, closing.id == Duty.closed_by)
        .outerjoin(Account, Account.id == closing.actor_id)
        .where(Duty.case_id == case.id)
        .order_by(Duty.opened_at, Duty.id)
    ).all()
    kinds = event_kinds(work)
    numbers = {clause.id: clause.number for clause in standard_of(work)}

    def named(kind: str | None) -> Message | str | None:
        return kinds[kind].label if kind is not None and kind in kinds else kind

    return [
        Evidence(
            clause=row.Duty.clause,
            number=str((row.texts or {}).get("number", "")),
            titles=(row.texts or {}).get("titles", {}),
            sentences=_sentences(row.Duty.clause, row.texts or {}, row.rule or {}, numbers),
            edition=row.edition or "",
            state=row.Duty.state,
            overdue=row.Duty.state == "open" and row.Duty.due_at is not None and row.Duty.due_at < work.now,
            opened_by=named(row.opened) or "",
            opened_at=row.Duty.opened_at,
            due_at=row.Duty.due_at,
            moved_by=row.Duty.moved_by,
            closed_by=named(row.closed),
            closed_by_whom=row.whom,
            closed_at=row.Duty.closed_at,
            note=row.Duty.note,
        )
        for row in rows
    ]


def _sentences(
    clause: str, texts: Mapping[str, Any], rule: Mapping[str, Any], numbers: Mapping[str, str]
) -> dict[str, str]:
    within = Rule.from_data(clause, rule).within if rule else None
    return {
        language: links.plain(
            sentence.replace(WITHIN, within.in_words(language) if within is not None else ""), numbers
        )
        for language, sentence in texts.get("sentences", {}).items()
    }


def issue_evidence(work: Work, case: Case) -> Document:
    """Have the evidence of a case set as PDF, in the language of whoever asks; it stands with the case."""
    words = words_of(work, work.language)

    def moment(at: datetime | None) -> str:
        return words.moment(at) if at is not None else ""

    lines = [
        {
            "number": line.number,
            "title": words.names(line.titles),
            "sentence": words.names(line.sentences),
            "edition": line.edition,
            "opened": f"{words(line.opened_by)} · {moment(line.opened_at)}",
            "due": moment(line.due_at),
            "state": words(STATE_TITLES["overdue" if line.overdue else line.state]),
            "closed": " · ".join(
                part
                for part in (words(line.closed_by or ""), moment(line.closed_at), line.closed_by_whom)
                if part
            ),
            "note": line.note,
        }
        for line in evidence_of(work, case)
    ]
    return issue_letter(
        work,
        case,
        kind="evidence",
        template="handbook/evidence_letter.jinja2",
        values={"lines": lines, "made_at": moment(work.now)},
        language=work.language,
        compartment=case.compartment,
    )
