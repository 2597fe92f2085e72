"""What takes longer than a page may: judging a year of cases anew, and setting the book."""

from __future__ import annotations

from casework.documents.typesetting import TypesettingError
from casework.duties.rules import RuleSet
from casework.handbook.books import make_book
from casework.handbook.drafting import standard_in
from casework.handbook.effects import as_data, effects, stamp_of
from casework.handbook.model import EditionDraft, HandbookPrint
from casework.handbook.standard import files_of, newest_edition, standard_with
from casework.i18n import Words
from casework.jobs.tasks import job
from casework.resources import share
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


@job("handbook.print", retries=1)
def print_book(work: Work, print_id: int) -> None:
    """Set one book. What keeps it from being set is told on the page where it was asked for."""
    wanted = work.session.get(HandbookPrint, print_id, with_for_update=True)
    if wanted is None or wanted.status != "making":
        return
    try:
        make_book(work, wanted)
    except TypesettingError as error:
        words = Words(work.settings.default_language, [share("locale")], work.settings.time_zone)
        wanted.status, wanted.problem = "failed", words(error.reason)
