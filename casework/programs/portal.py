"""What patients and families do with a program on their own: a value of the program, run by casework/portal."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from casework.i18n import Message

if TYPE_CHECKING:
    from casework.cases.dossier import Dossier
    from casework.work import Work

Answers = Mapping[str, Any]


@dataclass(frozen=True)
class Paper:
    """A document that is asked for, as one or more photos. `help` says what counts and what does not."""

    key: str
    title: Message
    help: Message
    required: bool = True


@dataclass(frozen=True)
class Purpose:
    """Something that is agreed to by itself; `text` is what exactly, and its version is the hash of it.

    `required` ones are what the service cannot be given without; `separate` ones are asked on a page
    of their own, as the law has it for sensitive data and for publication (PIPL 25, 29).
    """

    key: str
    title: Message
    text: Message
    required: bool = False
    separate: bool = False


@dataclass(frozen=True)
class Advice:
    """What the answers of the first questions let expect, in sentences; never a decision."""

    likely: Literal["yes", "maybe", "no"]
    lines: tuple[Message, ...]


@dataclass(frozen=True)
class EligibilityCheck:
    """A short form, "can I get help?", that nobody signs in for, and what its answers let expect."""

    form: str
    answer: Callable[[Answers], Advice]


@dataclass(frozen=True)
class Todo:
    """Something that the applicant has to do now; `move` is the step that does it, `papers` asks for photos.

    `lines` say exactly what, such as each paper that is missing.
    """

    text: Message
    move: str | None = None
    papers: bool = False
    lines: tuple[Message | str, ...] = ()


@dataclass(frozen=True)
class Portal:
    """How people apply to a program: the paged form, the papers, what they agree to, and what they do later.

    `begun` is the kind of event with which an application begins, before anything is handed in;
    `submit` is the move that hands the application in. `todos` answers what the applicant has to do
    now. Moves that the role `client` may make on a case (Program.grants) are offered to her.
    """

    form: str
    summary: Message
    papers: Callable[[Answers], Sequence[Paper]]
    purposes: tuple[Purpose, ...]
    todos: Callable[[Work, Dossier], Sequence[Todo]]
    check: EligibilityCheck | None = None
    submit: str = "submit"
    begun: str = "application.begun"
