"""Photos made safe: decoded and written anew in a process with bounds of its own."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass

from casework.documents.children import ChildError, run_child
from casework.documents.rules import Sort
from casework.errors import Refusal, Refused
from casework.i18n import Message, _

SECONDS = 20
MEMORY_MB = 640
"""Bounds of one decoding; the largest accepted photo stays well below."""

_ONE_AT_A_TIME = threading.BoundedSemaphore(2)
"""Decodings at the same time in one web process: memory is bounded for all together too."""

_REASONS: Mapping[str, Message] = {
    "large": _("This photo has more points than can be opened. Take it again with a smaller size."),
    "broken": _("This photo is damaged or incomplete. Take it again, or send a screenshot of it."),
}


@dataclass(frozen=True)
class Photo:
    """A photo as it is kept: JPEG, upright, nothing in it but its points."""

    content: bytes
    width: int
    height: int


def make_safe(content: bytes, sort: Sort, *, most_points: int) -> Photo:
    """The photo written anew. Raises Refused for one that is broken or has more than `most_points`.

    A JPEG can be decoded small; of the other kinds, which must be decoded whole, half of it is the most.
    """
    most = most_points if sort == "JPEG" else most_points // 2
    with _ONE_AT_A_TIME:
        try:
            written = run_child(
                "casework.documents.photograph",
                content,
                timeout_s=SECONDS,
                memory_mb=MEMORY_MB,
                arguments=(sort, str(most)),
            )
        except ChildError as error:
            reason = _REASONS.get(str(error), _REASONS["large"])
            raise Refused([Refusal(reason)]) from error
    size, _line_end, photo = written.partition(b"\n")
    width, height = map(int, size.split())
    return Photo(photo, width, height)
