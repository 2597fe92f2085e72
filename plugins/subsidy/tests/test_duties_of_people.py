"""Who filled in, visited, recommended, voted, decided and ordered the payment are different people."""

from __future__ import annotations

import pytest

from casework.errors import Forbidden, Missing, Refused
from casework.funds.paying import confirm_payment
from casework.funds.queries import payments_of
from casework.staff.usecases import give_case_grant, give_unit_grant


def refusals(caught):
    return " ".join(refusal.reason.text for refusal in caught.value.refusals)


def also(office, who, role, unit="district"):
    """Let somebody hold a second role, so that only the parts that were taken stand in the way."""
    work = office.as_system()
    give_unit_grant(
        work,
        account_id=office.network[who].id,
        role=role,
        unit_id=office.network.units[unit].id,
        reason="test",
    )


def test_who_filled_in_does_not_accept(office):
    case = office.submitted()
    also(office, "worker", "fund_officer")
    with pytest.raises(Refused) as caught:
        office.move(case, "accept", "worker")
    assert "filled in" in refusals(caught)


def test_who_filled_in_does_not_make_the_visit(office):
    case = office.submitted()
    office.move(case, "accept", "fund")
    office.move(case, "assign", "fund", worker_id=office.network["colleague"].id)
    work = office.as_system()
    give_case_grant(
        work, account_id=office.network["worker"].id, case_id=case.id, role="worker", reason="test"
    )
    with pytest.raises(Refused) as caught:
        office.move(case, "verify", "worker", office.VISIT)
    assert "filled in" in refusals(caught)


PARTS = {
    "worker": "filled in",
    "colleague": "visit",
    "supervisor": "recommended",
    "committee": "voted",
    "coordinator": "approved",
}
"""What everybody did until the award is approved, in the words of the refusals."""


def refused(office, case, key, who, answers=None):
    with pytest.raises(Refused) as caught:
        office.move(case, key, who, answers)
    return refusals(caught)


def test_who_filled_in_or_visited_does_not_recommend(office):
    case = office.visited()
    for who in ("worker", "colleague"):
        also(office, who, "supervisor")
        assert PARTS[who] in refused(office, case, "recommend", who, office.REVIEW)


def test_who_took_part_before_finds_no_file_to_vote_on(office):
    case = office.recommended()
    for who in ("worker", "colleague", "supervisor"):
        also(office, who, "committee")
        with pytest.raises(Missing):
            office.vote(case, who)


def test_who_took_part_before_does_not_approve(office):
    case = office.decided(notice=False)
    for who in ("worker", "colleague", "supervisor", "committee"):
        also(office, who, "coordinator")
        assert PARTS[who] in refused(office, case, "approve", who)


def test_who_took_part_before_does_not_order_the_payment(office):
    case = office.approved()
    office.move(case, "sign-agreement", "colleague", office.AGREEMENT)
    for who, said in PARTS.items():
        also(office, who, "fund_officer")
        assert said in refused(office, case, "order-payment", who)


def confirm(office, case, who):
    work = office.at(who)
    (payment,) = payments_of(work, case.id)
    with work.session.begin_nested():
        confirm_payment(work, payment)


def test_who_took_part_before_does_not_confirm_the_payment(office):
    case = office.ordered()
    for who, said in PARTS.items():
        also(office, who, "finance")
        with pytest.raises(Refused) as caught:
            confirm(office, case, who)
        assert said in refusals(caught)
    also(office, "fund", "finance")
    with pytest.raises(Refused) as caught:
        confirm(office, case, "fund")
    assert "ordered this payment yourself" in refusals(caught)
    confirm(office, case, "finance")


def test_nobody_confirms_a_payment_to_herself(office):
    case = office.ordered()
    work = office.as_system()
    office.network["finance"].person_id = case.person_id
    work.session.flush()
    with pytest.raises(Refused) as caught:
        confirm(office, case, "finance")
    assert "your own" in refusals(caught)


def test_nobody_decides_on_an_application_of_her_own(office):
    case = office.decided(notice=False)
    work = office.as_system()
    office.network["coordinator"].person_id = case.person_id
    work.session.flush()
    assert "your own" in refused(office, case, "approve", "coordinator")


def test_a_step_is_made_by_its_role_alone(office):
    case = office.decided()
    for key, who in (
        ("approve", "fund"),
        ("approve", "supervisor"),
        ("publish-notice", "coordinator"),
        ("reject", "fund"),
        ("record-payment", "fund"),
    ):
        with pytest.raises(Forbidden):
            office.move(case, key, who)


def test_whom_the_file_is_closed_to_finds_no_case(office):
    case = office.decided()
    for who in ("nurse", "finance", "mediator", "other-coordinator", "worker"):
        with pytest.raises(Missing):
            office.move(case, "approve", who)
