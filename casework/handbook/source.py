"""Reading the Markdown of one language: chapters, sections and clauses, each with its file and line."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from casework.duties.source import MAX_BYTES, Source
from casework.errors import Problem
from casework.i18n import Message, _

_FILE = re.compile(r"(?P<number>\d\d)-[a-z0-9-]+\.md")
_HEADING = re.compile(r"(?P<level>#{1,6}) +(?P<title>.*?) *(?:\{(?P<marks>[^{}]*)\})?")
_MARKS = re.compile(r"#(?P<id>[a-z][a-z0-9-]*(?:\.[a-z][a-z0-9-]*)?) +\.(?P<kind>[a-z]+)")

CHAPTER, SECTION, CLAUSE = 1, 2, 3


@dataclass
class ClauseDraft:
    """A clause as one language writes it."""

    id: str
    kind: str
    title: str
    where: str
    text: str = ""


@dataclass
class SectionDraft:
    """A section as one language writes it."""

    title: str
    where: str
    clauses: list[ClauseDraft] = field(default_factory=list)


@dataclass
class ChapterDraft:
    """A chapter as one language writes it, from the files of all sources."""

    number: int
    title: str
    where: str
    sections: list[SectionDraft] = field(default_factory=list)

    def clauses(self) -> Iterable[ClauseDraft]:
        """The clauses of all sections, in order."""
        return (clause for section in self.sections for clause in section.clauses)


def read_chapters(sources: Iterable[Source], language: str, problems: list[Problem]) -> list[ChapterDraft]:
    """The chapters of one language by number; what is wrong is added to `problems`."""
    chapters: dict[int, ChapterDraft] = {}
    for source in sources:
        folder = source.folder / language
        for path in sorted(folder.glob("*.md")) if folder.is_dir() else ():
            _Reader(f"{source.name}/{language}/{path.name}", source, chapters, problems).read(path)
    return [chapters[number] for number in sorted(chapters)]


@dataclass
class _Reader:
    name: str
    source: Source
    chapters: dict[int, ChapterDraft]
    problems: list[Problem]
    line: int = 0

    def read(self, path: Path) -> None:
        match = _FILE.fullmatch(path.name)
        if match is None:
            self._say(_("Name the file like “06-management.md”."))
            return
        content = path.read_bytes()
        if len(content) > MAX_BYTES:
            self._say(_("The file is larger than 512 KB. Split it."))
            return
        try:
            lines = content.decode("utf-8-sig").splitlines()
        except UnicodeDecodeError:
            self._say(_("The file is not UTF-8. Save it as UTF-8."))
            return
        self._read_lines(int(match["number"]), lines)

    def _read_lines(self, number: int, lines: list[str]) -> None:
        chapter = self.chapters.setdefault(number, ChapterDraft(number, "", self.name))
        section: SectionDraft | None = None
        clause: ClauseDraft | None = None
        for self.line, text in enumerate(lines, 1):
            heading = _HEADING.fullmatch(text.rstrip())
            if heading is None:
                if clause is not None:
                    clause.text += text.strip() + "\n"
                elif text.strip():
                    self._say(_("Text stands here before a clause. Give it a heading of its own."))
                continue
            level, title = len(heading["level"]), heading["title"]
            if level == CHAPTER:
                self._name_chapter(chapter, title)
            elif level == SECTION:
                section, clause = SectionDraft(title, self._where()), None
                chapter.sections.append(section)
            elif level == CLAUSE and section is not None:
                clause = self._clause(title, heading["marks"])
                section.clauses.append(clause)
            else:
                self._say(_("A chapter is “#”, a section “##”, a clause “###”, in this order."))

    def _name_chapter(self, chapter: ChapterDraft, title: str) -> None:
        if chapter.title and title != chapter.title:
            self._say(_("The chapter is called “%(title)s” elsewhere.", title=chapter.title))
        chapter.title, chapter.where = title, self._where()

    def _clause(self, title: str, marks: str | None) -> ClauseDraft:
        found = _MARKS.fullmatch(marks or "")
        if found is None:
            self._say(_("Mark the clause with its id and class, like “{#first-contact .shall}”."))
            return ClauseDraft("", "", title, self._where())
        program, dot, _rest = found["id"].partition(".")
        if (program if dot else None) != self.source.program:
            self._say(_("The id of a program's clause begins with its key and a dot; the core's has no dot."))
        return ClauseDraft(found["id"], found["kind"], title, self._where())

    def _where(self) -> str:
        return f"{self.name}:{self.line}" if self.line else self.name

    def _say(self, message: Message) -> None:
        self.problems.append(Problem(self._where(), message))
