"""The office carries an application to the settled bill, each on a screen of their own, and the mother follows it.

LOOK_AT=folder keeps a picture of every page, to be looked at.
"""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from casework_programs.subsidy.committee import cast_vote, committee_file

from .steps import CHILD, make_move, photo, save_letter

AWARD = "9,796.00"
CAPITALS = "人民币玖仟柒佰玖拾陆元整"


@pytest.fixture
def language():
    return "zh_Hans"


def test_the_office_finds_out_what_is_missing_and_recommends_an_amount(enter, family, visit):
    officer = enter("fund")
    officer.look("aid-officer-day")
    officer.open(family.case)
    officer.look("aid-case-submitted")
    ask_for_papers(officer)
    mother = family.look_in()
    mother.look("aid-status-supplement")
    answer(mother)
    officer.open(family.case)
    make_move(officer, "Accept the application")
    officer.follow("Choose who makes the visit")
    officer.main.get_by_role("combobox").select_option(index=1)
    chosen = officer.main.locator("option:checked").inner_text()
    officer.press("Choose who makes the visit")
    visitor = enter("worker" if chosen.startswith("Worker") else "colleague", family.case)
    visitor.look("aid-case-verification")
    record_the_visit(visitor)
    supervisor = enter("supervisor", family.case)
    recommend(supervisor)
    supervisor.follow("Arithmetic")
    expect(supervisor.main).to_contain_text(CAPITALS)
    expect(supervisor.main).to_contain_text(AWARD)
    supervisor.look("aid-arithmetic")
    supervisor.print("aid-arithmetic")


def ask_for_papers(officer):
    """The fund officer names everything that is missing at once."""
    make_move(
        officer,
        "Ask for what is missing",
        "subsidy.supplement-request",
        look="aid-move-supplement",
        missing=(
            {
                "missing_kind": "income",
                "missing_what": "父亲单位盖章的收入证明；没有单位的，村委会证明也可以。",
            },
            {"missing_kind": "diagnosis", "missing_what": "诊断证明请到医务科盖章。"},
        ),
        note="有困难请打电话给医务社工。",
    )


def answer(mother):
    """The mother adds a photo and says so."""
    expect(mother.main).to_contain_text("父亲单位盖章的收入证明")
    mother.follow("Add papers")
    mother.look("aid-papers-supplement")
    mother.follow("Proof of income")
    mother.main.locator("input[type=file]").set_input_files(
        [{"name": "IMG_9.jpg", "mimeType": "image/jpeg", "buffer": photo()}]
    )
    mother.press("Send the photo")
    mother.open(mother.path.partition("/papers")[0])
    mother.follow("Send what was missing")
    mother.answer("subsidy.supplement", added="收入证明盖章了。", cannot_get=False)
    mother.look("aid-step-supplement")
    mother.press("Send what was missing")
    expect(mother.page.get_by_role("heading", level=1)).to_have_text(mother.say("Handed in"))


def record_the_visit(visitor):
    """Two people went; one of them writes down what they saw."""
    make_move(
        visitor,
        "Record the visit",
        "subsidy.visit",
        look="aid-move-visit",
        visit_place="home",
        second_person="李护士",
        second_person_from="ward",
        spoke_with=["patient", "family"],
        originals_seen=["identity-card", "household-register", "bills"],
        household_agrees=True,
        means_agree=True,
        findings="一套小房子，很整洁。父亲在上班，奶奶在家带弟弟。",
        relation=False,
        other_sources=["none"],
        opinion="support",
        opinion_why="收入和单据与申请一致。",
    )


def recommend(supervisor):
    """The supervisor confirms every figure that the family wrote, and recommends what the test gives."""
    supervisor.follow("Recommend an amount")
    review = supervisor.library["subsidy.review"]
    supervisor.answer("subsidy.review", patient_birth="2019-05-01")
    for number in range(1, 5):
        title = supervisor.say(
            "%(title)s: %(number)s", title=supervisor.say(review.item("household").text), number=number
        )
        member = supervisor.main.get_by_role("group", name=title, exact=True)
        supervisor.answer("subsidy.review", member, member_counts=True)
    bill = supervisor.say("%(title)s: %(number)s", title=supervisor.say(review.item("bills").text), number=1)
    supervisor.answer(
        "subsidy.review",
        supervisor.main.get_by_role("group", name=bill, exact=True),
        bill_number="0440-2026-17",
        bill_total="186420.35",
    )
    supervisor.answer(
        "subsidy.review",
        related=False,
        duplicates_seen="无",
        recommendation="grant",
        recommendation_why="各项材料一致。",
    )
    supervisor.look("aid-move-review")
    supervisor.press("Recommend an amount")
    expect(supervisor.main).to_contain_text(
        supervisor.say("Done: %(move)s.", move=supervisor.say("Recommend an amount"))
    )


