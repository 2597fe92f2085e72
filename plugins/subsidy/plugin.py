"""What the core learns about aid for patients: its states, its moves, and who makes them.

The order follows the Interim Measures for Social Assistance (application, verification, review,
public notice, decision, payment) and article 60 of the Charity Law; the clauses named here stand in
this program's chapter of the standard.
"""

from __future__ import annotations

from collections.abc import Sequence

from casework.cases.dossier import Dossier
from casework.i18n import _, pgettext
from casework.programs import (
    SAME,
    EligibilityCheck,
    EventKind,
    FormUse,
    Link,
    Move,
    Portal,
    Program,
    State,
    Todo,
    Waiting,
    Workflow,
    hookimpl,
)
from casework.work import Work

from . import committee, effects, eligibility, notices, rules
from .rules import DECIDED, FILLED_IN, REVIEWED, somebody_else
from .walls import POLICIES

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

BEFORE_DECISION = (
    "submitted",
    "supplement",
    "accepted",
    "verification",
    "first_review",
    "committee",
    "notice",
)

MOVES = (
    Move(
        "submit",
        _("Hand in the application"),
        ("draft",),
        "submitted",
        "application.submitted",
        asks=rules.APPLICATION,
        guards=(rules.alive, rules.consents_given),
        then=effects.tell,
        clause="subsidy.receipt",
    ),
    Move(
        "ask-supplement",
        _("Ask for what is missing"),
        ("submitted",),
        "supplement",
        "application.supplement-asked",
        asks="subsidy.supplement-request",
        guards=(rules.not_asked_before,),
        then=effects.tell,
        primary=False,
        clause="subsidy.supplement-once",
    ),
    Move(
        "answer-supplement",
        _("Send what was missing"),
        ("supplement",),
        "submitted",
        "application.supplemented",
        asks="subsidy.supplement",
        clause="subsidy.supplement-time",
    ),
    Move(
        "accept",
        _("Accept the application"),
        ("submitted",),
        "accepted",
        "application.accepted",
        guards=(somebody_else(*FILLED_IN), rules.papers_complete),
        then=effects.tell,
        clause="subsidy.completeness-check",
    ),
    Move(
        "assign",
        _("Choose who makes the visit"),
        ("accepted", "verification"),
        "verification",
        "application.verifying",
        takes_worker=True,
        clause="subsidy.choose-visitor",
    ),
    Move(
        "verify",
        _("Record the visit"),
        ("verification",),
        "first_review",
        "application.verified",
        asks="subsidy.visit",
        guards=(somebody_else(*FILLED_IN),),
        then=effects.visited,
        clause="subsidy.visit",
    ),
    Move(
        "recommend",
        _("Recommend an amount"),
        ("first_review",),
        "committee",
        "application.recommended",
        asks=rules.REVIEW,
        guards=(somebody_else(*FILLED_IN, *REVIEWED, *DECIDED),),
        then=effects.recommended,
        clause="subsidy.first-review",
    ),
    Move(
        "publish-notice",
        _("Publish the notice"),
        ("committee",),
        "notice",
        "notice.published",
        guards=(rules.committee_passed, rules.may_be_published),
        then=notices.publish,
        clause="subsidy.notice-data",
    ),
    Move(
        "object",
        _("Record an objection"),
        ("notice",),
        "objection",
        "objection.raised",
        asks="subsidy.objection",
        primary=False,
        clause="subsidy.objection",
    ),
    Move(
        "settle-objection",
        _("Settle the objection"),
        ("objection",),
        "notice",
        "objection.settled",
        asks="subsidy.objection-findings",
        clause="subsidy.objection",
    ),
    Move(
        "approve",
        _("Approve"),
        ("committee", "notice"),
        "approved",
        "application.approved",
        guards=(
            somebody_else(*FILLED_IN, *REVIEWED, *DECIDED),
            rules.committee_passed,
            rules.notice_over,
            rules.objection_leaves_it,
        ),
        then=effects.approved,
        clause="subsidy.decision-after-notice",
    ),
    Move(
        "reject",
        _("Refuse"),
        BEFORE_DECISION,
        "rejected",
        "application.rejected",
        asks="subsidy.refusal",
        guards=(somebody_else(*FILLED_IN, *DECIDED),),
        then=effects.rejected,
        primary=False,
        clause="subsidy.reasons-for-refusal",
    ),
    Move(
        "sign-agreement",
        _("Sign the agreement"),
        ("approved",),
        "agreement",
        "agreement.signed",
        asks=rules.AGREEMENT,
        then=effects.agreed,
        clause="subsidy.agreement",
    ),
    Move(
        "change-agreement",
        _("Sign the agreement anew"),
        ("agreement", "disbursing"),
        SAME,
        "agreement.signed",
        asks=rules.AGREEMENT,
        guards=(rules.no_payment_under_way,),
        then=effects.agreed,
        primary=False,
        clause="subsidy.agreement",
        help=_("When the account was wrong, or after a death."),
    ),
    Move(
        "order-payment",
        _("Order the payment"),
        ("agreement", "disbursing"),
        "disbursing",
        "payment.ordered",
        guards=(somebody_else(*FILLED_IN, *REVIEWED, *DECIDED), rules.no_payment_under_way),
        then=effects.payment_ordered,
        clause="subsidy.payment-ordered",
    ),
    Move(
        "record-payment",
        _("Record the payment"),
        ("disbursing",),
        "paid",
        "payment.paid",
        guards=(rules.payment_under_way,),
        then=effects.tell,
        clause="subsidy.payment-made",
        help=_("Happens by itself when the bank's slip is recorded with the payment."),
    ),
    Move(
        "settle",
        _("Settle with the hospital's receipt"),
        ("paid",),
        "settled",
        "application.settled",
        asks=effects.SETTLEMENT,
        then=effects.settled,
        clause="subsidy.settlement",
    ),
    Move(
        "close",
        _("Close"),
        ("settled", "rejected"),
        "closed",
        "application.closed",
        guards=(rules.followed_up, rules.appeal_over),
        clause="subsidy.follow-up",
    ),
    Move(
        "withdraw",
        _("Withdraw the application"),
        ("draft", *BEFORE_DECISION, "approved", "agreement", "appeal"),
        "withdrawn",
        "application.withdrawn",
        then=effects.given_up,
        primary=False,
    ),
    Move(
        "expire",
        _("End by time"),
        ("draft", "supplement"),
        "expired",
        "application.expired",
        then=effects.given_up,
        primary=False,
        clause="subsidy.unfinished",
    ),
    Move(
        "revoke",
        _("Take the award back"),
        ("approved", "agreement", "disbursing"),
        "revoked",
        "award.revoked",
        guards=(rules.no_payment_under_way,),
        then=effects.given_up,
        reason_required=True,
        primary=False,
        clause="subsidy.unused-returns",
    ),
    Move(
        "claim-back",
        _("Ask the money back"),
        ("paid", "settled"),
        "clawback",
        "award.claimed-back",
        then=effects.tell,
        reason_required=True,
        primary=False,
        clause="subsidy.unused-returns",
    ),
    Move(
        "record-repayment",
        _("Record what came back"),
        ("clawback",),
        "closed",
        "award.repaid",
        asks=effects.SETTLEMENT,
        then=effects.settled,
        clause="subsidy.unused-returns",
    ),
    Move(
        "appeal",
        _("Ask for another look"),
        ("rejected",),
        "appeal",
        "appeal.lodged",
        asks="subsidy.appeal",
        guards=(rules.appeal_open,),
        clause="subsidy.appeal",
    ),
    Move(
        "decide-appeal-grant",
        _("Review it anew"),
        ("appeal",),
        "first_review",
        "appeal.decided",
        asks="subsidy.appeal-decision",
        expects=(("result", "grant"),),
        guards=(somebody_else(*FILLED_IN, *REVIEWED, *DECIDED, clause="subsidy.appeal-by-others"),),
        then=effects.appeal_decided,
        clause="subsidy.appeal-decided",
    ),
    Move(
        "decide-appeal-uphold",
        _("Let the refusal stand"),
        ("appeal",),
        "rejected",
        "appeal.decided",
        asks="subsidy.appeal-decision",
        expects=(("result", "uphold"),),
        guards=(somebody_else(*FILLED_IN, *REVIEWED, *DECIDED, clause="subsidy.appeal-by-others"),),
        then=effects.appeal_decided,
        primary=False,
        clause="subsidy.appeal-decided",
    ),
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
    EventKind("notice.left-out", _("Approved without a public notice"), ("reason",)),
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


def _moves(*keys: str) -> frozenset[str]:
    return frozenset(f"subsidy:move:{key}" for key in keys)


_OF_APPLICANT = _moves(
    "submit", "answer-supplement", "sign-agreement", "change-agreement", "withdraw", "appeal"
)

GRANTS = {
    ("client", "case"): _OF_APPLICANT,
    ("worker", "case"): _OF_APPLICANT | _moves("verify") | {"subsidy:arithmetic"},
    ("fund_officer", "unit"): _moves(
        "ask-supplement",
        "accept",
        "assign",
        "publish-notice",
        "object",
        "order-payment",
        "settle",
        "close",
        "record-repayment",
    )
    | {"subsidy:arithmetic", "subsidy:terms"},
    ("supervisor", "unit"): _moves("recommend") | {"subsidy:arithmetic"},
    ("coordinator", "unit"): _moves(
        "assign",
        "recommend",
        "settle-objection",
        "approve",
        "reject",
        "revoke",
        "claim-back",
        "decide-appeal-grant",
        "decide-appeal-uphold",
    )
    | {"subsidy:arithmetic", "subsidy:terms", "subsidy:set-terms"},
    ("committee", "unit"): frozenset({"subsidy:vote"}),
    ("finance", "unit"): _moves("record-payment") | {"subsidy:terms"},
    ("system", "own"): _moves("expire"),
}

_FILE = frozenset({"aid", "application"})

OPENS = {
    ("supervisor", "unit"): _FILE,
    ("coordinator", "unit"): _FILE | {"finance"},
    ("fund_officer", "unit"): _FILE | {"finance", "client", "referral"},
    ("committee", "unit"): _FILE,
    ("finance", "unit"): frozenset({"finance"}),
    ("worker", "case"): _FILE,
    ("client", "case"): frozenset({"application"}),
}


def todos(work: Work, dossier: Dossier) -> Sequence[Todo]:
    """What the applicant has to do now."""
    match dossier.case.state:
        case "supplement":
            return (
                Todo(
                    _("Papers are missing. Add them, then tell us what you added."),
                    "answer-supplement",
                    papers=True,
                ),
            )
        case "approved":
            return (
                Todo(_("Read the agreement and sign it, so that the money can be paid."), "sign-agreement"),
            )
        case "rejected" if rules.appeal_open(work, dossier) is None:
            return (Todo(_("If you do not agree, ask for another look."), "appeal"),)
    return ()


def waiting(work: Work) -> Sequence[Waiting]:
    """Votes that wait for the actor."""
    count = committee.count_waiting(work)
    return (Waiting(_("Applications to vote on"), count, "subsidy.committee"),) if count else ()


@hookimpl
def casework_program() -> Program:
    """Aid for patients who cannot pay."""
    return Program(
        key="subsidy",
        code="SA",
        title=_("Aid for patients"),
        summary=_("Money from a fund for treatment, when insurance and the family cannot carry it."),
        package=__package__ or "casework_programs.subsidy",
        workflow=WORKFLOW,
        events=EVENTS,
        grants=GRANTS,
        compartments=("aid",),
        compartment="aid",
        opens=OPENS,
        policies=POLICIES,
        portal=Portal(
            form=rules.APPLICATION,
            summary=_("If the bill for a serious illness is more than your family can pay."),
            papers=eligibility.papers,
            purposes=eligibility.PURPOSES,
            todos=todos,
            check=EligibilityCheck("subsidy.check", eligibility.advice),
        ),
        paid=effects.paid,
        links=(
            Link(_("Votes"), "subsidy.committee", "subsidy:vote"),
            Link(_("Terms of aid"), "subsidy.terms", "subsidy:terms"),
        ),
        case_links=(Link(_("Arithmetic"), "subsidy.arithmetic", "subsidy:arithmetic"),),
        waiting=waiting,
        includeme=__package__ or "casework_programs.subsidy",
    )
