"""Everything that guards and the case page read of one case, each part loaded once, when asked for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from typing import Any

import sqlalchemy as sa

from casework.cases.model import Case, Event
from casework.forms.model import Response
from casework.i18n import Message
from casework.people.model import Person
from casework.plans.model import Goal
from casework.programs import Program, State
from casework.staff.model import Unit
from casework.work import Work

_CASE: sa.BindParameter[int] = sa.bindparam("case")
_EVENTS = sa.select(Event).where(Event.case_id == _CASE).order_by(Event.happened_at, Event.id)
_RESPONSES = (
    sa.select(Response)
    .where(Response.case_id == _CASE, Response.status == "signed")
    .order_by(Response.id.desc())
)
_GOALS = (
    sa.select(Goal).where(Goal.case_id == _CASE, Goal.episode == sa.bindparam("episode")).order_by(Goal.id)
)
"""Built once: guards and pages ask for them all the time."""


class Dossier:
    """One case as the actor may see it. Rows behind a wall are absent, as if they did not exist.

    It is also the context of the pages of a case: it knows the roles and relations by which the
    actor is tied to it.
    """

    def __init__(
        self,
        work: Work,
        case: Case,
        person: Person,
        unit: Unit,
        *,
        worker: str | None,
        referrer: str | None,
        roles: Iterable[str],
    ) -> None:
        """`worker` and `referrer` are names; `roles` those that the actor holds on this very case."""
        self.work, self.case, self.person, self.unit = work, case, person, unit
        self.worker, self.referrer = worker, referrer
        ties = {(grant.role, "unit") for grant in work.actor.grants if case.unit_id in grant.reach}
        ties |= {(role, "case") for role in roles}
        if case.referrer_id == work.actor.id:
            ties.add(("referrer", "own"))
        if work.actor.kind == "system":
            ties.add(("system", "own"))
        self._ties = frozenset(ties)

    @property
    def program(self) -> Program | None:
        """The program of the case, or None while it is switched off."""
        return self.work.programs.get(self.case.program)

    @property
    def state(self) -> State:
        """The present state; one that the program no longer knows stands as its bare key."""
        try:
            return self.program.workflow.state(self.case.state) if self.program else State("", Message(""))
        except KeyError:
            return State(self.case.state, Message(self.case.state))

    @cached_property
    def events(self) -> Sequence[Event]:
        """The visible events of the case, oldest first."""
        return self.work.session.scalars(_EVENTS, {"case": self.case.id}).all()

    @cached_property
    def responses(self) -> Sequence[Response]:
        """The visible signed responses of the case, newest first, without amended ones."""
        return self.work.session.scalars(_RESPONSES, {"case": self.case.id}).all()

    @cached_property
    def goals(self) -> Sequence[Goal]:
        """The goals of the present episode, in the order they were set."""
        wanted = {"case": self.case.id, "episode": self.case.episode}
        return self.work.session.scalars(_GOALS, wanted).all()

    def relations(self, work: Work) -> Iterable[tuple[str, str]]:  # noqa: ARG002 - as the protocol has it
        """How the actor is tied to this case."""
        return self._ties

    def happened(self, *kinds: str, episode: int | None = None) -> bool:
        """Whether an event of one of the kinds happened in the present (or the given) episode."""
        wanted = self.case.episode if episode is None else episode
        return any(e.kind in kinds and e.payload.get("episode", 1) == wanted for e in self.events)

    def signed(self, form_key: str) -> Response | None:
        """The newest signed response to a form in the present episode."""
        for response in self.responses:
            if response.form_key == form_key and response.episode == self.case.episode:
                return response
        return None

    def answers(self, form_key: str) -> Mapping[str, Any]:
        """The answers of that response; none if it was not signed."""
        response = self.signed(form_key)
        return response.answers if response else {}

    def state_before(self) -> str | None:
        """The state before the present one, as the history tells it."""
        for event in reversed(self.events):
            if event.payload.get("to") == self.case.state and event.payload.get("from") != self.case.state:
                return str(event.payload["from"])
        return None
