"""Reading people. Whom the actor may not see is not there: the database's policies see to it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import aliased

from casework.cases.model import Case
from casework.errors import Missing
from casework.people import rules, tokens
from casework.people.model import CasePerson, Household, HouseholdMember, Person, PersonToken, PersonUnit
from casework.people.tokens import Alternative, Term
from casework.security.fields import keys_of
from casework.staff.model import Grant, Unit
from casework.work import Work

ID_NUMBER = "persons.id_number"
"""The place that identity numbers are sealed for."""

LARGEST_ID = 2**63 - 1
MOST_ALIKE = 50
FIRST, LAST = "\x01", "\U0010ffff"
"""Sort before and after every character of a token."""


@dataclass(frozen=True)
class FoundPerson:
    """One person of a search, with what tells people of one name apart. `rank` 0 is the best match."""

    id: int
    full_name: str
    sex: str
    birth_date: date | None
    birth_date_precision: str
    id_number_tail: str
    phone: str
    died_on: date | None
    unit_id: int
    unit_names: Mapping[str, str]
    open_cases: int
    rank: int

    @property
    def masked_id_number(self) -> str:
        """The identity number with its last four characters only."""
        return rules.masked_tail(self.id_number_tail)

    @property
    def masked_phone(self) -> str:
        """The phone number with its last four digits only."""
        return rules.masked_phone(self.phone)

    @property
    def birth_year(self) -> int | None:
        """The year of birth, if it is known."""
        return self.birth_date.year if self.birth_date else None

    def age(self, on: date) -> int | None:
        """Completed years on a day, or at death."""
        return rules.age(self.birth_date, self.died_on or on) if self.birth_date else None


@dataclass(frozen=True)
class FoundCase:
    """One case whose number begins as typed."""

    id: int
    number: str
    program: str
    state: str
    person_name: str
    unit_names: Mapping[str, str]


@dataclass(frozen=True)
class Found:
    """What a search found, best first; `more` when there are more people than are shown."""

    persons: Sequence[FoundPerson] = ()
    cases: Sequence[FoundCase] = ()
    more: bool = False


def search(work: Work, text: str, limit: int = 20) -> Found:
    """Find people by name, pinyin, initials, phone, record or identity number, and cases by number.

    Of an identity number the whole is needed, of a case number the beginning is enough. At most
    two statements, whatever was typed.
    """
    query = tokens.read_query(text)
    persons = _found(work, query.alternatives, query.id_number, limit + 1)
    cases = _cases(work, query.case_number, limit) if query.case_number else []
    return Found(persons[:limit], cases, len(persons) > limit)


def _range(term: Term) -> tuple[str, str]:
    """The first text of a term's range of tokens and the first beyond it; tokens hold no U+0001."""
    return term.text, term.text + (LAST if term.prefix else FIRST)


def _in_range(table: type[PersonToken], term: Term) -> sa.ColumnElement[bool]:
    first, beyond = _range(term)
    return sa.and_(table.token >= first, table.token < beyond)


def _by_one_token(ways: Sequence[Alternative], limit: int) -> sa.Select[int, int]:
    """The people found by one term, at most `limit` for each way.

    One and the same statement for all queries: the ranges are arrays. So the database plans the
    policies once for all ways, and, as it comes again and again, once for many searches.
    """
    ranges = [_range(way.terms[0]) for way in ways]
    wanted = (
        sa.func.unnest(
            sa.literal([first for first, _beyond in ranges], ARRAY(sa.Text)),
            sa.literal([beyond for _first, beyond in ranges], ARRAY(sa.Text)),
            sa.literal([way.rank for way in ways], ARRAY(sa.Integer)),
        )
        .table_valued(
            sa.column("first", sa.Text),
            sa.column("beyond", sa.Text),
            sa.column("rank", sa.Integer),
            name="wanted",
        )
        .render_derived()
    )
    hits = (
        sa.select(PersonToken.person_id)
        .where(
            PersonToken.token >= wanted.c["first"].collate("C"),
            PersonToken.token < wanted.c.beyond.collate("C"),
        )
        .order_by(PersonToken.token.desc(), PersonToken.person_id.desc())
        .limit(limit)
        .lateral("hits")
    )
    return sa.select(hits.c.person_id, wanted.c.rank).select_from(wanted.join(hits, sa.true()))


def _by_all_tokens(way: Alternative, limit: int) -> sa.Select[int, int]:
    """The people who have every one of several terms."""
    first, *others = sorted(way.terms, key=lambda term: (term.prefix, -len(term.text)))
    table = aliased(PersonToken)
    statement = sa.select(table.person_id, sa.literal(way.rank).label("rank")).where(_in_range(table, first))
    for term in others:
        other = aliased(PersonToken)
        statement = statement.where(
            sa.exists().where(other.person_id == table.person_id, _in_range(other, term))
        )
    return statement.limit(limit)


