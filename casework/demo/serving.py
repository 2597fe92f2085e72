"""The middle of a case: assessment, goals and plan, and looking back at them."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from casework.demo.stage import Stage
from casework.demo.story import ADULT, Story
from casework.people.usecases import record_death
from casework.plans.usecases import rate_goal, set_goal


def begin_assessment(stage: Stage, story: Story, now: datetime) -> None:
    """The worker begins to assess."""
    stage.move(stage.work(story.worker, now), story.opened, "begin-assessment")


def assess(stage: Stage, story: Story, now: datetime) -> None:
    """The assessment is signed."""
    told, random, day = story.told, story.random, stage.today
    helped = random.choice(("alone", "some-help", "some-help", "much-help"))
    answers: dict[str, Any] = {
        "problem": story.text("problems", day),
        "informants": story.says("{p}、{k}、责任护士", day),
        "function": helped,
        "suicide": "thoughts" if story.high_risk else "none",
        "violence": False,
        "risk_level": "high" if story.high_risk else random.choice(("low", "low", "middle")),
        "decides": story.says("{p}与{k}商量", day),
        "support": random.randint(3, 8),
        "payer": random.choice(("01", "02", "02", "07")),
        "strengths": story.text("strengths", day),
        "needs": [
            {"need": need, "severity": severity, "rank": rank}
            for rank, (need, severity) in enumerate(told["needs"], 1)
        ],
        "formulation": story.text("formulation", day),
        "next_step": "商定两到三个目标，按周跟进。",
    }
    if helped != "alone":
        answers["function_note"] = "上下床和如厕需要人扶，吃饭、穿衣可自理。"
    if story.high_risk:
        answers["suicide_note"] = "有念头，没有计划；放不下家人。已写安全计划。"
        answers["safety_plan"] = story.says("{k}晚间陪伴，药物由家人保管，难受时先打三个电话中的一个。", day)
    stage.sign(stage.work(story.worker, now), story.opened, "psychosocial", answers)


def leave_assessment(stage: Stage, story: Story, now: datetime) -> None:
    """The assessment is begun and not finished."""
    answers = {
        "problem": story.text("problems", stage.today),
        "informants": story.says("{p}、{k}", stage.today),
        "function": "some-help",
    }
    stage.draft(stage.work(story.worker, now), story.opened, "psychosocial", answers)


def countersign(stage: Stage, story: Story, now: datetime) -> None:
    """The supervisor has read the high-risk assessment."""
    stage.move(stage.work(story.house.supervisor, now), story.opened, "countersign-assessment")


def begin_planning(stage: Stage, story: Story, now: datetime) -> None:
    """The worker begins to plan with the person."""
    stage.move(stage.work(story.worker, now), story.opened, "begin-planning")


def set_goals(stage: Stage, story: Story, now: datetime) -> None:
    """One to three goals are set."""
    work, day, random = stage.work(story.worker, now), stage.today, story.random
    dossier = stage.dossier(work, story.opened)
    goals = story.told["goals"]
    for what, domain, baseline, target, measure in goals[: random.choice((1, 2, 2, 3))]:
        typed = {
            "text": story.says(what, day),
            "domain": domain,
            "baseline": story.says(baseline, day),
            "target": story.says(target, day),
            "measure": story.says(measure, day),
            "due_on": (now + timedelta(days=random.choice((28, 42, 56)))).date().isoformat(),
            "importance": str(random.randint(1, 3)),
            "difficulty": str(random.randint(1, 3)),
        }
        set_goal(work, dossier, typed)


def agree_on_plan(stage: Stage, story: Story, now: datetime) -> None:
    """The plan is agreed."""
    day = now.astimezone(stage.zone).date()
    approach = "先处理最急的一件，每周见面或通话一次；{k}参与，需要时请科室一起谈。"
    soon, review = day + timedelta(days=7), day + timedelta(days=28)
    answers: dict[str, Any] = {
        "approach": story.says(approach, stage.today),
        "tasks": [
            {"task": "准备所需的证明材料", "task_who": "family", "task_due": soon.isoformat()},
            {"task": "联系相关机构并回复结果", "task_who": "worker"},
        ],
        "frequency": "twice-weekly" if story.high_risk else "weekly",
        "review_on": review.isoformat(),
        "agreement": "signed",
        "copy_given_on": day.isoformat(),
    }
    if story.family.patient.age(stage.today) < ADULT:
        agreed = story.says("{k}代为同意，{p}也点头。", stage.today)
        answers |= {"agreement": "guardian", "agreement_note": agreed}
    stage.sign(stage.work(story.worker, now), story.opened, "plan", answers)


def begin_service(stage: Stage, story: Story, now: datetime) -> None:
    """The plan is carried out from now on."""
    stage.move(stage.work(story.worker, now), story.opened, "begin-service")


def begin_review(stage: Stage, story: Story, now: datetime) -> None:
    """The worker looks back together with the person."""
    stage.move(stage.work(story.worker, now), story.opened, "begin-review")


def rate_goals(stage: Stage, story: Story, now: datetime) -> None:
    """Every goal is rated."""
    work = stage.work(story.worker, now)
    dossier = stage.dossier(work, story.opened)
    for goal in dossier.goals:
        rating = story.random.choice((-1, 0, 0, 1, 1, 2))
        status = "reached" if rating > 0 else "partly" if rating == 0 else "open"
        rate_goal(work, dossier, goal, goal.version, rating=str(rating), status=status)


def sign_review(stage: Stage, story: Story, now: datetime) -> None:
    """The review is signed."""
    answers = {
        "helped": story.choice("reviews.helped"),
        "changed": story.choice("reviews.changed"),
        "sat_listened": story.random.randint(4, 5),
        "sat_helped": story.random.randint(3, 5),
        "decision": "continue",
        "next_review_on": (now + timedelta(days=84)).date().isoformat(),
    }
    stage.sign(stage.work(story.worker, now), story.opened, "review", answers)


def continue_service(stage: Stage, story: Story, now: datetime) -> None:
    """The service goes on after the review."""
    stage.move(stage.work(story.worker, now), story.opened, "continue-service")


def die(stage: Stage, story: Story, now: datetime) -> None:
    """The person has died; the worker records it."""
    work = stage.work(story.worker, now)
    person = stage.dossier(work, story.opened).person
    record_death(work, person, now.astimezone(stage.zone).date())
