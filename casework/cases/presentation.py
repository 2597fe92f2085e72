"""How a case looks: what its timeline shows of an event, what its header shows of a state."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from itertools import groupby
from typing import Any
from zoneinfo import ZoneInfo

from casework.cases.dossier import Dossier
from casework.cases.model import Event
from casework.cases.queries import Entry
from casework.forms.definition import Form
from casework.i18n import Message, _
from casework.programs import Program, State

URGENCY_TITLES = {
    "emergency": _("Emergency"),
    "urgent": _("Urgent"),
    "routine": _("Routine"),
}

WALLS: Mapping[str, Message] = {
    "process_note": _("Process note"),
    "safety": _("Safety"),
    "finance": _("Finance"),
    "party_a": _("Party A"),
    "party_b": _("Party B"),
    "mediator": _("Mediator"),
}
"""The compartments whose entries carry a lock on the timeline."""

LATE = timedelta(hours=24)
"""An entry recorded later than this after it happened is marked as a late one."""

EXCERPT = 280
"""Characters of a text shown on the timeline."""

_ICONS = (
    ("contact.", "message-square-text"),
    ("referral.", "send"),
    ("consent.", "signature"),
    ("message.", "message-circle"),
    ("goal.", "target"),
    ("document.", "paperclip"),
    ("letter.", "mail"),
    ("person.died", "circle-dot"),
    ("case.suspended", "circle-pause"),
    ("case.resumed", "rotate-ccw"),
    ("case.handed-over", "arrow-right-left"),
    ("case.closed", "circle-check"),
    ("case.", "arrow-right"),
    ("crisis.", "triangle-alert"),
    ("high-risk.", "triangle-alert"),
)


def event_icon(kind: str) -> str:
    """The drawing beside an event on the timeline."""
    return next((icon for start, icon in _ICONS if kind.startswith(start)), "file-text")


def event_tone(kind: str) -> str:
    """The colour of that drawing."""
    if kind.startswith(("crisis.", "high-risk.")):
        return "red"
    if kind in {"case.suspended", "response.amended"}:
        return "amber"
    return "grey" if kind.startswith("case.") else "teal"


def recorded_late(event: Event) -> bool:
    """Whether a contact was written down more than a day after it happened."""
    return event.kind == "contact.recorded" and event.recorded_at - event.happened_at > LATE


def by_day(entries: Iterable[Entry], zone: ZoneInfo) -> Sequence[tuple[date, Sequence[Entry]]]:
    """The entries under their local days, in their order."""
    return [
        (day, list(group))
        for day, group in groupby(entries, key=lambda e: e.event.happened_at.astimezone(zone).date())
    ]


def excerpt(form: Form | None, answers: Mapping[str, Any] | None, roles: Iterable[str]) -> str:
    """The beginning of the first free text of a response that the reader may see."""
    if form is None or not answers:
        return ""
    held = set(roles)
    for item in form.walk():
        text = answers.get(item.link_id)
        if item.kind == "text" and isinstance(text, str) and (not item.see or item.see & held):
            return text if len(text) <= EXCERPT else text[:EXCERPT].rstrip() + " …"
    return ""


def reason_of(event: Event, form: Form | None) -> Message | str:
    """The reason that an event carries, in words where it is the code of a form's option."""
    reason = str(event.payload.get("reason") or "")
    item = form.item("reason") if form else None
    option = item.option(reason) if item else None
    return _(option.label) if option else reason


def states_of(programs: Iterable[Program]) -> Mapping[tuple[str, str], State]:
    """All states by the keys of program and state; two programs may use one key for two states."""
    return {(program.key, state.key): state for program in programs for state in program.workflow.states}


def step_of(dossier: Dossier) -> int:
    """The step that the case stands at; a side state keeps the step that it was entered from."""
    workflow = dossier.program.workflow if dossier.program else None
    if dossier.state.step is not None or workflow is None:
        return dossier.state.step or 0
    steps = {state.key: state.step for state in workflow.states}
    for event in reversed(dossier.events):
        step = steps.get(str(event.payload.get("from")))
        if step is not None:
            return step
    return 0
