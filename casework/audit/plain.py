"""Text made fit for the trail: one line, nothing that hides, nothing that a machine cannot keep."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

MOST = 200
"""Characters of a name or address that are kept."""

WIDEST_SHORT = 0xFFFF
"""The last code point that four hexadecimal digits can write."""

_HIDDEN = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})


def plain(text: str, most: int = MOST) -> str:
    r"""The text with control, direction and half characters written as ``\u202e``, cut at `most`."""
    kept = "".join(_visible(character) for character in text[:most])
    return kept if len(text) <= most else f"{kept}…"


def _visible(character: str) -> str:
    if character == "\\":
        return "\\\\"
    if unicodedata.category(character) in _HIDDEN:
        number = ord(character)
        return f"\\u{number:04x}" if number <= WIDEST_SHORT else f"\\U{number:08x}"
    return character


def plain_details(value: Any) -> Any:
    """Details as the trail keeps them: text, whole numbers, truth values, lists and mappings.

    Moments become text in ISO 8601. A float raises TypeError: it has more than one way to be
    written, and the chain needs exactly one.
    """
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, str):
        return plain(value, 1000)
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {plain(str(key)): plain_details(each) for key, each in value.items()}
    if isinstance(value, Sequence | frozenset | set) and not isinstance(value, bytes):
        items = sorted(value) if isinstance(value, frozenset | set) else value
        return [plain_details(each) for each in items]
    raise TypeError(f"the audit trail keeps no {type(value).__name__}; write it as text")
