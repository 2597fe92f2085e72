"""Asking for the book as PDF, and making it; the same content is set once."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path

import sqlalchemy as sa

from casework.documents.typesetting import typeset
from casework.duties.model import Edition
from casework.errors import Invalid, Missing, Problem
from casework.handbook.drafting import open_draft, standard_in
from casework.handbook.model import EditionDraft, HandbookPrint
from casework.handbook.printing import BOOKS, BookLanguage, Imprint, book, imprint_of
from casework.handbook.standard import files_of, newest_edition, standard_with
from casework.i18n import _
from casework.resources import PACKAGE
from casework.settings import Settings
from casework.staff.model import Unit
from casework.work import Work

SECONDS, MEMORY_MB = 300, 3000
SHOWN = 12
"""Books on the page where they are asked for."""


def ask_for_book(work: Work, language: str, *, draft: bool = False) -> HandbookPrint:
    """Have the book made: of the newest published edition, or of the open draft.

    While the same book waits to be made it is not asked for twice. Raises Invalid for a language
    that it does not come in, Missing if there is no draft.
    """
    if language not in BOOKS:
        raise Invalid([Problem("language", _("Choose one of the languages in the list."))])
    wanted = open_draft(work) if draft else None
    if draft and wanted is None:
        raise Missing
    edition = newest_edition(work) if wanted is None else None
    waiting = work.session.scalar(
        sa.select(HandbookPrint).where(
            HandbookPrint.status == "making",
            HandbookPrint.language == language,
            HandbookPrint.edition_id.is_not_distinct_from(edition.id if edition else None),
            HandbookPrint.draft_id.is_not_distinct_from(wanted.id if wanted else None),
        )
    )
    if waiting is not None:
        return waiting
    asked = HandbookPrint(
        language=language,
        edition_id=edition.id if edition else None,
        draft_id=wanted.id if wanted else None,
        status="making",
        asked_by=work.actor.id,
        asked_at=work.now,
        made_at=None,
    )
    work.session.add(asked)
    work.session.flush()  # the job names it by its number
    work.jobs.defer(work.session, "handbook.print", print_id=asked.id)
    return asked


def books(work: Work, *, drafts: bool) -> Sequence[HandbookPrint]:
    """The latest books, newest first; those of drafts only on request."""
    wanted = sa.select(HandbookPrint).order_by(HandbookPrint.id.desc()).limit(SHOWN)
    if not drafts:
        wanted = wanted.where(HandbookPrint.draft_id.is_(None))
    return work.session.scalars(wanted).all()


def numbers_of(work: Work, prints: Sequence[HandbookPrint]) -> Mapping[int, str]:
    """The numbers of the editions that books are of, by edition."""
    wanted = {each.edition_id for each in prints if each.edition_id is not None}
    rows = work.session.execute(sa.select(Edition.id, Edition.number).where(Edition.id.in_(wanted))).all()
    return {row.id: row.number or "" for row in rows}


def pdf_of(work: Work, print_id: int, *, drafts: bool) -> bytes:
    """A book that was made; Missing if there is none, and for that of a draft unless `drafts` are asked for."""
    found = work.session.get(HandbookPrint, print_id)
    if found is not None and found.draft_id is not None and not drafts:
        raise Missing
    if found is None or found.status != "made" or found.pdf is None:
        raise Missing
    return found.pdf


def make_book(work: Work, wanted: HandbookPrint) -> None:
    """Set the book and keep it. Raises TypesettingError."""
    draft = work.session.get(EditionDraft, wanted.draft_id) if wanted.draft_id else None
    edition = work.session.get(Edition, wanted.edition_id) if wanted.edition_id else None
    title, html = written(work, wanted.language, edition=edition, draft=draft)
    wanted.content = hashlib.sha256(f"{title}\n{html}\n{stylesheet()}".encode()).hexdigest()
    same = sa.select(HandbookPrint).where(
        HandbookPrint.content == wanted.content, HandbookPrint.status == "made", HandbookPrint.id != wanted.id
    )
    before = work.session.scalar(same.limit(1))
    pdf = (
        before.pdf
        if before is not None and before.pdf
        else set_book(title, html, wanted.language, chapters_folder(work.settings))
    )
    wanted.pdf, wanted.size = pdf, len(pdf)
    wanted.sha256, wanted.status, wanted.made_at = hashlib.sha256(pdf).hexdigest(), "made", work.now


def written(
    work: Work, language: str, *, edition: Edition | None = None, draft: EditionDraft | None = None
) -> tuple[str, str]:
    """The title and the HTML of a book: of a draft, of an edition, or of what the programs brought along."""
    root = work.session.scalar(sa.select(Unit).where(Unit.parent_id.is_(None)).order_by(Unit.id).limit(1))
    issuer = dict(root.names) if root is not None else None
    which: BookLanguage = language  # type: ignore[assignment]  # one of BOOKS
    if draft is not None:
        return book(work, standard_in(work, draft), Imprint(draft.number, None, issuer, draft=True), which)
    handbook = standard_with(work.programs, files_of(edition))
    return book(work, handbook, imprint_of(work, edition, issuer), which)


def set_book(title: str, html: str, language: str, chapters: Path | None = None) -> bytes:
    """The book as PDF, set chapter by chapter (casework/handbook/press.py); chapters that did not change are
    taken from the folder, if one is named. Raises TypesettingError."""
    if chapters is not None:
        chapters.mkdir(mode=0o700, parents=True, exist_ok=True)
    return typeset(
        html,
        language=BOOKS[language][0],
        title=title,
        stylesheet=stylesheet(),
        timeout_s=SECONDS,
        memory_mb=MEMORY_MB,
        by="casework.handbook.press",
        arguments=(str(chapters or ""),),
    )


def chapters_folder(settings: Settings) -> Path:
    """Where chapters that were set are kept; whatever lies there can be made again."""
    return settings.state_path / "chapters"


def stylesheet() -> str:
    """How the book looks."""
    return (PACKAGE / "handbook" / "book.css").read_text(encoding="utf-8")
