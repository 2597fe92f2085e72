from __future__ import annotations

import sqlalchemy as sa

from casework.documents import letters
from casework.documents.queries import documents_of
from casework.portal.accounts import account_for_phone
from casework.portal.model import Text
from casework.staff.usecases import give_case_grant


def written(office, case, kind, monkeypatch):
    """The letter of a kind as the page that is set; setting itself is the core's."""
    monkeypatch.setattr(letters, "typeset", lambda html, **_told: html.encode())
    work = office.as_system()
    [document] = documents_of(work, case.id, kind)
    return letters.write_letter(work, document).content.decode()


def test_the_letter_of_an_award_tells_the_amount_twice_and_how_it_came_about(office, monkeypatch):
    page = written(office, office.approved(), "award", monkeypatch)
    assert "9,796.00" in page
    assert "人民币玖仟柒佰玖拾陆元整" in page
    assert "16,326.83" in page


def test_the_letters_of_a_refusal_and_of_an_appeal_tell_what_can_be_done(office, monkeypatch):
    case = office.submitted()
    office.move(case, "reject", "coordinator", office.REFUSAL)
    assert "Bank statements of 12 months." in written(office, case, "refusal", monkeypatch)
    office.move(case, "appeal", "worker", {"appeal_why": "It has changed.", "appeal_new": False})
    said = {"result": "uphold", "explanation": "It has not.", "other_help": "Civil affairs."}
    office.move(case, "decide-appeal-uphold", "chief", said)
    assert "Civil affairs." in written(office, case, "appeal", monkeypatch)


def test_a_text_says_that_there_is_news_once_and_only_to_who_agreed(office):
    case = office.begin()
    work = office.as_system()
    account = account_for_phone(work, "+8613800138000")
    give_case_grant(work, account_id=account.id, case_id=case.id, role="client", reason="test")
    office.move(case, "submit", "worker", office.APPLICATION)
    texts = office.as_system().session.scalars(sa.select(Text).where(Text.case_id == case.id)).all()
    assert [text.purpose for text in texts] == ["subsidy"]
