"""Signing in: sessions, counters of failed attempts, and forms kept when a session had ended.

These tables carry no row-level security, because they are read before there is an actor; every
query in casework/security/queries.py names the session or the account.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from casework.db import Base


class SignInSession(Base):
    """One browser in which an account is, or was, signed in.

    `id` is the SHA-256 of the cookie, so that the table opens no session to its reader. `browser`
    is the SHA-256 of the long-lived mark of the browser. `end_reason` is one of
    signed_out | idle | age | replaced | revoked | password. `notices` is what the next page says.
    """

    __tablename__ = "sessions"
    __table_args__ = (sa.Index("ix_sessions_browser_account_id", "browser", "account_id"),)

    id: Mapped[str] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(sa.ForeignKey("accounts.id"), index=True)
    csrf_token: Mapped[str]
    created_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    end_reason: Mapped[str | None]
    browser: Mapped[str]
    user_agent: Mapped[str]
    address: Mapped[str]
    notices: Mapped[list[dict[str, str]]] = mapped_column(
        JSONB, default=list, server_default=sa.text("'[]'::jsonb")
    )

    RAN_OUT = frozenset({"idle", "age"})
    """The reasons of an end that nobody wanted."""


class SignInAttempts(Base):
    """How often signing in failed for one name, address or browser (casework/security/throttle.py)."""

    __tablename__ = "sign_in_attempts"

    key: Mapped[str] = mapped_column(primary_key=True)
    count: Mapped[int] = mapped_column(sa.Integer)
    window_start: Mapped[datetime]
    blocked_until: Mapped[datetime | None]


class HeldPost(Base):
    """What was typed into a form whose session had run out, kept for the same account.

    `fields` maps a field's name to its text, and a name that ends in `[]` to a list of texts.
    `used_at` is when it was put back into the form.
    """

    __tablename__ = "held_posts"

    id: Mapped[str] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(sa.ForeignKey("accounts.id"), index=True)
    path: Mapped[str]
    fields: Mapped[dict[str, Any]]
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime] = mapped_column(index=True)
    used_at: Mapped[datetime | None]
