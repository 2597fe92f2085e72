"""What a program may notice or veto. A hook comes only with a program that needs it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import pluggy

from casework.errors import Refusal

if TYPE_CHECKING:
    from casework.cases.model import Case, Event
    from casework.programs.program import Program
    from casework.programs.workflow import Move
    from casework.settings import Settings
    from casework.work import Work

hookspec = pluggy.HookspecMarker("casework")
hookimpl = pluggy.HookimplMarker("casework")


class TextRefusedError(Exception):
    """A text that will never be taken, such as for a number that does not exist; the message says why."""


@hookspec
def casework_program() -> Program:
    """Called once at the start. Answer the program that this plugin is."""
    raise NotImplementedError


@hookspec
def casework_refusals(work: Work, case: Case, move: Move) -> Iterable[Refusal]:
    """Called before any case of any program makes a move, inside the transaction.

    Answer reasons against it, or nothing. A hook can refuse and never permit. An exception
    undoes the request.
    """
    raise NotImplementedError


@hookspec
def casework_case_moved(work: Work, case: Case, event: Event) -> None:
    """Called after a case of any program has moved, inside the transaction.

    What is changed here is kept or undone together with the move. An exception undoes the move.
    """
    raise NotImplementedError


@hookspec(firstresult=True)
def casework_send_text(settings: Settings, to: str, body: str, key: str) -> str | None:
    """Called by a job for each text to a phone, in the order of the adapters' names backwards.

    Answer the adapter's own name when it has taken the text, or None to leave it to the next. `to` is in
    E.164 form. `key` names this text for ever: hand it to a service that knows how not to send twice.
    Raise TextRefusedError for what will never be taken; after any other exception it is tried again.
    """
    raise NotImplementedError
