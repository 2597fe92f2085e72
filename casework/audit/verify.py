"""Verifying the trail: recompute every link and say in plain words what is wrong first."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import sessionmaker

from casework.audit.anchor import anchor_path, read_anchors
from casework.audit.chain import BEGINNING, FIELDS, link
from casework.audit.model import AuditEntry, AuditLink, AuditPending
from casework.clock import SystemClock
from casework.db import SYSTEM_ACTOR, ActingSession, make_engine
from casework.i18n import Message, Words, _, ngettext
from casework.resources import share
from casework.settings import Settings


@dataclass(frozen=True)
class Bad:
    """The first link that does not hold: its place in the chain, and why."""

    sequence: int
    why: Message


@dataclass(frozen=True)
class Verdict:
    """What was found. `links` hold, up to the first bad one if there is one.

    `waiting` entries are not sealed yet, which is usual for a minute; `stray` ones are in no
    queue, which happens only if somebody wrote around the triggers.
    """

    links: int
    bad: Bad | None
    waiting: int
    stray: tuple[int, ...]
    anchors: int
    broken_anchors: int

    @property
    def intact(self) -> bool:
        """Whether nothing speaks against the trail."""
        return self.bad is None and not self.stray and not self.broken_anchors

    def sentences(self) -> Iterable[Message]:
        """The verdict in words, the worst first."""
        if self.bad:
            yield _("The audit trail was changed. First bad link: %(link)s.", link=str(self.bad.sequence))
            yield self.bad.why
        if self.stray:
            yield ngettext(
                "%(count)s entry was added around the chain; the first is entry %(first)s.",
                "%(count)s entries were added around the chain; the first is entry %(first)s.",
                len(self.stray),
                first=str(self.stray[0]),
            )
        if self.broken_anchors:
            yield ngettext(
                "%(count)s line of the anchor file cannot be read.",
                "%(count)s lines of the anchor file cannot be read.",
                self.broken_anchors,
            )
        if self.intact:
            yield ngettext(
                "The audit trail is whole: %(count)s link holds.",
                "The audit trail is whole: %(count)s links hold.",
                self.links,
            )
        if not self.anchors:
            yield _("There is no anchor, so a cut-off end cannot be noticed.")
        yield ngettext(
            "%(count)s entry waits to be sealed.", "%(count)s entries wait to be sealed.", self.waiting
        )


def verify(session: ActingSession, anchors_at: Path) -> Verdict:
    """Recompute the whole chain and compare it with the anchors; reads a thousand links at a time.

    `session` acts as the system. Nothing is changed.
    """
    anchors, broken = read_anchors(anchors_at)
    links, bad = _walk(session, anchors)
    return Verdict(links, bad, _waiting(session), _stray(session), len(anchors), broken)


def _walk(session: ActingSession, anchors: Mapping[int, bytes]) -> tuple[int, Bad | None]:
    statement = (
        sa.select(
            AuditLink.sequence,
            AuditLink.entry_id,
            AuditLink.sealed_at,
            AuditLink.hash.label("stored"),
            *(getattr(AuditEntry, name) for name in FIELDS),
        )
        .join(AuditEntry, AuditEntry.id == AuditLink.entry_id, isouter=True)
        .order_by(AuditLink.sequence)
        .execution_options(yield_per=1000)
    )
    previous, expected = BEGINNING, 1
    with session.execute(statement) as rows:
        for row in rows.mappings():
            if why := _against(row, previous, expected, anchors):
                return expected - 1, Bad(expected, why)
            previous, expected = row["stored"], expected + 1
    if anchors and max(anchors) >= expected:
        missing = max(anchors) - expected + 1
        why = ngettext(
            "The end is cut off: the anchor knows %(count)s link more.",
            "The end is cut off: the anchor knows %(count)s links more.",
            missing,
        )
        return expected - 1, Bad(expected, why)
    return expected - 1, None


def _against(
    row: Mapping[Any, Any], previous: bytes, expected: int, anchors: Mapping[int, bytes]
) -> Message | None:
    """What speaks against a link, if anything."""
    if row["sequence"] != expected:
        return _("Link %(link)s is missing.", link=str(expected))
    if row["id"] is None:
        return _("Entry %(entry)s was deleted.", entry=str(row["entry_id"]))
    if link(previous, expected, row["sealed_at"], row) != row["stored"]:
        return _("Entry %(entry)s or its link was changed.", entry=str(row["entry_id"]))
    if anchors.get(expected, row["stored"]) != row["stored"]:
        return _("Link %(link)s is not the one that was anchored.", link=str(expected))
    return None


def _waiting(session: ActingSession) -> int:
    return session.scalar(sa.select(sa.func.count()).select_from(AuditPending)) or 0


def _stray(session: ActingSession) -> tuple[int, ...]:
    """The first entries, by number, that are neither sealed nor waiting."""
    statement = (
        sa.select(AuditEntry.id)
        .where(
            ~sa.exists().where(AuditLink.entry_id == AuditEntry.id),
            ~sa.exists().where(AuditPending.entry_id == AuditEntry.id),
        )
        .order_by(AuditEntry.id)
        .limit(1000)
    )
    return tuple(session.scalars(statement))


def run(settings: Settings, say: Callable[[str], None] = print) -> int:
    """For `casework audit verify`: print the verdict; 0 if the trail is whole, else 1."""
    from casework.embedded import connect_urls

    engine = make_engine(connect_urls(settings).runtime, pool_size=1)
    words = Words(settings.default_language, [share("locale")], settings.time_zone)
    try:
        with sessionmaker(engine, class_=ActingSession)() as session:
            # One picture of all tables, so that sealing may go on meanwhile.
            session.connection(execution_options={"isolation_level": "REPEATABLE READ"})
            session.act_as(SYSTEM_ACTOR, SystemClock().now())
            session.execute(sa.text("set local statement_timeout = 0"))
            verdict = verify(session, anchor_path(settings))
    finally:
        engine.dispose()
    for sentence in verdict.sentences():
        say(words(sentence))
    return 0 if verdict.intact else 1
