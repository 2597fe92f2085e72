"""Consents: one for each purpose, with the words that were read, until they are withdrawn.

Sources: Personal Information Protection Law, articles 14 to 16 (freely given, withdrawn as easily as
given, no service refused for it), 25 and 29 (separate consent) and 31 (guardians of children under 14).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from typing import Literal, get_args

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from casework.cases.events import append_event
from casework.cases.model import Case
from casework.errors import Invalid, Missing, Problem
from casework.i18n import Message, _
from casework.people.model import Person
from casework.portal.model import Consent, ConsentText
from casework.portal.rules import needs_guardian
from casework.portal.texts import words_for
from casework.programs import Purpose
from casework.work import Work

Relation = Literal["self", "guardian", "helper"]
How = Literal["portal", "desk", "paper"]

COMPARTMENT = "application"

RELATIONS = {
    "self": _("I am the patient and agree for myself"),
    "guardian": _("I am the parent or guardian of the patient"),
    "helper": _("I help the patient, who asked me to say this"),
}
"""Who agrees for whom, as it is asked."""

WITHDRAWN = _(
    "From now on nothing is done for this purpose any more: %(purpose)s. What was done until today stays"
    " lawful. Kept, because the law has us keep it, are the application, the decision and the vouchers of"
    " payments."
)
"""What is told after a withdrawal; `purpose` is the title of the purpose."""


def give_consent(work: Work, case: Case, purpose: Purpose, *, relation: Relation, how: How) -> Consent:
    """Record that somebody agreed to a purpose, in the words of the actor's language.

    Agreed already, that consent stands, unless the words have changed since: then it ends and the new
    one begins. Invalid for a child under 14 unless a guardian agrees.
    """
    if relation not in get_args(Relation):
        raise Invalid([Problem("relation", _("Say for whom you agree."))])
    person = work.session.get_one(Person, case.person_id)
    if relation != "guardian" and needs_guardian(person.birth_date, person.birth_date_precision, work.today):
        why = _("The patient is younger than 14. A parent or guardian has to agree.")
        raise Invalid([Problem("relation", why)])
    text_hash = _keep_text(work, purpose)
    work.session.take_turn("consent", case.id, purpose.key)
    before = standing_consent(work, case.id, purpose.key)
    if before is not None:
        if before.text_hash == text_hash and before.relation == relation:
            return before
        before.withdrawn_by, before.withdrawn_at = work.actor.id, work.now
        work.session.flush()  # one stands at a time
    consent = Consent(
        case_id=case.id,
        compartment=COMPARTMENT,
        person_id=case.person_id,
        purpose=purpose.key,
        text_hash=text_hash,
        relation=relation,
        how=how,
        given_by=work.actor.id,
        given_at=work.now,
        withdrawn_by=None,
        withdrawn_at=None,
    )
    work.session.add(consent)
    append_event(work, case, "consent.given", payload={"purpose": purpose.key}, compartment=COMPARTMENT)
    return consent


def _keep_text(work: Work, purpose: Purpose) -> str:
    """The hash of the purpose's words as the actor reads them, which are kept."""
    words = words_for(work, work.language)
    kept = {
        "purpose": purpose.key,
        "language": work.language,
        "title": words(purpose.title),
        "text": words(purpose.text),
    }
    text = json.dumps(kept, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    text_hash = hashlib.sha256(text.encode()).hexdigest()
    work.session.execute(insert(ConsentText).values(hash=text_hash, **kept).on_conflict_do_nothing())
    return text_hash


def withdraw_consent(work: Work, case: Case, consent_id: int) -> Consent:
    """End a consent of a case from this moment; Missing if there is none with this number. Withdrawn
    already, it stays as it is."""
    consent = work.session.get(Consent, consent_id, with_for_update=True, populate_existing=True)
    if consent is None or consent.case_id != case.id:
        raise Missing
    if consent.withdrawn_at is not None:
        return consent
    consent.withdrawn_by, consent.withdrawn_at = work.actor.id, work.now
    append_event(
        work, case, "consent.withdrawn", payload={"purpose": consent.purpose}, compartment=COMPARTMENT
    )
    return consent


def what_stays(purpose: Message | str) -> Message:
    """What to say to whoever has withdrawn a consent: what stops, and what must be kept."""
    return Message(WITHDRAWN.text, {"purpose": purpose})


def consents_of(work: Work, case_id: int) -> Sequence[Consent]:
    """Every consent of a case, also those withdrawn, in the order in which they were given."""
    return work.session.scalars(
        sa.select(Consent).where(Consent.case_id == case_id).order_by(Consent.id)
    ).all()


def standing_consent(work: Work, case_id: int, purpose_key: str) -> Consent | None:
    """The consent to a purpose that stands now."""
    return work.session.scalars(
        sa.select(Consent).where(
            Consent.case_id == case_id, Consent.purpose == purpose_key, Consent.withdrawn_at.is_(None)
        )
    ).one_or_none()


def consented(work: Work, case_id: int, purpose_key: str) -> bool:
    """Whether a purpose is agreed to now. Ask at each use: a withdrawal counts from its moment."""
    return standing_consent(work, case_id, purpose_key) is not None


def text_of(work: Work, consent: Consent) -> ConsentText:
    """The words that were agreed to."""
    return work.session.get_one(ConsentText, consent.text_hash)
