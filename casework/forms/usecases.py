"""What people do with forms: keep a draft, sign, amend, discard."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime, time
from typing import TYPE_CHECKING, Any

from sqlalchemy.dialects.postgresql import insert

from casework.cases.rules import stands_behind
from casework.db import SYSTEM_ACTOR
from casework.errors import Conflict, Forbidden, Invalid, Missing, Problem
from casework.forms.definition import Form
from casework.forms.evaluate import evaluate, events_besides, initial_answers
from casework.forms.model import FormDefinition, Response
from casework.forms.queries import draft_for, form_of, latest_signed, submitted, successor
from casework.forms.values import comparable
from casework.i18n import _
from casework.texts import clean
from casework.work import Work

if TYPE_CHECKING:
    from casework.cases.model import Case

LONGEST_REASON = 1000
MIDDAY = time(12)


def keep_draft(
    work: Work,
    form: Form,
    case: Case | None,
    answers: Mapping[str, Any],
    seen_version: int | None = None,
    submission: str | None = None,
    person_id: int | None = None,
) -> Response:
    """Keep what was typed, right or wrong, as the actor's draft for this case and form; without a
    case, for the person for whom one is to be opened.

    `seen_version` is the draft's version that the typing began from, None for no draft yet. Raises
    Conflict when the draft was changed since, as in another window; the same answers twice are no conflict.
    """
    before = submitted(work, submission) if submission else None
    if before is not None and before.status != "draft":
        raise Conflict(yours=answers, theirs=before.answers, by=work.actor.name)
    _remember(work, form)
    draft = _new_draft(work, form, case, answers, submission, person_id)
    if draft is not None:
        return draft
    draft = draft_for(work, case, form.key, person_id, lock=True)
    if draft is None:
        raise Missing
    if draft.answers == answers:
        return draft
    if draft.version != seen_version:
        raise Conflict(yours=answers, theirs=draft.answers, by=work.actor.name)
    draft.answers, draft.form_hash = dict(answers), form.version
    draft.version, draft.updated_at = draft.version + 1, work.now
    return draft


def sign(
    work: Work,
    form: Form,
    case: Case,
    answers: Mapping[str, Any],
    *,
    happened_at: datetime | None = None,
    seen_version: int | None = None,
    submission: str | None = None,
    takes_draft: bool = True,
) -> Response:
    """Sign answers on a case: judge them, keep them for ever, end the draft, append the form's event.

    The event happens at `happened_at`, else when the form's own question says, else now. Raises
    Invalid with every problem; Conflict when the draft was changed since `seen_version` or is that of another
    page than the one marked `submission`, or when that page was signed already with other answers. The same page
    with the same answers signs once. Without `takes_draft` a draft is another text, and stays.
    """
    from casework.cases.events import append_event

    local_now = work.now.astimezone(work.zone)
    verdict = evaluate(form, answers, now=local_now, roles=_roles(work))
    before = submitted(work, submission) if submission else None
    if before is not None and before.status != "draft":
        if before.answers != verdict.answers:
            raise Conflict(yours=answers, theirs=before.answers, by=work.actor.name)
        return before
    draft = draft_for(work, case, form.key, lock=True) if takes_draft else None
    if draft is not None and _is_another(draft, seen_version, submission) and draft.answers != answers:
        raise Conflict(yours=answers, theirs=draft.answers, by=work.actor.name)
    if verdict.problems:
        raise Invalid(verdict.problems)
    _remember(work, form)
    if draft is not None:
        work.session.delete(draft)
        work.session.flush()  # the mark of the page moves from the draft to what is signed
    happened_at = happened_at or when_it_happened(work, form, verdict.answers) or work.now
    response = Response(
        case_id=case.id,
        compartment=stands_behind(case.compartment, form.compartment),
        form_key=form.key,
        form_hash=form.version,
        status="signed",
        answers=verdict.answers,
        submission=submission,
        author_id=work.actor.id,
        signed_by=work.actor.id,
        signed_at=work.now,
        happened_at=happened_at,
        episode=case.episode,
        created_at=work.now,
        updated_at=work.now,
        version=1,
    )
    work.session.add(response)
    work.session.flush()  # the event names the response by its number
    for event in (form.event, *events_besides(form, verdict.answers, local_now)):
        append_event(
            work,
            case,
            event,
            happened_at=happened_at,
            payload=_payload(form, verdict.answers) if event == form.event else None,
            compartment=response.compartment,
            response=response,
        )
    return response


def _is_another(draft: Response, seen_version: int | None, submission: str | None) -> bool:
    """Whether a draft is not the one that a page was made from, or has kept."""
    if seen_version is not None:
        return draft.version != seen_version
    return submission is not None and draft.submission != submission


def amend(
    work: Work, response: Response, answers: Mapping[str, Any], reason: str, seen_version: int | None = None
) -> Response:
    """Sign corrected answers in place of a signed response, which stays readable with its successor.

    Fields that the actor may not see keep their answers. Raises Conflict when it was amended since
    it was read, Invalid for answers or a reason that cannot be accepted.
    """
    from casework.cases.events import append_event
    from casework.cases.model import Case

    if response.status == "draft" or response.case_id is None:
        raise Missing
    work.session.refresh(response, with_for_update=True)
    if response.status == "amended" or (seen_version is not None and response.version != seen_version):
        later = successor(work, response)
        theirs = later.response.answers if later else response.answers
        raise Conflict(yours=answers, theirs=theirs, by=later.signer if later else "")
    form = form_of(work, response)
    then = (response.signed_at or work.now).astimezone(work.zone)  # a correction knows what was known then
    verdict = evaluate(form, answers, now=then, roles=_roles(work), given=response.answers)
    reason = clean(reason)
    problems = list(verdict.problems)
    if not reason:
        problems.append(Problem("_reason", _("Write why this is corrected; both texts stay.")))
    elif len(reason) > LONGEST_REASON:
        problems.append(Problem("_reason", _("The reason is longer than 1,000 characters. Shorten it.")))
    elif verdict.answers == response.answers:
        problems.append(
            Problem("_reason", _("Nothing is different from what was signed. Correct an answer first."))
        )
    if problems:
        raise Invalid(problems)
    response.status, response.version, response.updated_at = "amended", response.version + 1, work.now
    amended = Response(
        case_id=response.case_id,
        compartment=response.compartment,
        form_key=response.form_key,
        form_hash=response.form_hash,
        status="signed",
        answers=verdict.answers,
        author_id=work.actor.id,
        signed_by=work.actor.id,
        signed_at=work.now,
        happened_at=when_it_happened(work, form, verdict.answers) or response.happened_at,
        episode=response.episode,
        supersedes_id=response.id,
        reason=reason,
        created_at=work.now,
        updated_at=work.now,
        version=1,
    )
    work.session.add(amended)
    work.session.flush()  # the event names the response by its number
    append_event(
        work,
        work.session.get_one(Case, response.case_id),
        "response.amended",
        payload={"form": form.key, "reason": reason},
        compartment=response.compartment,
        response=amended,
    )
    return amended


def discard_draft(work: Work, draft: Response) -> None:
    """Throw away a draft of the actor's own; what was signed stays."""
    if draft.status != "draft" or draft.author_id != work.actor.id:
        raise Forbidden("form:write", _("Only your own drafts can be discarded."))
    work.session.delete(draft)


