"""Reading what decisions on aid rest on: terms, assessments, votes, earlier help, notices."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

import sqlalchemy as sa

from casework.cases.dossier import Dossier
from casework.cases.model import Case, Event
from casework.errors import Refusal, Refused
from casework.forms.model import Response
from casework.funds.model import Fund, FundCase, Payment
from casework.i18n import _
from casework.people.model import Person
from casework.security.fields import keys_of
from casework.staff.model import Unit, UnitReach
from casework.work import Work

from .duplicates import Earlier, bill_key
from .model import Bill, FrozenAssessment, FundTerms, HospitalAccount, PublicNotice, Vote
from .terms import Terms

PROGRAM = "subsidy"
BILL = "subsidy_bills.hash"
"""The place that numbers of bills are hashed for."""

NEVER_HELPED = ("draft", "withdrawn", "expired", "rejected")
"""States in which an application holds and keeps nothing back."""

A_YEAR = timedelta(days=365)


@dataclass(frozen=True)
class Chosen:
    """The fund that a case draws on, and its terms on a day."""

    fund: Fund
    row: FundTerms
    terms: Terms


def all_terms(work: Work, fund_id: int) -> Sequence[FundTerms]:
    """The terms of a fund, the newest day first."""
    statement = sa.select(FundTerms).where(FundTerms.fund_id == fund_id).order_by(FundTerms.valid_from.desc())
    return work.session.scalars(statement).all()


def terms_on(work: Work, fund_id: int, day: date) -> FundTerms | None:
    """The terms of a fund that hold on a day."""
    return next((row for row in all_terms(work, fund_id) if row.valid_from <= day), None)


def choose_fund(work: Work, case: Case, disease: str, day: date) -> Chosen:
    """The nearest fund that serves the unit of a case, and has terms for the illness on the day.

    Refused when there is none.
    """
    above = sa.select(UnitReach.ancestor_id).where(UnitReach.unit_id == case.unit_id)
    depth = (
        sa.select(sa.func.count())
        .select_from(UnitReach)
        .where(UnitReach.unit_id == Fund.unit_id)
        .correlate(Fund)
        .scalar_subquery()
    )
    statement = sa.select(Fund).where(Fund.unit_id.in_(above)).order_by(depth.desc(), Fund.key)
    found = [
        Chosen(fund, row, Terms.from_data(row.data))
        for fund in work.session.scalars(statement)
        if (row := terms_on(work, fund.id, day)) is not None
    ]
    for chosen in found:
        if not chosen.terms.diseases or disease in chosen.terms.diseases:
            return chosen
    if found:
        return found[0]  # its means test says that the illness is none of the fund's
    raise Refused([Refusal(_("No fund has terms for this hospital on %(day)s. Set them first.", day=day))])


def submitted_on(work: Work, dossier: Dossier) -> date:
    """The local day on which the application was handed in; today before that."""
    moments = [event.happened_at for event in dossier.events if event.kind == "application.submitted"]
    return (moments[0] if moments else work.now).astimezone(work.zone).date()


def assessment_of(work: Work, case_id: int) -> FrozenAssessment | None:
    """The assessment of the last recommendation."""
    statement = (
        sa.select(FrozenAssessment)
        .where(FrozenAssessment.case_id == case_id)
        .order_by(FrozenAssessment.round.desc())
        .limit(1)
    )
    return work.session.scalars(statement).one_or_none()


def terms_behind(work: Work, frozen: FrozenAssessment) -> Terms:
    """The terms that an assessment was made under."""
    return Terms.from_data(work.session.get_one(FundTerms, frozen.terms_id).data)


def votes_of(work: Work, case_id: int, number: int) -> Sequence[Vote]:
    """The votes of one round, as they were cast."""
    statement = sa.select(Vote).where(Vote.case_id == case_id, Vote.round == number).order_by(Vote.id)
    return work.session.scalars(statement).all()


def notice_of(work: Work, case_id: int) -> PublicNotice | None:
    """The newest public notice of a case that has not been taken away."""
    statement = (
        sa.select(PublicNotice)
        .where(PublicNotice.case_id == case_id)
        .order_by(PublicNotice.round.desc())
        .limit(1)
    )
    return work.session.scalars(statement).one_or_none()


def public_notices(work: Work) -> Sequence[PublicNotice]:
    """What is shown in public now, the newest first; whoever asks, no other row is answered."""
    statement = (
        sa.select(PublicNotice)
        .where(PublicNotice.shown_at <= work.now, PublicNotice.gone_at > work.now)
        .order_by(PublicNotice.shown_at.desc(), PublicNotice.id.desc())
    )
    return work.session.scalars(statement).all()


def unit_above(work: Work, unit_id: int, *kinds: str) -> Unit | None:
    """The nearest unit of one of the kinds, the unit itself or one above it."""
    unit = work.session.get(Unit, unit_id)
    while unit is not None and unit.kind not in kinds:
        unit = work.session.get(Unit, unit.parent_id) if unit.parent_id is not None else None
    return unit


def hospital_account(work: Work, unit_id: int) -> HospitalAccount | None:
    """The account of the hospital or centre that a unit belongs to, as it was set last."""
    site = unit_above(work, unit_id, "hospital", "centre")
    if site is None:
        return None
    statement = (
        sa.select(HospitalAccount)
        .where(HospitalAccount.unit_id == site.id)
        .order_by(HospitalAccount.id.desc())
        .limit(1)
    )
    return work.session.scalars(statement).one_or_none()


@dataclass(frozen=True)
class Before:
    """What a fund did for a person before, as far as the arithmetic has to know; amounts are fen."""

    earlier: Sequence[Earlier]
    paid_year: int
    paid_life: int


def helped_before(work: Work, case: Case, fund_id: int, applied_on: date) -> Before:
    """What the fund did on other applications of the same person, wherever they were made.

    Only the numbers of those applications and the sums come of it, never their contents.
    """
    with work.session.as_system():
        person = work.session.get_one(Person, case.person_id)
        others = _applications_of(work, case, _same_persons(person))
        paid = {
            row[0]: (row[1], row[2])
            for row in work.session.execute(
                sa.select(FundCase.case_id, FundCase.committed, FundCase.paid).where(
                    FundCase.fund_id == fund_id, FundCase.case_id.in_([other.id for other in others])
                )
            )
        }
        year = work.session.scalar(
            sa.select(sa.func.coalesce(sa.func.sum(Payment.amount), 0)).where(
                Payment.fund_id == fund_id,
                Payment.status == "paid",
                Payment.paid_on > applied_on - A_YEAR,
                Payment.case_id.in_([other.id for other in others]),
            )
        )
        life = sum(amount for _committed, amount in paid.values())
        earlier = [_earlier(work, other, sum(paid.get(other.id, (0, 0)))) for other in others]
    return Before(earlier, min(int(year or 0), life), life)


def _same_persons(person: Person) -> sa.Select[int]:
    """The records of one person: the same identity number, else the same name and day of birth."""
    same = [Person.id == person.id]
    if person.id_number_index is not None:
        same.append(Person.id_number_index == person.id_number_index)
    elif person.birth_date is not None:
        same.append(sa.and_(Person.full_name == person.full_name, Person.birth_date == person.birth_date))
    return sa.select(Person.id).where(sa.or_(*same))


def _applications_of(work: Work, case: Case, persons: sa.Select[int]) -> Sequence[Case]:
    statement = (
        sa.select(Case)
        .where(
            Case.program == PROGRAM,
            Case.id != case.id,
            Case.person_id.in_(persons),
            Case.state.not_in(NEVER_HELPED),
        )
        .order_by(Case.id)
    )
    return work.session.scalars(statement).all()


def _earlier(work: Work, case: Case, fen: int) -> Earlier:
    forms = ("subsidy.review", "subsidy.application")
    statement = (
        sa.select(Response.form_key, Response.answers)
        .where(Response.case_id == case.id, Response.status == "signed", Response.form_key.in_(forms))
        .order_by(Response.id)
    )
    said: dict[str, Mapping[str, object]] = {row[0]: row[1] for row in work.session.execute(statement)}
    answers = said.get(forms[0]) or said.get(forms[1]) or {}
    handed_in = work.session.scalar(
        sa.select(sa.func.min(Event.happened_at)).where(
            Event.case_id == case.id, Event.kind == "application.submitted"
        )
    )
    moment: datetime = handed_in or case.opened_at
    return Earlier(
        number=case.number,
        disease=str(answers.get("disease", "")),
        applied_on=moment.astimezone(work.zone).date(),
        under_way=case.closed_at is None and case.state not in ("paid", "settled"),
        awarded=Decimal(fen) / 100,
    )


def bill_hash(work: Work, number: str) -> str:
    """The keyed hash under which a bill is kept."""
    return keys_of(work.settings).index(BILL, bill_key(number)).hex()


def bills_elsewhere(work: Work, case: Case, numbers: Iterable[str]) -> Mapping[str, str]:
    """Bills that other running or granted applications count: the number of the application by bill_key.

    Two who ask at once wait for each other, so that one of them finds the other.
    """
    work.session.take_turn("subsidy bills")
    keys = keys_of(work.settings)
    by_hash = {
        digest.hex(): bill_key(number)
        for number in numbers
        for digest in keys.indexes(BILL, bill_key(number))
    }
    statement = (
        sa.select(Bill.hash, Case.number)
        .join(Case, Case.id == Bill.case_id)
        .where(Bill.hash.in_(by_hash), Bill.case_id != case.id, Case.state.not_in(NEVER_HELPED))
    )
    with work.session.as_system():
        return {by_hash[row[0]]: row[1] for row in work.session.execute(statement)}
