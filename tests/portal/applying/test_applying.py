from __future__ import annotations

import sqlalchemy as sa

from casework.cases.model import Case, Event
from casework.forms.model import Response
from casework.people.model import Person

from .applicants import ANSWERS, WHO


def case_of(as_system, applicant):
    return as_system().session.get_one(Case, applicant.case_id)


def test_an_application_goes_from_the_first_page_to_the_receipt(applicant, as_system) -> None:
    applicant.begin()
    page = applicant.browser.get(applicant.home).follow()
    assert "Not begun" in page.text
    applicant.do_everything()
    check = applicant.browser.get(f"{applicant.home}/check")
    assert "Leukaemia" in check.text
    assert "still missing" not in check.text
    receipt = applicant.hand_in().follow()
    case = case_of(as_system, applicant)
    assert case.number in receipt.text
    assert (case.state, case.compartment) == ("submitted", "aid")
    work = as_system()
    (signed,) = work.session.scalars(sa.select(Response).where(Response.status == "signed")).all()
    assert signed.answers["cost"] == 5200050
    assert signed.answers["members"] == [{"member_name": "陈母", "income": 300000}]
    assert (signed.compartment, signed.author_id) == ("application", applicant.account.id)
    kinds = work.session.scalars(sa.select(Event.kind).where(Event.case_id == case.id)).all()
    assert "application.begun" in kinds
    assert kinds.count("application.submitted") == 1
