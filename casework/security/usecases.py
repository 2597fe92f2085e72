"""Signing in and out, devices, the password, and what was typed when a session ran out."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from casework.audit.trail import record
from casework.db import ActingSession
from casework.errors import Invalid, Missing, Problem
from casework.i18n import LANGUAGES, _
from casework.security import passwords, queries, throttle
from casework.security.model import HeldPost, SignInAttempts, SignInSession
from casework.security.names import fold_name
from casework.security.queries import SignIn, fingerprint
from casework.settings import Settings
from casework.staff.model import Account
from casework.texts import clean
from casework.work import Work

SEEN_EVERY = timedelta(minutes=1)
HELD_AT_MOST = 20
LONGEST_NAME = 100


@dataclass(frozen=True)
class Opened:
    """A session was opened: its account, the secret of its cookie, and the mark of the browser."""

    account: Account
    cookie: str
    browser: str


@dataclass(frozen=True)
class NotOpened:
    """Name or password are wrong, or too many attempts were made: then `wait` says for how long.

    This is an answer and not an error, because the counted failure must be kept. `account_id` is for
    the audit alone: the person is not told whether there is such an account.
    """

    wait: timedelta = timedelta()
    account_id: int | None = None


def sign_in(
    work: Work, name: str, password: str, *, browser: str | None = None, replaces: str | None = None
) -> Opened | NotOpened:
    """Open a new session for whoever knows the password.

    `browser` is the long-lived mark that the browser showed (taken over only if we gave it), `replaces`
    the session cookie that it showed; that session ends. An unknown name costs the same work as a
    known one. May raise passwords.TooBusy.
    """
    folded = fold_name(name)
    if browser is not None and not queries.is_known_browser(work.session, browser, work.now):
        browser = None
    trusted = browser is not None and queries.is_known_browser(work.session, browser, work.now, folded)
    mark = fingerprint(browser) if browser is not None and trusted else None
    keys = throttle.keys(folded, work.origin.get("address", ""), mark)
    account = queries.account_by_name(work.session, folded)
    stored = account.password_hash if account is not None and _may_sign_in(account, password, work) else None
    wait = _try_password(work, keys, stored, password)
    if wait is not None:
        return NotOpened(wait, account.id if account is not None else None)
    assert account is not None  # noqa: S101 - only a stored hash is ever right
    assert stored is not None  # noqa: S101
    if passwords.is_outdated(stored):
        account.password_hash = passwords.hash_password(password)
    if replaces is not None:
        _end(work.session, SignInSession.id == fingerprint(replaces), "replaced", work.now)
    return open_session(
        work.session,
        account,
        now=work.now,
        settings=work.settings,
        address=work.origin.get("address", ""),
        user_agent=work.origin.get("agent", ""),
        browser=browser,
    )


def _may_sign_in(account: Account, password: str, work: Work) -> bool:
    demo = work.settings.production and password == passwords.DEMO_PASSWORD
    return account.disabled_at is None and account.kind != "system" and not demo


def _try_password(work: Work, keys: Sequence[str], stored: str | None, password: str) -> timedelta | None:
    """None if the password is right; else how long to wait, after counting the failure.

    The counters are read again under a lock after hashing: of many attempts made at once only as
    many are answered as are free, right or wrong.
    """
    wait = throttle.wait(queries.counters(work.session, keys), work.now)
    if wait:
        return wait
    right = passwords.is_right(stored, password)
    if right:
        rows = queries.counters(work.session, keys, lock=True)
        if wait := throttle.wait(rows, work.now):
            return wait
        for row in rows:
            if not row.key.startswith("address:"):
                work.session.delete(row)
        return None
    work.session.execute(
        insert(SignInAttempts)
        .values([{"key": key, "count": 0, "window_start": work.now} for key in keys])
        .on_conflict_do_nothing()
    )
    rows = queries.counters(work.session, keys, lock=True)
    if wait := throttle.wait(rows, work.now):
        return wait
    for row in rows:
        throttle.count_failure(row, work.now)
    return timedelta()


def open_session(
    session: ActingSession,
    account: Account,
    *,
    now: datetime,
    settings: Settings,
    address: str = "",
    user_agent: str = "",
    browser: str | None = None,
) -> Opened:
    """Open a session for an account that has proved itself; its cookie is always a new one."""
    cookie, browser = secrets.token_urlsafe(32), browser or secrets.token_urlsafe(32)
    session.add(
        SignInSession(
            id=fingerprint(cookie),
            account_id=account.id,
            csrf_token=secrets.token_urlsafe(32),
            created_at=now,
            seen_at=now,
            expires_at=_expiry(settings, now, now),
            browser=fingerprint(browser),
            user_agent=user_agent[:300],
            address=address,
        )
    )
    return Opened(account, cookie, browser)


def _expiry(settings: Settings, created: datetime, now: datetime) -> datetime:
    return min(
        now + timedelta(minutes=settings.session_idle_minutes),
        created + timedelta(hours=settings.session_hours),
    )


def why_ended(found: SignIn, now: datetime, settings: Settings) -> str | None:
    """Why a session is not, or no longer, in use: its stored reason, `disabled`, `age` or `idle`."""
    row = found.session
    if row.ended_at is not None:
        return row.end_reason
    if found.account.disabled_at is not None:
        return "disabled"
    if now < row.expires_at:
        return None
    return "age" if now >= row.created_at + timedelta(hours=settings.session_hours) else "idle"


def mark_ended(session: ActingSession, found: SignIn, reason: str, now: datetime) -> None:
    """Write down that a session ended, so that no clock set back revives it."""
    _end(session, SignInSession.id == found.session.id, reason, now)


def mark_seen(session: ActingSession, found: SignIn, now: datetime, settings: Settings) -> None:
    """Move the end of a session in use, at most once a minute.

    Never waits for another request of the same browser that does so.
    """
    row = found.session
    if now - row.seen_at < SEEN_EVERY:
        return
    unlocked = sa.select(SignInSession.id).where(SignInSession.id == row.id)
    session.execute(
        sa.update(SignInSession)
        .where(SignInSession.id.in_(unlocked.with_for_update(skip_locked=True)))
        .values(seen_at=now, expires_at=_expiry(settings, row.created_at, now))
        .execution_options(synchronize_session=False)
    )


def sign_out(work: Work, current: SignInSession) -> None:
    """End the session that is in use."""
    _end(work.session, SignInSession.id == current.id, "signed_out", work.now)


def revoke_device(work: Work, session_id: str) -> None:
    """End one of the actor's own sessions; Missing if there is none with this id."""
    mine = (SignInSession.id == session_id) & (SignInSession.account_id == work.actor.id)
    if _end(work.session, mine, "revoked", work.now) == 0:
        raise Missing