def _by_id_number(work: Work, number: str) -> sa.Select[int, int]:
    indexes = keys_of(work.settings).indexes(ID_NUMBER, number) if number else []
    return sa.select(Person.id.label("person_id"), sa.literal(tokens.EXACT).label("rank")).where(
        Person.id_number_index == sa.any_(sa.literal(indexes, ARRAY(sa.LargeBinary)))
    )


def _found(work: Work, alternatives: Sequence[Alternative], id_number: str, limit: int) -> list[FoundPerson]:
    """The people found in any of the ways, best first, in one statement; none without a way."""
    if not alternatives and not id_number:
        return []
    ways = [
        _by_one_token([way for way in alternatives if len(way.terms) == 1], limit),
        _by_id_number(work, id_number),
        *(_by_all_tokens(way, limit) for way in alternatives if len(way.terms) > 1),
    ]
    # Each way is a subquery of its own, so that its limit stops the scan of its tokens.
    found = sa.union_all(*(sa.select(way.subquery()) for way in ways)).subquery()
    best = (
        sa.select(found.c.person_id, sa.func.min(found.c.rank).label("rank"))
        .group_by(found.c.person_id)
        .order_by(sa.func.min(found.c.rank), found.c.person_id.desc())
        .limit(limit)
        .subquery()
    )
    open_cases = (
        sa.select(sa.func.count())
        .where(Case.person_id == Person.id, Case.closed_at.is_(None))
        .scalar_subquery()
    )
    statement = (
        sa.select(
            Person.id,
            Person.full_name,
            Person.sex,
            Person.birth_date,
            Person.birth_date_precision,
            Person.id_number_tail,
            Person.phone,
            Person.died_on,
            Person.unit_id,
            Unit.names,
            open_cases,
            best.c.rank,
        )
        .join(best, best.c.person_id == Person.id)
        .join(Unit, Unit.id == Person.unit_id)
        .order_by(best.c.rank, Person.id.desc())
    )
    return [FoundPerson(*row) for row in work.session.execute(statement)]


def _cases(work: Work, number: str, limit: int) -> list[FoundCase]:
    statement = (
        sa.select(Case.id, Case.number, Case.program, Case.state, Person.full_name, Unit.names)
        .join(Person, Person.id == Case.person_id)
        .join(Unit, Unit.id == Case.unit_id)
        .where(sa.or_(Case.number == number, sa.and_(Case.number >= number, Case.number < number + LAST)))
        .order_by(Case.number)
        .limit(limit)
    )
    return [FoundCase(*row) for row in work.session.execute(statement)]


def possible_duplicates(
    work: Work,
    *,
    full_name: str,
    birth_date: date | None = None,
    phone: str = "",
    id_number: str = "",
    besides: int | None = None,
) -> Sequence[FoundPerson]:
    """Find who may be the same person.

    That is who has the same identity number (rank 0), or the same name and nothing that tells them
    apart, or the same date of birth with a name of the same sound or the same phone number. `phone`
    and `id_number` are in the form that is kept. One statement; merging is for people to decide.
    """
    ways = [Alternative((Term(tokens.whole(full_name)),), tokens.BEGINS)]
    ways += [Alternative((Term(sound),), tokens.ALIKE) for sound in tokens.sounds(full_name)[:2]]
    if number := tokens.phone_token(phone):
        ways.append(Alternative((Term(number),), tokens.WITHIN))
    return [
        person
        for person in _found(work, ways, id_number, MOST_ALIKE)
        if person.id != besides and _may_be(person, full_name, birth_date, phone)
    ][:10]


def _may_be(person: FoundPerson, full_name: str, born: date | None, phone: str) -> bool:
    if person.rank == tokens.EXACT:
        return True
    same_birth = person.birth_date is not None and person.birth_date == born
    if tokens.whole(person.full_name) == tokens.whole(full_name):
        other_birth = person.birth_date is not None and born is not None and not same_birth
        return not other_birth or (phone != "" and person.phone == phone)
    return same_birth


def person(work: Work, person_id: int) -> Person:
    """The person, or Missing: the same answer whether there is none or the actor may not know."""
    # Asked of the database even when the session knows the row: only there is it decided who sees it.
    statement = sa.select(Person).where(Person.id == person_id)
    found = work.session.scalars(statement).one_or_none() if 0 < person_id <= LARGEST_ID else None
    if found is None:
        raise Missing
    return found


