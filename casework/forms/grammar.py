"""Which keys, names and kinds the form language has; forms/README.md explains them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import get_args

from casework.forms.definition import Kind

KINDS: tuple[str, ...] = get_args(Kind)
KEY = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*(\.[a-z][a-z0-9]*(-[a-z0-9]+)*)?")
LINK_ID = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")
NAME = re.compile(r"[a-z][a-z0-9_]*")
EVENT = re.compile(r"[a-z][a-z0-9-]*(\.[a-z][a-z0-9-]*)+")
CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]*")
RESERVED = frozenset({"csrf_token"})

FORM_KEYS = frozenset(
    {
        "form",
        "title",
        "help",
        "event",
        "compartment",
        "clause",
        "happened",
        "payload",
        "also",
        "paged",
        "begins_with",
        "items",
    }
)
OPTION_KEYS = frozenset({"code", "label", "score", "system", "help"})
_EVERYWHERE = frozenset({"id", "type", "text", "help", "prefix", "enable_when", "see", "clause"})
_ANSWERED = _EVERYWHERE | {"required", "read_only", "initial", "privacy"}
ITEM_KEYS: Mapping[str, frozenset[str]] = {
    "section": _EVERYWHERE | {"items"},
    "group": _EVERYWHERE | {"items", "repeats", "required"},
    "display": _EVERYWHERE - {"help"},
    "string": _ANSWERED | {"max_length", "unit", "format"},
    "text": _ANSWERED | {"max_length"},
    "integer": _ANSWERED | {"min", "max", "unit"},
    "decimal": _ANSWERED | {"min", "max", "unit"},
    "money": _ANSWERED | {"min", "max"},
    "boolean": _ANSWERED,
    "date": _ANSWERED | {"min", "max"},
    "datetime": _ANSWERED | {"min", "max"},
    "choice": _ANSWERED | {"options", "repeats", "system"},
    "open-choice": _ANSWERED | {"options", "repeats", "system", "max_length"},
}
"""Which keys each kind of item may have."""

EXAMPLES: Mapping[str, str] = {
    "integer": "a whole number such as 3",
    "decimal": "a number such as 3.5",
    "money": "an amount in yuan such as 200 or 99.50",
    "boolean": "yes or no",
    "date": "a date such as 2026-11-22, or today",
    "datetime": "a moment such as 2026-11-22T14:30, or now",
}

ALL_ITEM_KEYS = frozenset().union(*ITEM_KEYS.values())
