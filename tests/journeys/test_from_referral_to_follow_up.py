"""A case from referral to follow-up, told as the people who carry it live it: without scripts."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa

from casework.clock import MovableClock
from casework.duties.model import Duty
from casework.people.usecases import register_person
from casework.testing.browsing import Browser
from casework.testing.network import Network
from casework.work import Work


def states_of_duties(work: Work) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for clause, state in work.session.execute(sa.select(Duty.clause, Duty.state).order_by(Duty.id)):
        found.setdefault(clause, []).append(state)
    return found


def due_dates(work: Work) -> dict[str, object]:
    rows = work.session.execute(sa.select(Duty.clause, Duty.due_at).where(Duty.due_at.is_not(None)))
    return dict(rows)


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


@pytest.mark.usefixtures("standard")
def test_a_worker_carries_a_case_from_referral_to_follow_up(
    work: Work,
    network: Network,
    browse: Callable[..., Browser],
    as_system: Callable[[], Work],
    clock: MovableClock,
) -> None:
    register_person(work, unit_id=network.units["hospital"].id, full_name="区广才", phone="13800138000")

    # The nurse finds the patient by pinyin and refers him.
    nurse = browse(network["nurse"])
    page = nurse.get("/refer", {"q": "ouguangcai"}).click("Refer this person")
    form = page.forms["form-main"]
    choose(form, unit_id=str(network.units["ward"].id), urgency="urgent", agrees="yes", source="ward")
    choose(form, knows_diagnosis="partly")
    form.set("reasons[]", True, index=0)
    referrals = form.submit(status=303).follow()
    assert "区广才" in referrals
    assert "Referred" in referrals

    # The coordinator finds the referral on the first page and assigns a worker.
    coordinator = browse(network["coordinator"])
    case_page = coordinator.get("/").click("区广才", index=0)
    case_path = case_page.request.path
    form = case_page.click("Assign a worker").forms["form-main"]
    form["worker_id"] = str(network["worker"].id)
    assert "Screening" in form.submit(status=303).follow()

    # The worker sees it with its deadline, records the first contact from there, and takes it on.
    worker = browse(network["worker"])
    day = worker.get("/")
    assert "区广才" in day
    assert "Standard" in day
    form = next(f for f in day.forms.values() if f.action.endswith("/contacts"))
    form["content"] = "Sat with him; he is worried about the bill."
    assert "Contact recorded" in form.submit(status=303).follow()
    accept = worker.get(f"{case_path}/moves/accept").forms["form-main"]
    for risk in ("self_harm", "harm_to_others", "abuse", "no_carer", "cannot_pay", "leaving"):
        accept[risk] = "no"
    choose(accept, eligible="yes", reason="He asks for help with the bill.", result="waitlist")
    answer = accept.submit(status=422)
    assert "goes with the answer" in answer
    assert "He asks for help with the bill." in answer
    accept["result"] = "accept"
    assert "Intake" in accept.submit(status=303).follow()

    # Without consent the assessment is refused, with the clause behind it.
    refused = worker.get(f"{case_path}/moves/begin-assessment", status=409)
    assert "has not consented" in refused
    assert "/handbook/casework.consent-before-service" in refused
    form = worker.get(f"{case_path}/forms/consent").forms["form-main"]
    choose(form, notice_language="yue", limits_explained="yes", method="ink", child="no")
    for index in (0, 1, 8):
        form.set("purposes[]", True, index=index)
    form.submit("_action", "sign", status=303)
    move(worker, case_path, "begin-assessment")

    # The assessment finds high risk: the supervisor countersigns before anything is built on it.
    assess(worker, case_path)
    assert "countersigns first" in worker.get(f"{case_path}/moves/begin-planning", status=409)
    supervisor = browse(network["supervisor"])
    move(supervisor, case_path, "countersign-assessment")
    move(worker, case_path, "begin-planning")

    # Two goals and the plan.
    assert "No goal has been set" in worker.get(f"{case_path}/moves/begin-service", status=409)
    for text in ("The bill of March is paid", "His wife sleeps at home again"):
        form = main_form(worker.get(f"{case_path}/goals/new"))
        choose(form, text=text, domain="money", baseline="open", target="paid", measure="receipt")
        choose(form, due_on="2026-04-01", importance="3", difficulty="1")
        form.submit(status=303)
    form = worker.get(f"{case_path}/forms/plan").forms["form-main"]
    choose(form, frequency="weekly", review_on="2026-04-02", agreement="signed")
    form.submit("_action", "sign", status=303)
    move(worker, case_path, "begin-service")

    # Suspended, the clocks stand still; resumed, the deadlines have moved by as much.
    clock.move(days=1)
    worker = browse(network["worker"])  # a night's sleep ends every session
    before = due_dates(as_system())
    move(
        worker,
        case_path,
        "suspend",
        cause="elsewhere",
        reason="Surgery in another hospital.",
        until="2026-03-20",
        client_told="yes",
    )
    clock.move(days=7)
    worker = browse(network["worker"])
    move(worker, case_path, "resume")
    after = due_dates(as_system())
    moved = {clause for clause in before.keys() & after.keys() if after[clause] > before[clause]}
    assert moved, (before, after)

    # Handed over, the colleague has the case; the former worker can still read, and no more.
    form = worker.get(f"{case_path}/moves/hand-over").forms["form-main"]
    choose(
        form, worker_id=str(network["colleague"].id), situation="Bill half paid.", open_tasks="Apply for aid."
    )
    choose(form, risks="None now.", client_told="not-yet")
    asked = form.submit(status=422)
    form = asked.forms["form-main"]
    assert form["situation"].value == "Bill half paid."
    form["told_when"] = "The colleague, tomorrow on the ward."
    form.submit(status=303)
    assert worker.get(case_path).status_int == 200
    worker.get(f"{case_path}/moves/suspend", status=403)
    clock.move(days=8)
    colleague = browse(network["colleague"])
    worker = browse(network["worker"])
    worker.get(case_path, status=404)

    # The colleague rates, evaluates and writes the closure; the supervisor signs it.
    page = colleague.get(case_path)
    for link in [a["href"] for a in page.html.find_all("a") if a.get("href", "").endswith("/rating")]:
        form = main_form(colleague.get(link))
        choose(form, rating="1", status="reached")
        form.submit(status=303)
    move(colleague, case_path, "begin-evaluation")
    form = colleague.get(f"{case_path}/moves/submit-closure").forms["form-main"]
    choose(
        form, reason="goals-achieved", summary="The bill is paid.", feedback_asked="yes", follow_up="agreed"
    )
    choose(form, how_to_return="yes")
    form = form.submit(status=422).forms["form-main"]
    form["follow_up_how"] = "By phone."
    form.submit(status=303)
    supervisor = browse(network["supervisor"])
    closing = supervisor.get(f"{case_path}/moves/close")
    form = closing.forms["form-main"]
    assert "still open" in closing
    refused = form.submit(status=422)
    assert "Write why the case is closed all the same" in refused
    form["reason"] = "The patient went home before the review was due."
    form.submit(status=303)
    duties = states_of_duties(as_system())
    assert "missed" in {state for states in duties.values() for state in states}
    assert duties["casework.follow-up-one-month"] == ["open"]

    # The timeline tells all of it.
    timeline = colleague.get(case_path)
    for line in ("Referral received", "Consent signed", "Handed over", "Suspended", "Closed"):
        assert line in timeline, line
