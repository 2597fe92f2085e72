"""A case from referral to follow-up, told as the people who carry it live it: without scripts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
import sqlalchemy as sa

from casework.clock import MovableClock
from casework.duties.model import Duty
from casework.people.usecases import register_person
from casework.testing.browsing import Browser
from casework.testing.network import Network
from casework.work import Work


@dataclass
class Story:
    """Who is there, and the case that they carry."""

    network: Network
    browse: Callable[..., Browser]
    as_system: Callable[[], Work]
    clock: MovableClock
    case_path: str = ""

    def as_(self, name: str) -> Browser:
        """Sign in as somebody; a night's sleep ends every session."""
        return self.browse(self.network[name])


def states_of_duties(work: Work) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for clause, state in work.session.execute(sa.select(Duty.clause, Duty.state).order_by(Duty.id)):
        found.setdefault(clause, []).append(state)
    return found


def due_dates(work: Work) -> dict[str, object]:
    rows = work.session.execute(sa.select(Duty.clause, Duty.due_at).where(Duty.due_at.is_not(None)))
    return {row.clause: row.due_at for row in rows}


def main_form(page: Any) -> Any:
    """The form of a page that is not in its frame."""
    return next(f for n, f in page.forms.items() if isinstance(n, int) and f.action == "")


def move(browser: Browser, case_path: str, key: str, **answers: str) -> Any:
    """Make a move with its answers; the case page afterwards."""
    form = browser.get(f"{case_path}/moves/{key}").forms["form-main"]
    choose(form, **answers)
    return form.submit(status=303).follow()


def assess(worker: Browser, case_path: str) -> None:
    """Fill in the assessment, section by section, with high risk found."""
    answers = {
        "problem": "The bill.",
        "suicide": "thoughts",
        "suicide_note": "Passing thoughts at night.",
        "violence": "no",
        "risk_level": "high",
        "safety_plan": "His wife stays; phone numbers given.",
        "strengths": "His family.",
        "need": "financial",
        "severity": "2",
        "formulation": "Debt weighs on him.",
        "next_step": "Plan.",
    }
    page = worker.get(f"{case_path}/forms/psychosocial")
    for _section in range(20):
        answer_what_is_asked(page.forms["form-main"], answers)
        page = worker.press(page.forms["form-main"], "update").follow()  # shows what the answers ask for
        form = page.forms["form-main"]
        answer_what_is_asked(form, answers)
        if 'value="sign"' in page:
            assert form.submit("_action", "sign", status=303).location.endswith(case_path)
            return
        page = worker.press(form, "next").follow()


def answer_what_is_asked(form: Any, answers: dict[str, str]) -> None:
    for name in filter(None, form.fields):
        link_id = name.rpartition(".")[2]
        if link_id in answers and (name == link_id or name.startswith("needs.0.")):
            form[name] = answers[link_id]


def choose(form: Any, **answers: Any) -> None:
    for name, value in answers.items():
        form[name] = value


def a_nurse_refers(story: Story) -> None:
    """The nurse finds the patient by pinyin and refers him."""
    nurse = story.as_("nurse")
    page = nurse.get("/refer", {"q": "ouguangcai"}).click("Refer this person")
    form = page.forms["form-main"]
    choose(form, unit_id=str(story.network.units["ward"].id), urgency="urgent", agrees="yes", source="ward")
    choose(form, knows_diagnosis="partly")
    form.set("reasons[]", True, index=0)
    referrals = form.submit(status=303).follow()
    assert "区广才" in referrals
    assert "Referred" in referrals


def the_coordinator_assigns(story: Story) -> None:
    """The coordinator finds the referral on the first page and assigns a worker."""
    coordinator = story.as_("coordinator")
    case_page = coordinator.get("/").click("区广才", index=0)
    story.case_path = case_page.request.path
    form = case_page.click("Assign a worker").forms["form-main"]
    form["worker_id"] = str(story.network["worker"].id)
    assert "Screening" in form.submit(status=303).follow()


def the_worker_meets_him(story: Story) -> None:
    """The worker sees it with its deadline, records the first contact from there, and takes it on."""
    worker = story.as_("worker")
    day = worker.get("/")
    assert "区广才" in day
    assert "Standard" in day
    form = next(f for f in day.forms.values() if f.action.endswith("/contacts"))
    form["content"] = "Sat with him; he is worried about the bill."
    assert "Contact recorded" in form.submit(status=303).follow()


def the_worker_takes_the_case_on(story: Story) -> None:
    """A screening that says something else than the move is not signed; what was typed stays."""
    worker = story.as_("worker")
    accept = worker.get(f"{story.case_path}/moves/accept").forms["form-main"]
    for risk in ("self_harm", "harm_to_others", "abuse", "no_carer", "cannot_pay", "leaving"):
        accept[risk] = "no"
    choose(accept, eligible="yes", reason="He asks for help with the bill.", result="waitlist")
    answer = accept.submit(status=422)
    assert "goes with the answer" in answer
    assert "He asks for help with the bill." in answer
    accept["result"] = "accept"
    assert "Intake" in accept.submit(status=303).follow()


def without_consent_nothing_begins(story: Story) -> None:
    """Without consent the assessment is refused, with the clause behind it."""
    worker = story.as_("worker")
    refused = worker.get(f"{story.case_path}/moves/begin-assessment", status=409)
    assert "has not consented" in refused
    assert "/handbook/casework.consent-before-service" in refused
    form = worker.get(f"{story.case_path}/forms/consent").forms["form-main"]
    choose(form, notice_language="yue", limits_explained="yes", method="ink", child="no")
    for index in (0, 1, 8):
        form.set("purposes[]", True, index=index)
    form.submit("_action", "sign", status=303)
    move(worker, story.case_path, "begin-assessment")


