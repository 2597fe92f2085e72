"""Reading published editions, and asking what a draft would have done to past cases."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from casework.duties.model import Edition
from casework.errors import Missing
from casework.handbook.drafting import files_with, findings_in, standard_in
from casework.handbook.editing import clause_at
from casework.handbook.effects import Effect, changed_rules, from_data, stamp_of
from casework.handbook.findings import Finding
from casework.handbook.model import EditionDraft
from casework.handbook.standard import files_of, newest_edition, standard_with
from casework.work import Work

PATIENCE = timedelta(minutes=10)
"""After so long an answer that did not come may be asked for again."""


@dataclass(frozen=True)
class Published:
    """An edition in a list, without its texts; `number` is None for what the programs brought along."""

    id: int
    number: str | None
    hash: str
    note: str
    in_force_from: datetime
    published_at: datetime
    proposed_by: int | None
    published_by: int | None


def published_editions(work: Work) -> Sequence[Published]:
    """The editions, the latest first."""
    wanted = sa.select(
        Edition.id,
        Edition.number,
        Edition.hash,
        Edition.note,
        Edition.in_force_from,
        Edition.published_at,
        Edition.proposed_by,
        Edition.published_by,
    )
    wanted = wanted.where(Edition.status == "in force")
    rows = work.session.execute(wanted.order_by(Edition.in_force_from.desc(), Edition.id.desc()))
    return [Published(*row) for row in rows]


def edition_and_former(work: Work, edition_id: int) -> tuple[Edition, Edition | None]:
    """A published edition, and the one that was in force before it. Missing if there is no such edition."""
    edition = work.session.get(Edition, edition_id)
    if edition is None:
        raise Missing
    place = sa.tuple_(Edition.in_force_from, Edition.id)
    former = work.session.scalar(
        sa.select(Edition)
        .where(
            Edition.status == "in force",
            place < sa.tuple_(sa.literal(edition.in_force_from), sa.literal(edition.id)),
        )
        .order_by(Edition.in_force_from.desc(), Edition.id.desc())
        .limit(1)
    )
    return edition, former


def findings_by_clause(
    work: Work, draft: EditionDraft, known: Collection[str]
) -> tuple[dict[str, list[Finding]], list[Finding]]:
    """What the checker finds in the draft, by the known clause it is about; and what is about none."""
    files = files_with(work, draft)
    placed: dict[str, list[Finding]] = {}
    others = []
    for finding in findings_in(work, draft):
        clause = clause_at(files, finding.file, finding.line or 0)
        if clause is not None and clause in known:
            placed.setdefault(clause, []).append(finding)
        else:
            others.append(finding)
    return placed, others


@dataclass(frozen=True)
class Weighing:
    """How far the question is answered what a draft would have done.

    `found` is None until the answer is there; `is_waiting` while it is being found, `is_outdated`
    when an answer belongs to another text; `is_idle` says that no rule differs that is judged by.
    """

    found: Sequence[Effect] | None
    is_waiting: bool = False
    is_outdated: bool = False
    is_idle: bool = False


def weighing_of(work: Work, draft: EditionDraft) -> Weighing:
    """What is known of the draft's effect on past cases. StandardsError if the draft cannot be read."""
    before, after = _rules(work, draft)
    if not any(side.rules for side in changed_rules(before, after)):
        return Weighing((), is_idle=True)
    kept, stamp = draft.effects, stamp_of(before, after)
    if kept is None or (found := from_data(kept, stamp)) is not None:
        return Weighing(None if kept is None else found)
    is_present = kept.get("stamp") == stamp
    return Weighing(None, is_waiting=is_present and _is_recent(work, kept), is_outdated=not is_present)


def ask_for_effects(work: Work, draft: EditionDraft) -> None:
    """Have it found what the draft would have done; while that waits it is not asked for twice."""
    known = weighing_of(work, draft)
    if known.is_waiting or known.is_idle:
        return
    draft.effects = {"stamp": stamp_of(*_rules(work, draft)), "asked": work.now.isoformat()}
    work.jobs.defer(work.session, "handbook.effects", key=f"handbook.effects:{draft.id}", draft_id=draft.id)


def _rules(work: Work, draft: EditionDraft) -> Any:
    before = standard_with(work.programs, files_of(newest_edition(work)))
    return before.rules, standard_in(work, draft).rules


def _is_recent(work: Work, kept: dict[str, Any]) -> bool:
    return work.now - datetime.fromisoformat(kept["asked"]) < PATIENCE
