"""Sets a page of HTML as a PDF that everybody can read, with bounds of memory and time.

Used for letters and for the handbook. WeasyPrint runs in a process of its own
(casework/documents/typesetter.py), which fetches nothing: no file, no address, no picture.
Drawings stand in the HTML as SVG.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from casework.documents.children import ChildError, run_child
from casework.i18n import HTML_LANGUAGES, Message, _

CHINESE_FIRST = ("Noto Sans CJK SC", "Noto Serif CJK SC")

FONTS: Mapping[str, Sequence[str]] = {"zh_Hans": CHINESE_FIRST, "en": CHINESE_FIRST}
"""The fonts of each language. Named, because the font that a machine falls back on may draw the
Japanese shapes of characters; both have Latin letters of their own."""

SECONDS, MEMORY_MB = 60, 1500
"""Bounds of one setting, if nothing else is asked; mapped fonts count as memory."""


class TypesettingError(Exception):
    """The PDF could not be made. `reason` says why, in a sentence for whoever wants it."""

    def __init__(self, reason: Message) -> None:
        super().__init__(str(reason))
        self.reason = reason


def typeset(
    html: str,
    *,
    language: str,
    title: str,
    stylesheet: str = "",
    fonts: Sequence[str] | None = None,
    timeout_s: int = SECONDS,
    memory_mb: int = MEMORY_MB,
    by: str = "casework.documents.typesetter",
    arguments: tuple[str, ...] = (),
) -> bytes:
    """A whole HTML page as tagged PDF (PDF/UA-1) with bookmarks from its headings.

    `stylesheet` is CSS besides what the page itself carries. The first of the `fonts`, by default
    those of the language, is that of all text that names none; only characters that one of them has
    can be set. The same input gives the same bytes. Raises TypesettingError for a character without a
    glyph, a missing font or library, and for what takes more than `timeout_s` of processor time
    or `memory_mb`. `by` is the module that sets it, another than the usual one for what is set in parts.
    """
    asked = {
        "html": html,
        "language": HTML_LANGUAGES[language],
        "title": title,
        "stylesheet": stylesheet,
        "fonts": list(fonts or FONTS[language]),
    }
    try:
        return run_child(
            by,
            json.dumps(asked).encode(),
            timeout_s=timeout_s,
            memory_mb=memory_mb,
            arguments=arguments,
        )
    except ChildError as error:
        raise TypesettingError(_reason(str(error))) from error


def _reason(said: str) -> Message:
    what, _space, which = said.partition(" ")
    if what == "character":
        return _("No installed font has the character %(character)s.", character=which)
    if what == "font":
        return _("The font %(name)s is not installed on this machine.", name=which)
    if what == "library":
        return _("A part that makes PDF files is not installed on this machine: %(name)s", name=which)
    return _("The PDF could not be made: %(problem)s", problem=said)
