"""A refusal that says why and what to do, and another look by other people.

LOOK_AT=folder keeps a picture of every page, to be looked at.
"""

from __future__ import annotations

from datetime import date

import pytest
from playwright.sync_api import expect

from casework.documents.queries import documents_of

from .steps import make_move, photo, save_letter

EXPLAINED = "材料中看不出家庭收入。"
BRING = "请带最近12个月的银行流水。"


@pytest.fixture
def reviewed(office, family, keep):
    """The family's application, visited, with an amount recommended."""
    case = family.of(office)
    office.move(case, "accept", "fund")
    office.move(case, "assign", "fund", worker_id=office.network["colleague"].id)
    office.move(case, "verify", "colleague", office.VISIT)
    office.move(case, "recommend", "supervisor", office.REVIEW)
    keep()
    return family


def test_a_refusal_is_appealed_on_the_phone_and_looked_at_by_others(enter, reviewed, office, run_jobs):
    family = reviewed
    coordinator = enter("coordinator", family.case)
    make_move(
        coordinator,
        "Refuse",
        "subsidy.refusal",
        look="aid-move-refuse",
        reason="papers",
        explanation=EXPLAINED,
        bring=BRING,
        other_help="区民政局，电话 0757-86223344。",
    )
    run_jobs()
    letter = documents_of(office.as_system(), family.case_id, "refusal")[0].letter_values
    assert (letter["explanation"], letter["bring"], letter["until"]) == (EXPLAINED, BRING, "2026-04-01")
    mother = family.look_in()
    mother.look("aid-status-rejected")
    assert save_letter(mother, "Decision: aid is not granted", "aid-refusal").startswith(b"%PDF")
    send_one_more_paper(mother)
    mother.follow("Ask for another look")
    mother.answer("subsidy.appeal", appeal_why="银行流水补来了。", appeal_new=True)
    mother.answer("subsidy.appeal", appeal_new_what="父亲12个月的银行流水。")
    mother.look("aid-step-appeal")
    mother.press("Ask for another look")
    expect(mother.page.get_by_role("heading", level=1)).to_have_text(mother.say("Another look"))
    mother.look("aid-status-appeal")
    let_others_decide(enter, coordinator, family)
    mother.page.reload()
    expect(mother.page.get_by_role("heading", level=1)).to_have_text(mother.say("First review"))


def send_one_more_paper(mother):
    """Until the last day for it, which stands there, she adds what is new."""
    day = mother.words.day(date(2026, 4, 1))
    expect(mother.main).to_contain_text(mother.say("By the end of %(day)s", day=day))
    home = mother.path
    mother.follow("Add papers")
    mother.follow("Proof of income")
    mother.main.locator("input[type=file]").set_input_files(
        [{"name": "IMG_9.jpg", "mimeType": "image/jpeg", "buffer": photo()}]
    )
    mother.press("Send the photo")
    mother.open(home)


def let_others_decide(enter, coordinator, family):
    """Whoever refused does not decide on the appeal; the other coordinator does."""
    coordinator.open(family.case)
    coordinator.unfold(coordinator.say("Why not “%(move)s”?", move=coordinator.say("Review it anew")))
    refused = "You refused this application. Somebody else has to do this."
    expect(coordinator.main).to_contain_text(coordinator.say(refused))
    coordinator.look("aid-case-appeal")
    chief = enter("chief", family.case)
    make_move(
        chief,
        "Review it anew",
        "subsidy.appeal-decision",
        look="aid-move-appeal-decision",
        result="grant",
        explanation="有了银行流水，重新初审。",
    )
