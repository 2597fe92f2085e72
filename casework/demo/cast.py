"""Which cases there are: how many in each state, where, carried by whom, and until which day."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from itertools import cycle
from random import Random

from casework.demo import courses
from casework.demo.courses import Act, Step
from casework.demo.crowd import FOREIGN, Family
from casework.demo.places import HOSPITALS, TOWNS, centre_codes
from casework.demo.stage import ONE_DAY, SEED, Stage
from casework.demo.story import House, Story, written

CASES, PEOPLE, SERVED_TWICE = 200, 300, 6

STATES = {
    "referred": 13,
    "screening": 14,
    "waitlisted": 9,
    "declined": 24,
    "intake": 14,
    "assessment": 14,
    "planning": 9,
    "intervention": 30,
    "review": 6,
    "suspended": 6,
    "evaluation": 5,
    "closing": 4,
    "closed": 14,
    "followup": 12,
    "archived": 15,
    "transferred_out": 4,
    "void": 7,
}
"""How many cases end up in each state; the sum is `CASES`."""

OF_COLLEAGUE = (
    *("screening", "waitlisted", "intake", "assessment", "assessment", "planning", "review", "suspended"),
    *("intervention", "intervention", "intervention", "intervention", "evaluation", "closing"),
    *("closed", "closed", "closed", "followup", "followup", "archived", "archived", "declined", "declined"),
)
OF_WORKER_BEFORE = (
    *("closed", "closed", "followup", "followup", "followup"),
    *("archived", "archived", "archived", "transferred_out", "declined", "declined"),
)
"""The cases of the worker that are over; the open ones are in casework/demo/desk.py."""

OF_NOBODY = ("referred", "referred", "referred", "referred", "void")

LAST_DAYS = {
    "referred": (1, 3),
    "screening": (1, 4),
    "waitlisted": (3, 16),
    "declined": (6, 340),
    "intake": (1, 4),
    "assessment": (1, 5),
    "planning": (1, 4),
    "intervention": (1, 6),
    "review": (1, 3),
    "suspended": (3, 50),
    "evaluation": (1, 5),
    "closing": (1, 5),
    "closed": (2, 28),
    "followup": (1, 54),
    "archived": (2, 190),
    "transferred_out": (5, 300),
    "void": (6, 340),
}
"""How many days ago the last step of a case in that state was made, at least and at most."""


LINGERING = ("waitlisted", "suspended", "closed")
"""States in which a case whose worker is slow stays too long."""


@dataclass(frozen=True)
class Played:
    """A story with its steps and their moments."""

    story: Story
    steps: list[tuple[datetime, Act]]


def houses() -> list[House]:
    """The hospitals and, as one, the community health centres."""
    main = House("NH1", dict.fromkeys(_wards("NH1"), "nurse"), "worker", "coordinator", "supervisor")
    others = [
        House(
            code,
            dict.fromkeys(_wards(code), f"{code.lower()}-nurse"),
            f"{code.lower()}-worker",
            f"{code.lower()}-coordinator",
            "network-supervisor",
        )
        for code in list(HOSPITALS)[1:]
    ]
    nurses = {code: f"{code.lower()}-nurse" for code in centre_codes()}
    community = House("community", nurses, "community-worker", "community-coordinator", "network-supervisor")
    return [main, *others, community]


def _wards(code: str) -> list[str]:
    return [f"{code}{letter}" for letter, _ward in zip("ABCD", HOSPITALS[code][2], strict=False)]


def _kind(unit: str) -> str:
    """The kind of stories that happen at a unit."""
    if unit[:2] in TOWNS:
        return "community"
    return HOSPITALS[unit[:3]][2]["ABCD".index(unit[3])][0]


class Casting:
    """Makes the stories, in the order in which their people are invented."""

    def __init__(self, stage: Stage) -> None:
        self.stage, self.random = stage, stage.random
        self._numbers = iter(range(1, CASES + 1))
        self._plots: dict[str, Iterator[str]] = {}
        self._registered = self._members()
        self._foreigners = len(FOREIGN) - 1  # one is on the desk

    def _members(self) -> Iterator[int]:
        """How many are registered besides each person served."""
        served = CASES - SERVED_TWICE
        pairs = (PEOPLE - served) // 10
        singles = PEOPLE - served - 2 * pairs
        counts = [2] * pairs + [1] * singles + [0] * (served - pairs - singles)
        self.random.shuffle(counts)
        return iter(counts)

    def story(self, house: House, worker: str, *, plot: str = "", urgency: str = "") -> Story:
        """A new story of new people; the plot fits a ward of the house, or is the one asked for."""
        unit = self._unit(house, plot)
        plot = plot or self._plot(unit)
        told = written()["stories"][plot]
        family = self.stage.crowd.family(
            ages=(told["ages"][0], told["ages"][1]),
            sex=told.get("sex", ""),
            kin=told["kin"],
            members=next(self._registered),
            foreign=told.get("foreign", False),
        )
        return self._of(family, house, worker, unit, plot, urgency)

    def again(self, before: Story) -> Story:
        """Another story of the same people, at the same place."""
        return self._of(before.family, before.house, before.worker, before.unit, before.plot, "")

    def _of(self, family: Family, house: House, worker: str, unit: str, plot: str, urgency: str) -> Story:
        number, told = next(self._numbers), written()["stories"][plot]
        random = Random(f"{SEED} {number}")  # noqa: S311 - the same every time
        return Story(
            number=number,
            plot=plot,
            unit=unit,
            house=house,
            worker=worker,
            urgency=urgency or random.choice(told.get("urgency", ["urgent", "routine", "routine"])),
            family=family,
            random=random,
            high_risk=told.get("high_risk", False),
            agency=tuple(random.choice(written()["transfers"])),
        )

    def _unit(self, house: House, plot: str) -> str:
        wards = written()["stories"][plot]["wards"] if plot else ()
        return self.random.choice([unit for unit in house.nurses if not plot or _kind(unit) in wards])

    def _plot(self, unit: str) -> str:
        """The next plot of that kind of ward; each comes up before one comes again."""
        kind = _kind(unit)
        if kind not in self._plots:
            fitting = [key for key, told in written()["stories"].items() if kind in told["wards"]]
            self.random.shuffle(fitting)
            self._plots[kind] = cycle(fitting)
        plot = next(self._plots[kind])
        if written()["stories"][plot].get("foreign"):
            self._foreigners -= 1
            if self._foreigners < 0:
                plot = next(self._plots[kind])
        return plot

    def played(self, story: Story, steps: list[Step], last: date) -> Played:
        """A story with the moments of its steps, of which the last lies on a day."""
        moments = self.stage.times([days for days, _act in steps], last)
        return Played(story, [(at, act) for at, (_days, act) in zip(moments, steps, strict=True)])

    def usual(self, story: Story, state: str) -> Played:
        """A story that ends up in a state, with what usually happens on the way."""
        random = story.random
        story.slow = random.randint(1, 7) == 1 and story.worker != "worker"
        story.shares = state == "transferred_out"
        may_die = written()["stories"][story.plot].get("may_die", False)
        story.dies = may_die and state in ("closing", "closed", "archived")
        story.colleague = {"worker": "colleague", "colleague": "worker"}.get(story.worker, "")
        steps = courses.course(story, state)
        chance = random.randint(1, 12)
        if state in ("closed", "followup", "archived", "evaluation", "intervention"):
            if story.colleague and chance <= 3:  # noqa: PLR2004 - of twelve
                story.worker, story.colleague = story.colleague, story.worker
                steps = courses.with_hand_over(steps)
            elif chance == 4:  # noqa: PLR2004
                steps = courses.with_pause(steps, random)
            elif chance in (5, 6) and state == "intervention":
                steps = courses.reopened(story)
        first, last = LAST_DAYS[state]
        days = random.randint(first, last) + (10 if story.slow and state in LINGERING else 0)
        return self.played(story, steps, self.stage.today - days * ONE_DAY)


def others(casting: Casting, desk: list[str]) -> list[Played]:
    """All cases besides those on the desk of the worker, of which the states are given."""
    main, *further = houses()
    played = [casting.usual(casting.story(main, "worker"), state) for state in OF_WORKER_BEFORE]
    played += [casting.usual(casting.story(main, "colleague"), state) for state in OF_COLLEAGUE]
    played += [casting.usual(casting.story(main, "worker"), state) for state in OF_NOBODY]
    left = Counter(STATES)
    left.subtract([*OF_WORKER_BEFORE, *OF_COLLEAGUE, *OF_NOBODY, *desk])
    before: list[Story] = []
    twice = 0
    for state, house in zip(sorted(left.elements(), key=_from_the_end), cycle(further)):
        earlier = [story for story in before if story.house is house]
        if state in ("intake", "planning") and earlier and twice < SERVED_TWICE:
            story = casting.again(earlier[0])
            before.remove(earlier[0])
            twice += 1
        else:
            story = casting.story(house, house.worker)
        if state == "archived" and not story.told.get("may_die"):
            before.append(story)
        played.append(casting.usual(story, state))
    return played


def _from_the_end(state: str) -> int:
    return -list(STATES).index(state)
