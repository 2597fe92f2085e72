"""A case from referral to follow-up, told as the people who carry it see it on their screens.

LOOK_AT=folder keeps a picture of every page, to be looked at.
"""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from playwright.sync_api import expect

from casework.handbook.clauses import handbook_of
from casework.i18n import pgettext
from casework.people.usecases import register_person
from casework.plans.rules import RATINGS, STATUSES

NAME = "区广才"
ID_NUMBER = "990101195803127712"
FEW_STEPS = 3
"""What logging a contact from "My day" may ask besides the text."""


@dataclass
class Thread:
    """The people of the thread, the clock, and the address of the case."""

    service: object
    enter: object
    case: str = ""

    def on_case(self, name, width="desk"):
        return self.enter(name, self.case, width)

    def clause(self, clause_id):
        with self.service.work() as work:
            return handbook_of(work.programs).get(clause_id)


def make_move(reader, title, form=None, look=None, **answers):
    """Follow a next step, answer what it asks, and make it."""
    reader.follow(title)
    if look:
        reader.look(look)
    if form:
        reader.answer(form, **answers)
    reader.press(title)
    expect(reader.main).to_contain_text(reader.say("Done: %(move)s.", move=reader.say(title)))


def sign(reader, title, form, look=None, **answers):
    """Open a form from the case page, fill it in and sign it."""
    reader.follow(title)
    if look:
        reader.look(look)
    reader.answer(form, **answers)
    reader.press("Sign")
    expect(reader.main).to_contain_text(reader.say("“%(form)s” is signed.", form=reader.say(title)))


@pytest.fixture
def thread(service, people, enter):
    with service.work() as work:
        register_person(
            work,
            unit_id=people.units["hospital"].id,
            full_name=NAME,
            phone="13800138000",
            id_type="01",
            id_number=ID_NUMBER,
        )
        register_person(work, unit_id=people.units["hospital"].id, full_name="欧阳静", phone="13800138001")
    return Thread(service, enter)


def test_a_case_is_carried_from_referral_to_follow_up(thread, service, people):
    refer(thread, people)
    assign(thread)
    meet(thread)
    consent_and_assess(thread, service)
    agree_on_goals(thread)
    suspend_and_resume(thread, service)
    hand_over(thread, service)
    close(thread)
    look_back(thread)


def refer(thread, people):
    """The nurse searches before she creates, finds the patient four ways, and refers him."""
    nurse = thread.enter("nurse")
    nurse.look("nurse-day-empty")
    nurse.follow("Refer someone", nurse.page.get_by_role("navigation"))
    nurse.look("refer-search")
    for typed in (NAME, "ouguangcai", "ogc", ID_NUMBER):
        nurse.type("Name, pinyin, initials, phone or identity number", typed)
        nurse.press("Search", nurse.main)
        expect(nurse.main.get_by_text(NAME, exact=True)).to_be_visible()
        expect(nurse.main.get_by_text("欧阳静")).to_have_count(0)
    nurse.look("refer-found")
    nurse.follow("Refer this person")
    nurse.press("Send the referral")
    expect(nurse.main.get_by_role("alert").get_by_role("link")).to_have_count(4)  # all at once
    nurse.look("refer-problems")
    nurse.select("Ward or unit", people.units["ward"].names[nurse.words.language])
    nurse.answer(
        "referral",
        urgency="urgent",
        reasons=["financial", "caregiver"],
        story="Cannot pay for the second operation; his wife sleeps on a chair.",
        source="ward",
        knows_diagnosis="partly",
        agrees="no",
    )
    nurse.answer("referral", agrees_why="He was asleep.")  # asked because of the answer before
    nurse.answer("referral", agrees="yes")
    nurse.look("refer-filled")
    nurse.press("Send the referral")
    expect(nurse.main.get_by_role("status")).to_contain_text(NAME)
    nurse.look("referrals")
    nurse.open("/")
    nurse.look("nurse-day")


