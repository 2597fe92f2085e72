"""What is found wrong with the texts of a standard: where, what, and how to mend it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from casework.errors import Problem
from casework.i18n import Message, _

Level = Literal["error", "warning"]


@dataclass(frozen=True)
class Finding:
    """One thing wrong: the name of the check, the place, what is wrong there, how to mend it.

    `where` is a file of the standard and, if known, a line: `standards/en/06-management.md:12`.
    An error keeps an edition from being published; a warning asks its author to look again.
    """

    check: str
    where: str
    what: Message
    mend: Message
    level: Level = "error"

    @property
    def file(self) -> str:
        """The file, as the standard calls it."""
        return self._parts[0]

    @property
    def line(self) -> int | None:
        """The line, counted from 1; None if the file as a whole is meant."""
        return self._parts[1]

    @property
    def _parts(self) -> tuple[str, int | None]:
        file, _colon, line = self.where.rpartition(":")
        return (file, int(line)) if line.isdecimal() else (self.where, None)

    def as_problem(self) -> Problem:
        """The same for whoever lists problems in one sentence each."""
        return Problem(self.where, _("%(what)s %(mend)s", what=self.what, mend=self.mend))

    def as_data(self) -> dict[str, Any]:
        """The finding in English, for JSON."""
        return {
            "level": self.level,
            "check": self.check,
            "file": self.file,
            "line": self.line,
            "what": str(self.what),
            "mend": str(self.mend),
        }
