"""The evidence sheet tells of a case what each clause asked, in the words of its edition, and what answered."""

from __future__ import annotations

import pytest

from casework.documents.model import Document
from casework.forms.library import library_of
from casework.forms.usecases import sign
from casework.handbook.evidence import evidence_of, issue_evidence
from casework.handbook.usecases import put_in_force
from casework.testing.referrals import refer_somebody

CONTACT = {
    "began_at": "2026-03-02T10:00+08:00",
    "type": "ward",
    "outcome": "done",
    "content": "Sat with him.",
}


@pytest.fixture
def case(work, network, as_actor, as_system):
    put_in_force(work)
    case = refer_somebody(as_actor(network["nurse"]), network.units["hospital"].id, urgency="urgent")
    worker = as_system()
    sign(worker, library_of(worker)["contact-note"], case, CONTACT)
    return case


def test_each_duty_stands_with_its_sentence_and_its_answer(case, as_actor, network):
    work = as_actor(network["supervisor"])
    found = {line.clause: line for line in evidence_of(work, case)}
    contact = found["casework.first-contact-urgent"]
    assert contact.state == "met"
    assert "1 working day" in contact.sentences["en"]
    assert str(contact.opened_by) == "Referral received"
    assert str(contact.closed_by) == "Contact recorded"
    assert contact.opened_at <= contact.closed_at <= contact.due_at


def test_who_may_not_open_the_case_sees_nothing_of_it(case, as_actor, network):
    assert evidence_of(as_actor(network["other-supervisor"]), case) == []


def test_it_is_shown_and_set_as_a_document_of_the_case(case, as_actor, network, browse):
    page = browse(network["supervisor"]).get(f"/cases/{case.id}/evidence")
    assert "within 1 working day" in page.text
    work = as_actor(network["supervisor"])
    document = work.session.get(Document, issue_evidence(work, case).id)
    assert document.compartment == case.compartment
    assert any("working day" in line["sentence"] for line in document.letter_values["lines"])
    assert all(line["state"] for line in document.letter_values["lines"])
