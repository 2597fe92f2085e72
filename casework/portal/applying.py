"""What people do to ask for help: begin, fill in page by page, hand in, and go on from there.

Whoever applies sees nothing of a unit's work and owns no right at it, so what comes into being with
an application is written by the system in her name (`work.actor` stays the person): the person's
record, the case and her access to it, and the moves that the permission table lets her make.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from casework.audit.trail import record
from casework.cases import usecases as cases
from casework.cases.dossier import Dossier
from casework.cases.events import append_event
from casework.cases.model import Case, Event
from casework.cases.presentation import step_of
from casework.cases.queries import dossier_of
from casework.documents.model import Document
from casework.documents.queries import documents_of
from casework.errors import Conflict, Forbidden, Invalid, Missing, Problem, Refusal, Refused
from casework.forms.definition import Item
from casework.forms.evaluate import evaluate
from casework.forms.model import Response
from casework.forms.usecases import keep_draft, start_answers
from casework.i18n import Message, _
from casework.people.model import Person
from casework.people.typed import judge
from casework.people.usecases import make_known_at, register_applicant
from casework.portal.accounts import open_client_grant
from casework.portal.codes import resume_code
from casework.portal.presentation import Section, mark_of, problems_on
from casework.portal.queries import (
    Application,
    agreed_purposes,
    begun_by_page,
    draft_of,
    promised_papers,
    running,
    sites,
)
from casework.programs import Move, Program, Todo
from casework.security.permissions import permits, permitted
from casework.staff.model import Account
from casework.staff.usecases import give_case_grant
from casework.texts import clean
from casework.work import Work

log = logging.getLogger(__name__)

FOR_WHOM = ("self", "child", "other")
"""Whom an application is made for."""

AT_MOST = 20
"""Applications that one account may have begun and not handed in."""

PERSON_FIELDS = ("full_name", "birth_date", "id_type", "id_number")


@dataclass
class BegunAlready(Refused):
    """The actor has begun an application for this person and has not handed it in."""

    case_id: int = 0


def begin_application(
    work: Work, program: Program, typed: Mapping[str, str], *, submission: str, again: bool = False
) -> Case:
    """Begin an application on one's own; the same page, marked by `submission`, begins one.

    `typed` are `for_whom`, `unit_id` and the person's `full_name`, `birth_date`, `id_type` and
    `id_number`. Raises Invalid with all problems, and BegunAlready for a name under which an
    application is running, unless `again`: then that one is started over.
    """
    if program.portal is None or work.actor.kind != "portal":
        raise Missing
    if (before := begun_by_page(work, program, submission)) is not None:
        return before
    work.session.take_turn("applications of", work.actor.id)
    fields = _check_begun(work, typed)
    open_ones = running(work, program)
    for own in open_ones:
        if own.person_name == clean(fields["full_name"]):
            if not again:
                refusal = Refusal(_("You have begun an application for this person."))
                raise BegunAlready([refusal], own.case.id)
            start_over(work, Application(dossier_of(work, own.case.id)))
            return own.case
    if len(open_ones) >= AT_MOST:
        raise Refused([Refusal(_("You have begun many applications. Hand them in or withdraw them first."))])
    with work.session.as_system():
        person = register_applicant(work, unit_id=int(typed["unit_id"]), **fields)
        case = _open(work, program, person, person.unit_id, submission, typed["for_whom"])
        open_client_grant(work, work.actor.id, case, reason=case.number)
        if typed["for_whom"] == "self":
            account = work.session.get_one(Account, work.actor.id)
            account.name = account.name or person.full_name
    resume_code(work, case)  # made now, so that looking at it changes nothing
    return case


def problems_of_place(work: Work, typed: Mapping[str, str]) -> list[Problem]:
    """What is wrong with for whom, and at which hospital, one asks."""
    problems = []
    if typed.get("for_whom") not in FOR_WHOM:
        problems.append(Problem("for_whom", _("Choose for whom you ask.")))
    if typed.get("unit_id") not in {str(unit.id) for unit in sites(work)}:
        problems.append(Problem("unit_id", _("Choose the hospital.")))
    return problems


def _check_begun(work: Work, typed: Mapping[str, str]) -> dict[str, str]:
    """The person's fields as typed; Invalid with everything that is wrong."""
    problems = problems_of_place(work, typed)
    fields = {name: typed.get(name, "") for name in PERSON_FIELDS}
    if not fields["id_number"].strip():
        fields["id_type"] = ""
        if not fields["birth_date"].strip():
            problems.append(Problem("birth_date", _("Give the date of birth.")))
    try:
        judge(work, fields)
    except Invalid as error:
        problems += error.problems
    if problems:
        raise Invalid(problems)
    return fields