def end_other_sessions(work: Work, current: SignInSession, reason: str = "revoked") -> int:
    """End all the actor's sessions but the one in use and answer how many there were."""
    others = (SignInSession.account_id == work.actor.id) & (SignInSession.id != current.id)
    return _end(work.session, others, reason, work.now)


def end_all_sessions(session: ActingSession, account_id: int, reason: str, now: datetime) -> int:
    """End every session of an account, as when it is disabled or its password was set by others."""
    return _end(session, SignInSession.account_id == account_id, reason, now)


def forget_failures(session: ActingSession, sign_in_name: str) -> None:
    """Let whoever waits after wrong passwords for a name try again at once."""
    session.execute(
        sa.delete(SignInAttempts)
        .where(SignInAttempts.key == throttle.key("name", sign_in_name))
        .execution_options(synchronize_session=False)
    )


def _end(session: ActingSession, which: sa.ColumnElement[bool], reason: str, now: datetime) -> int:
    done = session.execute(
        sa.update(SignInSession)
        .where(which, SignInSession.ended_at.is_(None))
        .values(ended_at=now, end_reason=reason)
        .returning(SignInSession.id)
    )
    return len(done.all())


def change_password(work: Work, current: SignInSession, old: str, new: str) -> Sequence[Problem]:
    """Set a new password and end the actor's other sessions. Answers what is wrong; nothing if done.

    A wrong old password counts as a failed attempt to sign in, hence the answer instead of an error.
    """
    account = queries.own_account(work)
    if reason := passwords.why_not(new, account.sign_in_name):
        return [Problem("new_password", reason)]
    keys = [throttle.key("browser", current.browser)]
    wait = _try_password(work, keys, account.password_hash, old)
    if wait:
        return [Problem("old_password", _("Too many attempts. Please wait a little and try again."))]
    if wait is not None:
        return [Problem("old_password", _("This is not your present password."))]
    account.password_hash = passwords.hash_password(new)
    account.version += 1
    record(work, "setting", f"account:{account.id}", action="password changed")
    end_other_sessions(work, current, "password")
    return []


