"""Accounts of patients and families: found by a proved phone, tied to cases by grants and nothing else.

Names, dates of birth and phones say nothing about who somebody is: a mother and her child share a
phone, and a number that was given up is given to a stranger. A case is opened to an account only by
`open_client_grant`, when she applied herself or showed a code from the desk.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

import sqlalchemy as sa

from casework.audit.trail import record
from casework.cases.model import Case
from casework.errors import Missing
from casework.portal.model import PortalPhone
from casework.security import queries as sessions
from casework.security import usecases as security
from casework.security.fields import Keys, keys_of
from casework.security.usecases import Opened
from casework.staff.model import Account, Grant
from casework.staff.usecases import give_case_grant
from casework.work import Actor, Work

PHONE = "portal_phones.phone"
"""The place of the sealed number, and of its blind index."""


def account_for_phone(work: Work, phone: str) -> Account:
    """The account of whoever has just proved that she holds a phone (E.164); opened if there is none.

    A phone that was not proved for `phone_link_days` may be somebody else's by now: it is let go, and
    a new account without any case is opened. Of a closed account likewise.
    """
    keys = keys_of(work.settings)
    with work.session.as_system():
        work.session.take_turn("phone", keys.index(PHONE, phone).hex())
        found = _link(work, keys, phone)
        if found is not None:
            account, link = found
            lapsed = work.now - link.verified_at > timedelta(days=work.settings.phone_link_days)
            if not lapsed and account.disabled_at is None:
                link.verified_at = work.now
                return account
            link.ended_at = work.now
            work.session.flush()  # the index of phones in use holds each once
        account = open_portal_account(work)
        sealed = keys.sealed(PHONE, account.id, phone)
        work.session.add(
            PortalPhone(
                account_id=account.id,
                phone=sealed.ciphertext,
                phone_index=sealed.index,
                phone_tail=sealed.tail,
                verified_at=work.now,
                ended_at=None,
            )
        )
    return account


def _link(work: Work, keys: Keys, phone: str) -> tuple[Account, PortalPhone] | None:
    statement = (
        sa.select(Account, PortalPhone)
        .join(PortalPhone, PortalPhone.account_id == Account.id)
        .where(PortalPhone.phone_index.in_(keys.indexes(PHONE, phone)), PortalPhone.ended_at.is_(None))
        .order_by(PortalPhone.id.desc())
    )
    row = work.session.execute(statement).first()
    return (row[0], row[1]) if row else None


def open_portal_account(work: Work) -> Account:
    """An account without a name, a phone or any case; nobody signs in to it by a password."""
    account = Account(
        kind="portal",
        sign_in_name=f"portal-{secrets.token_hex(16)}",
        name="",
        password_hash=None,
        language=work.language,
        person_id=None,
        phone="",
        created_at=work.now,
        disabled_at=None,
        version=1,
    )
    work.session.add(account)
    work.session.flush()  # what follows names it by its number
    record(work, "setting", f"account:{account.id}", action="opened", how="portal")
    return account


def open_client_grant(
    work: Work, account_id: int, case: Case, *, reason: str = "", given_by: int | None = None
) -> None:
    """Open a case to an account of the portal as the client's; nothing if it is open to her.

    `given_by` is who vouches for it, if that is not the actor, such as whoever gave her the code. The
    use case that calls has decided that it may. Missing for an account that is not of the portal.
    """
    account = work.session.get(Account, account_id)
    if account is None or account.kind != "portal" or account.disabled_at is not None:
        raise Missing
    held = sa.select(Grant.id).where(
        Grant.account_id == account_id,
        Grant.case_id == case.id,
        Grant.role == "client",
        sa.or_(Grant.valid_until.is_(None), Grant.valid_until > work.now),
    )
    work.session.take_turn("client", account_id, case.id)
    with work.session.as_system():
        if work.session.scalar(held.limit(1)) is not None:
            return
    giving = work if given_by is None else replace(work, actor=Actor(given_by, "", "staff"))
    give_case_grant(
        giving, account_id=account_id, case_id=case.id, role="client", reason=reason or case.number
    )


def begin_portal_session(
    work: Work, account: Account, *, browser: str | None = None, replaces: str | None = None
) -> Opened:
    """Sign an account in that has proved itself by a code; the session that the browser showed ends."""
    if replaces is not None and (found := sessions.session_of(work.session, replaces)) is not None:
        security.mark_ended(work.session, found, "replaced", work.now)
    known = browser is not None and sessions.is_known_browser(work.session, browser, work.now)
    return security.open_session(
        work.session,
        account,
        now=work.now,
        settings=work.settings,
        address=work.origin.get("address", ""),
        user_agent=work.origin.get("agent", ""),
        browser=browser if known else None,
    )


@dataclass(frozen=True)
class Reached:
    """A phone that reaches the client of a case, and the language in which she reads."""

    account_id: int
    phone: str
    language: str


def phones_of(work: Work, case_id: int) -> Sequence[Reached]:
    """The proved phones of those to whom a case is opened as the client's."""
    statement = (
        sa.select(Account.id, Account.language, PortalPhone)
        .join(Grant, Grant.account_id == Account.id)
        .join(PortalPhone, PortalPhone.account_id == Account.id)
        .where(
            Grant.case_id == case_id,
            Grant.role == "client",
            Grant.valid_from <= work.now,
            sa.or_(Grant.valid_until.is_(None), Grant.valid_until > work.now),
            Account.disabled_at.is_(None),
            PortalPhone.ended_at.is_(None),
            PortalPhone.verified_at > work.now - timedelta(days=work.settings.phone_link_days),
        )
        .order_by(Account.id)
        .distinct()
    )
    keys = keys_of(work.settings)
    with work.session.as_system():
        return [
            Reached(number, keys.open(PHONE, number, link.phone), language or work.settings.default_language)
            for number, language, link in work.session.execute(statement)
        ]
