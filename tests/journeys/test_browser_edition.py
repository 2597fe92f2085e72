"""A limit is lowered: seen whom it would have hit, proposed by one, published by another, kept from its day on.

LOOK_AT=folder keeps a picture of every page, to be looked at.
"""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa
from playwright.sync_api import expect

from casework.cases.usecases import move
from casework.duties.model import Duty
from casework.handbook.clause_form import LABELS
from casework.handbook.drafting import open_draft
from casework.handbook.jobs import find_effects
from casework.i18n import ngettext
from casework.testing.referrals import refer_somebody

CLAUSE = "casework.first-contact-urgent"
IN_WORDS = {"en": "2 hours", "zh_Hans": "2小时"}
OLD, NEW = "区广才", "冼一"


@pytest.fixture
def referred(service, people):
    """`referred(name)`: an urgent referral, given to the worker; when its first contact is due."""

    def refer(name):
        with service.work(people["nurse"]) as work:
            at = work.now.astimezone(work.zone).isoformat(timespec="minutes")
            case = refer_somebody(work, people.units["ward"].id, name, urgency="urgent", referred_at=at)
        with service.work(people["coordinator"]) as work:
            move(work, case, "assign", worker_id=people["worker"].id)
            wanted = sa.select(Duty).where(Duty.case_id == case.id, Duty.clause == CLAUSE)
            return work.session.scalars(wanted).one().due_at

    return refer


def test_a_lower_limit_is_weighed_published_by_two_and_kept_from_the_next_day(
    service, people, enter, referred
):
    old_due = referred(OLD)
    service.clock.move(hours=4)
    writer = enter("coordinator", "/handbook")
    begin(writer)
    lower(writer)
    weigh(writer, service)
    propose(writer)
    publish(enter("other-coordinator", "/editions"))
    service.clock.move(hours=19)
    new_due = referred(NEW)
    assert new_due == service.clock.now() + timedelta(hours=2)
    day = enter("worker")
    day.look("edition-my-day")
    for name, due in ((OLD, old_due), (NEW, new_due)):
        duties = day.main.get_by_role("listitem").filter(has_text=name)
        expect(duties.locator(f'time[title="{day.words.moment(due)}"]').first).to_be_visible()


def begin(writer):
    writer.link("Editions").first.click()  # In Chinese the term has the same name.
    writer.press("Begin the draft")
    writer.look("editions-to-mend")
    writer.type("Number of the edition", "2026-2")
    writer.type("In force from", "2026-03-03")
    writer.type("Why there is a new edition", "紧急转介等得太久。")
    writer.press("Begin the draft")
    expect(writer.main.get_by_role("status")).to_be_visible()


def lower(writer):
    chapters = writer.main.get_by_role("navigation", name=writer.say("Chapters"))
    chapters.get_by_role("link").filter(has_text="6 ").click()
    writer.main.locator(f"[id='{CLAUSE}']").get_by_role("link").click()
    writer.type(LABELS["within"], "soon")
    writer.press("Save in the draft")
    expect(writer.main.get_by_role("alert")).to_be_visible()
    writer.type(LABELS["within"], "2")
    writer.select(LABELS["within_unit"], "hours")
    for sentence in IN_WORDS.values():
        expect(writer.main.locator("#preview")).to_contain_text(sentence)  # Nothing was pressed.
    writer.look("edition-clause")
    writer.press("Preview")
    expect(writer.main.locator("#preview")).to_contain_text(IN_WORDS["en"])
    writer.press("Save in the draft")
    expect(writer.main.get_by_role("table").first).to_contain_text(IN_WORDS[writer.words.language])


def weigh(writer, service):
    writer.follow("Effect on past cases")
    writer.press("What would it have done?")
    expect(writer.main.get_by_role("progressbar")).to_be_visible()
    writer.look("edition-effects-waiting")
    with service.work() as work:
        find_effects(work, open_draft(work).id)
    said = ngettext(
        "Of %(num)s duty %(late)s would newly be late, %(kept)s newly in time.",
        "Of %(num)s duties %(late)s would newly be late, %(kept)s newly in time.",
        1,
        num=1,
        late=1,
        kept=0,
    )
    expect(writer.main).to_contain_text(writer.say(said))  # The page asks again by itself.
    writer.look("edition-effects")
    writer.follow("Back to the draft")


def propose(writer):
    writer.press("Propose the draft")
    expect(writer.main).to_contain_text(
        writer.say("Two people publish: somebody else than who wrote or proposed it has to.")
    )
    expect(writer.button("Publish the edition")).to_have_count(0)
    writer.look("edition-draft-proposed")


def publish(second):
    second.follow("Open the draft")
    second.press("Publish the edition")
    said = second.say("The edition is published. New duties follow it from its day on.")
    expect(second.main.get_by_role("status")).to_contain_text(said)
    expect(second.main.get_by_role("table")).to_contain_text(IN_WORDS[second.words.language])
    second.look("edition-published")
    second.page.get_by_role("link", name=second.say("Editions of the standard")).first.click()
    expect(second.main.get_by_role("table")).to_contain_text("2026-2")
    second.look("editions")
