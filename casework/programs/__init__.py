"""The seam between the core and the programs; what is named here is the public door."""

from casework.errors import Refusal
from casework.programs.hookspecs import hookimpl
from casework.programs.program import EventKind, Program
from casework.programs.registry import ProgramError, Programs
from casework.programs.workflow import BACK, SAME, FormUse, Guard, Move, State, Workflow

__all__ = [
    "BACK",
    "SAME",
    "EventKind",
    "FormUse",
    "Guard",
    "Move",
    "Program",
    "ProgramError",
    "Programs",
    "Refusal",
    "State",
    "Workflow",
    "hookimpl",
]
