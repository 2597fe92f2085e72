"""Reading drafts and responses. What the actor may not see is not there: the database's policies see to it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from casework.cases.model import Case
from casework.errors import Missing
from casework.forms.compiler import compile_source
from casework.forms.definition import Form
from casework.forms.library import library_of
from casework.forms.model import FormDefinition, Response
from casework.people.model import Person
from casework.staff.model import Account
from casework.work import Work


@dataclass(frozen=True)
class DraftLine:
    """A draft of the actor, with the case it is for, if it is for one."""

    draft: Response
    case_number: str | None
    person_name: str | None


@dataclass(frozen=True)
class Edition:
    """One of the responses that follow each other by amendment, and who signed it."""

    response: Response
    signer: str


def my_drafts(work: Work) -> Sequence[DraftLine]:
    """The actor's drafts, the last touched first."""
    statement = (
        sa.select(Response, Case.number, Person.full_name)
        .outerjoin(Case, Case.id == Response.case_id)
        .outerjoin(Person, Person.id == sa.func.coalesce(Response.person_id, Case.person_id))
        .where(Response.author_id == work.actor.id, Response.status == "draft")
        .order_by(Response.updated_at.desc(), Response.id.desc())
        .limit(200)
    )
    return [DraftLine(*row) for row in work.session.execute(statement)]


def draft_for(
    work: Work, case: Case | None, form_key: str, person_id: int | None = None, *, lock: bool = False
) -> Response | None:
    """The actor's draft of a form for a case, or for the person for whom one is to be opened.

    With `lock` it is read anew, and no other transaction changes it until this one ends.
    """
    statement = sa.select(Response).where(
        Response.author_id == work.actor.id,
        Response.status == "draft",
        Response.form_key == form_key,
        Response.case_id.is_(None) if case is None else Response.case_id == case.id,
        Response.person_id.is_(None) if person_id is None else Response.person_id == person_id,
    )
    if lock:
        statement = statement.with_for_update().execution_options(populate_existing=True)
    return work.session.scalars(statement).one_or_none()


def submitted(work: Work, submission: str) -> Response | None:
    """What became of the page with that mark: the actor's draft or signed response, if any.

    The same page sent a second time waits here until the first is dealt with.
    """
    work.session.take_turn("submission", work.actor.id, submission)
    statement = sa.select(Response).where(
        Response.author_id == work.actor.id, Response.submission == submission
    )
    return work.session.scalars(statement).one_or_none()


def own_draft(work: Work, draft_id: int) -> Response:
    """One of the actor's drafts; Missing if it is none of hers."""
    draft = work.session.get(Response, draft_id)
    if draft is None or draft.status != "draft" or draft.author_id != work.actor.id:
        raise Missing
    return draft


def responses_of(work: Work, case: Case) -> Sequence[Response]:
    """What was signed on a case, newest first, without what was amended since."""
    statement = (
        sa.select(Response)
        .where(Response.case_id == case.id, Response.status == "signed")
        .order_by(Response.id.desc())
    )
    return work.session.scalars(statement).all()


def response(work: Work, response_id: int, case: Case | None = None) -> Response:
    """A signed or amended response, of that case when one is given; else Missing."""
    found = work.session.get(Response, response_id)
    if found is None or found.status == "draft" or (case is not None and found.case_id != case.id):
        raise Missing
    return found


def latest_signed(work: Work, case: Case, form_key: str, episode: int | None = None) -> Response | None:
    """The newest signed response to a form in the case's present episode, or in the given one."""
    statement = (
        sa.select(Response)
        .where(
            Response.case_id == case.id,
            Response.form_key == form_key,
            Response.status == "signed",
            Response.episode == (case.episode if episode is None else episode),
        )
        .order_by(Response.id.desc())
        .limit(1)
    )
    return work.session.scalars(statement).one_or_none()


def editions(work: Work, response: Response) -> Sequence[Edition]:
    """The response with all that it superseded and that superseded it, oldest first."""
    chain = (
        sa.select(Response.id, Response.supersedes_id).where(Response.id == response.id).cte(recursive=True)
    )
    linked = sa.select(Response.id, Response.supersedes_id).join(
        chain, sa.or_(Response.id == chain.c.supersedes_id, Response.supersedes_id == chain.c.id)
    )
    chain = chain.union(linked)
    statement = (
        sa.select(Response, Account.name)
        .join(Account, Account.id == Response.signed_by)
        .where(Response.id.in_(sa.select(chain.c.id)))
        .order_by(Response.id)
    )
    return [Edition(*row) for row in work.session.execute(statement)]


def successor(work: Work, response: Response) -> Edition | None:
    """The response that superseded this one, if it was amended."""
    statement = (
        sa.select(Response, Account.name)
        .join(Account, Account.id == Response.signed_by)
        .where(Response.supersedes_id == response.id)
    )
    row = work.session.execute(statement).one_or_none()
    return Edition(*row) if row else None


def form_of(work: Work, response: Response) -> Form:
    """The form as it was when the response was made."""
    present = library_of(work).version(response.form_hash)
    if present is not None:
        return present
    definition = work.session.get_one(FormDefinition, response.form_hash)
    return compile_source(definition.source, definition.key)
