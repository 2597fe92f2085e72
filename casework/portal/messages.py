"""Messages between an applicant and those who handle her case, in the part of it that both see."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from casework.cases.dossier import Dossier
from casework.cases.events import append_event
from casework.cases.model import Case
from casework.errors import Invalid, Problem
from casework.i18n import _
from casework.people.model import Person
from casework.portal.accounts import phones_of
from casework.portal.model import PortalMessage
from casework.portal.rules import MESSAGE_LENGTH
from casework.portal.texts import send_text
from casework.staff.model import Account
from casework.texts import clean
from casework.work import Work

COMPARTMENT = "application"
SHOWN = 100
"""Messages on one page, the last ones."""

ON_THE_FIRST_PAGE = 12

THERE_IS_A_MESSAGE = _(
    "There is a message for you. Sign in where you applied, or ask at the hospital's desk."
)
"""What a text tells of a message."""


@dataclass(frozen=True)
class Line:
    """A message and the name of its author; the client's is empty as long as it is not known."""

    message: PortalMessage
    author: str


def write_message(work: Work, dossier: Dossier, body: str, *, submission: str | None = None) -> None:
    """Write a message: the applicant's to the office, anybody else's to the applicant.

    The same `submission` twice is one message. To whom it is written learns by a text that there is
    one, unless one waits unread already. Invalid for an empty or an overlong message.
    """
    case, text = dossier.case, clean(body, lines=True)
    if not text:
        raise Invalid([Problem("body", _("Write a message."))])
    if len(text) > MESSAGE_LENGTH:
        raise Invalid([Problem("body", _("Write at most %(limit)s characters.", limit=MESSAGE_LENGTH))])
    from_client = work.actor.kind == "portal"
    waits = not from_client and count_unread(work, case.id, from_client=False) > 0
    row = (
        insert(PortalMessage)
        .values(
            case_id=case.id,
            compartment=COMPARTMENT,
            from_client=from_client,
            author_id=work.actor.id,
            body=text,
            written_at=work.now,
            submission=f"{work.actor.id}:{submission}" if submission else None,
        )
        .on_conflict_do_nothing(index_elements=[PortalMessage.submission])
        .returning(PortalMessage.id)
    )
    message_id = work.session.scalar(row)
    if message_id is None:
        return
    append_event(work, case, "message.received" if from_client else "message.sent", compartment=COMPARTMENT)
    if not from_client and not waits:
        _tell(work, case, message_id)


def _tell(work: Work, case: Case, message_id: int) -> None:
    for reached in phones_of(work, case.id):
        send_text(
            work,
            to=reached.phone,
            purpose="message",
            body=THERE_IS_A_MESSAGE,
            language=reached.language,
            key=f"message:{message_id}:{reached.account_id}",
            case=case,
        )


def messages_of(work: Work, case_id: int) -> Sequence[Line]:
    """The last messages of a case, oldest first."""
    newest = (
        sa.select(PortalMessage, Account.name)
        .join(Account, Account.id == PortalMessage.author_id)
        .where(PortalMessage.case_id == case_id)
        .order_by(PortalMessage.id.desc())
        .limit(SHOWN)
    )
    return [Line(message, name) for message, name in reversed(work.session.execute(newest).all())]


def count_unread(work: Work, case_id: int, *, from_client: bool) -> int:
    """How many messages of one side the other has not read."""
    statement = sa.select(sa.func.count()).where(
        PortalMessage.case_id == case_id,
        PortalMessage.from_client == from_client,
        PortalMessage.read_at.is_(None),
    )
    return work.session.scalar(statement) or 0


def mark_read(work: Work, case_id: int) -> None:
    """The actor has read what the other side wrote."""
    work.session.execute(
        sa.update(PortalMessage)
        .where(
            PortalMessage.case_id == case_id,
            PortalMessage.from_client == (work.actor.kind != "portal"),
            PortalMessage.read_at.is_(None),
        )
        .values(read_at=work.now, read_by=work.actor.id)
        .execution_options(synchronize_session=False)
    )


@dataclass(frozen=True)
class Waiting:
    """A case whose applicant has written and was not read."""

    case_id: int
    number: str
    person_name: str
    count: int
    since: datetime


def waiting_messages(work: Work) -> Sequence[Waiting]:
    """The cases in which the applicant's messages wait for the actor, longest first: her own, and those
    without a worker that she sees."""
    statement = (
        sa.select(
            Case.id,
            Case.number,
            Person.full_name,
            sa.func.count(PortalMessage.id),
            sa.func.min(PortalMessage.written_at),
        )
        .join(Case, Case.id == PortalMessage.case_id)
        .join(Person, Person.id == Case.person_id)
        .where(
            PortalMessage.from_client,
            PortalMessage.read_at.is_(None),
            sa.or_(Case.worker_id == work.actor.id, Case.worker_id.is_(None)),
        )
        .group_by(Case.id, Case.number, Person.full_name)
        .order_by(sa.func.min(PortalMessage.written_at))
        .limit(ON_THE_FIRST_PAGE)
    )
    return [Waiting(*row) for row in work.session.execute(statement)]


def unread_of_client(work: Work) -> Mapping[int, int]:
    """For the actor of the portal: how many messages wait for her, by case."""
    statement = (
        sa.select(PortalMessage.case_id, sa.func.count())
        .where(PortalMessage.from_client.is_(False), PortalMessage.read_at.is_(None))
        .group_by(PortalMessage.case_id)
    )
    return {row[0]: row[1] for row in work.session.execute(statement)}
