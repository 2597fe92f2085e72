"""Who lives together: joining a household and leaving it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import sqlalchemy as sa

from casework.audit.trail import record
from casework.db import SYSTEM_ACTOR
from casework.errors import Forbidden, Invalid, Problem, Refusal, Refused
from casework.i18n import Message, _
from casework.people import rules
from casework.people.codes import HEAD, RELATIONS
from casework.people.model import Household, HouseholdMember, Person, PersonUnit
from casework.people.typed import ADDRESS_LENGTH, day
from casework.people.usecases import register_person
from casework.work import Work


def join_household(
    work: Work,
    person: Person,
    *,
    relation: str,
    household: Household | None = None,
    since: date | None = None,
    address: str = "",
) -> Household:
    """Let a person live in a household from a day on; in a new one when none is named.

    `relation` is that to the head of the household, by GB/T 4761. Whoever lives in another
    household leaves it on that day.
    """
    since = since or work.today
    problems = []
    if relation not in RELATIONS:
        problems.append(Problem("relation", _("Choose one of the list.")))
    if since > work.today:
        problems.append(Problem("since", _("This day lies in the future.")))
    kept = rules.line(address or person.address, ADDRESS_LENGTH)
    if isinstance(kept, Message):
        problems.append(Problem("address", kept))
    present = _present(work, person)
    if present is not None and since < present.since:
        problems.append(Problem("since", _("The person joined another household on a later day.")))
    if problems:
        raise Invalid(problems)
    if household is None:
        household = Household(
            unit_id=_place(work, person), address=kept, created_by=work.actor.id, created_at=work.now
        )
        work.session.add(household)
        work.session.flush()  # its members need its number
    if present is not None:
        if present.household_id == household.id:
            present.relation = relation
            return household
        present.until = since
        work.session.flush()  # a person lives in one household at a time, which the database holds
    work.session.add(
        HouseholdMember(
            household_id=household.id, person_id=person.id, relation=relation, since=since, until=None
        )
    )
    work.session.flush()  # read back at once on the person's page
    record(work, "write", f"person:{person.id}", action="joined a household", household=household.id)
    return household


def live_together(work: Work, person: Person, member: Person, typed: Mapping[str, str]) -> None:
    """Let somebody known live with a person; `typed` are relation and since, as typed.

    `relation` is that to the head of the household, who is the person if there is none yet. An
    empty day means today. Raises Invalid with every problem.
    """
    problems, since = _judge(work, typed)
    home = _present(work, person)
    there = _present(work, member)
    if member.id == person.id or (home and there and home.household_id == there.household_id):
        problems.insert(0, Problem("member", _("This person lives here already.")))
    if there is not None and since < there.since:
        problems.append(Problem("since", _("The person joined another household on a later day.")))
    if problems:
        raise Invalid(problems)
    if home is None:
        household = join_household(work, person, relation=HEAD, since=since)
    else:
        household = work.session.get_one(Household, home.household_id)
    join_household(work, member, household=household, relation=typed["relation"], since=since)


def register_housemate(
    work: Work, person: Person, typed: Mapping[str, str], *, confirmed: bool = False
) -> Person:
    """Register somebody by name alone, where the person is known, and let them live together.

    `typed` are full_name, relation and since. Raises Invalid and PossibleDuplicates.
    """
    problems, _since = _judge(work, typed)
    wrong = rules.name(typed["full_name"])
    if isinstance(wrong, Message):
        problems.insert(0, Problem("full_name", wrong))
    if problems:
        raise Invalid(problems)
    member = register_person(
        work, unit_id=_place(work, person), full_name=typed["full_name"], confirmed=confirmed
    )
    live_together(work, person, member, typed)
    return member


def _judge(work: Work, typed: Mapping[str, str]) -> tuple[list[Problem], date]:
    """What is wrong with relation and day, and the day."""
    problems, since = [], work.today
    if typed["relation"] not in RELATIONS or typed["relation"] == HEAD:
        problems.append(Problem("relation", _("Choose one of the list.")))
    try:
        since = day(typed["since"], "since", unless=work.today)
    except Invalid as invalid:
        problems.extend(invalid.problems)
    if since > work.today:
        problems.append(Problem("since", _("This day lies in the future.")))
    return problems, since


def leave_household(work: Work, person: Person, until: date) -> None:
    """Let a person leave their household on a day.

    Raises Refused for whoever lives in none, Invalid for a day in the future or before joining.
    """
    present = _present(work, person, lock=True)
    if present is None:
        raise Refused([Refusal(_("No household is entered for this person."))])
    if until > work.today:
        raise Invalid([Problem("until", _("This day lies in the future."))])
    if until < present.since:
        raise Invalid([Problem("until", _("The person moved in later, on %(day)s.", day=present.since))])
    present.until = until
    work.session.flush()  # read back at once on the person's page
    record(work, "write", f"person:{person.id}", action="left a household", household=present.household_id)


def _present(work: Work, person: Person, *, lock: bool = False) -> HouseholdMember | None:
    statement = sa.select(HouseholdMember).where(
        HouseholdMember.person_id == person.id, HouseholdMember.until.is_(None)
    )
    return work.session.scalar(statement.with_for_update() if lock else statement)


def _place(work: Work, person: Person) -> int:
    """A unit of the actor where the person is known; the one of the registration if it may be."""
    if work.actor.id == SYSTEM_ACTOR:
        return person.unit_id
    mine = {unit for grant in work.actor.grants if "client" in grant.compartments for unit in grant.reach}
    known = work.session.scalars(sa.select(PersonUnit.unit_id).where(PersonUnit.person_id == person.id))
    for unit_id in (person.unit_id, *sorted(known)):
        if unit_id in mine:
            return unit_id
    raise Forbidden("person:write", _("This person is known at other units only."))
