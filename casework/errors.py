"""What a use case may answer instead of a result; nothing here knows of HTTP.

The web layer turns each kind into one page: Missing into 404, Forbidden into 403, Refused and
Conflict into 409, Invalid into 422.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from casework.i18n import Message


@dataclass(frozen=True)
class Refusal:
    """One reason why a thing may not happen, and the clause of the standard behind it."""

    reason: Message
    clause: str | None = None


@dataclass(frozen=True)
class Problem:
    """One thing wrong with what was typed: where it is, what is wrong and how to mend it."""

    where: str
    message: Message


class CaseworkError(Exception):
    """The parent of every expected answer that is not a result."""


class Missing(CaseworkError):
    """There is no such thing, or the actor may not know that there is."""


@dataclass
class Forbidden(CaseworkError):
    """The actor may see the thing but may not do this to it."""

    permission: str
    why: Message | None = None


@dataclass
class Refused(CaseworkError):
    """A rule says no. Each refusal carries its reason and, where there is one, its clause."""

    refusals: Sequence[Refusal]


@dataclass
class Invalid(CaseworkError):
    """What was typed cannot be accepted as it is; every problem is listed at once."""

    problems: Sequence[Problem]


@dataclass
class Conflict(CaseworkError):
    """Somebody else changed the record since it was read; both texts go back to the person."""

    yours: Mapping[str, Any] = field(default_factory=dict)
    theirs: Mapping[str, Any] = field(default_factory=dict)
    by: str = ""
