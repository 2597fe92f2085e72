"""Handing in papers, taking them off a case, and issuing letters."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Mapping
from typing import Any, BinaryIO

import sqlalchemy as sa

from casework.audit.trail import record
from casework.cases.events import append_event
from casework.cases.model import Case
from casework.documents.model import Document
from casework.documents.photos import make_safe
from casework.documents.rules import ACCEPTED, display_name, sniff, why_not
from casework.documents.store import store_of
from casework.errors import Refusal, Refused
from casework.i18n import LANGUAGES, Message, _
from casework.work import Work

MEGABYTE = 1024 * 1024
MAKE_LETTER = "documents.make_letter"
LETTER_TYPE = "application/pdf"


def keep_document(
    work: Work,
    case: Case,
    *,
    kind: str,
    upload: BinaryIO,
    file_name: str,
    compartment: str = "application",
    title: Message | str = "",
    submission: str | None = None,
) -> Document:
    """Keep one photo or PDF of a case. What a file is, its content says and never its name.

    Photos are made anew without anything but their points; a PDF is kept as it came and only
    ever served to be saved. `title` is what people call the paper, in English source text. Sent
    twice with the same `submission`, it is kept once. Raises Refused, with a sentence that says what
    to do, for what is not accepted, too large, or one too many.
    """
    if submission is not None:
        work.session.take_turn("document-submission", work.actor.id, submission)
        before = sa.select(Document).where(
            Document.added_by == work.actor.id, Document.submission == submission
        )
        if (kept := work.session.scalars(before).one_or_none()) is not None:
            return kept
    content = _read(work, upload)
    _refuse_too_many(work, case)
    name, media_type, width, height = display_name(file_name), LETTER_TYPE, None, None
    sort = sniff(content)
    if sort is not None and sort != "PDF":
        photo = make_safe(content, sort, most_points=work.settings.photo_megapixels * 1_000_000)
        content, width, height = photo.content, photo.width, photo.height
        media_type = ACCEPTED["JPEG"]
    document = _new(
        work,
        case,
        kind=kind,
        compartment=compartment,
        title=str(title),
        name=name,
        media_type=media_type,
        bytes=len(content),
        width=width,
        height=height,
        sha256=hashlib.sha256(content).hexdigest(),
        store_name=store_of(work.settings).keep(content),
        status="kept",
        submission=submission,
    )
    _tell(work, case, document, "document.added")
    return document


def _read(work: Work, upload: BinaryIO) -> bytes:
    most = work.settings.upload_mb * MEGABYTE
    content = upload.read(most + 1)
    if len(content) > most:
        raise Refused(
            [
                Refusal(
                    _(
                        "This file is larger than %(size)s MB. Take a photo of the paper, or send its pages"
                        " one by one.",
                        size=work.settings.upload_mb,
                    )
                )
            ]
        )
    if (reason := why_not(content)) is not None:
        raise Refused([Refusal(reason)])
    return content


def _refuse_too_many(work: Work, case: Case) -> None:
    """Removed ones count as long as they take room."""
    work.session.take_turn("documents", case.id)
    stored = sa.select(sa.func.count()).where(Document.case_id == case.id, Document.store_name.is_not(None))
    if (work.session.scalar(stored) or 0) >= work.settings.documents_of_a_case:
        raise Refused(
            [
                Refusal(
                    _(
                        "This case holds %(count)s documents already. Put several pages into one PDF.",
                        count=work.settings.documents_of_a_case,
                    )
                )
            ]
        )


def _new(work: Work, case: Case, *, kind: str, compartment: str, **values: Any) -> Document:
    work.session.take_turn("documents", case.id)
    last = sa.select(sa.func.max(Document.page)).where(
        Document.case_id == case.id, Document.compartment == compartment, Document.kind == kind
    )
    document = Document(
        uid=f"d{secrets.token_hex(16)}",
        case_id=case.id,
        compartment=compartment,
        kind=kind,
        page=(work.session.scalar(last) or 0) + 1,
        added_by=work.actor.id,
        added_at=work.now,
        **values,
    )
    work.session.add(document)
    work.session.flush()
    return document


def _tell(work: Work, case: Case, document: Document, event: str) -> None:
    payload = {"document": document.uid, "kind": document.kind, "title": document.title}
    append_event(work, case, event, payload=payload, compartment=document.compartment)


def remove_document(work: Work, document: Document) -> None:
    """Take a paper off its case: it is no longer shown, and its file goes some weeks later.

    Letters stay: Refused. A second time changes nothing.
    """
    work.session.refresh(document, with_for_update=True)
    if document.status != "kept":
        raise Refused([Refusal(_("A letter that was issued stays with the case."))])
    if document.removed_at is not None:
        return
    document.removed_at, document.removed_by = work.now, work.actor.id
    work.session.flush()
    _tell(work, work.session.get_one(Case, document.case_id), document, "document.removed")


def issue_letter(
    work: Work,
    case: Case,
    *,
    kind: str,
    template: str,
    values: Mapping[str, Any],
    language: str,
    compartment: str = "application",
    title: Message | str = "",
    key: str | None = None,
) -> Document:
    """Issue a letter: its row stands at once, a job sets it as PDF.

    `template` is that of Jinja which extends `documents/letter.jinja2`; it gets the `values`, which
    are JSON (days as ISO text, money in fen), besides what every letter gets (see
    casework/documents/letters.py). One `key`, such as the number of the event that the letter
    answers, brings one letter of a kind however often it is asked for.
    """
    if language not in LANGUAGES:
        raise LookupError(f"no language {language!r} is shipped")
    work.session.take_turn("documents", case.id)
    if key is not None:
        before = sa.select(Document).where(
            Document.case_id == case.id,
            Document.compartment == compartment,
            Document.kind == kind,
            Document.key == key,
        )
        if (issued := work.session.scalars(before).one_or_none()) is not None:
            return issued
    letters = sa.select(sa.func.count()).where(Document.case_id == case.id, Document.template.is_not(None))
    document = _new(
        work,
        case,
        kind=kind,
        compartment=compartment,
        title=str(title),
        name="",
        media_type=LETTER_TYPE,
        status="making",
        key=key,
        number=f"{case.number}-L{(work.session.scalar(letters) or 0) + 1}",
        language=language,
        template=template,
        letter_values=dict(values),
    )
    _tell(work, case, document, "letter.issued")
    work.jobs.defer(work.session, MAKE_LETTER, key=f"{MAKE_LETTER}:{document.id}", document_id=document.id)
    return document


def make_again(work: Work, document: Document) -> None:
    """Try once more to set a letter that failed. Refused for one that did not."""
    work.session.refresh(document, with_for_update=True)
    if document.status == "making":
        return
    if document.status != "failed":
        raise Refused([Refusal(_("This letter was made already."))])
    document.status, document.problem = "making", None
    work.session.flush()
    record(work, "write", f"case:{document.case_id}", document=document.uid, what="again")
    work.jobs.defer(work.session, MAKE_LETTER, key=f"{MAKE_LETTER}:{document.id}", document_id=document.id)
