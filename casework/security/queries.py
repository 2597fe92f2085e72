"""Reads for signing in; each names the session, the account or the counter that it wants."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

import sqlalchemy as sa

from casework.db import ActingSession
from casework.deployment import DEMO_NAMES
from casework.security.model import HeldPost, SignInAttempts, SignInSession
from casework.staff.model import Account
from casework.work import Work

BROWSER_KNOWN_FOR = timedelta(days=180)
"""A browser in which the account was signed in is remembered for so long."""

HELD_FOR = timedelta(days=7)
"""What was typed when a session ran out may be sent for so long."""


class SignIn(NamedTuple):
    """Who is signed in, and by which session."""

    account: Account
    session: SignInSession


def fingerprint(cookie: str) -> str:
    """What is stored of a secret cookie: its SHA-256."""
    return hashlib.sha256(cookie.encode("utf-8", "surrogatepass")).hexdigest()


def session_of(session: ActingSession, cookie: str) -> SignIn | None:
    """The session that a cookie names, whatever its state, with its account: one query."""
    row = session.execute(
        sa.select(Account, SignInSession)
        .join(SignInSession, SignInSession.account_id == Account.id)
        .where(SignInSession.id == fingerprint(cookie))
    ).first()
    return SignIn(*row) if row else None


def is_earlier_token(session: ActingSession, current: SignInSession, token: str) -> bool:
    """Whether a form's token is that of an earlier session of the account in the same browser.

    That session ran out not more than a week before the present one began.
    """
    return bool(
        session.scalar(
            sa.select(
                sa.exists().where(
                    SignInSession.account_id == current.account_id,
                    SignInSession.browser == current.browser,
                    SignInSession.csrf_token == token,
                    SignInSession.end_reason.in_(SignInSession.RAN_OUT),
                    SignInSession.ended_at > current.created_at - HELD_FOR,
                )
            )
        )
    )


def account_by_name(session: ActingSession, folded: str) -> Account | None:
    """The account with a folded sign-in name."""
    return session.scalar(sa.select(Account).where(Account.sign_in_name == folded))


def is_known_browser(session: ActingSession, browser: str, now: datetime, folded: str | None = None) -> bool:
    """Whether the account with this folded name, or any, was signed in in this browser lately.

    Not if its owner has thrown the browser out since.
    """
    known = (
        sa.exists()
        .where(SignInSession.browser == fingerprint(browser), SignInSession.account_id == Account.id)
        .where(SignInSession.created_at > now - BROWSER_KNOWN_FOR)
        .where(sa.func.coalesce(SignInSession.end_reason, "").not_in(["revoked", "password"]))
    )
    if folded is not None:
        known = known.where(Account.sign_in_name == folded)
    return bool(session.scalar(sa.select(known)))


def counters(session: ActingSession, keys: Iterable[str], *, lock: bool = False) -> Sequence[SignInAttempts]:
    """The counters with these keys as they stand; locked until the transaction ends if asked."""
    query = (
        sa.select(SignInAttempts)
        .where(SignInAttempts.key.in_(list(keys)))
        .order_by(SignInAttempts.key)
        .execution_options(populate_existing=True)
    )
    return session.scalars(query.with_for_update() if lock else query).all()


def devices(work: Work) -> Sequence[SignInSession]:
    """The sessions in which the actor is signed in now, the last used first."""
    return work.session.scalars(
        sa.select(SignInSession)
        .where(SignInSession.account_id == work.actor.id)
        .where(SignInSession.ended_at.is_(None), SignInSession.expires_at > work.now)
        .order_by(SignInSession.seen_at.desc(), SignInSession.id)
    ).all()


def held_post(session: ActingSession, held_id: str, account_id: int, now: datetime) -> HeldPost | None:
    """What was kept under this number for this account, unless its time is over."""
    return session.scalar(
        sa.select(HeldPost).where(
            HeldPost.id == held_id, HeldPost.account_id == account_id, HeldPost.expires_at > now
        )
    )


def held_posts(work: Work) -> Sequence[HeldPost]:
    """Everything kept for the actor, the newest first."""
    return work.session.scalars(
        sa.select(HeldPost)
        .where(HeldPost.account_id == work.actor.id, HeldPost.expires_at > work.now)
        .order_by(HeldPost.created_at.desc(), HeldPost.id)
    ).all()


def own_account(work: Work) -> Account:
    """The actor's account."""
    return work.session.get_one(Account, work.actor.id)


def demo_accounts(session: ActingSession) -> list[tuple[str, str]]:
    """The demo's sign-in names that exist, each with the person's name."""
    found = {
        account.sign_in_name: account.name
        for account in session.scalars(
            sa.select(Account).where(Account.sign_in_name.in_(DEMO_NAMES), Account.disabled_at.is_(None))
        )
    }
    return [(name, found[name]) for name in DEMO_NAMES if name in found]
