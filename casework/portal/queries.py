"""Reading applications: one's own, the running drafts, and how long a step usually takes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import aliased

from casework.cases.dossier import Dossier
from casework.cases.model import Case, Event
from casework.cases.queries import dossier_of
from casework.errors import Missing
from casework.forms.definition import Form
from casework.forms.library import library_of
from casework.forms.model import Response
from casework.i18n import Message
from casework.people.model import Person
from casework.people.queries import ID_NUMBER, FoundPerson, possible_duplicates
from casework.portal.accounts import PHONE
from casework.portal.demonstration import DEMO_PHONES
from casework.portal.model import Consent, PortalPhone
from casework.programs import Move, Portal, Program
from casework.security.fields import keys_of
from casework.staff.model import Account, Grant, Unit
from casework.work import Work

COMPARED = 200
"""So many of the last cases that left a step are asked how long it took."""

FEWEST = 5
"""From fewer cases nothing is said: it would tell of single people, and nothing of what is usual."""

SITES = ("hospital", "centre")
"""The kinds of units at which people apply."""


class Application:
    """A case of a program that people apply to on their own, as whoever fills it in or follows it sees it."""

    def __init__(self, dossier: Dossier) -> None:
        """Missing for a case of a program that nobody applies to on his own."""
        program = dossier.program
        if program is None or program.portal is None:
            raise Missing
        self.dossier, self.case, self.person, self.unit = dossier, dossier.case, dossier.person, dossier.unit
        self.program: Program = program
        self.portal: Portal = program.portal
        self.form: Form = library_of(dossier.work)[self.portal.form]

    def relations(self, work: Work) -> Iterable[tuple[str, str]]:
        """How the actor is tied to the case."""
        return self.dossier.relations(work)

    @property
    def submit(self) -> Move:
        """The move that hands the application in."""
        return self.program.workflow.move(self.portal.submit)

    @property
    def begun(self) -> bool:
        """Whether it is still being filled in and was not handed in."""
        return self.case.state in self.submit.sources

    @property
    def relation(self) -> str:
        """What whoever began it is to the person: self, child or other; other if it is not known."""
        for event in self.dossier.events:
            if event.kind == self.portal.begun:
                return str(event.payload.get("for", "other"))
        return "other"


def application(work: Work, case_id: int) -> Application:
    """The application that a case is; Missing for what may not be seen, and for other cases."""
    return Application(dossier_of(work, case_id))


def draft_of(work: Work, application: Application, *, lock: bool = False) -> Response | None:
    """The application as far as it is filled in, whoever of those concerned does so.

    It belongs to its author: others who may fill it in learn that there is one, and take it over.
    """
    statement = (
        sa.select(Response)
        .where(
            Response.case_id == application.case.id,
            Response.form_key == application.form.key,
            Response.status == "draft",
        )
        .order_by(Response.updated_at.desc(), Response.id.desc())
        .limit(1)
    )
    if lock:
        statement = statement.with_for_update().execution_options(populate_existing=True)
    with work.session.as_system():
        return work.session.scalars(statement).one_or_none()


def author_of(work: Work, draft: Response) -> Account:
    """Who fills a draft in."""
    return work.session.get_one(Account, draft.author_id)


@dataclass(frozen=True)
class OwnCase:
    """A case that was opened to the actor as patient or family."""

    case: Case
    person_name: str
    unit: Unit


def own_cases(work: Work, program: str | None = None) -> Sequence[OwnCase]:
    """The cases of the actor as patient or family, newest first; one statement."""
    mine = sa.select(Grant.case_id).where(
        Grant.account_id == work.actor.id,
        Grant.role == "client",
        Grant.case_id.is_not(None),
        sa.or_(Grant.valid_until.is_(None), Grant.valid_until > work.now),
    )
    statement = (
        sa.select(Case, Person.full_name, Unit)
        .join(Person, Person.id == Case.person_id)
        .join(Unit, Unit.id == Case.unit_id)
        .where(Case.id.in_(mine))
        .order_by(Case.id.desc())
        .limit(100)
    )
    if program is not None:
        statement = statement.where(Case.program == program)
    return [OwnCase(*row) for row in work.session.execute(statement)]


def running(work: Work, program: Program) -> Sequence[OwnCase]:
    """The applications to a program that the actor began and has not handed in.

    Asked as the system, for whom also counts what was begun a moment ago, by a click that came later.
    """
    with work.session.as_system():
        found = own_cases(work, program.key)
    return [own for own in found if own.case.state == program.workflow.start]


def begun_by_page(work: Work, program: Program, mark: str) -> Case | None:
    """The application that the actor began by the page of that mark; the same page waits for the first."""
    work.session.take_turn("submission", work.actor.id, mark)
    statement = (
        sa.select(Case)
        .join(Event, Event.case_id == Case.id)
        .where(
            Case.program == program.key,
            Event.actor_id == work.actor.id,
            Event.payload["page"].astext == mark,
            Case.id.in_(sa.select(Grant.case_id).where(Grant.account_id == work.actor.id)),
        )
        .limit(1)
    )
    with work.session.as_system():  # As in `running`.
        return work.session.scalars(statement).one_or_none()


def sites(work: Work) -> Sequence[Unit]:
    """The hospitals and centres, by code: no secret, also not for a visitor."""
    return work.session.scalars(sa.select(Unit).where(Unit.kind.in_(SITES)).order_by(Unit.code)).all()


def usual_time(work: Work, program: Program, state: str) -> timedelta | None:
    """The median of the time that the last cases spent in a state; None from fewer than FEWEST.

    A figure over all cases of the program, also those that the actor may not see.
    """
    kinds = {move.event for move in program.workflow.moves_from(state)}
    into, left = aliased(Event), aliased(Event)
    leaving = (
        sa.select(left.id, left.case_id, left.happened_at, Case.opened_at)
        .join(Case, Case.id == left.case_id)
        .where(
            Case.program == program.key,
            left.kind.in_(kinds),
            left.payload["from"].astext == state,
            left.payload["to"].astext != state,
        )
        .order_by(left.happened_at.desc())
        .limit(COMPARED)
        .subquery()
    )
    entered = (
        sa.select(sa.func.max(into.happened_at))
        .where(
            into.case_id == leaving.c.case_id,
            into.happened_at <= leaving.c.happened_at,
            into.payload["to"].astext == state,
            into.payload["from"].astext != state,
        )
        .correlate(leaving)
        .scalar_subquery()
    )
    spent = leaving.c.happened_at - sa.func.coalesce(entered, leaving.c.opened_at)
    statement = sa.select(sa.func.count(), sa.func.percentile_cont(0.5).within_group(spent.asc()))
    with work.session.as_system():
        count, median = work.session.execute(statement).one()
    return median if count >= FEWEST else None


def happened_at(work: Work, application: Application, kind: str) -> datetime | None:
    """When an event of that kind last happened, also one that stands in the closed file of the case."""
    statement = sa.select(sa.func.max(Event.happened_at)).where(
        Event.case_id == application.case.id, Event.kind == kind
    )
    with work.session.as_system():
        return work.session.scalar(statement)


def agreed_purposes(work: Work, case_id: int) -> Mapping[str, Consent]:
    """What is agreed to on a case at present, by purpose."""
    statement = sa.select(Consent).where(Consent.case_id == case_id, Consent.withdrawn_at.is_(None))
    return {consent.purpose: consent for consent in work.session.scalars(statement)}


def promised_papers(application: Application) -> frozenset[str]:
    """The papers that will be brought to the desk, because they cannot be photographed."""
    return frozenset(
        str(event.payload.get("paper"))
        for event in application.dossier.events
        if event.kind == "paper.promised"
    )


def possibly_the_same(work: Work, person: Person) -> Sequence[FoundPerson]:
    """Who, of those that the actor may see, may be the same person as the one that was applied for."""
    number = ""
    if person.id_number is not None:
        number = keys_of(work.settings).open(ID_NUMBER, person.uid, person.id_number)
    return possible_duplicates(
        work,
        full_name=person.full_name,
        birth_date=person.birth_date,
        phone=person.phone,
        id_number=number,
        besides=person.id,
    )


@dataclass(frozen=True)
class DemoApplicant:
    """A phone of the invented district that opens an application, for whom, and how far that is."""

    phone: str
    person_name: str
    state: Message


def demo_applicants(work: Work) -> Sequence[DemoApplicant]:
    """By which phones of the invented district somebody can sign in now: one for each state."""
    keys, since = keys_of(work.settings), work.now - timedelta(days=work.settings.phone_link_days)
    phones = {index: phone for phone in DEMO_PHONES for index in keys.indexes(PHONE, phone)}
    statement = (
        sa.select(PortalPhone.phone_index, Person.full_name, Case.program, Case.state)
        .join(Grant, Grant.account_id == PortalPhone.account_id)
        .join(Case, Case.id == Grant.case_id)
        .join(Person, Person.id == Case.person_id)
        .where(
            PortalPhone.phone_index.in_(phones),
            PortalPhone.ended_at.is_(None),
            PortalPhone.verified_at > since,
            Grant.role == "client",
        )
        .order_by(PortalPhone.id)
    )
    with work.session.as_system():
        rows = work.session.execute(statement).all()
    found: dict[tuple[str, str], DemoApplicant] = {}
    for index, name, key, state in rows:
        program = work.programs.get(key)
        title = next((s.title for s in program.workflow.states if s.key == state), None) if program else None
        if title is not None:
            found.setdefault((key, state), DemoApplicant(phones[index], name, title))
    return sorted(found.values(), key=lambda each: each.phone)


def by_kind(documents: Iterable[Any]) -> Mapping[str, list[Any]]:
    """Documents under the keys of the papers that they show."""
    found: dict[str, list[Any]] = {}
    for document in documents:
        found.setdefault(document.kind, []).append(document)
    return found
