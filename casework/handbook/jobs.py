"""What takes longer than a page may: judging a year of cases anew."""

from __future__ import annotations

from casework.duties.rules import RuleSet
from casework.handbook.drafting import standard_in
from casework.handbook.effects import as_data, effects, stamp_of
from casework.handbook.model import EditionDraft
from casework.handbook.standard import files_of, newest_edition, standard_with
from casework.jobs.tasks import job
from casework.work import Work


@job("handbook.effects", retries=1)
def find_effects(work: Work, draft_id: int) -> None:
    """Find what the draft would have done to the cases of the last year, and keep it with the draft."""
    draft = work.session.get(EditionDraft, draft_id)
    if draft is None or draft.status not in {"draft", "proposed"}:
        return
    before = standard_with(work.programs, files_of(newest_edition(work))).rules
    after: RuleSet = standard_in(work, draft).rules
    draft.effects = as_data(effects(work, before, after), stamp_of(before, after))