def change_name(work: Work, name: str) -> None:
    """Set the name by which the actor is shown; Invalid if it is empty or too long."""
    name = " ".join(clean(name).split())
    if not 1 <= len(name) <= LONGEST_NAME:
        raise Invalid(
            [Problem("name", _("Enter a name of at most %(count)s characters.", count=LONGEST_NAME))]
        )
    account = queries.own_account(work)
    record(work, "setting", f"account:{account.id}", action="renamed", old=account.name, new=name)
    account.name = name
    account.version += 1


def change_language(work: Work, language: str) -> None:
    """Set the language of the actor's pages and messages; Invalid if it is not shipped."""
    if language not in LANGUAGES:
        raise Invalid([Problem("language", _("Choose one of the languages in the list."))])
    queries.own_account(work).language = language


def hold_post(work: Work, found: SignIn, path: str, fields: Mapping[str, Any]) -> str:
    """Keep what was typed for the account of a session that ran out; the answer is its number.

    At most 20 forms are kept for an account; the oldest give way.
    """
    held_id = secrets.token_urlsafe(16)
    older = (
        sa.select(HeldPost.id)
        .where(HeldPost.account_id == found.account.id)
        .order_by(HeldPost.created_at.desc())
        .offset(HELD_AT_MOST - 1)
    )
    work.session.execute(sa.delete(HeldPost).where(HeldPost.id.in_(older)))
    work.session.add(
        HeldPost(
            id=held_id,
            account_id=found.account.id,
            path=path,
            fields=dict(fields),
            created_at=work.now,
            expires_at=work.now + queries.HELD_FOR,
        )
    )
    return held_id


def where_to(work: Work, account: Account, held_id: str, wanted: str) -> str:
    """The address to go to after signing in: `wanted`, or where what was kept for this account belongs.

    The first page if something was kept, but not for this account.
    """
    if not held_id:
        return wanted
    held = queries.held_post(work.session, held_id, account.id, work.now)
    return f"{held.path}?{urlencode({'held': held.id})}" if held is not None else "/"


def take_held(work: Work, held_id: str, path: str) -> Mapping[str, Any] | None:
    """What was kept for the actor and this path, once.

    Afterwards it is only in the list of kept texts on the account's page.
    """
    held = queries.held_post(work.session, held_id, work.actor.id, work.now)
    if held is None or held.path != path or held.used_at is not None:
        return None
    held.used_at = work.now
    return held.fields


def purge(work: Work) -> None:
    """Delete what has served.

    Counters that are over, kept forms after their week, and sessions once their browser is no longer
    remembered.
    """
    longest = max(limit.window for limit in throttle.LIMITS.values())
    blocked = sa.func.coalesce(SignInAttempts.blocked_until, SignInAttempts.window_start)
    work.session.execute(
        sa.delete(SignInAttempts).where(SignInAttempts.window_start < work.now - longest, blocked < work.now)
    )
    work.session.execute(sa.delete(HeldPost).where(HeldPost.expires_at < work.now))
    work.session.execute(
        sa.delete(SignInSession).where(SignInSession.expires_at < work.now - queries.BROWSER_KNOWN_FOR)
    )
