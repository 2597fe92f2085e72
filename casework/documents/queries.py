"""Reading documents. What the actor may not see is not there: the database's policies see to it."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa

from casework.documents.model import Document
from casework.documents.store import store_of
from casework.errors import Missing
from casework.work import Work


def documents_of(work: Work, case_id: int, kind: str | None = None) -> Sequence[Document]:
    """The documents of a case, or those of one kind, in the order of their pages; without removed ones."""
    statement = (
        sa.select(Document)
        .where(Document.case_id == case_id, Document.removed_at.is_(None))
        .order_by(Document.id)
    )
    if kind is not None:
        statement = statement.where(Document.kind == kind)
    return work.session.scalars(statement).all()


def document(work: Work, uid: str) -> Document:
    """The document of that address, else Missing; a removed one is missing."""
    statement = sa.select(Document).where(Document.uid == uid, Document.removed_at.is_(None))
    found = work.session.scalars(statement).one_or_none()
    if found is None:
        raise Missing
    return found


def content_of(work: Work, document: Document) -> bytes:
    """What is to be shown or saved of a document; Missing while a letter is not made."""
    if document.store_name is None:
        raise Missing
    return store_of(work.settings).read(document.store_name)
