"""The states of aid, what happens in it, and the workflow that both make up with the steps."""

from __future__ import annotations

from casework.i18n import _, pgettext
from casework.programs import EventKind, FormUse, State, Workflow

from .moves import MOVES

STATES = (
    State("draft", _("Being filled in"), "before", 0, _("Ends by itself after 30 days without hand-in.")),
    State("submitted", _("Handed in"), "before", 1, _("The fund officer looks within 5 working days.")),
    State(
        "supplement",
        _("Papers are missing"),
        "paused",
        1,
        _("The applicant has 10 working days; the fund's clock stands still."),
    ),
    State("accepted", _("Accepted"), "active", 2, _("A worker for the visit is chosen in 2 working days.")),
    State(
        "verification", _("Being checked"), "active", 2, _("The visit takes place within 10 working days.")
    ),
    State("first_review", _("First review"), "active", 3, _("An amount is recommended in 3 working days.")),
    State("committee", _("With the committee"), "active", 3, _("It decides within 15 working days.")),
    State("notice", _("Public notice"), "active", 4, _("Usually 7 days.")),
    State("objection", _("Objection"), "paused", 4, _("Looked into within 10 working days.")),
    State("approved", _("Approved"), "active", 5, _("The agreement is signed next.")),
    State("agreement", _("Agreement signed"), "active", 5, _("The payment is ordered in 5 working days.")),
    State("disbursing", _("Being paid"), "active", 5, _("The money arrives within some working days.")),
    State("paid", _("Paid"), "active", 6, _("The hospital's receipt is compared within 30 days.")),
    State("settled", _("Settled"), "active", 6, _("A follow-up a month after the payment.")),
    State("closed", _("Closed"), "done", 7),
    State("rejected", _("Not granted"), "active", None, _("Another look can be asked for within 30 days.")),
    State("appeal", _("Another look"), "active", None, _("Others decide within 15 working days.")),
    State("withdrawn", _("Withdrawn"), "done"),
    State("expired", _("Ended by time"), "done"),
    State("revoked", _("Award taken back"), "done"),
    State("clawback", _("Money asked back"), "active"),
)

WORKFLOW = Workflow(
    start="draft",
    states=STATES,
    moves=MOVES,
    steps=(
        pgettext("step", "Application"),
        pgettext("step", "Handed in"),
        pgettext("step", "Check"),
        pgettext("step", "Review"),
        pgettext("step", "Notice"),
        pgettext("step", "Approved"),
        pgettext("step", "Paid"),
        pgettext("step", "Closed"),
    ),
    forms=(FormUse("subsidy.follow-up", ("paid", "settled"), once=False),),
    referral_form="referral",
)

EVENTS = (
    EventKind("application.begun", _("Application begun"), ("to", "for")),
    EventKind("application.submitted", _("Application handed in"), ("from", "to")),
    EventKind("application.supplement-asked", _("Missing papers asked for"), ("from", "to")),
    EventKind("application.supplemented", _("Missing papers sent"), ("from", "to")),
    EventKind("application.accepted", _("Application accepted"), ("from", "to")),
    EventKind("application.verifying", _("Visitor chosen"), ("from", "to", "worker")),
    EventKind("application.verified", _("Visit recorded"), ("from", "to")),
    EventKind("application.recommended", _("Amount recommended"), ("from", "to")),
    EventKind("vote.cast", _("Vote cast"), ("round",)),
    EventKind("committee.decided", _("Committee decided"), ("round", "outcome", "yes", "votes")),
    EventKind("notice.published", _("Notice published"), ("from", "to")),
    EventKind(
        "notice.left-out", _("Approved without a public notice, as nobody agreed to one"), ("because",)
    ),
    EventKind("objection.raised", _("Objection raised"), ("from", "to")),
    EventKind("objection.settled", _("Objection settled"), ("from", "to")),
    EventKind("application.approved", _("Application approved"), ("from", "to")),
    EventKind("application.rejected", _("Application refused"), ("from", "to")),
    EventKind("agreement.signed", _("Agreement signed"), ("from", "to")),
    EventKind("payment.ordered", _("Payment ordered"), ("from", "to")),
    EventKind("payment.sent-back", _("Payment sent back"), ("payment",)),
    EventKind("payment.paid", _("Payment made"), ("from", "to")),
    EventKind("application.settled", _("Aid settled"), ("from", "to")),
    EventKind("application.closed", _("Application closed"), ("from", "to", "reason")),
    EventKind("application.withdrawn", _("Application withdrawn"), ("from", "to", "reason")),
    EventKind("application.expired", _("Application ended by time"), ("from", "to")),
    EventKind("award.revoked", _("Award taken back"), ("from", "to", "reason")),
    EventKind("award.claimed-back", _("Money asked back"), ("from", "to", "reason")),
    EventKind("award.repaid", _("Money came back"), ("from", "to")),
    EventKind("appeal.possible", _("Another look can be asked for"), ("until",)),
    EventKind("appeal.lodged", _("Another look asked for"), ("from", "to")),
    EventKind("appeal.decided", _("Appeal decided"), ("from", "to")),
)
