"""Reading what an address and a form say besides their texts: numbers, choices, days, versions, marks; 400
for anything else.
"""

from __future__ import annotations

import secrets
from collections.abc import Collection
from datetime import date, datetime, time, timedelta

from pyramid.httpexceptions import HTTPBadRequest
from pyramid.request import Request

LONGEST_NUMBER = 18
"""Digits that certainly fit into a bigint."""

LONGEST_VERSION = 9
"""Digits of the version of a record."""

LONGEST_MARK = 64


def number(request: Request, name: str, *, posted: bool = False) -> int | None:
    """A number from the query, or of the form that was posted; 400 for what is none."""
    text = (request.POST if posted else request.GET).get(name)
    if text is None or text == "":
        return None
    if not text.isascii() or not text.isdigit() or len(text) > LONGEST_NUMBER:
        raise HTTPBadRequest
    return int(text)


def choice(request: Request, name: str, allowed: Collection[str]) -> str | None:
    """A filter from the query; 400 for a value that is not on the list."""
    text = request.GET.get(name)
    if text is None or text == "":
        return None
    if text not in allowed:
        raise HTTPBadRequest
    return str(text)


def moment_range(request: Request) -> tuple[datetime | None, datetime | None]:
    """The days `since` and `until` (inclusive) of the query as moments of the local clock."""
    limits = []
    for name, shift in (("since", 0), ("until", 1)):
        text = request.GET.get(name)
        try:
            day = date.fromisoformat(text) if text else None
            limits.append(
                datetime.combine(day + timedelta(days=shift), time(), request.work.zone) if day else None
            )
        except (ValueError, OverflowError) as error:
            raise HTTPBadRequest from error
    return limits[0], limits[1]


def version(request: Request, name: str = "version") -> int:
    """The posted version of a record; 400 for what is none."""
    text = request.POST.get(name, "")
    if not text.isascii() or not text.isdigit() or len(text) > LONGEST_VERSION:
        raise HTTPBadRequest
    return int(text)


def new_mark() -> str:
    """A random mark for a page, by which it is known when it is sent twice."""
    return secrets.token_urlsafe(16)


def mark(request: Request) -> str | None:
    """The mark of the page that was posted; 400 for what is none."""
    text = str(request.POST.get("_submission", ""))
    if len(text) > LONGEST_MARK or not (text.isascii() and text.isprintable()):
        raise HTTPBadRequest
    return text or None
