"""What patients and families leave on the portal: accounts by phone, codes, texts, consents, messages."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from casework.db import Base, Identified


class PortalPhone(Identified, Base):
    """The phone by which an account of the portal signs in; its number sealed, bound to the account.

    `verified_at` is when a code that was sent there was last typed in. `ended_at` is when the phone
    was let go, because it had not been proved for too long and may be somebody else's by now.
    """

    __tablename__ = "portal_phones"
    __table_args__ = (
        sa.Index(
            "uq_portal_phones_phone_index_now",
            "phone_index",
            unique=True,
            postgresql_where=sa.text("ended_at is null"),
        ),
    )

    account_id: Mapped[int] = mapped_column(sa.ForeignKey("accounts.id"), index=True)
    phone: Mapped[bytes]
    phone_index: Mapped[bytes]
    phone_tail: Mapped[str]
    verified_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class PhoneCode(Identified, Base):
    """A code of six digits on its way to a phone, and the one browser that may type it in.

    `code` is the keyed hash of the code, `browser` the fingerprint of the visitor's cookie. `phone`
    is sealed and bound to `browser`.
    """

    __tablename__ = "phone_codes"
    __table_args__ = (sa.Index("ix_phone_codes_browser_id", "browser", sa.text("id desc")),)

    code: Mapped[bytes]
    browser: Mapped[str]
    phone: Mapped[bytes]
    phone_index: Mapped[bytes]
    phone_tail: Mapped[str]
    tries: Mapped[int] = mapped_column(sa.Integer, default=0, server_default="0")
    made_at: Mapped[datetime]
    expires_at: Mapped[datetime] = mapped_column(index=True)
    used_at: Mapped[datetime | None]


class AccessCode(Identified, Base):
    """A code of ten letters and digits that opens one case to whoever holds it.

    `desk`: given on paper by staff; the first to type it in makes it hers. `resume`: of an account,
    so that she comes back without the phone; it is shown to her again, hence `shown`, sealed and
    bound to account and case. `code` is the keyed hash.
    """

    __tablename__ = "access_codes"
    __table_args__ = (
        sa.CheckConstraint("kind in ('desk', 'resume')", name="kind"),
        sa.CheckConstraint(
            "(kind = 'resume') = (shown is not null) and (kind = 'desk' or account_id is not null)",
            name="whole",
        ),
    )

    code: Mapped[bytes] = mapped_column(unique=True)
    kind: Mapped[str]
    case_id: Mapped[int] = mapped_column(sa.ForeignKey("cases.id"), index=True)
    account_id: Mapped[int | None] = mapped_column(sa.ForeignKey("accounts.id"), index=True)
    shown: Mapped[bytes | None]
    made_by: Mapped[int] = mapped_column(sa.ForeignKey("accounts.id"))
    made_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]


class Text(Identified, Base):
    """A short text for a phone. Number and body are sealed and bound to `key`, which nobody sends twice.

    After `expires_at` it is no longer worth sending. `adapter` is the one that took it.
    """

    __tablename__ = "texts"
    __table_args__ = (sa.CheckConstraint("status in ('waiting', 'sent', 'failed')", name="status"),)

    key: Mapped[str] = mapped_column(unique=True)
    recipient: Mapped[bytes]
    body: Mapped[bytes]
    purpose: Mapped[str]
    language: Mapped[str]
    case_id: Mapped[int | None] = mapped_column(sa.ForeignKey("cases.id"), index=True)
    status: Mapped[str] = mapped_column(default="waiting", server_default="waiting")
    adapter: Mapped[str | None]
    reason: Mapped[str] = mapped_column(default="", server_default="")
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime | None]
    sent_at: Mapped[datetime | None]


class ConsentText(Base):
    """The words that somebody agreed to, in the language in which she read them; found by their hash."""

    __tablename__ = "consent_texts"

    hash: Mapped[str] = mapped_column(primary_key=True)
    purpose: Mapped[str]
    language: Mapped[str]
    title: Mapped[str]
    text: Mapped[str]


class Consent(Identified, Base):
    """That somebody agreed to one purpose: to which words, who for whom, how, and until when."""

    __tablename__ = "consents"
    __table_args__ = (
        sa.CheckConstraint("relation in ('self', 'guardian', 'helper')", name="relation"),
        sa.CheckConstraint("how in ('portal', 'desk', 'paper')", name="how"),
        sa.Index(
            "uq_consents_case_id_purpose_now",
            "case_id",
            "purpose",
            unique=True,
            postgresql_where=sa.text("withdrawn_at is null"),
        ),
    )

    case_id: Mapped[int] = mapped_column(sa.ForeignKey("cases.id"))
    compartment: Mapped[str] = mapped_column(default="application", server_default="application")
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("persons.id"), index=True)
    purpose: Mapped[str]
    text_hash: Mapped[str] = mapped_column(sa.ForeignKey("consent_texts.hash"))
    relation: Mapped[str]
    how: Mapped[str]
    given_by: Mapped[int] = mapped_column(sa.ForeignKey("accounts.id"))
    given_at: Mapped[datetime]
    withdrawn_by: Mapped[int | None] = mapped_column(sa.ForeignKey("accounts.id"))
    withdrawn_at: Mapped[datetime | None]


class PortalMessage(Identified, Base):
    """What an applicant writes to those who handle her case, or they to her. `submission` is the mark
    of the page that was sent, so that sending it twice keeps one."""

    __tablename__ = "portal_messages"
    __table_args__ = (
        sa.Index("ix_portal_messages_case_id_id", "case_id", "id"),
        sa.Index(
            "ix_portal_messages_unread",
            "case_id",
            "from_client",
            postgresql_where=sa.text("read_at is null"),
        ),
    )

    case_id: Mapped[int] = mapped_column(sa.ForeignKey("cases.id"))
    compartment: Mapped[str] = mapped_column(default="application", server_default="application")
    from_client: Mapped[bool]
    author_id: Mapped[int] = mapped_column(sa.ForeignKey("accounts.id"))
    body: Mapped[str]
    written_at: Mapped[datetime]
    read_at: Mapped[datetime | None]
    read_by: Mapped[int | None] = mapped_column(sa.ForeignKey("accounts.id"))
    submission: Mapped[str | None] = mapped_column(unique=True)
