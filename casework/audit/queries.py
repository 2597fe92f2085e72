"""Reading the trail: for auditors as a whole, for a case as the list of who opened it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

import sqlalchemy as sa

from casework.audit.model import AuditEntry
from casework.i18n import Message, pgettext
from casework.staff.model import Account
from casework.work import Work

PAGE = 50

MOST_DIGITS = 18
"""Of a number that a bigint holds."""

KIND_NAMES: dict[str, Message] = {
    "read": pgettext("audit", "Read"),
    "write": pgettext("audit", "Changed"),
    "refused": pgettext("audit", "Refused"),
    "error": pgettext("audit", "Failed"),
    "sign-in": pgettext("audit", "Signed in"),
    "sign-out": pgettext("audit", "Signed out"),
    "export": pgettext("audit", "Exported"),
    "reveal": pgettext("audit", "Revealed a hidden number"),
    "setting": pgettext("audit", "Changed a setting"),
    "grant": pgettext("audit", "Gave or ended a role"),
}
"""What people read for each kind of entry."""


@dataclass(frozen=True)
class Wanted:
    """What is looked for; an empty part matches everything.

    `person` is a name, a sign-in name or the number of an account, `day` is local.
    """

    person: str = ""
    subject: str = ""
    kind: str = ""
    day: date | None = None


@dataclass(frozen=True)
class Page:
    """Entries, newest first, and the number to continue before, if there are more."""

    entries: Sequence[AuditEntry]
    next_before: int | None


def find_entries(work: Work, wanted: Wanted, before: int | None = None) -> Page:
    """One page of the trail, as far as the actor may read it."""
    statement = sa.select(AuditEntry)
    if wanted.person:
        statement = statement.where(AuditEntry.actor_id.in_(_accounts(wanted.person)))
    if wanted.subject:
        statement = statement.where(AuditEntry.subject == wanted.subject)
    if wanted.kind:
        statement = statement.where(AuditEntry.kind == wanted.kind)
    if wanted.day:
        begin = datetime.combine(wanted.day, time(), work.zone)
        statement = statement.where(
            AuditEntry.recorded_at >= begin, AuditEntry.recorded_at < begin + timedelta(days=1)
        )
    return _page(work, statement, before)


def _accounts(person: str) -> sa.Select[int]:
    names = (Account.name == person) | (Account.sign_in_name == person.casefold())
    if person.isascii() and person.isdecimal() and len(person) <= MOST_DIGITS:
        names = names | (Account.id == int(person))
    return sa.select(Account.id).where(names)


def find_openings(work: Work, case_id: int, before: int | None = None) -> Page:
    """One page of who read or changed a case, or was refused it. The caller may see the case."""
    statement = sa.select(AuditEntry).where(AuditEntry.subject == f"case:{case_id}", AuditEntry.method != "")
    with work.session.as_system():
        return _page(work, statement, before)


def _page(work: Work, statement: sa.Select[AuditEntry], before: int | None) -> Page:
    if before is not None:
        statement = statement.where(AuditEntry.id < before)
    entries = work.session.scalars(statement.order_by(AuditEntry.id.desc()).limit(PAGE + 1)).all()
    more = len(entries) > PAGE
    return Page(entries[:PAGE], entries[PAGE - 1].id if more else None)
