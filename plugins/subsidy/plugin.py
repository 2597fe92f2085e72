"""What the core learns about aid for patients: its workflow, who makes which step, and who sees what."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING

from casework.cases.dossier import Dossier
from casework.forms.library import library_of
from casework.funds.queries import count_payments
from casework.funds.rules import in_capitals, yuan
from casework.i18n import Message, _
from casework.programs import EligibilityCheck, Link, Portal, Program, Todo, Waiting, hookimpl
from casework.work import Work

from . import committee, effects, eligibility, rules
from .queries import assessment_of
from .walls import POLICIES
from .workflow import EVENTS, WORKFLOW

if TYPE_CHECKING:
    from casework.demo.stage import Happening, Stage


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
                    lines=_missing(work, dossier),
                ),
            )
        case "approved":
            return (
                Todo(
                    _("Read the agreement and sign it, so that the money can be paid."),
                    "sign-agreement",
                    lines=_granted(work, dossier),
                ),
            )
        case "rejected" if rules.appeal_open(work, dossier) is None:
            return (
                Todo(
                    _("If you do not agree, ask for another look."),
                    "appeal",
                    papers=True,
                    lines=_last_day(work, dossier),
                ),
            )
    return ()


def _missing(work: Work, dossier: Dossier) -> tuple[Message | str, ...]:
    """What the fund officer asked for, in his words."""
    form = library_of(work)["subsidy.supplement-request"]
    asked, kind = dossier.answers(form.key), form.item("missing_kind")
    lines: list[Message | str] = []
    for row in asked.get("missing", ()):
        option = kind.option(row.get("missing_kind")) if kind else None
        what = str(row.get("missing_what", ""))
        lines.append(_("%(paper)s: %(what)s", paper=_(option.label), what=what) if option else what)
    return (*lines, *([asked["note"]] if asked.get("note") else ()))


def _granted(work: Work, dossier: Dossier) -> tuple[Message, ...]:
    """The sum that the agreement is about, in figures and in capitals."""
    frozen = assessment_of(work, dossier.case.id)
    if frozen is None:
        return ()
    figures, capitals = yuan(frozen.award), in_capitals(frozen.award)
    return (_("Granted: %(figures)s yuan (%(capitals)s)", figures=figures, capitals=capitals),)


def _last_day(work: Work, dossier: Dossier) -> tuple[Message, ...]:
    """Until when another look can be asked for."""
    until = rules.appeal_until(work, dossier)
    if until is None:
        return ()
    return (_("By the end of %(day)s", day=(until - timedelta(seconds=1)).date()),)


def waiting(work: Work) -> Sequence[Waiting]:
    """Votes that wait for the actor, and payments for those who keep the books."""
    votes = committee.count_waiting(work)
    found = [Waiting(_("Applications to vote on"), votes, "subsidy.committee")]
    if "finance" in work.actor.roles:
        payments = count_payments(work)
        under_way = payments.get("ordered", 0) + payments.get("confirmed", 0)
        found.append(Waiting(_("Payments to confirm or record"), under_way, "payments"))
    return [each for each in found if each.count]


def demo(stage: Stage) -> Iterable[Happening]:
    """Aid in the invented district; loaded only where there is one."""
    from .demo import happenings

    return happenings(stage)


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
        demo=demo,
        links=(
            Link(_("Votes"), "subsidy.committee", "subsidy:vote"),
            Link(_("Terms of aid"), "subsidy.terms", "subsidy:terms"),
        ),
        case_links=(Link(_("Arithmetic"), "subsidy.arithmetic", "subsidy:arithmetic"),),
        waiting=waiting,
        includeme=__package__ or "casework_programs.subsidy",
    )
