"""What is done with people: register, change, reveal a number, record a death."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from casework.audit.trail import record
from casework.cases.model import Case
from casework.errors import Conflict, Invalid, Missing, Problem, Refusal, Refused
from casework.i18n import Message, _
from casework.people import rules, tokens
from casework.people.codes import DISCLOSURE
from casework.people.model import Person, PersonToken, PersonUnit
from casework.people.queries import ID_NUMBER, FoundPerson, possible_duplicates
from casework.people.typed import REASON_LENGTH, Judged, judge, written
from casework.security.fields import keys_of
from casework.staff.queries import names_of
from casework.work import Work


@dataclass
class PossibleDuplicates(Refused):
    """Somebody like this is known already. `certain` means the same identity number: then there is
    no registering a second time; else it may be done once it has been confirmed.
    """

    persons: tuple[FoundPerson, ...] = ()
    certain: bool = False


def register_person(
    work: Work, *, unit_id: int, full_name: str, confirmed: bool = False, **given: Any
) -> Person:
    """Register a person at a unit within the actor's reach.

    `given` are fields of `FIELDS` as typed: text, `birth_date` as "1958", "1958-06" or "1958-06-09",
    flags as booleans. Raises Invalid with all problems, Missing for a unit out of reach, and
    PossibleDuplicates: for the same identity number always, for a likeness unless `confirmed`.
    """
    if not any(unit_id in grant.reach for grant in work.actor.grants) and work.actor.kind != "system":
        raise Missing
    judged = judge(work, {"full_name": full_name, **given})
    _refuse_duplicates(work, judged, confirmed=confirmed)
    person = _add(work, unit_id, judged)
    record(work, "write", f"person:{person.id}", action="registered", unit=unit_id, confirmed=confirmed)
    return person


def register_applicant(work: Work, *, unit_id: int, full_name: str, **given: Any) -> Person:
    """Register whoever help is asked for from outside: a record of its own, whoever is known already.

    Neither the same name nor the same number joins it with another record, and whoever asks is not
    told that there is one; staff look at both, and decide. Raises Invalid with all problems.
    """
    person = _add(work, unit_id, judge(work, {"full_name": full_name, **given}))
    record(work, "write", f"person:{person.id}", action="registered", unit=unit_id, confirmed=False)
    return person


def _add(work: Work, unit_id: int, judged: Judged) -> Person:
    person = Person(
        uid=uuid.uuid4(),
        unit_id=unit_id,
        created_by=work.actor.id,
        created_at=work.now,
        updated_by=work.actor.id,
        updated_at=work.now,
        died_on=None,
        **{"birth_date": None, **judged.columns},
    )
    _seal(work, person, judged)
    work.session.add(person)
    work.session.flush()  # the rows that find the person need its number
    work.session.add(PersonUnit(person_id=person.id, unit_id=unit_id))
    _index(work, person)
    return person


def make_known_at(work: Work, person: Person, unit_id: int) -> None:
    """Let the staff of one more unit find the person: where a case of theirs is opened."""
    statement = insert(PersonUnit).values(person_id=person.id, unit_id=unit_id).on_conflict_do_nothing()
    work.session.execute(statement)


def learn_disclosure(person: Person, told: str) -> None:
    """Note what a referral says the person knows of the diagnosis, if nothing was known of that."""
    if person.disclosure == "unknown" and told in DISCLOSURE and told != "unknown":
        person.disclosure = told
        person.version += 1


def _refuse_duplicates(work: Work, judged: Judged, *, confirmed: bool) -> None:
    work.session.take_turn("person", tokens.whole(judged.columns["full_name"]))
    _take_turn_at_number(work, judged)
    alike = possible_duplicates(
        work,
        full_name=judged.columns["full_name"],
        birth_date=judged.columns.get("birth_date"),
        phone=judged.columns.get("phone", ""),
        id_number=judged.number.number if judged.number else "",
    )
    same = tuple(person for person in alike if person.rank == tokens.EXACT)
    if same:
        raise _same_number(same)
    if alike and not confirmed:
        why = _("Somebody like this is registered already. Look whether it is the same person.")
        raise PossibleDuplicates([Refusal(why)], tuple(alike))


def _take_turn_at_number(work: Work, judged: Judged) -> None:
    if judged.number is not None:
        index = keys_of(work.settings).index(ID_NUMBER, judged.number.number)
        work.session.take_turn("identity number", index.hex())


def _same_number(same: tuple[FoundPerson, ...]) -> PossibleDuplicates:
    why = _("This identity number belongs to %(name)s, who is registered already.", name=same[0].full_name)
    return PossibleDuplicates([Refusal(why)], same, certain=True)


def _seal(work: Work, person: Person, judged: Judged) -> None:
    if judged.number is not None:
        sealed = keys_of(work.settings).sealed(ID_NUMBER, person.uid, judged.number.number)
        person.id_number, person.id_number_index = sealed.ciphertext, sealed.index
        person.id_number_tail = sealed.tail
    elif judged.number_given:
        person.id_number = person.id_number_index = None
        person.id_number_tail = ""


def _index(work: Work, person: Person) -> None:
    """Write the tokens by which the person is found; only what changed is touched."""
    wanted = tokens.tokens_of(
        person.full_name, other_names=person.other_names, phone=person.phone, mrn=person.mrn
    )
    mine = PersonToken.person_id == person.id
    present = set(work.session.scalars(sa.select(PersonToken.token).where(mine)))
    if gone := present - wanted:
        work.session.execute(sa.delete(PersonToken).where(mine, PersonToken.token.in_(gone)))
    if new := sorted(wanted - present):
        rows = [{"token": token, "person_id": person.id} for token in new]
        work.session.execute(sa.insert(PersonToken), rows)


def change_person(work: Work, person: Person, seen_version: int, **given: Any) -> Person:
    """Change what is given, as typed (see `register_person`).

    An empty `id_number` leaves the number as it was, an empty `id_type` removes it. Raises Invalid, PossibleDuplicates for another person's identity number, and Conflict with both
    texts when somebody changed the record since `seen_version`.
    """
    person = _lock(work, person)
    judged = judge(work, given, id_type=person.id_type)
    if person.version != seen_version:
        raise _conflict(work, person, given)
    if judged.number is not None:
        _take_turn_at_number(work, judged)
        alike = possible_duplicates(
            work, full_name=person.full_name, id_number=judged.number.number, besides=person.id
        )
        if same := tuple(other for other in alike if other.rank == tokens.EXACT):
            raise _same_number(same)
    elif person.id_number is not None and judged.columns.get("id_type") not in {None, "", person.id_type}:
        raise Invalid([Problem("id_number", _("Write the number of the other document."))])
    changed = sorted(name for name, value in judged.columns.items() if getattr(person, name) != value)
    if judged.number_given and (judged.number is not None or person.id_number is not None):
        changed.append("id_number")
    if not changed:
        return person
    for name, value in judged.columns.items():
        setattr(person, name, value)
    _seal(work, person, judged)
    _touch(work, person)
    _index(work, person)
    record(work, "write", f"person:{person.id}", action="changed", fields=changed)
    return person


def _conflict(work: Work, person: Person, given: Mapping[str, Any]) -> Conflict:
    """Both texts of the fields that differ."""
    theirs = written(person)
    differing = [
        name
        for name, value in given.items()
        if value != theirs[name] and not (name == "id_number" and not value.strip())
    ]
    by = names_of(work, [person.updated_by]).get(person.updated_by, "")
    return Conflict({name: given[name] for name in differing}, {name: theirs[name] for name in differing}, by)


def _lock(work: Work, person: Person) -> Person:
    locked = work.session.get(Person, person.id, with_for_update=True, populate_existing=True)
    if locked is None:
        raise Missing
    return locked


def _touch(work: Work, person: Person) -> None:
    person.version += 1
    person.updated_by, person.updated_at = work.actor.id, work.now


def reveal_id_number(work: Work, person: Person, reason: str) -> str:
    """The whole identity number; who read it, and why, is recorded. Missing if there is none."""
    why = rules.line(reason, REASON_LENGTH)
    if isinstance(why, Message):
        raise Invalid([Problem("reason", why)])
    if not why:
        raise Invalid([Problem("reason", _("Write why you need the number; it is recorded."))])
    if person.id_number is None:
        raise Missing
    number = keys_of(work.settings).open(ID_NUMBER, person.uid, person.id_number)
    record(work, "reveal", f"person:{person.id}", field="id_number", reason=why)
    return number


def record_death(work: Work, person: Person, died_on: date) -> None:
    """Record a death and tell every open case of the person, also one that the actor may not see:
    whoever serves the person elsewhere must not go on as if nothing had happened.

    Raises Invalid for a day in the future or before the birth, Refused when it is recorded already.
    """
    from casework.cases.events import append_event

    person = _lock(work, person)
    if person.died_on is not None:
        raise Refused([Refusal(_("A death on %(day)s is recorded already.", day=person.died_on))])
    if died_on > work.today:
        raise Invalid([Problem("died_on", _("This day lies in the future."))])
    if person.birth_date is not None and died_on < person.birth_date:
        raise Invalid([Problem("died_on", _("This day lies before the date of birth."))])
    person.died_on = died_on
    _touch(work, person)
    record(work, "write", f"person:{person.id}", action="changed", fields=["died_on"])
    day = datetime.combine(died_on, time(12), work.zone)
    open_cases = (
        sa.select(Case).where(Case.person_id == person.id, Case.closed_at.is_(None)).order_by(Case.id)
    )
    with work.session.as_system():
        for case in work.session.scalars(open_cases).all():
            happened_at = min(work.now, max(day, case.opened_at))
            append_event(
                work, case, "person.died", happened_at=happened_at, payload={"died_on": died_on.isoformat()}
            )


def withdraw_death(work: Work, person: Person, reason: str) -> None:
    """Take back a death that was recorded by mistake; the events stay and the reason is recorded."""
    why = rules.line(reason, REASON_LENGTH)
    if isinstance(why, Message) or not why:
        raise Invalid([Problem("reason", why or _("Write what was mistaken."))])
    person = _lock(work, person)
    if person.died_on is None:
        raise Refused([Refusal(_("No death is recorded for this person."))])
    person.died_on = None
    _touch(work, person)
    record(work, "write", f"person:{person.id}", action="changed", fields=["died_on"], reason=why)
