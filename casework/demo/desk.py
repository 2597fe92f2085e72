"""The open cases of the worker whom visitors sign in as: something of everything, and work today."""

from __future__ import annotations

from datetime import date, datetime

from casework.demo import contacts, opening, serving, turns
from casework.demo.cast import Casting, Played
from casework.demo.courses import Step, course
from casework.demo.places import admit_patient
from casework.demo.stage import ONE_DAY, Stage
from casework.demo.story import House, Story
from casework.staff.usecases import give_case_grant

STATES = (
    *("intervention", "intervention", "intervention", "intervention", "intervention", "evaluation"),
    *("suspended", "review", "intake", "intake", "assessment", "assessment", "planning", "screening"),
    *("screening", "waitlisted", "closing"),
)
"""The states of the cases below, in their order."""

WEEKLY: list[Step] = [(7, contacts.contact), (7, contacts.contact)]


def desk(casting: Casting, house: House) -> list[Played]:
    """The worker's open cases."""
    stage, today = casting.stage, casting.stage.today
    soon = stage.calendar.next_working(today)

    def story(plot: str, urgency: str = "routine") -> Story:
        return casting.story(house, "worker", plot=plot, urgency=urgency)

    def served(plot: str, since: datetime, *after: Step, days: int = 2) -> Played:
        told = story(plot)
        first = casting.played(told, course(told, "intervention", early=True), since.date())
        later = casting.played(told, list(after), today - days * ONE_DAY)
        return Played(told, first.steps + later.steps)

    def until(plot: str, state: str, days: int, *after: Step, urgency: str = "routine") -> Played:
        told = story(plot, urgency)
        steps = [*course(told, state, early=True), *after]
        return casting.played(told, steps, today - days * ONE_DAY)

    due = stage.moment(stage.beginning_of("casework.review", soon + 4 * ONE_DAY), 9)
    late = stage.moment(stage.beginning_of("casework.review", stage.working_day(today - 3 * ONE_DAY)), 9)
    written = stage.beginning_of("casework.closure-summary", stage.working_day(today - ONE_DAY))
    return [
        served("breast", due, *WEEKLY, (2, admit), days=3),
        served("bill", late, *WEEKLY, (0, contacts.leave_note), days=4),
        _crisis(stage, story("dark", "emergency")),
        _handed_over(casting, story("going-home"), soon),
        until("dark", "intervention", 1, (5, contacts.contact), (4, contacts.contact), urgency="urgent"),
        until("quarrel", "evaluation", (today - written).days),
        until("limb", "suspended", 12),
        until("breast", "review", 2),
        until("bill", "intake", 2),
        until("going-home", "intake", 1, (1, opening.consent)),
        until("last-weeks", "assessment", 2, (1, contacts.contact), (0, serving.leave_assessment)),
        until("quarrel", "assessment", 3),
        until("abroad", "planning", 2),
        until("bill", "screening", 1, urgency="urgent"),
        until("limb", "screening", 1, (1, contacts.first_contact)),
        until("dementia", "waitlisted", 6),
        until("going-home", "closing", 2),
    ]


def nurse_called_away(casting: Casting, played: list[Played]) -> Played:
    """The nurse had begun to refer a relative of somebody referred already."""
    stage = casting.stage
    known = next(
        each.story for each in played if each.story.nurse == "nurse" and each.story.family.registered
    )
    last = stage.moment(stage.working_day(stage.today - ONE_DAY), 17, 50)
    return Played(known, [(last, opening.leave_referral)])


def _crisis(stage: Stage, story: Story) -> Played:
    """Three nights ago: what has to follow within 72 hours is due tonight, whatever day it is."""
    night = stage.today - 3 * ONE_DAY
    steps = (
        (0, 20, 40, opening.refer),
        (0, 20, 50, opening.assign),
        (0, 21, 20, contacts.crisis_contact),
        (0, 22, 10, opening.accept),
        (0, 23, 30, turns.declare_crisis),
        (1, 10, 15, opening.consent),
        (1, 10, 40, contacts.contact),
        (2, 9, 30, contacts.contact),
    )
    return Played(story, [(stage.moment(night + d * ONE_DAY, h, m), act) for d, h, m, act in steps])


def _handed_over(casting: Casting, story: Story, due: date) -> Played:
    """Handed over by the colleague; the first contact is still to come, at the latest on a day."""
    story.worker, story.colleague = "colleague", "worker"
    steps = [*course(story, "intervention", early=True), *WEEKLY, (3, turns.hand_over)]
    clause = "casework.first-contact-after-hand-over"
    return casting.played(story, steps, casting.stage.beginning_of(clause, due))


def admit(stage: Stage, story: Story, now: datetime) -> None:
    """The patient gets an account of her own, for this case."""
    admit_patient(stage, story.family.patient.name, story.family.person_id, now)
    give_case_grant(
        stage.work("", now),
        account_id=stage.accounts["patient"].id,
        case_id=story.opened.id,
        role="client",
        reason="本人申请",
    )
