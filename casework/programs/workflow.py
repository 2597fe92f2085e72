"""Workflows as values: states, and the named moves between them.

A workflow is written in Python in a program's plugin, so that guards stay functions that can be
found, typed and renamed. Its version is a hash of its shape; every case keeps the one that it was
last moved under.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from casework.errors import Refusal
from casework.i18n import Message

if TYPE_CHECKING:
    from casework.cases.dossier import Dossier
    from casework.cases.model import Event
    from casework.work import Work

Guard = Callable[["Work", "Dossier"], Refusal | None]
"""Answers why a move may not happen now, or None. It reads the dossier, and changes nothing."""

Then = Callable[["Work", "Dossier", "Event"], None]
"""What a program does besides when a move was made, in the same transaction; raising undoes the move."""

SAME = "="
BACK = "<"

Phase = Literal["before", "active", "paused", "done"]


@dataclass(frozen=True)
class State:
    """A node of the workflow.

    `phase` says what the state means to lists and clocks: `before` the case is taken on, `active`,
    `paused` (clocks with `pauses_in` naming the state stand still), or `done`.
    `step` places it in the row of steps shown on the case page; side states have none.
    """

    key: str
    title: Message
    phase: Phase = "active"
    step: int | None = None
    help: Message | None = None


@dataclass(frozen=True)
class Move:
    """A named transition.

    `sources` are the states it may start from, `target` the one it ends in: SAME stays where it is,
    BACK returns to the state before the present one, as when a suspended case resumes. `event` is the kind
    appended when it happened. `form` must be signed on the case in its present episode before the
    move; `asks` is the form that is filled in as a part of the move, and `expects` the answers that
    it must then give: (link id, code) pairs. `takes_worker` moves let the
    person choose the worker who has the case from then on. `new_episode` begins a new episode.
    `then` is what the program does besides. `clause` is the clause of the standard behind the move. The permission is `<program>:move:<key>`.
    """

    key: str
    title: Message
    sources: tuple[str, ...]
    target: str
    event: str
    form: str | None = None
    asks: str | None = None
    expects: tuple[tuple[str, str], ...] = ()
    guards: tuple[Guard, ...] = ()
    then: Then | None = None
    clause: str | None = None
    reason_required: bool = False
    takes_worker: bool = False
    new_episode: bool = False
    primary: bool = True
    help: Message | None = None


@dataclass(frozen=True)
class FormUse:
    """A form that may be written on a case while it is in one of the states.

    `once` forms are shown as done when signed in the present episode; `permission` is needed
    besides seeing the case.
    """

    form: str
    states: tuple[str, ...]
    permission: str = "form:write"
    once: bool = True


@dataclass(frozen=True)
class Workflow:
    """The states and moves of a program, the state that a new case is in, and the forms it uses.

    `referral_form` is filled in when a case is opened; `steps` are the row of steps shown on the
    case page.
    """

    start: str
    states: tuple[State, ...]
    moves: tuple[Move, ...]
    steps: tuple[Message, ...] = ()
    forms: tuple[FormUse, ...] = ()
    referral_form: str = "referral"
    version: str = field(init=False, default="")

    def __post_init__(self) -> None:
        shape = repr(
            (
                self.start,
                [(s.key, s.phase) for s in self.states],
                [
                    (m.key, m.sources, m.target, m.event, m.form, m.asks, m.expects, m.clause)
                    for m in self.moves
                ],
            )
        )
        object.__setattr__(self, "version", hashlib.sha256(shape.encode()).hexdigest()[:16])

    def state(self, key: str) -> State:
        """The state of that key; KeyError when this version knows none."""
        for state in self.states:
            if state.key == key:
                return state
        raise KeyError(key)

    def move(self, key: str) -> Move:
        """The move of that key; KeyError when this version knows none."""
        for move in self.moves:
            if move.key == key:
                return move
        raise KeyError(key)

    def moves_from(self, state: str) -> Iterator[Move]:
        """The moves that may start in a state, in the order they were written."""
        return (move for move in self.moves if state in move.sources)

    def in_phase(self, *phases: Phase) -> Sequence[str]:
        """The keys of the states in any of the phases."""
        return [state.key for state in self.states if state.phase in phases]