def begin_for_person(work: Work, program: Program, person: Person, unit_id: int, *, submission: str) -> Case:
    """Begin an application for a person whom the hospital knows and who cannot do so alone.

    Whoever begins it becomes the case's worker. Missing for a unit out of reach or a program that
    nobody applies to; an application that is running for the person there is gone on with.
    """
    if program.portal is None or unit_id not in work.actor.units("worker"):
        raise Missing
    if (before := begun_by_page(work, program, submission)) is not None:
        return before
    if person.died_on is not None:
        raise Refused([Refusal(_("A death is recorded for this person."))])
    with work.session.as_system():
        case = _open(work, program, person, unit_id, submission, "other", worker_id=work.actor.id)
        make_known_at(work, person, unit_id)
        give_case_grant(work, account_id=work.actor.id, case_id=case.id, role="worker", reason=case.number)
    return case


def _open(
    work: Work,
    program: Program,
    person: Person,
    unit_id: int,
    submission: str,
    for_whom: str,
    worker_id: int | None = None,
) -> Case:
    case = cases.open_case(work, program, unit_id=unit_id, person_id=person.id, worker_id=worker_id)
    if program.portal is None:
        raise Missing
    append_event(
        work,
        case,
        program.portal.begun,
        payload={"for": for_whom},
        compartment="application",
        mark=submission,
    )
    return case


def start_over(work: Work, application: Application) -> None:
    """Throw away what was filled in; the papers that were handed in stay until they are removed."""
    draft = own_draft(work, application, lock=True)
    if draft is not None:
        work.session.delete(draft)
        work.session.flush()  # a draft of the same form may be begun in this transaction


def own_draft(work: Work, application: Application, *, lock: bool = False) -> Response | None:
    """The application as far as it is filled in, for the actor to go on with.

    What a worker began is the applicant's as soon as she comes; nobody else's draft is answered.
    """
    draft = draft_of(work, application, lock=lock)
    if draft is not None and draft.author_id != work.actor.id and is_own(work, application):
        return take_over(work, application)
    return draft if draft is not None and draft.author_id == work.actor.id else None


def is_own(work: Work, application: Application) -> bool:
    """Whether the actor is the patient or family whose application this is."""
    return ("client", "case") in set(application.relations(work))


def take_over(work: Work, application: Application) -> Response:
    """Go on with what somebody else filled in, who then finds it gone to the actor; it is recorded.

    Only those who may fill in this application do so; Missing if there is nothing to go on with.
    """
    permission = "application:own" if is_own(work, application) else "application:fill"
    if not permits(work, permission, application):
        raise Forbidden(permission)
    work.session.take_turn("application", application.case.id)
    draft = draft_of(work, application, lock=True)
    if draft is None:
        raise Missing
    if draft.author_id != work.actor.id:
        details = {"action": "taken over", "from": draft.author_id}
        record(work, "write", f"case:{application.case.id}", **details)
        with work.session.as_system():
            draft.author_id, draft.submission = work.actor.id, None
            draft.version, draft.updated_at = draft.version + 1, work.now
    return draft


def answers_so_far(work: Work, application: Application) -> Mapping[str, Any]:
    """The answers of the actor's draft, or those that a new application begins with."""
    draft = own_draft(work, application)
    return draft.answers if draft is not None else start_answers(work, application.form)


def keep_page(
    work: Work, application: Application, page: Item, answers: Mapping[str, Any], seen: str
) -> list[Problem]:
    """Keep what was filled in on one page; the answer is what is wrong on that page.

    `answers` are those of the whole application, `seen` is the mark of the page's answers as they were
    when it was opened. Values that the page does not ask change nothing, which is logged. Conflict when
    the page was changed since, as in another window; nothing is kept then.
    """
    if not application.begun:
        raise Refused([Refusal(_("This application was handed in. It cannot be changed any more."))])
    work.session.take_turn("application", application.case.id)
    draft = own_draft(work, application, lock=True)
    before = draft.answers if draft is not None else start_answers(work, application.form)
    verdict = evaluate(application.form, answers, now=work.now.astimezone(work.zone), roles=work.actor.roles)
    kept = dict(verdict.answers)
    if verdict.dropped:
        log.warning(
            "dropped fields form=%s case=%s actor=%s fields=%s incident=%s",
            application.form.key,
            application.case.id,
            work.actor.id,
            ",".join(sorted(verdict.dropped))[:500],
            work.request_id,
        )
        # What another answer hides for now is there again when that answer changes back.
        kept |= {name: before[name] for name in verdict.dropped if name in before}
    if seen not in ("", mark_of(before, page)) and mark_of(kept, page) != mark_of(before, page):
        raise Conflict(yours=answers, theirs=before)
    if draft is None and draft_of(work, application) is not None:
        raise Refused([Refusal(_("Somebody else is filling in this application."))])
    keep_draft(work, application.form, application.case, kept, draft.version if draft else None)
    return problems_on(application.form, page, verdict.problems)


NOT_ASKED = Refusal(_("No papers are asked for at the moment."))


