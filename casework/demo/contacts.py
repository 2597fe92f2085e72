"""What passes between the worker and the person: contacts, recorded at once or late."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from casework.demo.stage import Stage
from casework.demo.story import ADULT, Story, written
from casework.forms.usecases import amend
from casework.people.contacts import name_contact_person

PLACES = ("ward", "ward", "office", "phone", "wechat-text")
LATE = timedelta(days=3, hours=1)


def note(stage: Stage, story: Story, now: datetime, text: str, where: str, **more: Any) -> None:
    """The worker records a contact; `more` are further answers."""
    answers = {
        "content": text,
        "began_at": stage.written(now),
        "minutes": story.random.choice((10, 15, 20, 30, 40, 50)),
        "type": where,
        "outcome": "done",
        **more,
    }
    stage.sign(stage.work(story.worker, now), story.opened, "contact-note", answers)


def first_contact(stage: Stage, story: Story, now: datetime) -> None:
    """The worker meets the person, and names who is closest."""
    where = "home" if stage.units[story.unit].kind == "centre" else "ward"
    note(stage, story, now, story.text("first", stage.today), where)
    family = story.family
    name_contact_person(
        stage.work(story.worker, now),
        story.opened,
        role="guardian" if family.patient.age(stage.today) < ADULT else "next_of_kin",
        relation=family.relation,
        name=family.kin.name,
        phone=str(family.kin.given["phone"]),
        phone_message_safe=True,
    )


def contact(stage: Stage, story: Story, now: datetime) -> None:
    """A contact is recorded."""
    ending = "" if story.is_english else story.spare("endings", stage.today)
    at_home = stage.units[story.unit].kind == "centre"
    where = "home" if at_home else story.random.choice(PLACES)
    note(stage, story, now, story.text("notes", stage.today) + ending, where)


def late_contact(stage: Stage, story: Story, now: datetime) -> None:
    """A contact of some days ago is recorded."""
    text = story.spare("late", stage.today) + story.text("notes", stage.today)
    began = max(now - LATE, story.opened.opened_at)
    note(stage, story, now, text, "ward", began_at=stage.written(began))


def no_answer(stage: Stage, story: Story, now: datetime) -> None:
    """Nobody answered."""
    note(stage, story, now, story.spare("no_answer", stage.today), "phone", outcome="no-answer")


def crisis_contact(stage: Stage, story: Story, now: datetime) -> None:
    """The first contact of a night when there is danger."""
    note(stage, story, now, story.says(written()["crisis"], stage.today), "ward")


def tell_referrer(stage: Stage, story: Story, now: datetime) -> None:
    """The worker tells the referrer what was decided."""
    text = "致电转介护士，告知已接案及下一步安排，护士会在交班时提醒。"
    note(stage, story, now, text, "collateral", referrer_told=True)


def correct_note(stage: Stage, story: Story, now: datetime) -> None:
    """The worker corrects how long the last contact took."""
    work = stage.work(story.worker, now)
    last = stage.dossier(work, story.opened).signed("contact-note")
    if last is not None:
        minutes = last.answers["minutes"] + 15
        amend(work, last, {**last.answers, "minutes": minutes}, "时间记错，少记了十五分钟。")


def leave_note(stage: Stage, story: Story, now: datetime) -> None:
    """A contact note is begun and not finished."""
    answers = {
        "content": story.text("notes", stage.today)[:40],
        "began_at": stage.written(now),
        "type": "phone",
        "outcome": "done",
    }
    stage.draft(stage.work(story.worker, now), story.opened, "contact-note", answers)
