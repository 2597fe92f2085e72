"""What is done with documents later: setting letters, and keeping the store and the rows in step."""

from __future__ import annotations

import hashlib
import logging
from datetime import timedelta

import sqlalchemy as sa
from jinja2 import TemplateError

from casework.audit.trail import record
from casework.documents.letters import Letter, words_of, write_letter
from casework.documents.model import Document
from casework.documents.store import store_of
from casework.documents.typesetting import TypesettingError
from casework.i18n import Message, _
from casework.jobs import job
from casework.work import Work

log = logging.getLogger(__name__)

SETTLED = timedelta(days=1)
"""A content older than this belongs to no transaction that is still under way."""


@job("documents.make_letter")
def make_letter(work: Work, document_id: int) -> None:
    """Set one letter. What is wrong with the letter itself is told on the page of its case, where
    it can be tried again; a store that does not answer lets the queue try again."""
    document = work.session.get(Document, document_id, with_for_update=True)
    if document is None or document.status != "making":
        return
    try:
        letter = write_letter(work, document)
    except TypesettingError as error:
        log.warning("letter %s could not be set: %s", document.uid, error)
        _park(work, document, error.reason)
    except (TemplateError, TypeError, ValueError, LookupError, AttributeError) as error:
        # Never its text: it may quote what the letter says.
        log.exception("letter %s could not be written from %s", document.uid, document.template)
        _park(work, document, _("Its template does not fit (%(kind)s).", kind=type(error).__name__))
    else:
        _keep(work, document, letter)


def _park(work: Work, document: Document, reason: Message) -> None:
    document.status = "failed"
    document.problem = words_of(work, work.settings.default_language)(reason)
    record(work, "write", f"case:{document.case_id}", document=document.uid, what="failed")


def _keep(work: Work, document: Document, letter: Letter) -> None:
    digest = hashlib.sha256(letter.content).hexdigest()
    document.store_name = store_of(work.settings).keep(letter.content)
    document.status, document.sha256, document.bytes = "made", digest, len(letter.content)
    document.title = document.title or letter.title
    record(work, "write", f"case:{document.case_id}", document=document.uid, what="issued", sha256=digest)


@job("documents.sweep", periodic="40 18 * * *")
def sweep(work: Work) -> None:
    """Take away the files of documents that were removed some weeks ago, and contents that no row names
    because their transaction was interrupted; report rows whose content is lost."""
    store = store_of(work.settings)
    before = work.now - timedelta(days=work.settings.removed_documents_days)
    removed = sa.select(Document).where(Document.removed_at < before, Document.store_name.is_not(None))
    leaving = set()
    for document in work.session.scalars(removed):
        leaving.add(str(document.store_name))
        document.store_name = None
    named = set(work.session.scalars(sa.select(Document.store_name).where(Document.store_name.is_not(None))))
    work.session.flush()
    found = set()
    stray = 0
    for content in store.contents():
        found.add(content.name)
        if (
            content.name not in named
            and content.name not in leaving
            and content.written_at < work.now - SETTLED
        ):
            store.take_away(content.name)
            stray += 1
    lost = len(named - found)
    if lost:
        log.error("%s documents have lost their content; restore the store from its backup", lost)
    if leaving or stray or lost:
        record(work, "write", "documents", removed=len(leaving), stray=stray, lost=lost)
