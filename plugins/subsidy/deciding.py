"""From a review to an amount: the facts, the means test, what was found besides, frozen with the decision."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from casework.cases.dossier import Dossier
from casework.cases.model import Case
from casework.errors import Invalid, Problem, Refusal, Refused
from casework.funds.queries import balance
from casework.i18n import _
from casework.people.codes import RESIDENT_ID
from casework.people.model import Person
from casework.people.queries import ID_NUMBER
from casework.security.fields import keys_of
from casework.work import Work

from . import duplicates
from .assessment import REFUSALS, Assessment, written
from .duplicates import Finding
from .facts import LAYERS, Facts, facts_of
from .means import means_test
from .model import Bill, FrozenAssessment
from .queries import Chosen, bill_hash, bills_elsewhere, choose_fund, helped_before, submitted_on
from .rules import APPLICATION, REVIEW, current_round

WITHOUT_MEANS = frozenset({"income", "assets"})
"""Reasons that a committee may overrule by discretion; the others bind it."""


@dataclass(frozen=True)
class Worked:
    """A means test that was worked out and not kept: under which terms, from which facts, what was found."""

    chosen: Chosen
    facts: Facts
    assessment: Assessment
    findings: tuple[Finding, ...]


def work_out(work: Work, dossier: Dossier, review: Mapping[str, Any]) -> Worked:
    """Make the means test from the answers of a review, under the terms of the day of the application.

    Raises Refused without terms, Invalid when nobody counts as a member of the household.
    """
    case, day = dossier.case, submitted_on(work, dossier)
    chosen = choose_fund(work, case, str(review.get("disease", "")), day)
    before = helped_before(work, case, chosen.fund.id, day)
    facts = facts_of(
        review,
        applied_on=day,
        paid_year=before.paid_year,
        paid_life=before.paid_life,
        budget_left=_left(work, chosen.fund.id),
    )
    assessment = means_test(chosen.terms, facts)
    bills = [str(row["bill_number"]) for row in review.get("bills", ()) if row.get("bill_number")]
    findings = (
        *duplicates.same_help(chosen.terms, facts.disease, day, before.earlier),
        *duplicates.same_bills(bills, bills_elsewhere(work, case, bills)),
        *duplicates.sums(facts, assessment.award),
        *duplicates.identity(
            _resident_number(work, dossier.person), dossier.person.birth_date, chosen.terms, day
        ),
    )
    return Worked(chosen, facts, assessment, findings)


def _left(work: Work, fund_id: int) -> int:
    """What the fund can still promise, of which whoever recommends learns this line alone."""
    with work.session.as_system():
        return balance(work, fund_id).available


def first_look(work: Work, dossier: Dossier) -> Worked:
    """The means test from what the applicant wrote, before anything is confirmed: for a first look only."""
    said = dossier.answers(APPLICATION)
    amounts = {f"reimbursed_{layer}": 0 for layer in LAYERS} | dict.fromkeys(
        ("savings", "securities", "other_property", "total_cost"), 0
    )
    born = dossier.person.birth_date or work.today
    household = [{**row, "member_counts": True} for row in said.get("household", ())]
    start = {"second_home": False, "residence": "", "disease": "", "patient_birth": born.isoformat()}
    return work_out(
        work, dossier, {**start, **amounts, **said, "household": household, "awards": _named(said)}
    )


def _named(said: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The awards of the application that say enough to be counted."""
    needed = {"award_from", "award_amount", "award_status", "award_same_costs"}
    return [row for row in said.get("awards", ()) if needed <= row.keys()]


def freeze(work: Work, dossier: Dossier) -> FrozenAssessment:
    """Keep the means test of the review that was just signed, with the amount that it recommends.

    Raises Refused for a finding that stops, and for an amount that the terms do not allow.
    """
    case, review = dossier.case, dossier.answers(REVIEW)
    worked = work_out(work, dossier, review)
    if stops := [finding for finding in worked.findings if finding.severity == "stops"]:
        raise Refused(
            [
                Refusal(_("%(found)s %(then)s", found=each.text, then=each.then), "subsidy.first-review")
                for each in stops
            ]
        )
    award = recommended(review, worked)
    frozen = FrozenAssessment(
        case_id=case.id,
        compartment=case.compartment,
        round=current_round(dossier),
        fund_id=worked.chosen.fund.id,
        terms_id=worked.chosen.row.id,
        terms_hash=worked.chosen.row.hash,
        facts=worked.facts.as_data(),
        result=worked.assessment.as_data(),
        findings={"asked": [finding.check for finding in worked.findings]},
        award=award,
        made_by=work.actor.id,
        made_at=work.now,
    )
    work.session.add(frozen)
    _keep_bills(work, case, review)
    work.session.flush()
    return frozen


def recommended(review: Mapping[str, Any], worked: Worked) -> int:
    """The amount that a review recommends, in fen. Refused when the terms do not allow it."""
    assessment, wish = worked.assessment, review.get("recommendation")
    amount = int(review.get("recommended_amount") or 0)
    if wish == "refuse":
        return 0
    if wish == "discretion":
        return _by_discretion(worked, amount)
    if assessment.refusal is not None:
        raise _refused(
            _(
                "The means test gives nothing: %(reason)s. Recommend a refusal, or a decision by discretion.",
                reason=REFUSALS[assessment.refusal],
            )
        )
    if wish == "grant-less":
        if amount > assessment.award_fen:
            raise _not_more(Decimal(assessment.award_fen) / 100)
        return amount
    return assessment.award_fen


def _by_discretion(worked: Worked, amount: int) -> int:
    """Discretion leaves the means aside, and neither the costs nor the caps of the fund."""
    terms, facts, assessment = worked.chosen.terms, worked.facts, worked.assessment
    if assessment.refusal is None:
        raise _refused(_("The means test gives an amount. Grant it, or less, or recommend a refusal."))
    if assessment.refusal not in WITHOUT_MEANS:
        raise _refused(_("Discretion does not help here: %(reason)s.", reason=REFUSALS[assessment.refusal]))
    most = min(
        terms.cap_application,
        terms.cap_year - facts.paid_year,
        terms.cap_life - facts.paid_life,
        facts.budget_left,
        assessment.need,
    )
    if amount > most * 100:
        raise _not_more(max(most, Decimal(0)))
    return amount


def _not_more(yuan: Decimal) -> Invalid:
    return Invalid(
        [Problem("recommended_amount", _("At most %(most)s yuan can be recommended.", most=written(yuan)))]
    )


def _refused(why: Any) -> Refused:
    return Refused([Refusal(why, "subsidy.first-review")])


def _keep_bills(work: Work, case: Case, review: Mapping[str, Any]) -> None:
    """Keep the bills of the newest review, so that another application finds them."""
    for old in work.session.query(Bill).filter(Bill.case_id == case.id):
        work.session.delete(old)
    work.session.flush()
    totals: dict[str, int] = {}
    for row in review.get("bills", ()):
        digest = bill_hash(work, str(row["bill_number"]))
        totals[digest] = totals.get(digest, 0) + int(row.get("bill_total") or 0)
    work.session.add_all(
        Bill(case_id=case.id, compartment=case.compartment, hash=digest, total=total)
        for digest, total in totals.items()
    )


def _resident_number(work: Work, person: Person) -> str | None:
    """The resident identity number in full, for its check digit alone."""
    if person.id_number is None or person.id_type != RESIDENT_ID:
        return None
    return keys_of(work.settings).open(ID_NUMBER, person.uid, person.id_number)
