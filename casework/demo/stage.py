"""Where the invented people act: one session, one transaction, and whoever acts at the moment."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

from casework.cases.dossier import Dossier
from casework.cases.model import Case
from casework.cases.queries import dossier_of
from casework.cases.usecases import move
from casework.demo.crowd import Crowd
from casework.duties.batches import judge_waiting
from casework.duties.calendar import Calendar
from casework.duties.calendars import load_calendar
from casework.duties.limits import due
from casework.duties.queries import open_duties_on_closing
from casework.forms.library import library_of
from casework.forms.usecases import keep_draft, sign
from casework.forms.values import write_moment
from casework.handbook.clauses import handbook_of
from casework.staff.model import Account, Unit
from casework.staff.queries import actor_of
from casework.work import Actor, Work

ONE_DAY = timedelta(days=1)
SEED = "the invented district"
JUDGED_BEFORE = frozenset({"suspend", "resume", "hand-over", "archive"})
"""Moves that look at duties or change their clocks or owners; see casework/duties/batches.py."""

SPACED = 40
"""Minutes at most between two things that are done one after the other."""


@dataclass(frozen=True)
class Happening:
    """Something that happens in the district: `act` is given its own moment."""

    at: datetime
    act: Callable[[datetime], None]


@dataclass
class Stage:
    """The district while it is played: `system` is the Work that all others are made from."""

    system: Work
    today: date
    units: dict[str, Unit] = field(default_factory=dict)
    accounts: dict[str, Account] = field(default_factory=dict)
    random: Random = field(default_factory=lambda: Random(SEED))  # noqa: S311 - the same every time
    _actors: dict[str, Actor] = field(default_factory=dict)

    def __post_init__(self) -> None:
        settings = self.system.settings
        self.crowd = Crowd(self.random, self.today)
        self.calendar: Calendar = load_calendar(self.system.session, settings.calendar, self.zone)

    @property
    def zone(self) -> ZoneInfo:
        """The clock of the place."""
        return self.system.zone

    def moment(self, day: date, hour: int, minute: int = 0) -> datetime:
        """A moment by the clock of the place."""
        return datetime.combine(day, time(hour, minute), self.zone)

    def written(self, moment: datetime) -> str:
        """A moment as forms keep it."""
        return write_moment(moment.astimezone(self.zone))

    def work(self, name: str, now: datetime) -> Work:
        """Somebody at work at a moment; "" is the system."""
        one, account = self.system, self.accounts.get(name)
        number = account.id if account is not None else one.actor.id
        if (one.session.info["actor"], one.session.info["now"]) != (number, now):
            one.session.flush()  # what was done before is judged as done by whoever did it
            one.session.act_as(number, now)
        if account is None:
            actor = one.actor
        elif (known := self._actors.get(name)) is not None:
            actor = known
        else:
            actor = self._actors[name] = actor_of(one.session, account, now)
        return Work(
            session=one.session,
            actor=actor,
            now=now,
            programs=one.programs,
            settings=one.settings,
            jobs=one.jobs,
            language=one.settings.default_language,
            request_id="demo",
        )

    def admit(self, name: str, account: Account) -> None:
        """From now on somebody is known on the stage by a name, such as a patient with an account."""
        self.accounts[name] = account

    def sign(self, work: Work, case: Case, form: str, answers: Mapping[str, Any]) -> None:
        """Sign a form on a case."""
        sign(work, library_of(work)[form], case, answers)

    def draft(
        self,
        work: Work,
        case: Case | None,
        form: str,
        answers: Mapping[str, Any],
        person_id: int | None = None,
    ) -> None:
        """Leave a form unfinished, on a case or for the person for whom one is to be opened."""
        keep_draft(work, library_of(work)[form], case, answers, person_id=person_id)

    def move(self, work: Work, case: Case, key: str, **given: Any) -> None:
        """Make a move of the program."""
        if key in JUDGED_BEFORE:
            judge_waiting(work, case)
        move(work, case, key, **given)

    def end(self, work: Work, case: Case, key: str, why: str, **given: Any) -> None:
        """Make a move that ends the case, with the reason only if duties would be left missed."""
        program = work.programs[case.program]
        judge_waiting(work, case)
        missed = open_duties_on_closing(work, case, program.workflow.move(key).event)
        move(work, case, key, reason=why if missed else "", **given)

    def dossier(self, work: Work, case: Case) -> Dossier:
        """The case as the person at work sees it."""
        return dossier_of(work, case.id)

    def working_day(self, day: date) -> date:
        """That day, or the last working day before it."""
        while not self.calendar.is_working(day):
            day -= ONE_DAY
        return day

    def beginning_of(self, clause: str, ends: date) -> date:
        """The last working day on which the time of a clause can begin so that it ends on a day."""
        rule = handbook_of(self.system.programs).rules.get(clause)
        if rule is None or rule.within is None:
            raise LookupError(clause)
        day = self.working_day(ends - ONE_DAY)
        while True:
            limit = due(rule.within, self.moment(day, 12), self.calendar).at
            if limit is None or limit.astimezone(self.zone).date() <= ends:
                return day
            day = self.working_day(day - ONE_DAY)

    def times(self, days_before: list[int], last: date) -> list[datetime]:
        """Moments in office hours, one for each step, of which the last lies on the day `last`.

        `days_before` says for each step how many days it follows the one before; 0 is the same day.
        """
        day, days = last, []
        for gap in reversed(days_before):
            days.append(self.working_day(day))
            day = days[-1] - timedelta(days=gap)
        moments: list[datetime] = []
        for each in reversed(days):
            hour = self.moment(each, self.random.choice((8, 9, 10, 11, 14)), self.random.randrange(0, 60, 5))
            if moments and hour <= moments[-1]:
                hour = moments[-1] + timedelta(minutes=self.random.randrange(10, SPACED, 5))
            moments.append(hour)
        return moments
