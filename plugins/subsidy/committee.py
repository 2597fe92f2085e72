"""The committee: who still has to vote, what a member sees of a case, and voting.

A member sees a masked name, the arithmetic and the recommendation, and nothing else of the file.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from casework.audit.trail import record
from casework.cases.dossier import Dossier
from casework.cases.events import append_event
from casework.cases.model import Case
from casework.cases.queries import dossier_of
from casework.errors import Invalid, Missing, Problem, Refusal, Refused
from casework.i18n import Message, _
from casework.people.rules import age
from casework.texts import clean
from casework.work import Work

from .assessment import Assessment
from .model import FrozenAssessment, Vote
from .notices import public_name
from .queries import PROGRAM, assessment_of, terms_behind, votes_of
from .rules import DECIDED, FILLED_IN, REVIEW, REVIEWED, outcome, part_taken

ROLE = "committee"
VOTES: dict[str, Message] = {
    "yes": _("For it"),
    "no": _("Against it"),
    "recused": _("I know the family, or have another reason to take no part"),
}
LONGEST_REASON = 2000


@dataclass(frozen=True)
class CommitteeFile:
    """What a member sees of a case in one round."""

    dossier: Dossier
    frozen: FrozenAssessment
    assessment: Assessment
    name: str
    age: int | None
    why: str
    cast: Vote | None

    @property
    def case(self) -> Case:
        """The case that is voted on."""
        return self.dossier.case

    def relations(self, work: Work) -> Iterable[tuple[str, str]]:
        """How the actor is tied to the case."""
        return self.dossier.relations(work)


def waiting_cases(work: Work) -> Sequence[CommitteeFile]:
    """The cases that wait for the actor's vote, the oldest first."""
    units = work.actor.units(ROLE)
    statement = (
        sa.select(Case.id)
        .where(Case.program == PROGRAM, Case.state == "committee", Case.unit_id.in_(units))
        .order_by(Case.state_since, Case.id)
    )
    files = [_file(work, case_id) for case_id in work.session.scalars(statement).all()]
    return [file for file in files if file is not None and file.cast is None]


def count_waiting(work: Work) -> int:
    """How many cases wait for the actor's vote."""
    return len(waiting_cases(work)) if ROLE in work.actor.roles else 0


def committee_file(work: Work, case_id: int) -> CommitteeFile:
    """A case that the actor votes on, or voted on in this round; else Missing."""
    file = _file(work, case_id)
    if file is None:
        raise Missing
    return file


def _file(work: Work, case_id: int) -> CommitteeFile | None:
    dossier, frozen = dossier_of(work, case_id), assessment_of(work, case_id)
    case = dossier.case
    if case.program != PROGRAM or case.state != "committee" or case.unit_id not in work.actor.units(ROLE):
        return None
    if frozen is None or not frozen.award:
        return None
    cast = next(
        (vote for vote in votes_of(work, case_id, frozen.round) if vote.member_id == work.actor.id), None
    )
    if cast is None and (outcome(dossier) is not None or _took_part(work, dossier)):
        return None
    born = dossier.person.birth_date
    name, years = public_name(dossier.person.full_name, age(born, work.today) if born else None)
    return CommitteeFile(
        dossier,
        frozen,
        Assessment.from_data(frozen.result),
        name,
        years,
        str(dossier.answers(REVIEW).get("recommendation_why", "")),
        cast,
    )


def _took_part(work: Work, dossier: Dossier) -> bool:
    """Whether the actor did something else in this application, or decided on it in an earlier round."""
    return part_taken(dossier, work.actor.id, *FILLED_IN, *REVIEWED, *DECIDED, "appeal.decided") is not None


def cast_vote(work: Work, file: CommitteeFile, vote: str, reason: str) -> Vote:
    """Vote once; the last vote that is needed decides. The same vote sent again is the first.

    Whoever takes no part is not counted, and another member votes. Raises Invalid for a vote or a
    reason that is missing, Refused when it is decided already or the member voted otherwise before.
    """
    reason = clean(reason, lines=True)
    if problems := _problems(vote, reason):
        raise Invalid(problems)
    case = work.session.get(Case, file.case.id, with_for_update=True, populate_existing=True)
    if case is None:
        raise Missing
    number = file.frozen.round
    votes = list(votes_of(work, case.id, number))
    before = next((each for each in votes if each.member_id == work.actor.id), None)
    if before is not None:
        if before.vote != vote:
            raise _refused(_("You have voted already; a vote stays as it is."))
        return before
    dossier = dossier_of(work, case.id)
    if case.state != "committee" or outcome(dossier) is not None:
        raise _refused(_("The committee has decided already."))
    if _took_part(work, dossier) or work.actor.person_id == case.person_id:
        raise _refused(_("You took part in this application before. Somebody else votes."))
    cast = Vote(
        case_id=case.id,
        compartment=case.compartment,
        round=number,
        member_id=work.actor.id,
        vote=vote,
        reason=reason,
        voted_at=work.now,
    )
    work.session.add(cast)
    work.session.flush()
    append_event(work, case, "vote.cast", payload={"round": number})
    record(work, "write", f"case:{case.id}", action="voted", round=number)
    _decide(work, case, file.frozen, [*votes, cast])
    return cast


def _decide(work: Work, case: Case, frozen: FrozenAssessment, votes: Sequence[Vote]) -> None:
    terms = terms_behind(work, frozen)
    counted = [each.vote for each in votes if each.vote != "recused"]
    if len(counted) < terms.committee_votes:
        return
    yes = counted.count("yes")
    append_event(
        work,
        case,
        "committee.decided",
        payload={
            "round": frozen.round,
            "outcome": "passed" if yes >= terms.committee_yes else "failed",
            "yes": yes,
            "votes": len(counted),
        },
    )


def _problems(vote: str, reason: str) -> list[Problem]:
    problems = []
    if vote not in VOTES:
        problems.append(Problem("vote", _("Choose how you vote.")))
    elif not reason and vote != "yes":
        problems.append(Problem("reason", _("Write why; the coordinator reads it.")))
    if len(reason) > LONGEST_REASON:
        problems.append(Problem("reason", _("This is longer than 2,000 characters. Shorten it.")))
    return problems


def _refused(why: Message) -> Refused:
    return Refused([Refusal(why, "subsidy.votes")])