@pytest.fixture
def recommended(office, family, keep):
    """The family's application, with an amount recommended and not voted on."""
    case = family.of(office)
    office.move(case, "accept", "fund")
    office.move(case, "assign", "fund", worker_id=office.network["colleague"].id)
    office.move(case, "verify", "colleague", office.VISIT)
    office.move(case, "recommend", "supervisor", office.REVIEW)
    keep()
    return family


def test_the_committee_votes_and_the_award_is_shown_in_public_and_approved(
    enter, visit, recommended, service, run_jobs
):
    family = recommended
    for number, name in enumerate(("committee", "committee-two", "committee-three")):
        vote(enter(name), look=number == 0)
    officer = enter("fund", family.case)
    make_move(officer, "Publish the notice")
    officer.look("aid-case-notice")
    public = visit("/notices", "phone")
    public.look("aid-notices")
    expect(public.main).to_contain_text("陈某")
    expect(public.main).not_to_contain_text(CHILD)
    service.clock.move(days=8)
    coordinator = enter("coordinator", family.case)
    coordinator.look("aid-case-to-approve")
    make_move(coordinator, "Approve")
    run_jobs()
    public.page.reload()
    expect(public.main).to_contain_text(public.say("No notice is shown at the moment"))
    mother = family.look_in()
    mother.look("aid-status-approved")
    assert save_letter(mother, "Decision: aid is granted", "aid-award").startswith(b"%PDF")
    mother.follow("Sign the agreement")
    expect(mother.main).to_contain_text(CAPITALS)
    mother.look("aid-step-agreement")
    mother.answer(
        "subsidy.agreement",
        agrees="yes",
        payee_kind="hospital",
        signer="guardian",
        signer_name="李秀英",
    )
    mother.answer("subsidy.agreement", signer_identity="440605198907120020")
    mother.press("Sign the agreement")
    expect(mother.page.get_by_role("heading", level=1)).to_have_text(mother.say("Agreement signed"))
    mother.look("aid-status-agreement")


def vote(member, look=False):
    """A member of the committee reads the file without a name, and votes."""
    if look:
        member.look("aid-member-day")
    member.page.goto(member.url + "/programs/subsidy/committee")
    if look:
        member.look("aid-votes")
    expect(member.main).not_to_contain_text(CHILD)
    member.main.get_by_role("table").get_by_role("link").first.click()
    expect(member.main).to_contain_text(CAPITALS)
    if look:
        member.press("Vote")
        member.look("aid-vote")
    member.choose("How do you vote?", "For it")
    member.press("Vote")
    expect(member.main).to_contain_text(member.say("Your vote is recorded."))


@pytest.fixture
def agreed(office, recommended, service, keep):
    """An award that was approved and agreed to."""
    case = recommended.of(office)
    for name in office.VOTERS:
        work = office.at(name)
        cast_vote(work, committee_file(work, case.id), "yes", "")
    office.move(case, "publish-notice", "fund")
    keep()
    service.clock.move(days=8)
    office.move(case, "approve", "coordinator")
    office.move(case, "sign-agreement", "colleague", {**office.AGREEMENT, "signed_on": "2026-03-10"})
    keep()
    return recommended


def test_the_money_is_ordered_confirmed_paid_and_settled_by_different_people(enter, agreed, service):
    family = agreed
    officer = enter("fund", family.case)
    make_move(officer, "Order the payment", look="aid-move-payment")
    treasurer = enter("finance", "/payments")
    treasurer.look("aid-payments")
    treasurer.main.get_by_role("table").get_by_role("link").first.click()
    payment = treasurer.path
    treasurer.press("Confirm the payment")
    second = enter("finance-two", payment)
    second.type("Amount in yuan", "9796")
    second.type("Payee on the slip", "First hospital")
    second.type("Number of the slip", "2026031000017")
    second.type("Paid on", "2026-03-10")
    second.press("Record the payment")
    expect(second.main).to_contain_text(second.say("The payment is recorded as paid."))
    second.look("aid-payment-paid")
    mother = family.look_in()
    expect(mother.page.get_by_role("heading", level=1)).to_have_text(mother.say("Paid"))
    mother.look("aid-status-paid")
    officer.open(family.case)
    officer.look("aid-case-paid")
    make_move(
        officer,
        "Settle with the hospital's receipt",
        "subsidy.settlement",
        look="aid-move-settle",
        receipt_number="R-17",
        used_amount="9000",
        returned_amount="796",
    )
    service.clock.move(days=20)
    worker = enter("colleague", family.case)
    worker.follow("Follow-up after the payment")
    worker.answer(
        "subsidy.follow-up", way="phone", treatment_now="goes-on", reached_bill=True, needs_more=False
    )
    worker.look("aid-follow-up")
    worker.press("Sign")
    expect(worker.main).to_contain_text(
        worker.say("“%(form)s” is signed.", form=worker.say("Follow-up after the payment"))
    )
    officer = enter("fund", family.case)
    make_move(officer, "Close")
    officer.look("aid-case-closed")
    mother = family.look_in()
    mother.look("aid-status-closed")
