"""The steps by which a case pauses, changes hands, leaves the house or comes to its end."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from casework.demo.stage import Stage
from casework.demo.story import Story, written

PAUSE = timedelta(days=28)


def suspend(stage: Stage, story: Story, now: datetime) -> None:
    """The case pauses."""
    cause, reason = story.choice("suspensions")
    answers = {
        "cause": cause,
        "reason": story.says(reason, stage.today),
        "until": (max(now, stage.system.now - PAUSE / 2) + PAUSE).date().isoformat(),
        "client_told": cause != "lost-contact",
    }
    stage.move(stage.work(story.worker, now), story.opened, "suspend", answers=answers)


def resume(stage: Stage, story: Story, now: datetime) -> None:
    """The case goes on."""
    stage.move(stage.work(story.worker, now), story.opened, "resume")


def hand_over(stage: Stage, story: Story, now: datetime) -> None:
    """The worker hands the case over to the colleague, who carries it from then on."""
    texts = written()["hand_over"]
    answers = {
        "situation": story.says(texts["situation"], stage.today),
        "open_tasks": story.says(texts["open_tasks"], stage.today),
        "risks": "目前未见。",
        "client_told": "in-person",
        "told_what": story.says(texts["told"], stage.today),
    }
    colleague = story.colleague
    given = {"worker_id": stage.accounts[colleague].id, "answers": answers}
    stage.move(stage.work(story.worker, now), story.opened, "hand-over", **given)
    story.worker, story.colleague = colleague, story.worker


def declare_crisis(stage: Stage, story: Story, now: datetime) -> None:
    """There is danger: the worker serves at once, and assesses afterwards."""
    work = stage.work(story.worker, now)
    stage.move(work, story.opened, "declare-crisis", reason=written()["crisis_reason"])


def transfer(stage: Stage, story: Story, now: datetime) -> None:
    """Another agency takes the person on."""
    agency, contact, sought = story.agency
    answers = {
        "agency": agency,
        "agency_contact": contact,
        "service_sought": sought,
        "sent": ["identity", "reason", "assessment"],
        "accepted": "accepted",
        "feedback_on": (now + timedelta(days=14)).date().isoformat(),
    }
    work = stage.work(story.house.supervisor, now)
    stage.end(work, story.opened, "transfer", story.choice("reasons.missed"), answers=answers)


def begin_evaluation(stage: Stage, story: Story, now: datetime) -> None:
    """The results are measured."""
    stage.move(stage.work(story.worker, now), story.opened, "begin-evaluation")


def submit_closure(stage: Stage, story: Story, now: datetime) -> None:
    """The worker writes the closure."""
    day = stage.today
    answers: dict[str, Any] = {
        "reason": "died" if story.dies else "goals-achieved",
        "summary": story.text("closing", day),
        "unmet": "暂无。" if story.random.choice((True, False)) else "后续复诊由门诊接续。",
        "client_view": story.text("view", day),
        "feedback_asked": True,
        "follow_up": "none" if story.dies else "agreed",
        "follow_up_how": story.says("致电{k}", day),
        "how_to_return": True,
        "referrer_letter": True,
    }
    stage.move(stage.work(story.worker, now), story.opened, "submit-closure", answers=answers)


def return_closure(stage: Stage, story: Story, now: datetime) -> None:
    """The supervisor asks for more."""
    work = stage.work(story.house.supervisor, now)
    stage.move(work, story.opened, "return-closure", reason=written()["reasons"]["return"])


def close(stage: Stage, story: Story, now: datetime) -> None:
    """The supervisor signs the closure."""
    work = stage.work(story.house.supervisor, now)
    stage.end(work, story.opened, "close", story.choice("reasons.missed"))


def follow_up(stage: Stage, story: Story, now: datetime) -> None:
    """The worker asks how things are."""
    state, note = story.choice("follow_ups")
    answers = {
        "followed_on": now.astimezone(stage.zone).date().isoformat(),
        "channel": story.random.choice(("phone", "phone", "wechat", "visit")),
        "reached": True,
        "state": state,
        "new_need": False,
        "note": story.says(note, stage.today),
    }
    stage.move(stage.work(story.worker, now), story.opened, "follow-up", answers=answers)


def archive(stage: Stage, story: Story, now: datetime) -> None:
    """Nothing is waiting any longer."""
    stage.move(stage.work(story.worker, now), story.opened, "archive")


def reopen(stage: Stage, story: Story, now: datetime) -> None:
    """The same difficulty is back."""
    reason = story.says(written()["reasons"]["reopen"], stage.today)
    stage.move(stage.work(story.worker, now), story.opened, "reopen", reason=reason)
