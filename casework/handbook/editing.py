"""Changing one clause in the text of its file, and its rule in the file of rules: pure functions on texts.

Everything else in the file stays as its author wrote it, remarks and blank lines included.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from casework.duties.source import RULES_FILE

FIELDS = ("within", "target", "owner")
"""What coordinators change in a rule; what opens and meets it belongs to the program."""

_HEADING = re.compile(r"#{1,6} ")
_TOP = re.compile(r"[a-z][a-z0-9.-]*:")
_MARKED = re.compile(r"### .*\{#(\S+) +\.[a-z]+\}\s*")


def file_of(files: Mapping[str, str], language: str, clause: str) -> str | None:
    """The name of the file that holds a clause in a language; None if none does."""
    for name, text in files.items():
        if f"/{language}/" in name and _place(text.splitlines(), clause) is not None:
            return name
    return None


def rules_file_of(clause: str) -> str:
    """The name of the file that holds the rule of a clause."""
    program, dot, _rest = clause.partition(".")
    return f"plugins/{program}/standards/{RULES_FILE}" if dot else f"standards/{RULES_FILE}"


def clause_at(files: Mapping[str, str], name: str, line: int) -> str | None:
    """The clause that a line of a file is about, counted from 1; None if it is about none."""
    for text in reversed(files.get(name, "").splitlines()[:line]):
        if name.endswith(RULES_FILE):
            if (top := _TOP.match(text)) is not None:
                return top[0].removesuffix(":")
        elif _HEADING.match(text):
            marked = _MARKED.fullmatch(text)
            return marked[1] if marked is not None else None
    return None


def sentence_in(text: str, clause: str) -> tuple[str, str]:
    """The title and the sentence of a clause as its file has them; LookupError if it is not there."""
    lines = text.splitlines()
    place = _place(lines, clause)
    if place is None:
        raise LookupError(clause)
    start, end = place
    title = lines[start].lstrip("# ").partition("{")[0].strip()
    return title, "\n".join(lines[start + 1 : end]).strip()


def with_sentence(text: str, clause: str, title: str, sentence: str) -> str:
    """The text with another title and sentence of a clause; LookupError if it is not there.

    A blank line in a sentence would end it, and a line that begins like a heading would be one:
    both are written as one line.
    """
    lines = text.splitlines()
    place = _place(lines, clause)
    if place is None:
        raise LookupError(clause)
    start, end = place
    marks = lines[start][lines[start].index("{") :]
    said = " ".join(sentence.split())
    title = " ".join(title.replace("{", "").replace("}", "").lstrip("# ").split())
    return "\n".join([*lines[:start], f"### {title} {marks}", "", said, "", *lines[end:]]).rstrip("\n") + "\n"


def with_rule(text: str, clause: str, values: Mapping[str, str]) -> str:
    """The text of a file of rules with other values of a clause's rule; an empty value takes a line away.

    LookupError if the clause has no rule there.
    """
    lines = text.splitlines()
    try:
        start = lines.index(f"{clause}:")
    except ValueError:
        raise LookupError(clause) from None
    end = next((n for n in range(start + 1, len(lines)) if _TOP.match(lines[n])), len(lines))
    block = lines[start + 1 : end]
    for name, value in values.items():
        if name not in FIELDS:
            raise LookupError(name)
        at = next((n for n, line in enumerate(block) if line.startswith(f"  {name}:")), None)
        if at is not None:
            block[at : at + 1] = [f"  {name}: {value}"] if value else []
        elif value:
            block.insert(_last(block), f"  {name}: {value}")
    return "\n".join([*lines[: start + 1], *block, *lines[end:]]) + "\n"


def _last(block: list[str]) -> int:
    """Where a line is added to a rule: after its last one, before the blank lines that follow."""
    return max((n + 1 for n, line in enumerate(block) if line.startswith("  ")), default=0)


def _place(lines: list[str], clause: str) -> tuple[int, int] | None:
    """The line of a clause's heading, and the line after its end."""
    heading = re.compile(rf"### .*\{{#{re.escape(clause)} +\.[a-z]+\}}\s*")
    start = next((n for n, line in enumerate(lines) if heading.fullmatch(line)), None)
    if start is None:
        return None
    end = next((n for n in range(start + 1, len(lines)) if _HEADING.match(lines[n])), len(lines))
    return start, end
