"""Six digits sent to a phone: whoever types them in holds it.

A code is good for ten minutes, five tries, one use, and only in the browser that asked for it. Codes
that are sent and codes that are typed wrong are counted by phone and by address, for phones with an
account like for those without.
"""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from datetime import timedelta

import sqlalchemy as sa

from casework.errors import Invalid, Problem
from casework.i18n import Message, _
from casework.portal.accounts import account_for_phone
from casework.portal.model import PhoneCode
from casework.portal.rules import PHONE_CODE_LENGTH, mobile, new_phone_code, read_phone_code
from casework.portal.texts import send_text
from casework.security import throttle
from casework.security.attempts import count_attempt, still_to_wait
from casework.security.fields import keys_of
from casework.security.queries import fingerprint
from casework.staff.model import Account
from casework.work import Work

CODE, PHONE = "phone_codes.code", "phone_codes.phone"
VALID = timedelta(minutes=10)
TRIES = 5
KEPT = timedelta(days=1)


@dataclass(frozen=True)
class Wait:
    """It was done too often; `wait` says for how long nothing more is done."""

    wait: timedelta


@dataclass(frozen=True)
class WrongCode:
    """The code is wrong, or no code is good any more (`over`). An answer, because the try is counted."""

    over: bool = False


def ask_phone_code(work: Work, typed: str, *, browser: str) -> Wait | None:
    """Send a code to the phone that was typed; `browser` is the secret of the browser that asks.

    Raises Invalid for what is no mobile number. Whether there is an account for it is not told.
    """
    settings = work.settings
    phone = mobile(typed, settings.phone_region, settings.phone_area_code)
    if isinstance(phone, Message):
        raise Invalid([Problem("phone", phone)])
    keys = keys_of(settings)
    address = work.origin.get("address", "")
    counted = [
        throttle.key("texted", keys.index(PHONE, phone).hex()),
        throttle.key("texting", throttle.network(address)),
    ]
    if wait := count_attempt(work, counted):
        return Wait(wait)
    mark, code = fingerprint(browser), new_phone_code()
    sealed = keys.sealed(PHONE, mark, phone)
    with work.session.as_system():
        row = PhoneCode(
            code=keys.index(CODE, f"{mark}:{code}"),
            browser=mark,
            phone=sealed.ciphertext,
            phone_index=sealed.index,
            phone_tail=sealed.tail,
            tries=0,
            made_at=work.now,
            expires_at=work.now + VALID,
            used_at=None,
        )
        work.session.add(row)
        work.session.flush()  # the text is named by its number
    send_text(
        work,
        to=phone,
        purpose="code",
        body=_(
            "%(code)s is your code to sign in. It is good for %(minutes)s minutes. Give it to nobody.",
            code=code,
            minutes=VALID // timedelta(minutes=1),
        ),
        language=work.language,
        key=f"phone-code:{row.id}",
        waited_for=True,
        expires_at=row.expires_at,
    )
    return None


def asked_for(work: Work, browser: str) -> str | None:
    """The last digits of the phone to which this browser's code went; None if there is none to type in."""
    with work.session.as_system():
        row = _last(work, browser)
    return row.phone_tail if row is not None and row.expires_at > work.now else None


def enter_phone_code(work: Work, typed: str, *, browser: str) -> Account | Wait | WrongCode:
    """The account of the phone to which this browser's code was sent, for the right code, once."""
    code, keys = read_phone_code(typed), keys_of(work.settings)
    if len(code) != PHONE_CODE_LENGTH or not (code.isascii() and code.isdigit()):
        raise Invalid([Problem("code", _("The code has %(count)s digits.", count=PHONE_CODE_LENGTH))])
    with work.session.as_system():
        row = _last(work, browser, lock=True)
    if row is None or row.expires_at <= work.now or row.tries >= TRIES:
        return WrongCode(over=True)
    counted = [
        throttle.key("wrong-code", row.phone_index.hex()),
        throttle.key("guessing", throttle.network(work.origin.get("address", ""))),
    ]
    if wait := still_to_wait(work, counted):
        return Wait(wait)
    right = any(hmac.compare_digest(row.code, index) for index in keys.indexes(CODE, f"{row.browser}:{code}"))
    with work.session.as_system():
        row.tries += 1
        if right:
            row.used_at = work.now
    if not right:
        if wait := count_attempt(work, counted):
            return Wait(wait)
        return WrongCode(over=row.tries >= TRIES)
    return account_for_phone(work, keys.open(PHONE, row.browser, row.phone))


def _last(work: Work, browser: str, *, lock: bool = False) -> PhoneCode | None:
    """The last code that this browser asked for, unless it was used."""
    statement = (
        sa.select(PhoneCode)
        .where(PhoneCode.browser == fingerprint(browser))
        .order_by(PhoneCode.id.desc())
        .limit(1)
    )
    if lock:
        statement = statement.with_for_update().execution_options(populate_existing=True)
    row = work.session.scalars(statement).one_or_none()
    return row if row is not None and row.used_at is None else None


def purge(work: Work) -> None:
    """Delete codes a day after they were good."""
    work.session.execute(sa.delete(PhoneCode).where(PhoneCode.expires_at < work.now - KEPT))
