"""What the core learns about aid for patients: its states, its moves, and who makes them."""

from __future__ import annotations

from casework.i18n import _
from casework.programs import EventKind, Move, Program, State, Workflow, hookimpl

WORKFLOW = Workflow(
    start="draft",
    states=(State("draft", _("Being filled in"), "before", 0), State("withdrawn", _("Withdrawn"), "done")),
    moves=(Move("withdraw", _("Withdraw the application"), ("draft",), "withdrawn", "application.withdrawn"),),
)


@hookimpl
def casework_program() -> Program:
    """Aid for patients who cannot pay."""
    return Program(
        key="subsidy",
        code="SA",
        title=_("Aid for patients"),
        package=__package__ or "casework_programs.subsidy",
        workflow=WORKFLOW,
        events=(EventKind("application.withdrawn", _("Application withdrawn"), ("from", "to")),),
        compartment="aid",
    )