def high_risk_is_countersigned(story: Story) -> None:
    """The assessment finds high risk: the supervisor countersigns before anything is built on it."""
    worker = story.as_("worker")
    assess(worker, story.case_path)
    assert "countersigns first" in worker.get(f"{story.case_path}/moves/begin-planning", status=409)
    supervisor = story.as_("supervisor")
    move(supervisor, story.case_path, "countersign-assessment")
    move(worker, story.case_path, "begin-planning")


def goals_and_a_plan_come_before_service(story: Story) -> None:
    """Two goals and the plan."""
    worker = story.as_("worker")
    assert "No goal has been set" in worker.get(f"{story.case_path}/moves/begin-service", status=409)
    for text in ("The bill of March is paid", "His wife sleeps at home again"):
        form = main_form(worker.get(f"{story.case_path}/goals/new"))
        choose(form, text=text, domain="money", baseline="open", target="paid", measure="receipt")
        choose(form, due_on="2026-04-01", importance="3", difficulty="1")
        form.submit(status=303)
    form = worker.get(f"{story.case_path}/forms/plan").forms["form-main"]
    choose(form, frequency="weekly", review_on="2026-04-02", agreement="signed")
    form.submit("_action", "sign", status=303)
    move(worker, story.case_path, "begin-service")


def a_suspension_moves_the_deadlines(story: Story) -> None:
    """Suspended, the clocks stand still; resumed, the deadlines have moved by as much."""
    story.clock.move(days=1)
    worker = story.as_("worker")
    before = due_dates(story.as_system())
    move(
        worker,
        story.case_path,
        "suspend",
        cause="elsewhere",
        reason="Surgery in another hospital.",
        until="2026-03-20",
        client_told="yes",
    )
    story.clock.move(days=7)
    worker = story.as_("worker")
    move(worker, story.case_path, "resume")
    after = due_dates(story.as_system())
    moved = {clause for clause in before.keys() & after.keys() if after[clause] > before[clause]}
    assert moved, (before, after)


def the_case_is_handed_over(story: Story) -> None:
    """Handed over, the colleague has the case; the former worker can still read, and no more."""
    worker = story.as_("worker")
    form = worker.get(f"{story.case_path}/moves/hand-over").forms["form-main"]
    choose(
        form,
        worker_id=str(story.network["colleague"].id),
        situation="Bill half paid.",
        open_tasks="Apply for aid.",
    )
    choose(form, risks="None now.", client_told="not-yet")
    asked = form.submit(status=422)
    form = asked.forms["form-main"]
    assert form["situation"].value == "Bill half paid."
    form["told_when"] = "The colleague, tomorrow on the ward."
    form.submit(status=303)
    assert worker.get(story.case_path).status_int == 200
    worker.get(f"{story.case_path}/moves/suspend", status=403)
    story.clock.move(days=8)
    worker = story.as_("worker")
    worker.get(story.case_path, status=404)


def the_colleague_writes_the_closure(story: Story) -> None:
    """The colleague rates the goals, evaluates and writes the closure."""
    colleague = story.as_("colleague")
    page = colleague.get(story.case_path)
    for link in [a["href"] for a in page.html.find_all("a") if a.get("href", "").endswith("/rating")]:
        form = main_form(colleague.get(link))
        choose(form, rating="1", status="reached")
        form.submit(status=303)
    move(colleague, story.case_path, "begin-evaluation")
    form = colleague.get(f"{story.case_path}/moves/submit-closure").forms["form-main"]
    choose(
        form, reason="goals-achieved", summary="The bill is paid.", feedback_asked="yes", follow_up="agreed"
    )
    choose(form, how_to_return="yes")
    form = form.submit(status=422).forms["form-main"]
    form["follow_up_how"] = "By phone."
    form.submit(status=303)


def the_supervisor_signs(story: Story) -> None:
    """Closing with open duties takes a typed reason, and they stay missed."""
    supervisor = story.as_("supervisor")
    closing = supervisor.get(f"{story.case_path}/moves/close")
    form = closing.forms["form-main"]
    assert "still open" in closing
    refused = form.submit(status=422)
    assert "Write why the case is closed all the same" in refused
    form["reason"] = "The patient went home before the review was due."
    form.submit(status=303)
    duties = states_of_duties(story.as_system())
    assert "missed" in {state for states in duties.values() for state in states}
    assert duties["casework.follow-up-one-month"] == ["open"]


def the_timeline_tells_all_of_it(story: Story) -> None:
    """The timeline tells all of it."""
    colleague = story.as_("colleague")
    timeline = colleague.get(story.case_path)
    for line in ("Referral received", "Consent signed", "Handed over", "Suspended", "Closed"):
        assert line in timeline, line


@pytest.mark.usefixtures("standard")
def test_a_worker_carries_a_case_from_referral_to_follow_up(
    work: Work,
    network: Network,
    browse: Callable[..., Browser],
    as_system: Callable[[], Work],
    clock: MovableClock,
) -> None:
    register_person(work, unit_id=network.units["hospital"].id, full_name="区广才", phone="13800138000")
    story = Story(network, browse, as_system, clock)
    a_nurse_refers(story)
    the_coordinator_assigns(story)
    the_worker_meets_him(story)
    the_worker_takes_the_case_on(story)
    without_consent_nothing_begins(story)
    high_risk_is_countersigned(story)
    goals_and_a_plan_come_before_service(story)
    a_suspension_moves_the_deadlines(story)
    the_case_is_handed_over(story)
    the_colleague_writes_the_closure(story)
    the_supervisor_signs(story)
    the_timeline_tells_all_of_it(story)
