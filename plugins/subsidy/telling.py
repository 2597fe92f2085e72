"""What the applicant is told: letters of decisions, and short texts that say that there is news."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from casework.cases.dossier import Dossier
from casework.cases.events import append_event
from casework.cases.model import Case, Event
from casework.documents.usecases import issue_letter
from casework.forms.library import library_of
from casework.funds.model import Fund
from casework.funds.rules import in_capitals
from casework.i18n import Words, _
from casework.portal.accounts import phones_of
from casework.portal.queries import agreed_purposes
from casework.portal.texts import send_text, words_for
from casework.work import Work

from .assessment import Assessment
from .model import FrozenAssessment
from .queries import assessment_of, choose_fund, submitted_on, terms_behind
from .rules import APPLICATION, REVIEW, end_of_days

TEXTS = "texts"
"""The purpose of the consent to get texts."""


def tell_client(work: Work, case: Case, event: Event) -> None:
    """Let the phones of the applicants know that there is something to read; never what.

    Only with their consent to texts, and once for each event.
    """
    with work.session.as_system():
        if TEXTS not in agreed_purposes(work, case.id):
            return
        for reached in phones_of(work, case.id):
            send_text(
                work,
                to=reached.phone,
                purpose="subsidy",
                body=_("There is news on your application. Sign in to read it, or ask your social worker."),
                language=reached.language,
                key=f"subsidy:{event.id}:{reached.account_id}",
                case=case,
            )


def language_of(work: Work, case: Case) -> str:
    """The language in which the applicant reads."""
    with work.session.as_system():
        reached = phones_of(work, case.id)
    return reached[0].language if reached else work.settings.default_language


def write_award(work: Work, dossier: Dossier, event: Event, frozen: FrozenAssessment) -> None:
    """The letter of an approval: the amount in figures and in capitals, the arithmetic, what comes next."""
    language = language_of(work, dossier.case)
    values = _arithmetic(work, language, frozen) | {
        "award": frozen.award,
        "capitals": in_capitals(frozen.award),
        "fund": dict(work.session.get_one(Fund, frozen.fund_id).names),
    }
    _issue(work, dossier.case, event, "award", values, language, _("Decision: aid is granted"))


def write_refusal(work: Work, dossier: Dossier, event: Event) -> None:
    """The letter of a refusal: why, by which rule, what could change it, until when and how to appeal."""
    language, said = language_of(work, dossier.case), dossier.answers("subsidy.refusal")
    words = words_for(work, language)
    until = _appeal_ends(work, dossier, event)
    append_event(
        work,
        dossier.case,
        "appeal.possible",
        payload={"until": until.isoformat()},
        compartment="application",
    )
    values = {
        **_said(said, "explanation", "bring", "other_help"),
        "reason": _label(work, words, "subsidy.refusal", "reason", said.get("reason")),
        "until": (until - timedelta(seconds=1)).date().isoformat(),
        **_arithmetic(work, language, assessment_of(work, dossier.case.id)),
    }
    _issue(work, dossier.case, event, "refusal", values, language, _("Decision: aid is not granted"))


def write_appeal(work: Work, dossier: Dossier, event: Event) -> None:
    """The letter that answers an appeal."""
    language, said = language_of(work, dossier.case), dossier.answers("subsidy.appeal-decision")
    values = {
        **_said(said, "explanation", "other_help"),
        "granted": event.payload.get("to") == "first_review",
    }
    _issue(work, dossier.case, event, "appeal", values, language, _("Decision on your appeal"))


def _appeal_ends(work: Work, dossier: Dossier, event: Event) -> datetime:
    frozen = assessment_of(work, dossier.case.id)
    if frozen is not None:
        terms = terms_behind(work, frozen)
    else:
        disease = (dossier.answers(REVIEW) or dossier.answers(APPLICATION)).get("disease", "")
        terms = choose_fund(work, dossier.case, str(disease), submitted_on(work, dossier)).terms
    return end_of_days(work, event.happened_at, terms.appeal_days)


def _arithmetic(work: Work, language: str, frozen: FrozenAssessment | None) -> dict[str, Any]:
    if frozen is None:
        return {"lines": []}
    words = words_for(work, language)
    lines = Assessment.from_data(frozen.result).lines
    return {
        "lines": [
            {"label": words(line.label), "how": words(line.how), "result": words(line.result)}
            for line in lines
        ]
    }


def _said(answers: Any, *questions: str) -> dict[str, str]:
    return {question: str(answers.get(question, "")) for question in questions}


def _label(work: Work, words: Words, form: str, question: str, code: object) -> str:
    item = library_of(work)[form].item(question)
    option = item.option(code) if item else None
    return words(_(option.label)) if option else ""


def _issue(
    work: Work, case: Case, event: Event, kind: str, values: dict[str, Any], language: str, title: Any
) -> None:
    issue_letter(
        work,
        case,
        kind=kind,
        template=f"subsidy/letters/{kind}.jinja2",
        values=values,
        language=language,
        title=title,
        key=str(event.id),
    )