def asked_for_papers(work: Work, application: Application) -> bool:
    """Whether papers are asked for of an application that was handed in."""
    if application.dossier.state.phase == "done" or not is_own(work, application):
        return application.dossier.state.phase != "done"
    return any(todo.papers for todo in what_to_do(work, application))


def what_to_do(work: Work, application: Application) -> Sequence[Todo]:
    """What the applicant has to do now. The program judges by the whole case, whoever asks."""
    return outlook(work, application).todos


@dataclass(frozen=True)
class Outlook:
    """Where an application stands in the row of steps, what the applicant has to do, and what she may do."""

    step: int
    todos: Sequence[Todo]
    moves: Sequence[Move]


def outlook(work: Work, application: Application) -> Outlook:
    """How it goes on, judged by the whole case, of which the applicant sees a part."""
    program, allowed = application.program, permitted(work, application)
    with work.session.as_system():
        whole = dossier_of(work, application.case.id)
        moves = [
            move
            for move in program.workflow.moves_from(application.case.state)
            if f"{program.key}:move:{move.key}" in allowed and not cases.reasons_against(work, whole, move)
        ]
        return Outlook(step_of(whole), application.portal.todos(work, whole), moves)


def reasons_against(work: Work, application: Application, move: Move) -> Sequence[Refusal]:
    """Why a step of the applicant may not happen now, judged by the whole case."""
    with work.session.as_system():
        return cases.reasons_against(work, dossier_of(work, application.case.id), move)


def may_remove(work: Work, application: Application, document: Document) -> bool:
    """Whether a photo may be taken away: one's own, until it was handed in with the application."""
    if application.begun:
        return True
    return document.added_by == work.actor.id and document.added_at >= application.case.state_since


def promise_paper(work: Work, application: Application, paper: str) -> None:
    """Say that a paper cannot be photographed and will be brought to the desk."""
    append_event(
        work, application.case, "paper.promised", payload={"paper": paper}, compartment="application"
    )


def move_as_client(
    work: Work,
    context: Dossier | Application,
    key: str,
    *,
    seen_version: int | None = None,
    answers: Mapping[str, Any] | None = None,
    reason: str = "",
    mark: str | None = None,
) -> Event:
    """Make a move that the permission table gives to the patient or family of a case.

    The case's file is closed to them, so the database acts as the system; who makes the move, in
    the history too, is the person. Raises what `casework.cases.usecases.move` raises.
    """
    program = context.program
    if program is None:
        raise Missing
    permission = f"{program.key}:move:{key}"
    if ("client", "case") not in set(context.relations(work)) or not permits(work, permission, context):
        raise Forbidden(permission, _("This step is not yours to make."))
    with work.session.as_system():
        return cases.move(
            work,
            context.case,
            key,
            seen_version=seen_version,
            answers=answers,
            reason=reason,
            mark=mark,
        )


def hand_in(work: Work, application: Application) -> bool:
    """Hand the application in as it is filled in; False if it was handed in before.

    Once, however often and from wherever it is asked for: the second waits for the first. Raises
    Invalid with what is missing in the answers, Refused with what stands against it besides.
    """
    work.session.take_turn("application", application.case.id)
    with work.session.as_system():
        work.session.refresh(application.case, with_for_update=True)
    if not application.begun:
        return False
    draft = own_draft(work, application, lock=True)
    answers = draft.answers if draft is not None else start_answers(work, application.form)
    if is_own(work, application):
        move_as_client(work, application, application.portal.submit, answers=answers)
    else:
        cases.move(work, application.case, application.portal.submit, answers=answers)
    return True


@dataclass(frozen=True)
class Lacking:
    """Something without which the application cannot be handed in: what, and on which page it is mended."""

    text: Message
    page: str
    part: str = ""


def missing(work: Work, application: Application, sections: Sequence[Section]) -> list[Lacking]:
    """What keeps the application from being handed in: answers, papers and consents, in their order."""
    lacking = [
        Lacking(_("Fill in “%(page)s”.", page=_(section.item.text)), "page", section.item.link_id)
        for section in sections
        if section.problems
    ]
    answers = answers_so_far(work, application)
    brought = {document.kind for document in documents_of(work, application.case.id)}
    brought |= promised_papers(application)
    lacking += [
        Lacking(_("Add a photo: %(paper)s.", paper=paper.title), "paper", paper.key)
        for paper in application.portal.papers(answers)
        if paper.required and paper.key not in brought
    ]
    agreed = agreed_purposes(work, application.case.id)
    lacking += [
        Lacking(_("Agree to “%(purpose)s”.", purpose=purpose.title), "consents")
        if not purpose.separate
        else Lacking(_("Agree to “%(purpose)s”.", purpose=purpose.title), "consent", purpose.key)
        for purpose in application.portal.purposes
        if purpose.required and purpose.key not in agreed
    ]
    return lacking
