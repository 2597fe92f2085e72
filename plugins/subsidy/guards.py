"""The guards of aid that read more than the history of the case: consents, papers, what the terms say."""

from __future__ import annotations

from datetime import timedelta

from casework.cases.dossier import Dossier
from casework.documents.queries import documents_of
from casework.i18n import _
from casework.portal.queries import agreed_purposes
from casework.programs import Refusal
from casework.work import Work

from .eligibility import PURPOSES, papers
from .queries import assessment_of, terms_behind
from .rules import APPLICATION, end_of_days, in_round

PUBLICATION = "notice"
"""The purpose of the consent to be named in public."""


def consents_given(work: Work, dossier: Dossier) -> Refusal | None:
    """Personal Information Protection Law 14, 29: without consent nothing is handed in."""
    agreed = agreed_purposes(work, dossier.case.id)
    for purpose in PURPOSES:
        if purpose.required and purpose.key not in agreed:
            return Refusal(_("Agree to “%(purpose)s” first.", purpose=purpose.title), "subsidy.asking-others")
    return None


def papers_complete(work: Work, dossier: Dossier) -> Refusal | None:
    """All papers are there, or were asked for; what then cannot be had, the fund officer judges."""
    if dossier.happened("application.supplemented"):
        return None
    brought = {document.kind for document in documents_of(work, dossier.case.id)}
    for paper in papers(dossier.answers(APPLICATION)):
        if paper.required and paper.key not in brought:
            return Refusal(
                _("“%(paper)s” is missing. Ask the applicant for it.", paper=paper.title),
                "subsidy.supplement-once",
            )
    return None


def publication_agreed(work: Work, case_id: int) -> bool:
    """Whether the applicant agreed, separately, that the award is made public (PIPL 25)."""
    return PUBLICATION in agreed_purposes(work, case_id)


def may_be_published(work: Work, dossier: Dossier) -> Refusal | None:
    """Without the separate consent nothing is made public, and the award goes on without."""
    if publication_agreed(work, dossier.case.id):
        return None
    return Refusal(
        _("The applicant has not agreed to a public notice. The application can be approved without it."),
        "subsidy.notice-consent",
    )


def notice_over(work: Work, dossier: Dossier) -> Refusal | None:
    """Whoever agreed to the notice is approved after its days; others without it."""
    published, frozen = in_round(dossier, "notice.published"), assessment_of(work, dossier.case.id)
    if published is None or frozen is None:
        if not publication_agreed(work, dossier.case.id):
            return None
        return Refusal(_("Publish the notice first: the applicant agreed to it."), "subsidy.notice-period")
    until = end_of_days(work, published.happened_at, terms_behind(work, frozen).notice_days)
    if until <= work.now:
        return None
    day = (until - timedelta(seconds=1)).date()
    return Refusal(_("The notice runs until the end of %(day)s.", day=day), "subsidy.notice-period")
