from __future__ import annotations

from casework.cases.queries import dossier_of
from casework.documents.queries import documents_of
from casework.funds.paying import confirm_payment, record_slip
from casework.funds.queries import balance, payments_of
from casework_programs.subsidy.queries import assessment_of

YUAN = 100


def test_aid_goes_from_the_application_to_the_settled_bill(office, clock):
    case = office.decided()
    assert case.state == "committee"
    frozen = assessment_of(office.as_system(), case.id)
    assert frozen.award == 9796 * YUAN
    office.move(case, "publish-notice", "fund")
    clock.move(days=9)
    office.move(case, "approve", "coordinator")
    assert balance(office.at("finance"), office.fund.id).committed == 9796 * YUAN
    letters = documents_of(office.at("coordinator"), case.id, "award")
    assert [letter.letter_values["capitals"] for letter in letters] == ["人民币玖仟柒佰玖拾陆元整"]
    office.move(case, "sign-agreement", "colleague", office.AGREEMENT)
    office.move(case, "order-payment", "fund")
    [payment] = payments_of(office.at("finance"), case.id)
    assert (payment.payee_name, payment.amount) == ("First hospital", 9796 * YUAN)
    confirm_payment(office.at("finance"), payment)
    work = office.at("finance-two")
    outcome = record_slip(
        work,
        payment,
        amount=9796 * YUAN,
        payee_name="First hospital",
        slip_number="S-1",
        paid_on=work.today,
    )
    assert outcome.paid
    assert dossier_of(office.at("fund"), case.id).case.state == "paid"
    settlement = {
        "settled_on": work.today.isoformat(),
        "receipt_number": "R-1",
        "used_amount": 9000 * YUAN,
        "returned_amount": 796 * YUAN,
    }
    office.move(case, "settle", "fund", settlement)
    assert balance(office.at("finance"), office.fund.id).bank == (100_000 - 9000) * YUAN
