"""A small program that people apply to on their own: enough of one to try the portal with."""

from __future__ import annotations

from pathlib import Path

from casework.i18n import Message as _
from casework.programs import (
    SAME,
    Advice,
    EligibilityCheck,
    EventKind,
    Move,
    Paper,
    Portal,
    Program,
    Purpose,
    Refusal,
    State,
    Todo,
    Workflow,
    hookimpl,
)

STATES = (
    State("draft", _("Being filled in"), "before", 0),
    State("submitted", _("Handed in"), "before", 1, _("Somebody looks whether everything is there.")),
    State("supplement", _("Something is missing"), "paused", None, _("We wait for you.")),
    State("decided", _("Decided"), "done", 2),
    State("withdrawn", _("Withdrawn"), "done"),
)


def _not_from_the_moon(_work, dossier):
    moon = dossier.answers("trial.application").get("where") == "the moon"
    return Refusal(_("Nobody is treated on the moon.")) if moon else None


MOVES = (
    Move("submit", _("Hand in"), ("draft",), "submitted", "application.submitted", asks="trial.application"),
    Move("ask", _("Ask for more"), ("submitted",), "supplement", "application.asked", reason_required=True),
    Move("answer", _("Answer"), ("supplement",), "submitted", "application.answered", asks="trial.answer"),
    Move("remark", _("Tell us something"), ("submitted",), SAME, "application.remarked", asks="trial.answer"),
    Move("decide", _("Decide"), ("submitted",), "decided", "application.decided"),
    Move("look", _("Look at it"), ("submitted",), SAME, "application.seen"),
    Move("reopen", _("Open again"), ("decided",), "submitted", "application.again"),
    Move("withdraw", _("Withdraw"), ("submitted", "supplement"), "withdrawn", "application.withdrawn"),
)


def _papers(answers):
    found = [Paper("id-card", _("Identity card"), _("Both sides."))]
    if answers.get("treated"):
        found.append(Paper("bill", _("Bill"), _("With the seal of the hospital.")))
    return [*found, Paper("letter", _("Letter of the employer"), _("If you have one."), required=False)]


def _todos(_work, dossier):
    if dossier.case.state != "supplement":
        return []
    return [Todo(_("Answer what we asked."), "answer", papers=True)]


def _answer(answers):
    likely = "yes" if answers.get("ill") else "no"
    return Advice(likely, (_("Help is for whoever is ill."),))


PURPOSES = (
    Purpose("processing", _("Use of your data"), _("We read what you tell us."), required=True),
    Purpose("texts", _("Texts"), _("We send you texts.")),
    Purpose("publishing", _("Publication"), _("We name you on the board."), separate=True),
)


class Trial(Program):
    """A program whose files lie beside its tests."""

    @property
    def folder(self) -> Path:
        return Path(__file__).parent


class Plugin:
    """What an installed program answers."""

    @hookimpl
    def casework_program(self):
        client = {"trial:move:submit", "trial:move:answer", "trial:move:remark", "trial:move:withdraw"}
        office = frozenset({"trial:move:ask", "trial:move:decide", "trial:move:look", "trial:move:reopen"})
        return Trial(
            key="trial",
            code="TR",
            title=_("Trial aid"),
            package="casework",
            workflow=Workflow("draft", STATES, MOVES, steps=(_("Fill in"), _("Examine"), _("Decide"))),
            events=tuple(
                EventKind(name, _(name))
                for name in ("application.begun", "application.written", *(move.event for move in MOVES))
            ),
            grants={
                ("client", "case"): frozenset(client),
                ("worker", "case"): frozenset({"trial:move:submit"}) | office,
                ("fund_officer", "unit"): office,
            },
            compartments=("aid",),
            compartment="aid",
            opens={
                ("worker", "case"): frozenset({"aid", "application"}),
                ("fund_officer", "unit"): frozenset({"aid", "application"}),
                ("coordinator", "unit"): frozenset({"aid", "application"}),
                ("client", "case"): frozenset({"application"}),
            },
            portal=Portal(
                form="trial.application",
                summary=_("Money for whoever is ill."),
                papers=_papers,
                purposes=PURPOSES,
                todos=_todos,
                check=EligibilityCheck("trial.check", _answer),
            ),
            summary=_("Money for whoever is ill."),
        )
