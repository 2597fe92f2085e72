"""The courses that cases take: which steps follow each other, and after how many days.

A course ends in the state that is wanted. Numbers of days are calendar days before the step; when it
is played, a step that falls on a rest day moves to the working day before.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from random import Random
from typing import Literal

from casework.demo import contacts, opening, serving, turns
from casework.demo.stage import Stage
from casework.demo.story import Story

Act = Callable[[Stage, Story, datetime], None]
Step = tuple[int, Act]

Stop = Literal["on", "late", "early"]
"""Whether a course goes on past a state, stays there for a while, or stops when it is reached."""

ROAD = (
    *("referred", "screening", "intake", "assessment", "planning", "intervention", "review", "evaluation"),
    *("closing", "closed", "followup", "archived"),
)
"""The states of a case that goes on without a turn."""

BRANCHES = {
    "waitlisted": "screening",
    "declined": "screening",
    "void": "referred",
    "suspended": "intervention",
    "transferred_out": "intervention",
}
"""The states beside the road, and where they leave it."""

WEEK = 7


def course(story: Story, wanted: str, *, early: bool = False) -> list[Step]:
    """The steps of a story up to a state. `early` stops as soon as the state is reached."""
    turn_off = ROAD.index(BRANCHES.get(wanted, wanted))
    steps: list[Step] = []
    for place, part in enumerate(PARTS[: turn_off + 1]):
        at_end = place == turn_off and wanted in ROAD
        steps += part(story, ("early" if early else "late") if at_end else "on")
    if wanted in BRANCHES:
        steps += list(_turn(story, wanted))
    return steps


def _referred(_story: Story, _stop: Stop) -> Iterator[Step]:
    yield 0, opening.refer


def _screening(story: Story, stop: Stop) -> Iterator[Step]:
    random = story.random
    if story.urgency == "emergency":
        yield from ((0, opening.assign), (0, contacts.first_contact))
        return
    yield (3 if story.slow else random.choice((0, 0, 1)), opening.assign)
    if stop == "early" or (stop == "late" and random.choice((True, False))):
        return
    if random.randint(1, 5) == 1:
        yield 0, contacts.no_answer
    yield (5 if story.slow else random.choice((0, 1, 1))), contacts.first_contact


def _intake(story: Story, stop: Stop) -> Iterator[Step]:
    random = story.random
    if random.randint(1, 12) == 1 and story.urgency == "routine":
        yield from ((1, opening.waitlist), (9, opening.look_again))
    yield random.choice((0, 1, 1)), opening.accept
    if stop == "early":
        return
    if story.slow and random.choice((True, False)):
        yield 2, contacts.tell_referrer
    if stop == "on" or random.choice((True, False)):
        yield random.choice((1, 2)), opening.consent


def _assessment(story: Story, stop: Stop) -> Iterator[Step]:
    yield 0, serving.begin_assessment
    if stop == "early":
        return
    if story.high_risk or story.random.choice((True, False)):
        yield story.random.choice((1, 2)), contacts.contact
    if stop == "on" or story.random.choice((True, False)):
        yield (13 if story.slow else story.random.choice((1, 2, 3))), serving.assess


def _planning(story: Story, stop: Stop) -> Iterator[Step]:
    if story.high_risk:
        yield from ((4 if story.slow else 1, serving.countersign), (1, contacts.contact))
        yield 0, serving.begin_planning
    else:
        yield 1, serving.begin_planning
    if stop != "early":
        yield 0, serving.set_goals


def _intervention(story: Story, stop: Stop) -> Iterator[Step]:
    random = story.random
    yield (11 if story.slow else random.choice((1, 2))), serving.agree_on_plan
    yield 0, serving.begin_service
    if stop == "early":
        return
    yield from _visits(story, random.randint(1, 3))
    if story.high_risk or random.randint(1, 4) == 1:
        yield from _look_back(story)
        yield from _visits(story, random.randint(1, 2))


def _visits(story: Story, count: int) -> Iterator[Step]:
    random = story.random
    for _number in range(count):
        chance = random.randint(1, 30)
        if chance == 1:
            yield 0, contacts.no_answer
        days = random.choice((3, 4, 5)) if story.high_risk else random.choice((5, 6, 7, 8))
        yield days, contacts.late_contact if chance in (2, 3) else contacts.contact
        if chance == 4:  # noqa: PLR2004 - now and then a note is corrected
            yield 0, contacts.correct_note


def _look_back(story: Story) -> Iterator[Step]:
    yield story.random.choice((2, 3)), serving.begin_review
    yield 0, serving.rate_goals
    yield 0, serving.sign_review
    yield 0, serving.continue_service


def _review(_story: Story, stop: Stop) -> Iterator[Step]:
    if stop == "on":
        return
    yield 3, serving.begin_review
    if stop == "late":
        yield 0, serving.rate_goals


def _evaluation(story: Story, _stop: Stop) -> Iterator[Step]:
    if not story.dies:
        yield story.random.choice((3, 5, WEEK)), serving.rate_goals
    else:
        yield from ((2, serving.rate_goals), (1, serving.die))
    yield 0, turns.begin_evaluation


def _closing(story: Story, stop: Stop) -> Iterator[Step]:
    yield story.random.choice((1, 2, 4)), turns.submit_closure
    if stop == "on" and story.random.randint(1, 9) == 1:
        yield from ((1, turns.return_closure), (1, turns.submit_closure))


def _closed(story: Story, _stop: Stop) -> Iterator[Step]:
    yield (10 if story.slow else story.random.choice((1, 2, 3))), turns.close


def _followup(story: Story, _stop: Stop) -> Iterator[Step]:
    if story.dies:
        return
    yield (40 if story.slow else story.random.choice((27, 28, 29))), turns.follow_up


def _archived(story: Story, _stop: Stop) -> Iterator[Step]:
    if not story.dies:
        yield (70 if story.slow else 62), turns.follow_up
    yield story.random.choice((3, 5, 9)), turns.archive


PARTS = (
    *(_referred, _screening, _intake, _assessment, _planning, _intervention, _review, _evaluation),
    *(_closing, _closed, _followup, _archived),
)


def _turn(story: Story, wanted: str) -> Iterator[Step]:
    if wanted == "void":
        yield 1, opening.void
    elif wanted == "declined":
        yield (6 if story.slow else 2), opening.decline
    elif wanted == "waitlisted":
        yield 1, opening.waitlist
    elif wanted == "suspended":
        yield 3, turns.suspend
    else:
        yield 4, turns.transfer


def with_pause(steps: list[Step], random: Random) -> list[Step]:
    """The same course with a pause in the midst of the service."""
    place = 1 + [act for _days, act in steps].index(serving.begin_service)
    return [*steps[:place], (2, turns.suspend), (random.choice((8, 15, 22)), turns.resume), *steps[place:]]


def with_hand_over(steps: list[Step]) -> list[Step]:
    """The same course, handed over soon after the service began."""
    place = 1 + [act for _days, act in steps].index(serving.begin_service)
    return [*steps[:place], (3, turns.hand_over), (2, contacts.contact), *steps[place:]]


def reopened(story: Story) -> list[Step]:
    """A case that was closed and is served again."""
    return [
        *course(story, "closed"),
        (18, turns.reopen),
        (1, contacts.contact),
        (1, opening.consent),
        (2, serving.assess),
        *_planning(story, "on"),
        *_intervention(story, "early"),
        *_visits(story, 2),
    ]