class PersonFile:
    """One person as the actor may see them, and the context of the person's pages."""

    def __init__(self, work: Work, found: Person) -> None:
        self.work, self.person = work, found

    @cached_property
    def units(self) -> Sequence[Unit]:
        """Where the person is known, as far as the actor's reach goes; the registration first."""
        known = sa.select(PersonUnit.unit_id).where(PersonUnit.person_id == self.person.id)
        statement = (
            sa.select(Unit)
            .where(sa.or_(Unit.id == self.person.unit_id, Unit.id.in_(known)))
            .order_by(Unit.id != self.person.unit_id, Unit.code)
        )
        return self.work.session.scalars(statement).all()

    @cached_property
    def _ties(self) -> frozenset[tuple[str, str]]:
        actor, now = self.work.actor, self.work.now
        known = {unit.id for unit in self.units}
        rows = self.work.session.execute(
            sa.select(Case.unit_id, Grant.role)
            .outerjoin(
                Grant,
                sa.and_(
                    Grant.case_id == Case.id,
                    Grant.account_id == actor.id,
                    Grant.valid_from <= now,
                    sa.or_(Grant.valid_until.is_(None), Grant.valid_until > now),
                ),
            )
            .where(Case.person_id == self.person.id)
        ).all()
        known |= {unit_id for unit_id, _role in rows}
        ties = {(grant.role, "unit") for grant in actor.grants if known & grant.reach}
        return frozenset(ties | {(role, "case") for _unit_id, role in rows if role})

    def relations(self, work: Work) -> Iterable[tuple[str, str]]:  # noqa: ARG002 - see Related
        """How the actor is tied to this person: at the units where the person is known or has a
        case, and by cases given to the actor.
        """
        return self._ties

    @cached_property
    def household(self) -> Sequence[Housemate]:
        """Who lives with the person now, the person among them, in the order of joining."""
        return household_of(self.work, self.person.id)

    @cached_property
    def cases(self) -> Sequence[PersonCase]:
        """The visible cases, newest first."""
        return cases_of(self.work, self.person.id)


@dataclass(frozen=True)
class Housemate:
    """A member of a household who is visible to the actor."""

    household_id: int
    person_id: int
    full_name: str
    relation: str
    since: date


def household_of(work: Work, person_id: int) -> Sequence[Housemate]:
    """The present members of a person's household, in one statement; none if there is no household."""
    own = aliased(HouseholdMember)
    statement = (
        sa.select(
            HouseholdMember.household_id,
            Person.id,
            Person.full_name,
            HouseholdMember.relation,
            HouseholdMember.since,
        )
        .join(Person, Person.id == HouseholdMember.person_id)
        .join(own, own.household_id == HouseholdMember.household_id)
        .where(own.person_id == person_id, own.until.is_(None), HouseholdMember.until.is_(None))
        .order_by(HouseholdMember.relation, HouseholdMember.id)
    )
    return [Housemate(*row) for row in work.session.execute(statement)]


def household(work: Work, household_id: int) -> Household:
    """The household, or Missing."""
    statement = sa.select(Household).where(Household.id == household_id)
    found = work.session.scalars(statement).one_or_none() if 0 < household_id <= LARGEST_ID else None
    if found is None:
        raise Missing
    return found


@dataclass(frozen=True)
class PersonCase:
    """One line of a person's cases."""

    id: int
    number: str
    program: str
    state: str
    opened_at: datetime
    closed_at: datetime | None
    unit_names: Mapping[str, str]


def cases_of(work: Work, person_id: int) -> Sequence[PersonCase]:
    """The visible cases of a person, newest first, in one statement."""
    statement = (
        sa.select(Case.id, Case.number, Case.program, Case.state, Case.opened_at, Case.closed_at, Unit.names)
        .join(Unit, Unit.id == Case.unit_id)
        .where(Case.person_id == person_id)
        .order_by(Case.id.desc())
        .limit(200)
    )
    return [PersonCase(*row) for row in work.session.execute(statement)]


@dataclass(frozen=True)
class Contact:
    """A contact person of a case, registered or named only there."""

    id: int
    person_id: int | None
    name: str
    phone: str
    phone_message_safe: bool
    relation: str
    role: str
    note: str
    version: int


def case_people(work: Work, case_id: int) -> Sequence[Contact]:
    """The visible contact persons of a case, in the order they were named; one statement."""
    statement = (
        sa.select(CasePerson, Person)
        .outerjoin(Person, Person.id == CasePerson.person_id)
        .where(CasePerson.case_id == case_id)
        .order_by(CasePerson.id)
    )
    return [_contact(named, registered) for named, registered in work.session.execute(statement)]


def _contact(named: CasePerson, registered: Person | None) -> Contact:
    # A registered person's own record is the newer truth about name and number.
    source = registered if registered is not None else named
    return Contact(
        id=named.id,
        person_id=registered.id if registered else None,
        name=registered.full_name if registered else named.name,
        phone=source.phone,
        phone_message_safe=source.phone_message_safe,
        relation=named.relation,
        role=named.role,
        note=named.note,
        version=named.version,
    )