def assign(thread):
    """The coordinator finds the referral on her first page and assigns a worker."""
    coordinator = thread.enter("coordinator")
    coordinator.look("coordinator-day")
    coordinator.link(NAME).first.click()
    thread.case = coordinator.path
    coordinator.look("case-referred")
    coordinator.follow("Assign a worker")
    coordinator.look("move-assign")
    coordinator.main.get_by_role("combobox").select_option(index=1)
    chosen = coordinator.main.locator("option:checked").inner_text()
    if not chosen.startswith("Worker"):
        coordinator.main.get_by_role("combobox").select_option(index=2)
    coordinator.press("Assign a worker")
    expect(coordinator.main).to_contain_text(coordinator.say("Screening"))


def record_contact(reader, text):
    """Open, type, save: from "My day"."""
    reader.open("/")
    reader.steps = 0
    reader.unfold("Record a contact")
    reader.type("What was seen, said and agreed", text)
    reader.press("Save the contact")
    expect(reader.main).to_contain_text(reader.say("Contact recorded: %(name)s.", name=NAME))
    assert reader.steps <= FEW_STEPS


def meet(thread):
    """The worker sees the deadline and the clause behind it, meets the patient, and takes the case on."""
    worker = thread.enter("worker")
    clause = thread.clause("casework.first-contact-urgent")
    duty = worker.main.get_by_role("listitem").filter(has_text=worker.words.names(clause.titles))
    expect(duty).to_contain_text(NAME)
    expect(duty.get_by_role("time")).to_be_visible()
    worker.look("worker-day")
    worker.follow(worker.say("Standard %(number)s", number=clause.number), duty)
    expect(worker.main.get_by_role("heading", level=1)).to_contain_text(clause.number)
    worker.look("clause")
    record_contact(worker, "Sat with him; he is worried about the bill.")
    expect(duty).to_have_count(0)
    worker.look("worker-day-contact-recorded")
    worker.open(thread.case)
    make_move(
        worker,
        "Take the case on",
        "screening",
        look="move-screening",
        self_harm=False,
        harm_to_others=False,
        abuse=False,
        no_carer=False,
        cannot_pay=True,
        leaving=False,
        reason="He asks for help with the bill.",
    )


def consent_and_assess(thread, service):
    """Consent comes before the assessment; high risk is countersigned before anything is built on it."""
    worker = thread.on_case("worker")
    worker.unfold(worker.say("Why not “%(move)s”?", move=worker.say("Begin the assessment")))
    expect(worker.main).to_contain_text(worker.say("The client has not consented to the service yet."))
    worker.look("case-intake")
    worker.open(f"{thread.case}/moves/begin-assessment")
    expect(worker.main).to_contain_text(worker.say("The client has not consented to the service yet."))
    worker.look("move-refused")
    worker.open(thread.case)
    sign(
        worker,
        "Consent and service agreement",
        "consent",
        look="form-consent",
        notice_language="yue",
        limits_explained=True,
        purposes=["service", "health-data", "follow-up"],
        method="ink",
    )
    make_move(worker, "Begin the assessment", look="move-begin-assessment")
    worker.follow("Psychosocial assessment")
    worker.look("form-assessment")
    pages = [
        {"problem": "The bill.", "wishes": "To sleep at home."},
        {"function": "some-help", "function_note": "Stairs are hard."},
        {
            "suicide": "thoughts",
            "suicide_note": "Passing thoughts at night; his wife holds him.",
            "violence": False,
            "risk_level": "high",
            "safety_plan": "His wife stays; the phone numbers are on the card.",
        },
        {"carers": "His wife, day and night."},
        {"income": "3200"},
        {"strengths": "His family, and his humour."},
        {},
        {},
    ]
    for number, answers in enumerate(pages, 1):
        worker.answer("psychosocial", **answers)
        if number < len(pages):
            if answers.get("suicide"):
                worker.look("form-assessment-safety")
            worker.press("Continue")
            title = worker.library["psychosocial"].sections[number].text
            expect(
                worker.main.get_by_role("heading", level=2, name=worker.say(title), exact=True)
            ).to_be_visible()
    first = worker.main.get_by_role(
        "group", name=worker.say("%(title)s: %(number)s", title=worker.say("Needs"), number=1)
    )
    worker.answer("psychosocial", first, need="financial", severity="2")
    worker.answer("psychosocial", formulation="Debt weighs on him.", next_step="Plan together.")
    worker.look("form-assessment-last")
    worker.press("Sign")
    expect(worker.main).to_contain_text(
        worker.say("“%(form)s” is signed.", form=worker.say("Psychosocial assessment"))
    )
    worker.follow("Psychosocial assessment", worker.main.locator(".files"))
    worker.look("response-assessment")
    worker.print("response-assessment")

    supervisor = thread.enter("supervisor")
    supervisor.look("supervisor-day")
    supervisor.open(thread.case)
    make_move(supervisor, "Countersign the high-risk assessment")
    service.clock.move(minutes=5)
    worker = thread.on_case("worker")
    make_move(worker, "Plan with the client")


