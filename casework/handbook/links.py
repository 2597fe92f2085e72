"""What a sentence of the standard points to: clauses by number, terms by their definition.

    The aid shall be paid as said in [§subsidy.payment] to the [client](#term-client).

`[§id]` becomes the number of that clause, `[words](#term-id)` a link to the definition of the term.
A sentence has no other links.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache

from markdown_it import MarkdownIt

TERM = "term-"
"""Begins the anchor of a term, so that a term may be called like a clause."""

_CLAUSE = re.compile(r"\[§\s*([^\[\]]*?)\s*\]")
_LINK = re.compile(r"\[(?!§)([^\[\]]+)\]\(([^()]*)\)")
_EMPHASIS = re.compile(r"[*`\\]")


def clauses_named(text: str) -> list[str]:
    """The ids of the clauses that a text points to."""
    return _CLAUSE.findall(text)


def terms_named(text: str) -> list[str]:
    """The ids of the terms that a text points to."""
    prefix = f"#{TERM}"
    return [target.removeprefix(prefix) for target in _targets(text) if target.startswith(prefix)]


def other_links(text: str) -> list[str]:
    """The targets of links that point to no term."""
    return [target for target in _targets(text) if not target.startswith(f"#{TERM}")]


def _targets(text: str) -> list[str]:
    return [target for _words, target in _LINK.findall(text)]


def plain(text: str, numbers: Mapping[str, str]) -> str:
    """The text without marks, the clauses it points to by number."""
    text = _CLAUSE.sub(lambda match: numbers.get(match[1], match[1]), text)
    return _EMPHASIS.sub("", _LINK.sub(r"\1", text)).strip()


def prose(text: str) -> str:
    """The words of the text alone, for whoever looks at its wording."""
    return _LINK.sub(r"\1", _CLAUSE.sub("", text)).strip()


def html(text: str, numbers: Mapping[str, str], at: str = "") -> str:
    """The text as HTML; its links lead to the page of the whole standard, `at`, or stay on this one."""
    text = _CLAUSE.sub(lambda match: f"[{numbers.get(match[1], match[1])}]({at}#{match[1]})", text)
    text = _LINK.sub(lambda match: f"[{match[1]}]({at if match[2].startswith('#') else ''}{match[2]})", text)
    return str(_markdown().render(text))


@lru_cache(maxsize=1)
def _markdown() -> MarkdownIt:
    return MarkdownIt("commonmark", {"html": False})
