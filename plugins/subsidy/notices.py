"""The public notice of an award: the least that lets others object, for some days, and then gone."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from casework.audit.trail import record
from casework.cases.dossier import Dossier
from casework.cases.model import Event
from casework.errors import Refusal, Refused
from casework.funds.model import Fund
from casework.i18n import _
from casework.people.rules import age, is_han, masked_name
from casework.work import Work

from .model import FrozenAssessment, PublicNotice
from .queries import assessment_of, terms_behind, unit_above
from .rules import end_of_days

OF_AGE = 18
CHILD = "某"
"""Stands for the given name of a child."""


def public_name(full_name: str, years: int | None) -> tuple[str, int | None]:
    """A name as the public reads it, and the age that stands beside it: 陈*华 without, 陈某 with 7."""
    if years is None or years >= OF_AGE:
        return masked_name(full_name), None
    first = full_name[:1]
    return (f"{first}{CHILD}" if is_han(first) else f"{first}."), years


def publish(work: Work, dossier: Dossier, event: Event) -> None:
    """Show the award in public until its days are over; the move's event says until when.

    What is kept is what is shown. It needs the separate consent, which the move's guard has asked for.
    """
    frozen = assessment_of(work, dossier.case.id)
    if frozen is None or not frozen.award:
        raise Refused([Refusal(_("There is no award to be shown."), "subsidy.notice-data")])
    person, until = dossier.person, _until(work, event, frozen)
    years = age(person.birth_date, work.today) if person.birth_date is not None else None
    name, shown_age = public_name(person.full_name, years)
    town = unit_above(work, dossier.case.unit_id, "town", "district") or dossier.unit
    site = unit_above(work, dossier.case.unit_id, "hospital", "centre") or dossier.unit
    take_down(work, dossier.case.id)
    work.session.add(
        PublicNotice(
            case_id=dossier.case.id,
            compartment=dossier.case.compartment,
            round=frozen.round,
            name=name,
            age=shown_age,
            town_names=dict(town.names),
            fund_names=dict(work.session.get_one(Fund, frozen.fund_id).names),
            amount=frozen.award,
            phone=site.phone or town.phone,
            shown_at=work.now,
            gone_at=until,
        )
    )
    work.session.flush()
    record(work, "write", f"case:{dossier.case.id}", action="notice", until=until.isoformat())


def _until(work: Work, event: Event, frozen: FrozenAssessment) -> datetime:
    return end_of_days(work, event.happened_at, terms_behind(work, frozen).notice_days)


def take_down(work: Work, case_id: int) -> None:
    """Take the notice of a case away."""
    with work.session.as_system():
        work.session.execute(sa.delete(PublicNotice).where(PublicNotice.case_id == case_id))


def remove_past(work: Work) -> int:
    """Delete every notice whose days are over; answers how many."""
    past = sa.delete(PublicNotice).where(PublicNotice.gone_at <= work.now).returning(PublicNotice.id)
    return len(work.session.scalars(past).all())