def agree_on_goals(thread):
    """Two goals, the plan, and the service begins; two more contacts from "My day", one written late."""
    worker = thread.on_case("worker")
    for number, text in enumerate(("The bill of March is paid", "His wife sleeps at home again")):
        worker.follow("Set a goal", worker.main.locator("#goals"))
        if number == 0:
            worker.look("goal")
        worker.type("What is to be reached", text)
        worker.select(pgettext("goal", "What it is about"), "Money and insurance")
        worker.type("Where things stand now", "Open since February.")
        worker.type("What will be seen when it is reached", "A receipt.")
        worker.type("How it is measured", "The receipt is in the file.")
        worker.type("By when", "2026-04-01")
        worker.choose("How important it is to the client", pgettext("weight", "very much"))
        worker.choose("How hard it is to reach", pgettext("weight", "some"))
        worker.press("Save the goal")
        expect(worker.main.locator("#goals")).to_contain_text(text)
    sign(
        worker,
        "Plan agreement",
        "plan",
        look="form-plan",
        frequency="weekly",
        review_on="2026-04-02",
        agreement="signed",
    )
    make_move(worker, "Begin the service")
    worker.look("case-service")
    record_contact(worker, "The medical aid office was called together.")
    record_contact(worker, "Form for aid filled in with his wife.")


def record_a_late_contact(worker):
    """The longer form says when it happened; what is written down a day later is marked as late."""
    worker.open("/")
    worker.unfold("Record a contact")
    worker.main.get_by_role("link").filter(has_text=worker.say("More fields")).click()
    worker.look("form-contact")
    worker.answer(
        "contact-note", content="Called him in the morning.", began_at="2026-03-02T11:30", type="phone"
    )
    worker.press("Sign")
    expect(worker.main.locator("#timeline")).to_contain_text(worker.say("recorded late"))
    worker.look("case-contacts")


def due_on_screen(reader, clause):
    """When a duty is due, as the case page says."""
    duty = reader.page.locator(".duty").filter(has_text=reader.words.names(clause.titles)).first
    return duty.locator("time").get_attribute("datetime")


def suspend_and_resume(thread, service):
    """While the case is suspended its clocks stand still; resumed, the deadline lies later on the screen."""
    clause = thread.clause("casework.review")
    service.clock.move(days=2)
    worker = thread.on_case("worker")
    record_a_late_contact(worker)
    before = due_on_screen(worker, clause)
    make_move(
        worker,
        "Suspend",
        "suspension",
        look="move-suspend",
        cause="elsewhere",
        reason="Surgery in another hospital.",
        until="2026-03-20",
        client_told=True,
    )
    expect(worker.page.get_by_text(worker.say("Clock stands still")).first).to_be_visible()
    worker.look("case-suspended")
    service.clock.move(days=7)
    worker = thread.on_case("worker")
    make_move(worker, "Resume", look="move-resume")
    after = due_on_screen(worker, clause)
    assert before < after


