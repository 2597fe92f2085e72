"""The seam between the core and the programs; what is named here is the public door."""

from casework.errors import Refusal
from casework.programs.hookspecs import hookimpl
from casework.programs.portal import Advice, EligibilityCheck, Paper, Portal, Purpose, Todo
from casework.programs.program import EventKind, Link, Program, Waiting
from casework.programs.registry import ProgramError, Programs
from casework.programs.workflow import BACK, SAME, FormUse, Guard, Move, State, Then, Workflow

__all__ = [
    "BACK",
    "SAME",
    "Advice",
    "EligibilityCheck",
    "EventKind",
    "FormUse",
    "Guard",
    "Link",
    "Move",
    "Paper",
    "Portal",
    "Program",
    "ProgramError",
    "Programs",
    "Purpose",
    "Refusal",
    "State",
    "Then",
    "Todo",
    "Waiting",
    "Workflow",
    "hookimpl",
]
