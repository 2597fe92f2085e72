"""Appending to the history of a case: the only door through which a fact enters it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from casework.cases.model import Case, Event
from casework.duties.batches import judge_after_event
from casework.errors import Invalid, Problem
from casework.i18n import _
from casework.programs import EventKind
from casework.work import Work

if TYPE_CHECKING:
    from casework.forms.model import Response

CORE_EVENTS = (
    EventKind("referral.received", _("Referral received"), ("urgency",)),
    EventKind("contact.recorded", _("Contact recorded"), ("outcome", "type")),
    EventKind("consent.signed", _("Consent signed"), ("purposes",)),
    EventKind("screening.recorded", _("Screening recorded"), ("result",)),
    EventKind("assessment.signed", _("Assessment signed")),
    EventKind("plan.agreed", _("Plan agreed")),
    EventKind("review.recorded", _("Review recorded")),
    EventKind("closure.written", _("Closure summary written")),
    EventKind("hand-over.written", _("Hand-over note written")),
    EventKind("suspension.recorded", _("Reason for suspension recorded")),
    EventKind("decline.recorded", _("Reason for declining recorded")),
    EventKind("transfer.recorded", _("Transfer recorded")),
    EventKind("follow-up.done", _("Follow-up done")),
    EventKind("referrer.informed", _("Referrer informed")),
    EventKind("form.signed", _("Form signed")),
    EventKind("response.amended", _("Entry amended"), ("form", "reason")),
    EventKind("goal.set", _("Goal set"), ("goal",)),
    EventKind("goal.changed", _("Goal changed"), ("goal",)),
    EventKind("goal.rated", _("Goal rated"), ("goal", "rating")),
    EventKind("high-risk.found", _("High risk found")),
    EventKind("person.died", _("Death recorded"), ("died_on",)),
    EventKind("document.added", _("Document added"), ("document", "kind", "title")),
    EventKind("document.removed", _("Document removed"), ("document", "kind", "title")),
    EventKind("letter.issued", _("Letter issued"), ("document", "kind", "title")),
    EventKind("paper.promised", _("Paper to be brought to the desk"), ("paper",)),
    EventKind("consent.given", _("Consent given"), ("purpose",)),
    EventKind("consent.withdrawn", _("Consent withdrawn"), ("purpose",)),
    EventKind("message.received", _("Message from the applicant")),
    EventKind("message.sent", _("Message to the applicant")),
    EventKind("duty.exempted", _("Exempted from a duty"), ("clause", "reason")),
)
"""The kinds of events that belong to no program."""


def event_kinds(work: Work) -> Mapping[str, EventKind]:
    """Every declared kind by name: the core's and the enabled programs'."""
    return {**{kind.name: kind for kind in CORE_EVENTS}, **work.programs.events()}


def append_event(
    work: Work,
    case: Case,
    kind: str,
    *,
    happened_at: datetime | None = None,
    payload: Mapping[str, Any] | None = None,
    compartment: str | None = None,
    response: Response | None = None,
    mark: str | None = None,
) -> Event:
    """Append one event and let the duties of the case follow.

    `happened_at` may lie in the past (a late entry keeps both moments) but not in the future and
    not before the day the case was opened. Without a `compartment` the fact stands where the case does.
    `mark` is that of the page by which it was done (queries.event_of_page finds it again). An undeclared
    kind is a programming error: LookupError.
    """
    if kind not in event_kinds(work):
        raise LookupError(f"event kind {kind!r} is declared by no program; see EventKind")
    happened_at = happened_at or work.now
    if happened_at > work.now:
        raise Invalid([Problem("happened_at", _("This lies in the future. Give the time when it happened."))])
    if happened_at.astimezone(work.zone).date() < case.opened_at.astimezone(work.zone).date():
        raise Invalid([Problem("happened_at", _("This lies before the case was opened. Give a later time."))])
    event = Event(
        case_id=case.id,
        compartment=compartment or case.compartment,
        kind=kind,
        actor_id=work.actor.id,
        happened_at=happened_at,
        recorded_at=work.now,
        response_id=response.id if response is not None else None,
        payload={"episode": case.episode, **(payload or {}), **({"page": mark} if mark else {})},
    )
    work.session.add(event)
    work.session.flush()  # duties read the event by its number
    judge_after_event(work, case)
    return event
