"""What people do with cases: refer, move."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.dialects.postgresql import insert

from casework.cases.dossier import Dossier
from casework.cases.events import append_event
from casework.cases.model import Case, CaseNumber, Event
from casework.cases.queries import dossier_of, event_of_page, site_code
from casework.cases.rules import URGENCIES, case_number, state_after
from casework.duties.queries import open_duties_on_closing
from casework.duties.usecases import excuse_on_closing
from casework.errors import Conflict, Forbidden, Invalid, Missing, Problem, Refusal, Refused
from casework.forms.evaluate import evaluate
from casework.forms.library import library_of
from casework.forms.model import Response
from casework.forms.queries import draft_for, submitted
from casework.forms.usecases import sign, when_it_happened
from casework.i18n import _
from casework.people.queries import person as find_person
from casework.people.usecases import learn_disclosure, make_known_at
from casework.programs import Move, Program
from casework.security.permissions import permits
from casework.staff.queries import ends_of_role
from casework.staff.usecases import end_case_grants, give_case_grant
from casework.texts import clean
from casework.work import Work

LONGEST_REASON = 4000
"""Characters of a typed reason."""


def refer(
    work: Work,
    *,
    program_key: str,
    unit_id: int,
    person_id: int,
    answers: Mapping[str, Any],
    happened_at: datetime | None = None,
    submission: str | None = None,
) -> Case:
    """Open a case with its referral. The referrer sees its state from then on. The same page,
    marked by `submission`, opens one case however often it is sent.

    Raises Missing for a person, unit or program that is not there for the actor, Invalid for
    answers that the referral form does not accept.
    """
    if submission and (before := submitted(work, submission)) is not None and before.case_id is not None:
        return work.session.get_one(Case, before.case_id)
    program = work.programs.get(program_key)
    if program is None or not any(unit_id in grant.reach for grant in work.actor.grants):
        raise Missing
    person = find_person(work, person_id)
    if person.died_on is not None:
        raise Refused(
            [Refusal(_("A death is recorded for this person. Open a case for the bereaved instead."))]
        )
    urgency = str(answers.get("urgency", ""))
    if urgency not in URGENCIES:
        raise Invalid([Problem("urgency", _("Choose how urgent it is."))])
    form = library_of(work)[program.workflow.referral_form]
    happened_at = min(happened_at or when_it_happened(work, form, answers) or work.now, work.now)
    case = open_case(
        work,
        program,
        unit_id=unit_id,
        person_id=person.id,
        referrer_id=work.actor.id,
        urgency=urgency,
        happened_at=happened_at,
    )
    make_known_at(work, person, unit_id)
    learn_disclosure(person, str(answers.get("knows_diagnosis", "")))
    if (draft := draft_for(work, None, form.key, person.id)) is not None:
        work.session.delete(draft)
        work.session.flush()  # the mark of the page moves from the draft to what is signed
    sign(work, form, case, answers, happened_at=happened_at, submission=submission)
    return case


def open_case(
    work: Work,
    program: Program,
    *,
    unit_id: int,
    person_id: int,
    referrer_id: int | None = None,
    worker_id: int | None = None,
    urgency: str = "routine",
    happened_at: datetime | None = None,
) -> Case:
    """A new case in the first state of its program; what opened it is for the caller to append."""
    happened_at = happened_at or work.now
    case = Case(
        number=_next_number(work, unit_id, program, happened_at),
        program=program.key,
        program_version=program.workflow.version,
        unit_id=unit_id,
        person_id=person_id,
        worker_id=worker_id,
        referrer_id=referrer_id,
        compartment=program.compartment,
        state=program.workflow.start,
        state_since=happened_at,
        urgency=urgency,
        episode=1,
        opened_at=happened_at,
        closed_at=None,
        version=1,
    )
    work.session.add(case)
    work.session.flush()  # what is written on it needs the case's number
    return case


def reasons_against(work: Work, dossier: Dossier, move: Move) -> Sequence[Refusal]:
    """Every reason why the move may not happen now: state, forms, guards, other programs."""
    case = dossier.case
    if case.state not in move.sources:
        return [
            Refusal(
                _(
                    "“%(move)s” is not possible while the case is in the state “%(state)s”.",
                    move=move.title,
                    state=dossier.state.title,
                ),
                move.clause,
            )
        ]
    reasons = [reason for guard in move.guards if (reason := guard(work, dossier)) is not None]
    if move.form and dossier.signed(move.form) is None:
        title = library_of(work)[move.form].title
        reasons.insert(0, Refusal(_("“%(form)s” has not been signed yet.", form=_(title)), move.clause))
    for answers in work.programs.hook.casework_refusals(work=work, case=case, move=move):
        reasons.extend(answers or ())
    return reasons


def move(
    work: Work,
    case: Case,
    key: str,
    *,
    seen_version: int | None = None,
    answers: Mapping[str, Any] | None = None,
    reason: str = "",
    worker_id: int | None = None,
    happened_at: datetime | None = None,
    mark: str | None = None,
) -> Event:
    """Make a named move: check who, when and why not; sign what it asks; append its event. The same
    page, known by its `mark`, makes it once, also when the move took the actor's right to make it.

    Raises Missing (no such move), Forbidden, Conflict (the case was changed since `seen_version`),
    Refused (with every reason and clause), Invalid (reason, worker or answers).
    """
    program = work.programs.get(case.program)
    wanted = next((m for m in program.workflow.moves if m.key == key), None) if program else None
    if program is None or wanted is None:
        raise Missing
    before = event_of_page(work, case, wanted.event, mark) if mark else None
    if before is not None and _says_the_same(work, wanted, before, answers or {}, reason, worker_id):
        return before
    case = _lock(work, case, seen_version)
    dossier = dossier_of(work, case.id)
    permission = f"{program.key}:move:{key}"
    if not permits(work, permission, dossier):
        raise Forbidden(permission, _("Your role does not make this move."))
    if reasons := reasons_against(work, dossier, wanted):
        raise Refused(reasons)
    happened_at, reason = happened_at or work.now, clean(reason, lines=True)
    target = state_after(wanted, case.state, dossier.state_before())
    closes = _phase(program, target) == "done" and _phase(program, case.state) != "done"
    _check_typed(work, case, wanted, reason, worker_id, closes=closes)
    _check_expected(work, wanted, answers or {})

    if wanted.new_episode:
        case.episode += 1
    payload: dict[str, Any] = {"from": case.state, "to": target, "move": key}
    if reason:
        payload["reason"] = reason
    response = None
    if wanted.asks:
        response = sign(work, library_of(work)[wanted.asks], case, answers or {}, happened_at=happened_at)
    if wanted.takes_worker and worker_id is not None:
        payload["worker"] = worker_id
        payload["former_worker"] = case.worker_id
        _give_to(work, case, worker_id)
    if target != case.state:
        case.state, case.state_since = target, happened_at
    case.program_version = program.workflow.version
    case.version += 1
    case.closed_at = (case.closed_at or happened_at) if _phase(program, target) == "done" else None
    if closes:
        excuse_on_closing(work, case, reason, wanted.event)
    event = append_event(
        work, case, wanted.event, happened_at=happened_at, payload=payload, response=response, mark=mark
    )
    if wanted.then is not None:
        wanted.then(work, dossier_of(work, case.id), event)
    work.programs.hook.casework_case_moved(work=work, case=case, event=event)
    return event


def _says_the_same(
    work: Work, wanted: Move, before: Event, answers: Mapping[str, Any], reason: str, worker_id: int | None
) -> bool:
    """Whether a page that is sent again asks for what it brought about before, and nothing else."""
    told = before.payload
    if wanted.asks and before.response_id is not None:
        form, now = library_of(work)[wanted.asks], work.now.astimezone(work.zone)
        answers = evaluate(form, answers, now=now, roles=work.actor.roles).answers
        if work.session.get_one(Response, before.response_id).answers != answers:
            return False
    worker = worker_id if wanted.takes_worker else None
    return (told["move"], told.get("reason", ""), told.get("worker")) == (
        wanted.key,
        clean(reason, lines=True),
        worker,
    )


def _phase(program: Program, state: str) -> str | None:
    return next((s.phase for s in program.workflow.states if s.key == state), None)


def _check_typed(
    work: Work, case: Case, wanted: Move, reason: str, worker_id: int | None, *, closes: bool
) -> None:
    problems = []
    if len(reason) > LONGEST_REASON:
        problems.append(Problem("_reason", _("The reason is longer than 4,000 characters. Shorten it.")))
    if wanted.reason_required and not reason:
        problems.append(Problem("_reason", _("Write the reason; it stays with the case.")))
    elif closes and not reason and open_duties_on_closing(work, case, wanted.event):
        problems.append(
            Problem("_reason", _("Duties are still open. Write why the case is closed all the same."))
        )
    if wanted.takes_worker and worker_id is None:
        problems.append(Problem("worker_id", _("Choose the worker.")))
    elif wanted.takes_worker and worker_id == case.worker_id:
        problems.append(Problem("worker_id", _("Choose a colleague: this worker has the case already.")))
    elif wanted.takes_worker and worker_id and not ends_of_role(work, worker_id, "worker", case.id):
        problems.append(Problem("worker_id", _("Choose one of the workers of this unit.")))
    if problems:
        raise Invalid(problems)


def _check_expected(work: Work, wanted: Move, answers: Mapping[str, Any]) -> None:
    """The form must say what the move does: a case is not taken on by a screening that declines."""
    problems = []
    for link_id, code in wanted.expects:
        item = library_of(work)[str(wanted.asks)].item(link_id)
        option = item.option(code) if item else None
        if answers.get(link_id) not in (None, "", code) and option is not None:
            problems.append(
                Problem(
                    link_id,
                    _(
                        "“%(move)s” goes with the answer “%(answer)s”. Choose it, or another step.",
                        move=wanted.title,
                        answer=_(option.label),
                    ),
                )
            )
    if problems:
        raise Invalid(problems)


def _lock(work: Work, case: Case, seen_version: int | None) -> Case:
    locked = work.session.get(Case, case.id, with_for_update=True, populate_existing=True)
    if locked is None:
        raise Missing
    if seen_version is not None and locked.version != seen_version:
        raise Conflict(
            yours={"version": seen_version},
            theirs={"version": locked.version, "state": locked.state},
        )
    return locked


def _give_to(work: Work, case: Case, worker_id: int) -> None:
    """The worker has the case from now; the former one, if he still works there, can read it for the
    days of the setting.
    """
    former = case.worker_id
    if former is not None:
        end_case_grants(work, account_id=former, case_id=case.id, role="worker", at=work.now)
    if former is not None and ends_of_role(work, former, "worker", case.id):
        give_case_grant(
            work,
            account_id=former,
            case_id=case.id,
            role="former_worker",
            reason=case.number,
            until=work.now + timedelta(days=work.settings.handover_access_days),
        )
    give_case_grant(work, account_id=worker_id, case_id=case.id, role="worker", reason=case.number)
    case.worker_id = worker_id


def _next_number(work: Work, unit_id: int, program: Program, moment: datetime) -> str:
    site, year = site_code(work, unit_id), moment.astimezone(work.zone).year
    statement = (
        insert(CaseNumber)
        .values(series=f"{site}-{program.code}-{year}", last=1)
        .on_conflict_do_update(index_elements=["series"], set_={"last": CaseNumber.last + 1})
        .returning(CaseNumber.last)
    )
    return case_number(site, program.code, year, work.session.execute(statement).scalar_one())
