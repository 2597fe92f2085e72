"""What becomes of a text that somebody typed, wherever it was typed.

Text is put into NFC (never NFKC, which would change names), line ends become one newline, and the
outer white space goes. Control characters other than newline and tab, zero-width characters, and
the marks that override the direction of writing are removed, as they are invisible and only ever
pasted by accident or to deceive. Joiners (U+200C, U+200D) stay in texts of several lines, where
some scripts and emoji need them. NUL and lone surrogates, which no keyboard makes and PostgreSQL
cannot store, are removed too.
"""

from __future__ import annotations

import re
import unicodedata

_INVISIBLE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"
    "\ufffe\uffff\ud800-\udfff\U000e0000-\U000e007f]"
)
_LINE_END = re.compile("\r\n|[\r\u2028\u2029]")
_JOINERS = re.compile("[\u200c\u200d]")


def clean(text: str, *, lines: bool = False) -> str:
    """A typed text by the rule above; `lines` for a text that may have several lines."""
    text = _INVISIBLE.sub("", _LINE_END.sub("\n", text))
    if not lines:
        text = re.sub(r"[\n\t]+", " ", _JOINERS.sub("", text))
    return unicodedata.normalize("NFC", text).strip()