def start_answers(work: Work, form: Form, previous: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """What a new response of the actor begins with: what was said before, on today's date."""
    start = initial_answers(form, work.now.astimezone(work.zone))
    dated = {item.link_id for item in form.walk() if item.initial in ("today", "now")}
    kept = {link_id: value for link_id, value in (previous or {}).items() if link_id not in dated}
    verdict = evaluate(form, {**start, **kept}, now=work.now.astimezone(work.zone), roles=_roles(work))
    return verdict.answers


def first_answers(work: Work, form: Form, case: Case | None) -> dict[str, Any]:
    """What a new response on a case begins with: what the form that it begins with says, if there is one."""
    if form.begins_with is None or case is None:
        return start_answers(work, form)
    said = latest_signed(work, case, form.begins_with)
    return start_answers(work, form, said.answers if said is not None else None)


def _remember(work: Work, form: Form) -> None:
    """Keep the definition, once; the session holds it, so that it is looked for once."""
    held = work.session.info.setdefault("form definitions", {})
    held[form.version] = work.session.get(FormDefinition, form.version)
    if held[form.version] is not None:
        return
    statement = insert(FormDefinition).values(
        hash=form.version, key=form.key, source=dict(form.source), first_used_at=work.now
    )
    work.session.execute(statement.on_conflict_do_nothing())


def _new_draft(
    work: Work,
    form: Form,
    case: Case | None,
    answers: Mapping[str, Any],
    submission: str | None,
    person_id: int | None,
) -> Response | None:
    """A fresh draft, or None if the actor has one already for this case and form."""
    statement = insert(Response).values(
        case_id=case.id if case is not None else None,
        person_id=person_id,
        compartment=form.compartment,
        form_key=form.key,
        form_hash=form.version,
        status="draft",
        answers=dict(answers),
        submission=submission,
        author_id=work.actor.id,
        episode=case.episode if case is not None else 1,
        created_at=work.now,
        updated_at=work.now,
        version=1,
    )
    new_id = work.session.scalar(statement.on_conflict_do_nothing().returning(Response.id))
    return work.session.get(Response, new_id) if new_id is not None else None


def when_it_happened(work: Work, form: Form, answers: Mapping[str, Any]) -> datetime | None:
    """When the form's own question says it happened; a day without an hour counts as its midday."""
    item = form.item(form.happened) if form.happened else None
    found = comparable(item.kind, answers.get(item.link_id)) if item else None
    if isinstance(found, datetime):
        return found
    return min(datetime.combine(found, MIDDAY, work.zone), work.now) if found is not None else None


def _roles(work: Work) -> Collection[str] | None:
    """The roles whose fields the actor sees; the system sees all."""
    return None if work.actor.id == SYSTEM_ACTOR else work.actor.roles


def _payload(form: Form, answers: Mapping[str, Any]) -> dict[str, Any]:
    return {link_id: answers[link_id] for link_id in form.payload if link_id in answers}
