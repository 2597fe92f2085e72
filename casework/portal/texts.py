"""Short texts to phones. A text says that there is something to read, and never what.

It is a row first, kept or undone with what it tells of, and leaves by a job through whichever
adapter takes it (casework/programs/hookspecs.py). Its key makes it leave once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from casework.cases.model import Case
from casework.i18n import Message, Words
from casework.portal.model import Text
from casework.portal.rules import may_be_sent
from casework.programs.hookspecs import TextRefusedError
from casework.resources import share
from casework.security.fields import keys_of
from casework.work import Work

RECIPIENT, BODY = "texts.recipient", "texts.body"
"""The places of the sealed parts."""

DEVELOPMENT = "development"
"""The adapter that shows texts on a page instead of sending them (casework/portal/development.py)."""

SHOWN = 50
KEPT = timedelta(days=90)


def send_text(
    work: Work,
    *,
    to: str,
    purpose: str,
    body: Message,
    language: str,
    key: str,
    case: Case | None = None,
    waited_for: bool = False,
    expires_at: datetime | None = None,
) -> None:
    """Send a text to a phone (E.164) in the reader's language; once for each `key`, whoever asks again.

    Unless somebody waits for it, it is not sent in the quiet hours. After `expires_at` it is not sent
    at all. `body` tells neither a name nor a diagnosis nor an amount.
    """
    keys = keys_of(work.settings)
    row = (
        insert(Text)
        .values(
            key=key,
            recipient=keys.seal(RECIPIENT, key, to),
            body=keys.seal(BODY, key, words_for(work, language)(body)),
            purpose=purpose,
            language=language,
            case_id=case.id if case is not None else None,
            created_at=work.now,
            expires_at=expires_at,
        )
        .on_conflict_do_nothing(index_elements=[Text.key])
        .returning(Text.id)
    )
    with work.session.as_system():
        text_id = work.session.scalar(row)
    if text_id is not None:
        at = None if waited_for else may_be_sent(work.now, work.zone)
        work.jobs.defer(work.session, "portal.send_text", at=at, key=f"text:{text_id}", text_id=text_id)


def words_for(work: Work, language: str) -> Words:
    """The words of a reader who is not the one who asks."""
    folders = [share("locale"), *work.programs.folders("locale")]
    return Words(language, folders, work.settings.time_zone)


def can_be_sent(work: Work) -> bool:
    """Whether any adapter is there that takes texts; the one for trying out takes none in production."""
    taking = {each.plugin_name for each in work.programs.hook.casework_send_text.get_hookimpls()}
    return bool(taking - {f"adapter {DEVELOPMENT}"} if work.settings.production else taking)


def deliver(work: Work, text_id: int) -> None:
    """Hand one text to the adapters, as the system.

    Nothing is done for one that has left. What an adapter refuses for good, what none takes and what
    came too late has failed; any other error of an adapter lets the job try again.
    """
    text = work.session.get(Text, text_id, with_for_update=True, populate_existing=True)
    if text is None or text.status != "waiting":
        return
    if text.expires_at is not None and text.expires_at <= work.now:
        text.status, text.reason = "failed", "too late"
        return
    keys = keys_of(work.settings)
    to, body = keys.open(RECIPIENT, text.key, text.recipient), keys.open(BODY, text.key, text.body)
    try:
        adapter = work.programs.hook.casework_send_text(
            settings=work.settings, to=to, body=body, key=text.key
        )
    except TextRefusedError as refused:
        text.status, text.reason = "failed", str(refused)[:200]
        return
    if adapter is None:
        text.status, text.reason = "failed", "no adapter takes texts"
        return
    text.status, text.adapter, text.sent_at = "sent", adapter, work.now


@dataclass(frozen=True)
class Shown:
    """A text as the page of the development adapter shows it."""

    to: str
    body: str
    language: str
    status: str
    created_at: datetime


def is_shown_on_a_page(work: Work) -> bool:
    """Whether texts are shown on a page instead of being sent: in a demonstration, and never in production."""
    settings = work.settings
    return settings.demo and not settings.production and DEVELOPMENT in settings.adapters


def shown_texts(work: Work) -> Sequence[Shown]:
    """The last texts, newest first; none where they are really sent."""
    if not is_shown_on_a_page(work):
        return []
    keys = keys_of(work.settings)
    statement = sa.select(Text).order_by(Text.id.desc()).limit(SHOWN)
    with work.session.as_system():
        return [
            Shown(
                keys.open(RECIPIENT, text.key, text.recipient),
                keys.open(BODY, text.key, text.body),
                text.language,
                text.status,
                text.created_at,
            )
            for text in work.session.scalars(statement)
        ]


def purge(work: Work) -> None:
    """Delete texts three months after they were written: nobody needs them longer."""
    work.session.execute(sa.delete(Text).where(Text.created_at < work.now - KEPT))
