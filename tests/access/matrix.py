"""Reads matrix.txt: who may ask what."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

PLACE = Path(__file__).with_name("matrix.txt")


class Row(NamedTuple):
    """One line: a method on a route about a kind of record, and each role's answer."""

    method: str
    route: str
    variant: str
    record: str
    answers: Mapping[str, str]

    def __str__(self) -> str:
        variant = f":{self.variant}" if self.variant else ""
        return f"{self.method} {self.route}{variant} {self.record}"


def read_matrix() -> Sequence[Row]:
    """Every row, in order."""
    lines = [line.split() for line in PLACE.read_text(encoding="utf-8").splitlines()]
    head, *rows = [words for words in lines if words and words[0] != "#"]
    roles = head[3:]
    found = []
    for method, what, record, *answers in rows:
        assert len(answers) == len(roles), f"{method} {what} {record}: {len(answers)} answers"
        route, _colon, variant = what.partition(":")
        found.append(Row(method, route, variant, record, dict(zip(roles, answers, strict=True))))
    return found


ROLES = tuple(read_matrix()[0].answers)
