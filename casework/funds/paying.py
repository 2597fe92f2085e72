"""Paying: ordered by one person, confirmed by another, and recorded by the slip of the bank.

Whoever keeps the books does not see the case, so its program is told by the system, in the same
transaction. The case is locked first, then the fund, then the payment.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import sqlalchemy as sa

from casework.audit.trail import record
from casework.cases.model import Case
from casework.errors import Invalid, Missing, Problem, Refusal, Refused
from casework.funds import queries, rules
from casework.funds.model import Payment
from casework.funds.rules import Payee
from casework.funds.usecases import post
from casework.i18n import Message, _
from casework.security.fields import keys_of
from casework.texts import clean
from casework.work import Work


@dataclass(frozen=True)
class SlipOutcome:
    """What came of recording a slip: paid, or why not; then the payment waits to be confirmed again."""

    payment: Payment
    refusals: Sequence[Refusal] = ()

    @property
    def paid(self) -> bool:
        """Whether the slip proved the payment."""
        return not self.refusals


def order_payment(work: Work, *, fund_id: int, case: Case, amount: int, payee: Payee, key: str) -> Payment:
    """Order a payment of money that is committed to the case; the actor is its maker.

    The same `key` asked for again answers with the payment that there is. Raises Invalid for the
    payee or the amount, Refused when less is committed or another payment of the case is under way.
    """
    payee = rules.clean_payee(payee)
    problems = list(rules.problems_of_payee(payee))
    if (wrong := rules.refused_amount(amount)) is not None:
        problems.insert(0, Problem("amount", wrong))
    if problems:
        raise Invalid(problems)
    work.session.take_turn("fund", fund_id)
    if (before := _before(work, key, fund_id, case, amount)) is not None:
        return before
    if any(each.status in {"ordered", "confirmed"} for each in queries.payments_of(work, case.id)):
        raise _refused(_("A payment of this case is under way. It must be paid or sent back first."))
    committed = queries.committed_for(work, fund_id, case.id)
    if amount > committed:
        raise _refused(
            _(
                "Only %(there)s yuan is committed to this case, and %(asked)s yuan is asked for.",
                there=rules.yuan(committed),
                asked=rules.yuan(amount),
            )
        )
    uid = uuid.uuid4()
    sealed = keys_of(work.settings).sealed(queries.PAYEE_ACCOUNT, uid, payee.account)
    payment = Payment(
        uid=uid,
        key=key,
        fund_id=fund_id,
        case_id=case.id,
        case_number=case.number,
        unit_id=case.unit_id,
        amount=amount,
        purpose=payee.purpose,
        payee_name=payee.name,
        payee_bank=payee.bank,
        payee_account=sealed.ciphertext,
        payee_account_index=sealed.index,
        payee_account_tail=sealed.tail,
        status="ordered",
        reason="",
        wrong_slip=None,
        ordered_by=work.actor.id,
        ordered_at=work.now,
        version=1,
    )
    work.session.add(payment)
    work.session.flush()
    record(work, "write", f"payment:{payment.id}", action="ordered", amount=amount, fund=fund_id)
    return payment


def confirm_payment(work: Work, payment: Payment) -> None:
    """Confirm an order of somebody else. Sent twice, it is confirmed once.

    Refused for one's own order, and for what is not waiting to be confirmed.
    """
    payment = _locked(work, payment)
    if payment.status == "confirmed" and payment.confirmed_by == work.actor.id:
        return
    if payment.status != "ordered":
        raise _not_now(payment)
    if payment.ordered_by == work.actor.id:
        raise _refused(_("You ordered this payment yourself. Somebody else must confirm it."))
    payment.status = "confirmed"
    payment.confirmed_by, payment.confirmed_at = work.actor.id, work.now
    _changed(work, payment)


def send_back(work: Work, payment: Payment, reason: str) -> None:
    """Send an order back that is not to be paid as it is, saying why; the money stays committed.

    Raises Invalid without a reason, Refused for what was paid or sent back before.
    """
    reason = clean(reason, lines=True)
    if not reason:
        raise Invalid([Problem("reason", _("Write why the payment is sent back."))])
    if len(reason) > rules.LONGEST_NOTE:
        raise Invalid([Problem("reason", _("This is longer than 1,000 characters. Shorten it."))])
    payment = _locked(work, payment)
    if payment.status == "sent_back" and (payment.settled_by, payment.reason) == (work.actor.id, reason):
        return
    if payment.status not in {"ordered", "confirmed"}:
        raise _not_now(payment)
    payment.status, payment.reason = "sent_back", reason
    payment.settled_by, payment.settled_at = work.actor.id, work.now
    _changed(work, payment)


def record_slip(
    work: Work, payment: Payment, *, amount: int, payee_name: str, slip_number: str, paid_on: date
) -> SlipOutcome:
    """Record what the bank's slip says. If it agrees with the order, the ledger pays; if not, the
    payment has to be confirmed again, and the outcome says why. Refused before that and after.

    The outcome is answered and not raised, because raising would undo that the payment went back.
    The same slip recorded again is the same payment.
    """
    slip_number, payee_name = clean(slip_number), clean(payee_name)
    ordered_on = payment.ordered_at.astimezone(work.zone).date()
    problems = list(
        rules.problems_of_slip(slip_number, payee_name, paid_on, ordered_on=ordered_on, today=work.today)
    )
    if problems:
        raise Invalid(problems)
    payment = _locked(work, payment)
    if payment.status == "paid" and (payment.slip_number, payment.amount) == (slip_number, amount):
        return SlipOutcome(payment)
    if payment.status != "confirmed":
        raise _not_now(payment)
    slip = {
        "amount": amount,
        "payee_name": payee_name,
        "slip_number": slip_number,
        "used_before": _slip_used(work, payment.fund_id, slip_number),
    }
    if refusals := rules.against_slip(payment.amount, payment.payee_name, slip):
        payment.status, payment.wrong_slip = "ordered", slip
        payment.confirmed_by = payment.confirmed_at = None
        _changed(work, payment)
        return SlipOutcome(payment, refusals)
    post(work, "pay", f"payment:{payment.uid}", payment.fund_id, payment.amount, payment=payment)
    payment.status, payment.slip_number, payment.paid_on = "paid", slip_number, paid_on
    payment.settled_by, payment.settled_at = work.actor.id, work.now
    _changed(work, payment)
    return SlipOutcome(payment)


def reveal_account(work: Work, payment: Payment) -> str:
    """The whole number of the account that is to be paid; that it was read is recorded."""
    record(work, "reveal", f"payment:{payment.id}", field="payee_account")
    return keys_of(work.settings).open(queries.PAYEE_ACCOUNT, payment.uid, payment.payee_account)


def _before(work: Work, key: str, fund_id: int, case: Case, amount: int) -> Payment | None:
    found = work.session.scalars(sa.select(Payment).where(Payment.key == key)).one_or_none()
    if found is None:
        return None
    if (found.fund_id, found.case_id, found.amount) != (fund_id, case.id, amount):
        raise _refused(
            _(
                "This payment was ordered already, with %(amount)s yuan. Nothing was ordered now.",
                amount=rules.yuan(found.amount),
            )
        )
    return found


def _locked(work: Work, payment: Payment) -> Payment:
    """The payment as it stands, with its case and the turn at its fund held until the transaction ends."""
    with work.session.as_system():
        work.session.get(Case, payment.case_id, with_for_update=True, populate_existing=True)
    work.session.take_turn("fund", payment.fund_id)
    found = work.session.get(Payment, payment.id, with_for_update=True, populate_existing=True)
    if found is None:
        raise Missing
    return found


def _slip_used(work: Work, fund_id: int, slip_number: str) -> bool:
    """Whether any payment of the fund has that slip, also one of a unit that the actor does not see."""
    statement = sa.select(Payment.id).where(Payment.fund_id == fund_id, Payment.slip_number == slip_number)
    with work.session.as_system():
        return work.session.scalar(statement.limit(1)) is not None


def _changed(work: Work, payment: Payment) -> None:
    """Keep the change, tell the trail, and let the program of the case follow."""
    payment.version += 1
    work.session.flush()
    record(work, "write", f"payment:{payment.id}", action=payment.status, amount=payment.amount)
    with work.session.as_system():
        program = work.programs.get(work.session.get_one(Case, payment.case_id).program)
        if program is not None and program.paid is not None:
            program.paid(work, payment)


def _not_now(payment: Payment) -> Refused:
    return _refused(
        _("This cannot be done: the payment is now “%(state)s”.", state=rules.STATUSES[payment.status])
    )


def _refused(why: Message) -> Refused:
    return Refused([Refusal(why)])