def hand_over(thread, service):
    """The hand-over page is filled in, the colleague has the case, and the former worker only reads."""
    worker = thread.on_case("worker")
    worker.follow("Hand over to a colleague")
    worker.look("move-hand-over")
    box = worker.main.get_by_role("combobox").first
    label = box.locator("option").filter(has_text="Colleague").inner_text()
    box.select_option(label=label)
    worker.answer(
        "hand-over",
        situation="The bill is half paid.",
        open_tasks="Apply for aid until Friday.",
        risks="None now.",
        client_told="not-yet",
    )
    worker.answer("hand-over", told_when="The colleague, on Monday.")
    worker.press("Hand over to a colleague")
    expect(worker.main).to_contain_text(
        worker.say("Done: %(move)s.", move=worker.say("Hand over to a colleague"))
    )
    expect(worker.link("Suspend")).to_have_count(0)
    worker.look("case-handed-over")
    service.clock.move(days=8)
    former = thread.enter("worker", thread.case)
    expect(former.main.get_by_text(NAME)).to_have_count(0)
    former.look("not-found")


def close(thread):
    """The colleague rates, evaluates and writes the closure; the supervisor signs with open duties."""
    colleague = thread.enter("colleague")
    colleague.look("colleague-day")
    colleague.open(thread.case)
    for number in range(2):
        colleague.main.locator("#goals").get_by_role("link").filter(has_text=colleague.say("Rate")).nth(
            number
        ).click()
        if number == 0:
            colleague.look("goal-rating")
        colleague.choose("How far was it reached?", RATINGS[1])
        colleague.choose("What becomes of the goal?", STATUSES["reached"])
        colleague.press("Save the rating")
        expect(colleague.main.locator("#goals")).to_be_visible()
    make_move(colleague, "Evaluate the service")
    make_move(
        colleague,
        "Submit the closure to the supervisor",
        "closure",
        look="move-closure",
        reason="goals-achieved",
        summary="The bill is paid.",
        feedback_asked=True,
        follow_up="agreed",
        follow_up_how="By phone.",
        how_to_return=True,
    )
    supervisor = thread.on_case("supervisor")
    supervisor.look("case-closing")
    supervisor.follow("Sign the closure")
    expect(supervisor.main).to_contain_text(
        supervisor.say("These duties are still open. If the case is closed now, they stay missed for ever.")
    )
    supervisor.look("move-close")
    supervisor.press("Sign the closure")
    expect(supervisor.main.get_by_role("alert")).to_be_visible()
    supervisor.type("Reason", "The patient went home before the referrer could be told.")
    supervisor.press("Sign the closure")
    expect(supervisor.main).to_contain_text(supervisor.say("Closed"))
    expect(supervisor.page.locator(".duty").filter(has_text=supervisor.say("Missed")).first).to_be_visible()
    for clause_id in ("casework.follow-up-one-month", "casework.follow-up-three-months"):
        assert due_on_screen(supervisor, thread.clause(clause_id))
    supervisor.look("case-closed")


def look_back(thread):
    """The timeline tells who, when it happened and when it was recorded, and can be filtered."""
    colleague = thread.on_case("colleague")
    timeline = colleague.main.locator("#timeline")
    for line in (
        "Referral received",
        "Worker assigned",
        "Consent signed",
        "Suspended",
        "Resumed",
        "Handed over",
        "Closed",
    ):
        expect(timeline.get_by_text(colleague.say(line), exact=True).first).to_be_visible()
    for who in ("Nurse", "Coordinator", "Worker", "Colleague", "Supervisor"):
        expect(timeline.get_by_text(who, exact=True).first).to_be_visible()
    late = timeline.locator(".happening").filter(has_text=colleague.say("recorded late"))
    expect(late).to_have_count(1)
    expect(late.locator(".happening__meta")).to_contain_text("11:30")
    colleague.select("Show", "Contacts", timeline)
    expect(timeline.get_by_text(colleague.say("Consent signed"), exact=True)).to_have_count(0)
    expect(timeline.get_by_text("Called him in the morning.")).to_be_visible()
    colleague.look("case-filtered")
    colleague.open(thread.case)
    colleague.print("case")
    expect(timeline.get_by_text("Called him in the morning.")).to_be_visible()
    expect(colleague.page.get_by_role("navigation")).to_have_count(0)
    expect(timeline.get_by_role("combobox")).to_have_count(0)
