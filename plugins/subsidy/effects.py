"""What the program does besides when a case has moved, in the same transaction; raising undoes the move."""

from __future__ import annotations

from casework.cases import usecases as cases
from casework.cases.dossier import Dossier
from casework.cases.events import append_event
from casework.cases.model import Case, Event
from casework.cases.queries import dossier_of
from casework.errors import Invalid, Problem, Refusal, Refused
from casework.funds import paying, usecases
from casework.funds.model import Payment
from casework.funds.queries import committed_for, paid_for
from casework.funds.rules import Payee, yuan
from casework.i18n import _
from casework.work import Work

from .deciding import freeze
from .guards import publication_agreed
from .model import FrozenAssessment
from .notices import take_down
from .queries import assessment_of, hospital_account
from .rules import AGREEMENT, DECIDED, FILLED_IN, REVIEW, REVIEWED, somebody_else
from .telling import tell_client, write_appeal, write_award, write_refusal

SETTLEMENT = "subsidy.settlement"

CONFIRMED_BY = somebody_else(*FILLED_IN, *REVIEWED, *DECIDED, clause="subsidy.two-persons-pay")
"""The ledger holds that whoever ordered does not confirm; of the earlier parts it does not know."""


def tell(work: Work, dossier: Dossier, event: Event) -> None:
    """Let the applicant know that there is news."""
    tell_client(work, dossier.case, event)


def visited(_work: Work, dossier: Dossier, _event: Event) -> None:
    """A visit by relatives or friends proves nothing."""
    if dossier.answers("subsidy.visit").get("relation"):
        raise Refused(
            [
                Refusal(
                    _("One of the two is close to the family. Let others make the visit."),
                    "subsidy.visit-by-two",
                )
            ]
        )


def recommended(work: Work, dossier: Dossier, _event: Event) -> None:
    """Freeze the means test with its terms, its facts and the amount."""
    if dossier.answers(REVIEW).get("related"):
        raise Refused(
            [Refusal(_("You are close to the family. Let somebody else recommend."), "subsidy.recusal")]
        )
    freeze(work, dossier)


def approved(work: Work, dossier: Dossier, event: Event) -> None:
    """Promise the money in the ledger, write the decision and tell the applicant.

    Refused when the fund has not enough left, also when others were approved at the same moment.
    """
    frozen = _frozen(work, dossier)
    if not frozen.award:
        raise Refused([Refusal(_("No amount was recommended. Refuse the application."), "subsidy.committee")])
    usecases.commit(
        work, frozen.fund_id, dossier.case, frozen.award, key=f"{dossier.case.number}:commit:{frozen.round}"
    )
    if not publication_agreed(work, dossier.case.id):
        append_event(work, dossier.case, "notice.left-out", payload={"because": "no-consent"})
    write_award(work, dossier, event, frozen)
    tell_client(work, dossier.case, event)


def rejected(work: Work, dossier: Dossier, event: Event) -> None:
    """Write the refusal with its reasons and the way to appeal."""
    take_down(work, dossier.case.id)
    write_refusal(work, dossier, event)
    tell_client(work, dossier.case, event)


def appeal_decided(work: Work, dossier: Dossier, event: Event) -> None:
    """Write what the appeal came to."""
    write_appeal(work, dossier, event)
    tell_client(work, dossier.case, event)


def given_up(work: Work, dossier: Dossier, event: Event) -> None:
    """Nothing stays promised or in public for an application that ended."""
    release_all(work, dossier.case, event)
    take_down(work, dossier.case.id)


def release_all(work: Work, case: Case, event: Event) -> None:
    """Make everything available again that is promised to a case; Refused while a payment is under way."""
    with work.session.as_system():
        frozen = assessment_of(work, case.id)
    if frozen is not None:
        usecases.release(work, frozen.fund_id, case, key=f"{case.number}:release:{event.id}")


def agreed(_work: Work, dossier: Dossier, _event: Event) -> None:
    """After a death only the bill may be paid."""
    if dossier.person.died_on is not None and dossier.answers(AGREEMENT).get("payee_kind") != "hospital":
        raise Invalid(
            [Problem("payee_kind", _("A death is recorded: only the hospital's bill can be paid."))]
        )


def payment_ordered(work: Work, dossier: Dossier, event: Event) -> None:
    """Order the payment of what is promised; after a death, of the unpaid bill and no more."""
    case, frozen = dossier.case, _frozen(work, dossier)
    amount = committed_for(work, frozen.fund_id, case.id)
    if dossier.person.died_on is not None:
        amount = min(amount, int(dossier.answers(REVIEW).get("unpaid_bill") or 0))
    if amount <= 0:
        raise Refused([Refusal(_("Nothing is left to be paid. Revoke the award, or settle it."))])
    paying.order_payment(
        work,
        fund_id=frozen.fund_id,
        case=case,
        amount=amount,
        payee=_payee(work, dossier),
        key=f"{case.number}:pay:{event.id}",
    )
    rest = committed_for(work, frozen.fund_id, case.id) - amount
    if rest > 0:
        usecases.release(work, frozen.fund_id, case, amount=rest, key=f"{case.number}:release:{event.id}")


def _payee(work: Work, dossier: Dossier) -> Payee:
    said = dossier.answers(AGREEMENT)
    if said.get("payee_kind") == "own":
        if dossier.person.died_on is not None:
            raise Refused(
                [
                    Refusal(
                        _(
                            "A death is recorded: only the hospital's bill can be paid. Sign the agreement anew."
                        )
                    )
                ]
            )
        return Payee(said["payee_name"], said["payee_bank"], said["payee_account"], "own-account")
    account = hospital_account(work, dossier.case.unit_id)
    if account is None:
        raise Refused([Refusal(_("The account of the hospital is not known. Enter it with the terms."))])
    return Payee(account.name, account.bank, account.account, "hospital-bill")


def paid(work: Work, payment: Payment) -> None:
    """The case follows its payment; whoever keeps the books does not see it, and the system does.

    Refused for a confirmation by somebody who had a part in the application.
    """
    case = work.session.get_one(Case, payment.case_id)
    if payment.status == "confirmed":
        if (refusal := CONFIRMED_BY(work, dossier_of(work, case.id))) is not None:
            raise Refused([refusal])
    elif payment.status == "paid":
        cases.move(work, case, "record-payment")
    elif payment.status == "sent_back":
        append_event(work, case, "payment.sent-back", payload={"payment": payment.id})


def settled(work: Work, dossier: Dossier, event: Event) -> None:
    """What was used and what came back are together what was paid; the fund has back what was not used."""
    frozen, said = _frozen(work, dossier), dossier.answers(SETTLEMENT)
    used, returned = int(said.get("used_amount") or 0), int(said.get("returned_amount") or 0)
    paid_out = paid_for(work, frozen.fund_id, dossier.case.id)
    if used + returned != paid_out:
        raise Invalid(
            [
                Problem(
                    "returned_amount",
                    _("Both amounts together are what was paid, %(paid)s yuan.", paid=yuan(paid_out)),
                )
            ]
        )
    if returned:
        usecases.take_back(
            work,
            frozen.fund_id,
            dossier.case,
            returned,
            key=f"{dossier.case.number}:back:{event.id}",
            note=str(said.get("receipt_number", "")),
        )


def _frozen(work: Work, dossier: Dossier) -> FrozenAssessment:
    frozen = assessment_of(work, dossier.case.id)
    if frozen is None:
        raise Refused([Refusal(_("No amount was recommended yet."), "subsidy.first-review")])
    return frozen
