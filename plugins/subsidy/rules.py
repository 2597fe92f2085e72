"""The guards of aid: each answers why a step may not happen now and how to mend it, or None.

They read the history of the case. Who fills in, visits, recommends, votes, decides and orders the
payment are different people; so are those who decide after an appeal.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, time, timedelta

from casework.cases.dossier import Dossier
from casework.cases.model import Event
from casework.i18n import Message, _
from casework.programs import Guard, Refusal
from casework.work import Work

APPLICATION, REVIEW, AGREEMENT = "subsidy.application", "subsidy.review", "subsidy.agreement"

DONE: Mapping[str, Message] = {
    "application.begun": _("You filled in this application. Somebody else has to do this."),
    "application.submitted": _("You handed in this application. Somebody else has to do this."),
    "application.verified": _("You made the visit. Somebody else has to do this."),
    "application.recommended": _("You recommended the amount. Somebody else has to do this."),
    "vote.cast": _("You voted on this application. Somebody else has to do this."),
    "application.approved": _("You approved this application. Somebody else has to do this."),
    "application.rejected": _("You refused this application. Somebody else has to do this."),
    "appeal.decided": _("You decided the appeal. Somebody else has to do this."),
}
"""Parts in an application that one person has only one of."""

FILLED_IN = ("application.begun", "application.submitted")
REVIEWED = ("application.verified", "application.recommended")
DECIDED = ("vote.cast", "application.approved", "application.rejected")


def last(dossier: Dossier, *kinds: str) -> Event | None:
    """The last event of any of the kinds."""
    return next((event for event in reversed(dossier.events) if event.kind in kinds), None)


def current_round(dossier: Dossier) -> int:
    """How many times an amount was recommended; 0 before the first time."""
    return sum(event.kind == "application.recommended" for event in dossier.events)


def part_taken(dossier: Dossier, account_id: int, *kinds: str) -> str | None:
    """The first of the kinds that the person caused on this case, in whichever round."""
    taken = {event.kind for event in dossier.events if event.actor_id == account_id}
    return next((kind for kind in kinds if kind in taken), None)


def somebody_else(*kinds: str, clause: str = "subsidy.different-people") -> Guard:
    """The actor caused none of the events, and the application is not the actor's own."""

    def guard(work: Work, dossier: Dossier) -> Refusal | None:
        if work.actor.person_id is not None and work.actor.person_id == dossier.case.person_id:
            return Refusal(_("This application is your own. Somebody else has to do this."), clause)
        kind = part_taken(dossier, work.actor.id, *kinds)
        return Refusal(DONE[kind], clause) if kind is not None else None

    return guard


def alive(_work: Work, dossier: Dossier) -> Refusal | None:
    """After a death what was begun is settled, and nothing new is asked for."""
    if dossier.person.died_on is None:
        return None
    return Refusal(
        _("A death is recorded for the patient. Speak with the fund about a bill that is still open.")
    )


def not_asked_before(_work: Work, dossier: Dossier) -> Refusal | None:
    """Whatever is missing is asked for at once, so that nobody is sent for papers again and again."""
    if not dossier.happened("application.supplement-asked"):
        return None
    return Refusal(
        _("Papers were asked for once already. Accept the application, or call the applicant."),
        "subsidy.supplement-once",
    )


def worker_assigned(_work: Work, dossier: Dossier) -> Refusal | None:
    """A visit is made by somebody who has the case."""
    return None if dossier.case.worker_id is not None else Refusal(_("Assign a worker first."))


def in_round(dossier: Dossier, *kinds: str) -> Event | None:
    """The last event of any of the kinds since the amount was last recommended."""
    event, start = last(dossier, *kinds), last(dossier, "application.recommended")
    return event if event is not None and start is not None and event.id > start.id else None


def outcome(dossier: Dossier) -> str | None:
    """What the committee decided in the present round: passed or failed; None before that."""
    event = in_round(dossier, "committee.decided")
    return None if event is None else str(event.payload["outcome"])


def committee_passed(_work: Work, dossier: Dossier) -> Refusal | None:
    """Money is given by a majority of people who know no name."""
    match outcome(dossier):
        case "passed":
            return None
        case "failed":
            return Refusal(_("The committee voted against it."), "subsidy.committee")
    return Refusal(_("The committee has not decided yet."), "subsidy.committee")


def objection_leaves_it(_work: Work, dossier: Dossier) -> Refusal | None:
    """An objection that was found right is not passed over."""
    settled = in_round(dossier, "objection.settled")
    if settled is None or dossier.answers("subsidy.objection-findings").get("consequence") != "refuse":
        return None
    return Refusal(_("An objection was found right: the application is to be refused."), "subsidy.objection")


def end_of_days(work: Work, since: datetime, days: int) -> datetime:
    """The local midnight after the last of so many whole days that follow the day of `since`."""
    first = since.astimezone(work.zone).date()
    return datetime.combine(first + timedelta(days=days + 1), time(), work.zone)


def appeal_until(work: Work, dossier: Dossier) -> datetime | None:
    """Until when an appeal may be lodged, as it stood in the letter; None without a refusal."""
    told = last(dossier, "appeal.possible")
    if told is None:
        return None
    return datetime.fromisoformat(str(told.payload["until"])).astimezone(work.zone)


def appeal_open(work: Work, dossier: Dossier) -> Refusal | None:
    """An appeal is lodged once, and within its days."""
    if dossier.happened("appeal.lodged"):
        return Refusal(
            _("Other people have looked at it again already. Their decision is final in this fund."),
            "subsidy.appeal",
        )
    until = appeal_until(work, dossier)
    if until is not None and until > work.now:
        return None
    return Refusal(_("The days in which another look can be asked for are over."), "subsidy.appeal")


def appeal_over(work: Work, dossier: Dossier) -> Refusal | None:
    """A refusal is closed when nobody can appeal against it any more."""
    if dossier.case.state != "rejected" or dossier.happened("appeal.decided"):
        return None
    until = appeal_until(work, dossier)
    if until is None or until <= work.now:
        return None
    day = (until - timedelta(seconds=1)).date()
    return Refusal(_("The applicant can ask for another look until %(day)s.", day=day), "subsidy.appeal")


def followed_up(_work: Work, dossier: Dossier) -> Refusal | None:
    """Paid aid is closed after somebody asked whether it helped."""
    if dossier.case.state != "settled" or dossier.happened("follow-up.done"):
        return None
    return Refusal(_("The follow-up is not recorded yet."), "subsidy.follow-up")


def no_payment_under_way(_work: Work, dossier: Dossier) -> Refusal | None:
    """One payment at a time."""
    event = last(dossier, "payment.ordered", "payment.sent-back", "payment.paid")
    if event is None or event.kind != "payment.ordered":
        return None
    return Refusal(
        _("A payment is under way. It must be recorded or sent back first."), "subsidy.two-persons-pay"
    )


def payment_under_way(_work: Work, dossier: Dossier) -> Refusal | None:
    """Only what was ordered is paid."""
    event = last(dossier, "payment.ordered", "payment.sent-back", "payment.paid")
    if event is not None and event.kind == "payment.ordered":
        return None
    return Refusal(_("No payment has been ordered."), "subsidy.two-persons-pay")
