"""Codes of ten letters and digits that open one case: on paper from the desk, and to come back.

What is kept is a keyed hash. Whoever holds a code from the desk is let in for as long as it is good;
the first to type it in makes it hers, so that it stays the key of one account. A paper passes through
many hands, so it is no key to an account that has a phone or another case. A wrong code says nothing
of why it is wrong.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from casework.audit.trail import record
from casework.cases.model import Case
from casework.errors import Missing
from casework.portal.accounts import open_client_grant, open_portal_account
from casework.portal.model import AccessCode, PortalPhone
from casework.portal.phone_codes import Wait, WrongCode
from casework.portal.rules import in_groups, new_access_code, read_access_code
from casework.security import throttle
from casework.security.attempts import count_attempt, still_to_wait
from casework.security.fields import SealError, keys_of
from casework.staff.model import Account, Grant
from casework.staff.usecases import end_case_grants
from casework.work import Work

CODE, SHOWN = "access_codes.code", "access_codes.shown"
VALID = timedelta(days=30)
REASON = "code from the desk"
"""Why a case is open to whoever came with a code on paper."""

RENEWED = timedelta(days=15)
"""A code to come back is good for longer again when so little is left and it is shown."""


@dataclass(frozen=True)
class Given:
    """A code from the desk as staff see it afterwards: never the code itself."""

    id: int
    by: str
    made_at: datetime
    expires_at: datetime
    used_at: datetime | None


def give_desk_code(work: Work, case: Case) -> str:
    """Make a code for a case, to be handed over on paper; the answer is the only time that it is known."""
    code = new_access_code()
    with work.session.as_system():
        row = _made(work, code, case, kind="desk")
        work.session.add(row)
        work.session.flush()  # the trail names it by its number
    record(work, "grant", f"case:{case.id}", action="access code given", code=row.id)
    return in_groups(code)


def desk_codes(work: Work, case: Case) -> Sequence[Given]:
    """The codes from the desk that open a case now, newest first."""
    statement = (
        sa.select(AccessCode, Account.name)
        .join(Account, Account.id == AccessCode.made_by)
        .where(
            AccessCode.case_id == case.id,
            AccessCode.kind == "desk",
            AccessCode.revoked_at.is_(None),
            AccessCode.expires_at > work.now,
        )
        .order_by(AccessCode.id.desc())
    )
    with work.session.as_system():
        return [
            Given(code.id, name, code.made_at, code.expires_at, code.used_at)
            for code, name in work.session.execute(statement)
        ]


def revoke_desk_code(work: Work, case: Case, code_id: int) -> None:
    """Let a code from the desk open the case no more; Missing if there is none with this number.

    Whoever was let in with it, and in no other way, sees the case no more.
    """
    with work.session.as_system():
        row = work.session.get(AccessCode, code_id, with_for_update=True, populate_existing=True)
        if row is None or row.case_id != case.id or row.kind != "desk":
            raise Missing
        if row.revoked_at is not None:
            return
        row.revoked_at = work.now
        by_this_code = sa.select(Grant.id).where(
            Grant.account_id == row.account_id, Grant.case_id == case.id, Grant.reason == REASON
        )
        let_in = work.session.scalar(by_this_code.limit(1)) is not None
    if row.account_id is not None and let_in:
        end_case_grants(work, account_id=row.account_id, case_id=case.id, role="client", at=work.now)
    record(work, "grant", f"case:{case.id}", action="access code revoked", code=row.id)


def resume_code(work: Work, case: Case) -> str:
    """The code by which the actor comes back to her case without the phone; always the same while it is good.

    Missing for whoever is not of the portal: staff have no use for it.
    """
    if work.actor.kind != "portal":
        raise Missing
    keys, bound = keys_of(work.settings), f"{work.actor.id}:{case.id}"
    work.session.take_turn("resume code", work.actor.id, case.id)
    statement = (
        sa.select(AccessCode)
        .where(
            AccessCode.account_id == work.actor.id,
            AccessCode.case_id == case.id,
            AccessCode.kind == "resume",
            AccessCode.revoked_at.is_(None),
            AccessCode.expires_at > work.now,
        )
        .order_by(AccessCode.id.desc())
        .limit(1)
    )
    with work.session.as_system():
        row = work.session.scalars(statement).one_or_none()
        if row is not None and row.shown is not None:
            try:
                code = keys.open(SHOWN, bound, row.shown)
            except SealError:
                row.revoked_at = work.now  # sealed with a key that is gone
            else:
                if row.expires_at - work.now < RENEWED:
                    row.expires_at = work.now + VALID
                return in_groups(code)
        code = new_access_code()
        row = _made(work, code, case, kind="resume")
        row.account_id, row.shown = work.actor.id, keys.seal(SHOWN, bound, code)
        work.session.add(row)
    return in_groups(code)


def _made(work: Work, code: str, case: Case, *, kind: str) -> AccessCode:
    return AccessCode(
        code=keys_of(work.settings).index(CODE, code),
        kind=kind,
        case_id=case.id,
        account_id=None,
        shown=None,
        made_by=work.actor.id,
        made_at=work.now,
        expires_at=work.now + VALID,
        used_at=None,
        revoked_at=None,
    )


@dataclass(frozen=True)
class Entered:
    """A right code: the account that it lets in, and the case that it opens."""

    account: Account
    case_id: int


def enter_access_code(work: Work, typed: str) -> Entered | Wait | WrongCode:
    """Let in whoever holds a code.

    The first who types in a code from the desk makes it hers: it is tied to the account in which she
    is signed in, or to a new one. A code that was tied lets in its account alone, and a paper only as
    long as there is no more behind it than the case that it was given for.
    """
    counted = [throttle.key("guessing", throttle.network(work.origin.get("address", "")))]
    if wait := still_to_wait(work, counted):
        return Wait(wait)
    found = _good(work, typed)
    if found is None:
        wait = count_attempt(work, counted)
        return Wait(wait) if wait else WrongCode()
    row, case = found
    with work.session.as_system():
        row.used_at = work.now
        account = work.session.get_one(Account, row.account_id or _whose(work))
        row.account_id = account.id
    if row.kind == "desk":
        open_client_grant(work, account.id, case, reason=REASON, given_by=row.made_by)
    return Entered(account, case.id)


def _good(work: Work, typed: str) -> tuple[AccessCode, Case] | None:
    """The code that was typed, if it opens something now, and its case."""
    code = read_access_code(typed)
    if code is None:
        return None
    statement = (
        sa.select(AccessCode, Case)
        .join(Case, Case.id == AccessCode.case_id)
        .where(
            AccessCode.code.in_(keys_of(work.settings).indexes(CODE, code)),
            AccessCode.revoked_at.is_(None),
            AccessCode.expires_at > work.now,
        )
        .with_for_update(of=AccessCode)
        .execution_options(populate_existing=True)
    )
    with work.session.as_system():
        row = work.session.execute(statement).one_or_none()
        if row is None:
            return None
        code_row, case = row
        if code_row.account_id is not None and not _still_lets_in(work, code_row):
            return None
        return code_row, case


def _still_lets_in(work: Work, code: AccessCode) -> bool:
    """Whether the account of a code is open, is still the client of the case, and is no more to whoever
    comes with a paper."""
    account = work.session.get(Account, code.account_id)
    if account is None or account.disabled_at is not None:
        return False
    held = sa.select(Grant.case_id).where(
        Grant.account_id == account.id,
        Grant.role == "client",
        sa.or_(Grant.valid_until.is_(None), Grant.valid_until > work.now),
    )
    cases = set(work.session.scalars(held))
    if code.case_id not in cases:
        return False
    if code.kind == "resume" or account.id == work.actor.id:
        return True
    phone = sa.select(PortalPhone.id).where(PortalPhone.account_id == account.id)
    return cases == {code.case_id} and work.session.scalar(phone.limit(1)) is None


def _whose(work: Work) -> int:
    """The account in which whoever types the code is signed in, or a new one."""
    if work.actor.kind == "portal":
        return work.actor.id
    return open_portal_account(work).id
