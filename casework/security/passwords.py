"""Passwords: hashed with argon2id, judged when they are chosen.

The parameters are those of RFC 9106 for machines without much memory: 64 MiB, 3 passes, 4 lanes.
Because each hash takes 64 MiB, only a few are computed at a time; who waits too long is told to
come back.
"""

from __future__ import annotations

import os
import secrets
import unicodedata
from threading import BoundedSemaphore

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from casework.i18n import Message, _, ngettext
from casework.security.names import LONGEST_NAME, fold_name

SHORTEST = 10
LONGEST = 1024
FEWEST_DIFFERENT = 5
DEMO_PASSWORD = "casework-demo"  # noqa: S105 - shown on the sign-in page of the demo

ONE_TIME_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"
"""The letters of one-time passwords: none that is easily taken for another."""

ONE_TIME_LENGTH = 16

NO_HASH = "$argon2id$v=19$m=65536,t=3,p=4$YmVsb25ncyB0byBub2JvZA$Oon04WgLqX+TmoYRzQOkj80zICLKzqMCdCD2XQWx37E"
"""Checked in place of a name that does not exist, so that both take the same time."""

_HASHER = PasswordHasher(time_cost=3, memory_cost=64 * 1024, parallelism=4)
_PLACES = BoundedSemaphore(min(4, os.cpu_count() or 1))
_PATIENCE = 5.0

_COMMON = frozenset(  # One a line would hide the rules above behind a list.
    """
    0123456789 1234567890 12345678910 0987654321 9876543210 1111111111 0000000000 1122334455 1233211234567
    1234512345 123456123456 123123123123 147258369 147258369a 1472583690 5201314520 52013145201314 woaini1314
    woaini520 woaini1314520 woaini5201314 a1234567890 a123456789 aa123456789 abc123456789 abcd123456 abcd1234567
    qq123456789 qwerty12345 qwerty123456 qwertyuiop qwertyuiop123 1q2w3e4r5t 1q2w3e4r5t6y q1w2e3r4t5 qazwsxedcrfv
    qazwsx123456 1qaz2wsx3edc zaq12wsxcde3 asdfghjkl123 asdfghjkl; zxcvbnm123 zxcvbnm123456 password12 password123
    password1234 passw0rd123 p@ssw0rd123 p@ssword123 admin12345 admin123456 administrator root123456 letmein123
    letmein1234 welcome123 welcome1234 changeme123 iloveyou12 iloveyou123 sunshine123 football123 princess123
    hospital123 hospital1234 yiyuan123456 shegong123456 socialworker casework123 casework-demo mima123456 test123456
    """.split()  # noqa: SIM905
)


class TooBusy(Exception):
    """More people sign in at this moment than there is memory for."""


def normal(password: str) -> str:
    """The password as it is hashed: composed and decomposed letters are the same (NFC)."""
    return unicodedata.normalize("NFC", password)


def hash_password(password: str) -> str:
    """The argon2id hash of a password of at most 1024 characters, in the PHC string format.

    Raises ValueError for a longer one and TooBusy when no place becomes free.
    """
    if len(password) > LONGEST:
        raise ValueError("a password has at most 1024 characters")
    with _Place():
        return _HASHER.hash(normal(password))


def is_right(stored: str | None, password: str) -> bool:
    """Whether the password is the stored one; without a stored hash no, after the same work.

    A password of more than 1024 characters is never hashed. May raise TooBusy.
    """
    if len(password) > LONGEST:
        return False
    with _Place():
        try:
            _HASHER.verify(stored or NO_HASH, normal(password))
        except (VerificationError, InvalidHashError):
            return False
    return stored is not None


def is_outdated(stored: str) -> bool:
    """Whether a hash was made with other parameters than today's."""
    return _HASHER.check_needs_rehash(stored)


def why_not(password: str, sign_in_name: str) -> Message | None:
    """Why a new password is refused, or None.

    Length counts; no kinds of characters are demanded (NIST SP 800-63B, 5.1.1.2).
    """
    if len(password) < SHORTEST:
        return ngettext("Use at least %(count)s character.", "Use at least %(count)s characters.", SHORTEST)
    if len(password) > LONGEST:
        return _("Use at most %(count)s characters.", count=LONGEST)
    folded = fold_name(password) if len(password) <= LONGEST_NAME else normal(password).casefold()
    if sign_in_name and fold_name(sign_in_name) in folded:
        return _("The password must not contain your sign-in name.")
    if folded in _COMMON or len(set(folded)) < FEWEST_DIFFERENT:
        return _("This password is too easy to guess. Three or four unrelated words make a good one.")
    return None


def make_one_time(sign_in_name: str) -> str:
    """A random password that is told to somebody once and kept nowhere."""
    while True:
        password = "".join(secrets.choice(ONE_TIME_LETTERS) for _place in range(ONE_TIME_LENGTH))
        if why_not(password, sign_in_name) is None:
            return password


class _Place:
    """One of the few places where hashing goes on."""

    def __enter__(self) -> None:
        if not _PLACES.acquire(timeout=_PATIENCE):
            raise TooBusy

    def __exit__(self, *_reason: object) -> None:
        _PLACES.release()
