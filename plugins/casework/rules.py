"""The guards of individual casework: each answers why a move may not happen now, or None."""

from __future__ import annotations

import sqlalchemy as sa

from casework.cases.dossier import Dossier
from casework.cases.rules import months_between
from casework.duties.model import Duty
from casework.handbook.standard import standard_of
from casework.i18n import _
from casework.programs import Refusal
from casework.work import Work


def first_interview_held(_work: Work, dossier: Dossier) -> Refusal | None:
    """Service begins with a conversation, not with a form."""
    if dossier.happened("contact.recorded"):
        return None
    return Refusal(_("No interview with the client is recorded yet."), "casework.first-contact-routine")


def consent_signed(_work: Work, dossier: Dossier) -> Refusal | None:
    """PIPL 29: sensitive data needs separate consent; an emergency goes by the crisis move."""
    if "service" in (dossier.answers("consent").get("purposes") or ()):
        return None
    return Refusal(_("The client has not consented to the service yet."), "casework.consent-before-service")


def referrer_not_informed(_work: Work, dossier: Dossier) -> Refusal | None:
    """Told once; what else there is to tell is a contact."""
    if dossier.happened("referrer.informed"):
        return Refusal(_("The referrer has been told already."))
    return None


def _high_risk(dossier: Dossier) -> bool:
    return dossier.happened("high-risk.found")


def high_risk_countersigned(_work: Work, dossier: Dossier) -> Refusal | None:
    """A high-risk assessment is read by the supervisor before anything is built on it."""
    if not _high_risk(dossier) or dossier.happened("assessment.countersigned"):
        return None
    return Refusal(_("High risk was found: the supervisor countersigns first."), "casework.supervisor-signs")


def countersignature_due(_work: Work, dossier: Dossier) -> Refusal | None:
    """Only a high-risk assessment is countersigned, and once."""
    if not _high_risk(dossier):
        return Refusal(_("The assessment found no high risk; no countersignature is needed."))
    if dossier.happened("assessment.countersigned"):
        return Refusal(_("The assessment is countersigned already."))
    return None


def goal_set(_work: Work, dossier: Dossier) -> Refusal | None:
    """A service without a goal cannot be evaluated."""
    if any(goal.status != "dropped" for goal in dossier.goals):
        return None
    return Refusal(_("No goal has been set yet."), "casework.goal-before-service")


def goals_rated(_work: Work, dossier: Dossier) -> Refusal | None:
    """Every goal is rated, or dropped, before the service goes on or ends."""
    waiting = [goal for goal in dossier.goals if goal.status != "dropped" and goal.rating is None]
    if not waiting:
        return None
    return Refusal(_("Goals not rated yet: %(count)s.", count=len(waiting)), "casework.review")


def assessed(_work: Work, dossier: Dossier) -> Refusal | None:
    """A case served in a crisis is assessed before it is evaluated."""
    if dossier.signed("psychosocial") is not None:
        return None
    return Refusal(_("The assessment has not been signed yet."), "casework.no-unassessed-intervention")


def consent_to_share(_work: Work, dossier: Dossier) -> Refusal | None:
    """PIPL 23: another agency receives nothing without consent to just that."""
    if "share-agencies" in (dossier.answers("consent").get("purposes") or ()):
        return None
    return Refusal(
        _("The client has not consented to sharing with other agencies."), "casework.transfer-with-consent"
    )


def no_contact_yet(_work: Work, dossier: Dossier) -> Refusal | None:
    """A case in which somebody was met happened; it cannot be made as if it had not."""
    if not dossier.happened("contact.recorded"):
        return None
    return Refusal(_("Contacts are recorded on this case. Decline or close it instead."))


def no_follow_up_due(work: Work, dossier: Dossier) -> Refusal | None:
    """The archive is for cases on which nothing is waiting."""
    waiting = work.session.scalar(
        sa.select(sa.func.count()).where(Duty.case_id == dossier.case.id, Duty.state == "open")
    )
    if not waiting:
        return None
    return Refusal(_("Duties still open: %(count)s.", count=waiting), "casework.follow-up-one-month")


def closed_recently(work: Work, dossier: Dossier) -> Refusal | None:
    """After the months of the clause, a new case is opened instead."""
    closed, limit = dossier.case.closed_at, standard_of(work).rules.limit("casework.reopen")
    if closed is None or months_between(closed.astimezone(work.zone).date(), work.today) < limit.amount:
        return None
    return Refusal(_("Closed too long ago to be reopened. Open a new case instead."), "casework.reopen")
