"""Contact persons of a case: next of kin, carer, guardian, referrer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from casework.audit.trail import record
from casework.cases.model import Case
from casework.errors import Conflict, Invalid, Missing, Problem
from casework.i18n import Message, _
from casework.people import rules
from casework.people.codes import CONTACT_ROLES, RELATIONS
from casework.people.model import CasePerson, Person
from casework.people.typed import REASON_LENGTH
from casework.work import Work

FIELDS = ("role", "relation", "name", "phone", "phone_message_safe", "note")
"""What may be said of a contact person; a registered one has name and number of their own."""


@dataclass(frozen=True)
class Typed:
    """What was typed about a contact person."""

    role: str
    relation: str
    name: str = ""
    phone: str = ""
    phone_message_safe: bool = False
    note: str = ""


def contact_person(work: Work, case_id: int, contact_id: int) -> CasePerson:
    """One contact person of a case, or Missing."""
    statement = sa.select(CasePerson).where(CasePerson.id == contact_id, CasePerson.case_id == case_id)
    found = work.session.scalars(statement).one_or_none()
    if found is None:
        raise Missing
    return found


def name_contact_person(work: Work, case: Case, *, person: Person | None = None, **typed: Any) -> CasePerson:
    """Name a contact person of a case: somebody registered, or a name with a phone number.

    `typed` are those of `Typed`. Raises Invalid with every problem.
    """
    judged = _judge(work, Typed(**typed), registered=person is not None)
    if person is not None and person.id == case.person_id:
        problem = Problem("person", _("The contact person is somebody other than the person served."))
        raise Invalid([problem])
    contact = CasePerson(
        case_id=case.id,
        person_id=person.id if person is not None else None,
        created_by=work.actor.id,
        created_at=work.now,
        **judged,
    )
    work.session.add(contact)
    work.session.flush()  # the trail names it by its number
    _tell(work, contact, "contact person named")
    return contact


def change_contact_person(work: Work, contact: CasePerson, seen_version: int, **typed: Any) -> None:
    """Change what is said of a contact person; Invalid, or Conflict with both texts."""
    contact = _lock(work, contact)
    judged = _judge(work, Typed(**typed), registered=contact.person_id is not None)
    kept = {name: getattr(contact, name) for name in FIELDS}
    changed = sorted(name for name in FIELDS if kept[name] != judged[name])
    if contact.version != seen_version:
        raise Conflict({name: judged[name] for name in changed}, {name: kept[name] for name in changed})
    if not changed:
        return
    for name in changed:
        setattr(contact, name, judged[name])
    contact.version += 1
    _tell(work, contact, "contact person changed", fields=changed)


def remove_contact_person(work: Work, contact: CasePerson, seen_version: int, reason: str) -> None:
    """Remove a contact person; the reason stays in the audit trail. Raises Invalid and Conflict."""
    why = rules.line(reason, REASON_LENGTH)
    if isinstance(why, Message) or not why:
        raise Invalid([Problem("reason", why or _("Write why this person is no longer to be called."))])
    contact = _lock(work, contact)
    if contact.version != seen_version:
        raise Conflict
    work.session.delete(contact)
    _tell(work, contact, "contact person removed", role=contact.role, reason=why)


def _judge(work: Work, typed: Typed, *, registered: bool) -> dict[str, Any]:
    """The fields in the form that is kept, or Invalid with every problem."""
    settings = work.settings
    judged: dict[str, Any] = {
        "phone": rules.phone(typed.phone, settings.phone_region, settings.phone_area_code),
        "note": rules.line(typed.note, REASON_LENGTH),
        "name": rules.name(typed.name),
    }
    if registered:
        judged |= {"phone": "", "name": ""}
    problems = [Problem(where, why) for where, why in judged.items() if isinstance(why, Message)]
    if typed.role not in CONTACT_ROLES:
        problems.append(Problem("role", _("Choose one of the list.")))
    if typed.relation not in RELATIONS:
        problems.append(Problem("relation", _("Choose one of the list.")))
    if problems:
        raise Invalid(problems)
    safe = typed.phone_message_safe and not registered
    return judged | {"role": typed.role, "relation": typed.relation, "phone_message_safe": safe}


def _lock(work: Work, contact: CasePerson) -> CasePerson:
    locked = work.session.get(CasePerson, contact.id, with_for_update=True, populate_existing=True)
    if locked is None:
        raise Missing
    return locked


def _tell(work: Work, contact: CasePerson, action: str, **details: Any) -> None:
    record(work, "write", f"case:{contact.case_id}", action=action, contact_person=contact.id, **details)
