"""The beginning of a case: referral, screening, consent, and what becomes of those not taken on."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from casework.cases.usecases import refer as refer_person
from casework.demo.stage import Stage
from casework.demo.story import ADULT, Story
from casework.people.households import join_household
from casework.people.usecases import register_person
from casework.work import Work

CHILD = 8
"""From this age on a child is asked as well."""

WAIT = timedelta(days=13)


def refer(stage: Stage, story: Story, now: datetime) -> None:
    """The nurse registers the person, unless that was done before, and says why help is asked for."""
    work, unit = stage.work(story.nurse, now), stage.units[story.unit]
    if not story.family.person_id:
        _register(work, stage, story)
    story.case = refer_person(
        work,
        program_key="casework",
        unit_id=unit.id,
        person_id=story.family.person_id,
        answers=_referral(stage, story, now),
    )


def _referral(stage: Stage, story: Story, now: datetime) -> dict[str, Any]:
    unit, told, random = stage.units[story.unit], story.told, story.random
    diagnosis, code = random.choice(told["diagnoses"])
    reasons = list(told["reasons"])
    answers: dict[str, Any] = {
        "urgency": story.urgency,
        "reasons": reasons[: random.randint(1, len(reasons))],
        "story": story.text("referral", stage.today),
        "source": "community" if unit.kind == "centre" else "ward",
        "referred_at": stage.written(now),
        "ward": unit.names["zh_Hans"],
        "diagnosis": diagnosis,
        "diagnosis_code": code,
        "knows_diagnosis": told.get("knows") or random.choice(("yes", "partly", "unknown")),
        "agrees": "yes",
        "language": "eng" if story.family.foreign else random.choice(("yue", "cmn")),
    }
    if unit.kind == "ward":
        answers["bed"] = f"{random.randint(1, 48)}床"
        answers["admitted_on"] = (now - timedelta(days=random.randint(1, 9))).date().isoformat()
    if story.urgency == "emergency":
        answers["emergency_what"] = answers["story"]
    return answers


def leave_referral(stage: Stage, story: Story, now: datetime) -> None:
    """The nurse begins to refer a relative as well, and is called away."""
    answers = {"urgency": "routine", "reasons": ["discharge"], "story": "家属询问出院后请护工的事，"}
    stage.draft(stage.work(story.nurse, now), None, "referral", answers, person_id=story.family.kin_id)


def _register(work: Work, stage: Stage, story: Story) -> None:
    """Register the person, and with some the household."""
    family, unit = story.family, stage.units[story.unit]
    patient = register_person(work, unit_id=unit.id, confirmed=True, **family.patient.given)
    family.person_id = patient.id
    if not family.registered:
        return
    grown = family.patient.age(stage.today) >= ADULT
    own = "0" if grown else "2" if patient.sex == "1" else "3"
    household = join_household(work, patient, relation=own)
    for place in range(family.registered):
        somebody = family.kin if place == 0 else stage.crowd.another(family)
        relation = ("4" if place else family.relation) if grown else ("2" if place else "0")
        member = register_person(work, unit_id=unit.id, confirmed=True, **somebody.given)
        family.kin_id = family.kin_id or member.id
        join_household(work, member, relation=relation, household=household)


def assign(stage: Stage, story: Story, now: datetime) -> None:
    """The coordinator gives the case to a worker."""
    work = stage.work(story.house.coordinator, now)
    stage.move(work, story.opened, "assign", worker_id=stage.accounts[story.worker].id)


def _screening(stage: Stage, story: Story, result: str, *, told: bool) -> dict[str, Any]:
    risky = story.high_risk
    answers: dict[str, Any] = {
        "eligible": True,
        "self_harm": risky,
        "harm_to_others": False,
        "abuse": False,
        "no_carer": story.plot == "alone",
        "cannot_pay": "financial" in story.told["reasons"],
        "leaving": story.random.randint(1, 10) == 1,
        "priority": story.random.randint(4, 12),
        "result": result,
        "reason": story.choice(f"reasons.{result}"),
        "referrer_told": told,
    }
    if risky:
        answers["safety_now"] = story.says(
            "{k}陪同，病房已收好危险物品，当面告知督导和值班医生。", stage.today
        )
    return answers


def accept(stage: Stage, story: Story, now: datetime) -> None:
    """The worker takes the case on; most tell the referrer at once."""
    answers = _screening(stage, story, "accept", told=not story.slow)
    stage.move(stage.work(story.worker, now), story.opened, "accept", answers=answers)


def waitlist(stage: Stage, story: Story, now: datetime) -> None:
    """There is no room just now."""
    answers = _screening(stage, story, "waitlist", told=True)
    answers |= {"review_on": (now + WAIT).date().isoformat(), "client_told": True}
    stage.move(stage.work(story.worker, now), story.opened, "waitlist", answers=answers)


def look_again(stage: Stage, story: Story, now: datetime) -> None:
    """A place has become free."""
    stage.move(stage.work(story.worker, now), story.opened, "look-again")


def decline(stage: Stage, story: Story, now: datetime) -> None:
    """The coordinator names who can help instead."""
    cause, reason, alternative = story.choice("reasons.decline")
    answers = {
        "cause": cause,
        "reason": reason,
        "alternative": alternative,
        "notified": ["client"] if story.slow else ["client", "referrer"],
    }
    work = stage.work(story.house.coordinator, now)
    stage.end(work, story.opened, "decline", story.choice("reasons.missed"), answers=answers)


def void(stage: Stage, story: Story, now: datetime) -> None:
    """The case was opened by mistake."""
    work = stage.work(story.house.coordinator, now)
    stage.move(work, story.opened, "void", reason=story.choice("reasons.void"))


def consent(stage: Stage, story: Story, now: datetime) -> None:
    """Notice and consent, read together; a child assents and a parent signs."""
    family, random = story.family, story.random
    purposes = ["service", "health-data", "share-team", "follow-up"]
    if random.choice((True, False)):
        purposes.append("wechat")
    age = family.patient.age(stage.today)
    answers: dict[str, Any] = {
        "notice_version": "2026-1",
        "notice_language": "eng" if family.foreign else "yue",
        "limits_explained": True,
        "purposes": purposes,
        "signer": "self",
        "child": CHILD <= age < ADULT,
        "method": "ink",
        "signed_on": now.astimezone(stage.zone).date().isoformat(),
    }
    if CHILD <= age < ADULT:
        answers["child_assents"] = "agrees"
    if age < ADULT:
        answers |= {"signer": "guardian", "signer_name": family.kin.name, "signer_proof": "户口簿"}
    if story.shares:
        purposes.append("share-agencies")
        answers["agencies"] = f"{story.agency[0]}：姓名、联系方式、转介原因和预估摘要。"
    stage.sign(stage.work(story.worker, now), story.opened, "consent", answers)
