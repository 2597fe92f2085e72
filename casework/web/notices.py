"""What the next page says of what was just done; kept with the session, on the server."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, NamedTuple

from pyramid.request import Request

from casework.i18n import Message


class Notice(NamedTuple):
    """One sentence in the reader's language, and how it is meant."""

    text: str
    tone: str


def tell(request: Request, message: Message, tone: Literal["green", "amber", "red"] = "green") -> None:
    """Let the next page say this, once. A visitor has no session and is told nothing."""
    if request.sign_in is not None:
        session = request.sign_in.session
        session.notices = [*session.notices, {"text": request.words(message), "tone": tone}]


def take_notices(request: Request) -> Sequence[Notice]:
    """What there is to say, which is then said and done; asking for a page's head tells nobody."""
    if request.sign_in is None or request.method == "HEAD" or not request.sign_in.session.notices:
        return ()
    session = request.sign_in.session
    taken = [Notice(each["text"], each["tone"]) for each in session.notices]
    session.notices = []
    return taken
