"""Reading the Markdown of one language: chapters, sections, clauses and entries, each with its file and line.

Most chapters consist of sections of clauses. A chapter whose heading is marked `{.terms}` or
`{.references}` is a list of entries, `**term** {#id} definition` and `**MZ/T 094-2017** title`, or
`**民法典** {#Civil Code} title` where a language has another name for it than rules have; a chapter marked `{.normative}` or `{.informative}` is an annex, named by a letter, that begins with plain text.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from casework.duties.source import MAX_BYTES, Source
from casework.handbook.findings import Finding
from casework.i18n import Message, _

_FILE = re.compile(r"(?:(?P<number>\d\d)|annex-(?P<letter>[a-z]))-[a-z0-9-]+\.md")
_HEADING = re.compile(r"(?P<level>#{1,6}) +(?P<title>.*?) *(?:\{(?P<marks>[^{}]*)\})?")
_ID = r"[a-z][a-z0-9-]*(?:\.[a-z][a-z0-9-]*)?"
_MARKS = re.compile(rf"#(?P<id>{_ID}) +\.(?P<kind>[a-z]+)")
_ENTRY = re.compile(r"\*\*(?P<head>[^*]+)\*\* *(?:\{#(?P<id>[^{}]*)\})? *(?P<text>.*)")

CHAPTER, SECTION, CLAUSE = 1, 2, 3

CLAUSES, TERMS, REFERENCES = "clauses", "terms", "references"
ANNEXES = ("normative", "informative")
CHAPTER_KINDS = (CLAUSES, TERMS, REFERENCES, *ANNEXES)

Texts = Mapping[str, str]
"""Texts by the name of their file, to be read in place of what lies on disk."""


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
class EntryDraft:
    """A term with its definition, or a reference with its title, as one language writes it."""

    id: str
    head: str
    where: str
    text: str = ""


@dataclass
class ChapterDraft:
    """A chapter as one language writes it, from the files of all sources."""

    number: str
    title: str
    where: str
    kind: str = CLAUSES
    lead: str = ""
    sections: list[SectionDraft] = field(default_factory=list)
    entries: list[EntryDraft] = field(default_factory=list)

    def clauses(self) -> Iterable[ClauseDraft]:
        """The clauses of all sections, in order."""
        return (clause for section in self.sections for clause in section.clauses)


def names_source(reference: str, source: str) -> bool:
    """Whether a source, such as “Civil Code 1259”, is a place in the reference of that id."""
    return re.match(rf"{re.escape(reference)}(?![\w-])", source) is not None


def read_chapters(
    sources: Iterable[Source], language: str, findings: list[Finding], texts: Texts | None = None
) -> list[ChapterDraft]:
    """The chapters of one language, annexes last; what is wrong is added to `findings`."""
    chapters: dict[str, ChapterDraft] = {}
    for source in sources:
        for name, content in _files(source, language, texts or {}):
            _Reader(name, source, chapters, findings).read(content)
    return sorted(chapters.values(), key=lambda chapter: (chapter.number.isalpha(), chapter.number.zfill(2)))


def _files(source: Source, language: str, texts: Texts) -> Iterator[tuple[str, bytes]]:
    """The names and contents of the files of one source, those given instead of those on disk."""
    prefix, folder = f"{source.name}/{language}/", source.folder / language
    paths = {prefix + path.name: path for path in (folder.glob("*.md") if folder.is_dir() else ())}
    for name in sorted({*paths, *(name for name in texts if name.startswith(prefix))}):
        yield (
            name,
            texts[name].encode("utf-8", "surrogatepass") if name in texts else paths[name].read_bytes(),
        )


@dataclass
class _Reader:
    name: str
    source: Source
    chapters: dict[str, ChapterDraft]
    findings: list[Finding]
    line: int = 0
    section: SectionDraft | None = None
    clause: ClauseDraft | None = None
    entry: EntryDraft | None = None

    def read(self, content: bytes) -> None:
        match = _FILE.fullmatch(self.name.rpartition("/")[2])
        if match is None:
            self._say(
                "file",
                _("The name of the file gives no chapter."),
                _("Name the file like “06-management.md” or “annex-a-forms.md”."),
            )
            return
        if len(content) > MAX_BYTES:
            self._say("file", _("The file is larger than 512 KB."), _("Split it."))
            return
        try:
            lines = content.decode("utf-8-sig").splitlines()
        except UnicodeDecodeError:
            self._say("file", _("The file is not UTF-8."), _("Save it as UTF-8."))
            return
        number = match["letter"].upper() if match["letter"] else str(int(match["number"]))
        chapter = self.chapters.setdefault(number, ChapterDraft(number, "", self.name))
        for self.line, text in enumerate(lines, 1):
            heading = _HEADING.fullmatch(text.rstrip())
            if heading is None:
                self._read_text(chapter, text.strip())
            else:
                self._read_heading(chapter, len(heading["level"]), heading["title"], heading["marks"])

    def _read_heading(self, chapter: ChapterDraft, level: int, title: str, marks: str | None) -> None:
        if level == CHAPTER:
            self._name_chapter(chapter, title, marks)
        elif chapter.kind in {TERMS, REFERENCES}:
            self._say(
                "structure",
                _("A list of entries has no sections."),
                _("Write each entry as “**head** text” below the title of the chapter."),
            )
        elif level == SECTION:
            self.section, self.clause = SectionDraft(title, self._where()), None
            chapter.sections.append(self.section)
        elif level == CLAUSE and self.section is not None:
            self.clause = self._clause(title, marks)
            self.section.clauses.append(self.clause)
        else:
            self._say(
                "structure",
                _("This heading stands at no level of the standard."),
                _("A chapter is “#”, a section “##”, a clause “###”, in this order."),
            )

    def _read_text(self, chapter: ChapterDraft, text: str) -> None:
        if chapter.kind in {TERMS, REFERENCES}:
            self._read_entry(chapter, text)
        elif self.clause is not None:
            self.clause.text += text + "\n"
        elif chapter.kind in ANNEXES and self.section is None:
            chapter.lead += text + "\n"
        elif text:
            self._say(
                "hanging-paragraph",
                _("Text stands here before a clause."),
                _("Give it a heading of its own, or move it into a clause."),
            )

    def _read_entry(self, chapter: ChapterDraft, text: str) -> None:
        found = _ENTRY.fullmatch(text)
        if found is not None:
            id_ = found["id"] if chapter.kind == TERMS else found["id"] or found["head"].strip()
            if chapter.kind == TERMS and not re.fullmatch(_ID, id_ or ""):
                self._say(
                    "structure",
                    _("The term has no id."),
                    _("Mark it with one after its name, like “**client** {#client} …”."),
                )
            elif chapter.kind == TERMS:
                self._check_owner(id_)
            self.entry = EntryDraft(id_ or "", found["head"].strip(), self._where(), found["text"] + "\n")
            chapter.entries.append(self.entry)
        elif self.entry is not None:
            self.entry.text += text + "\n"
        else:
            chapter.lead += text + "\n"

    def _name_chapter(self, chapter: ChapterDraft, title: str, marks: str | None) -> None:
        kind = marks.strip().removeprefix(".") if marks else CLAUSES
        if kind not in CHAPTER_KINDS:
            self._say(
                "structure",
                _("“%(marks)s” is no mark of a chapter.", marks=marks),
                _("There are {.terms}, {.references}, {.normative} and {.informative}."),
            )
            kind = CLAUSES
        if chapter.title and (title, kind) != (chapter.title, chapter.kind):
            self._say(
                "structure",
                _("The chapter is called “%(title)s” elsewhere.", title=chapter.title),
                _("Give it the same title and mark in every file."),
            )
        chapter.title, chapter.kind = title, kind
        if chapter.where.partition(":")[0] == self.name:
            chapter.where = self._where()

    def _clause(self, title: str, marks: str | None) -> ClauseDraft:
        found = _MARKS.fullmatch(marks or "")
        if found is None:
            self._say(
                "structure",
                _("The clause has no id and class."),
                _("Mark the clause with its id and class, like “{#first-contact .shall}”."),
            )
            return ClauseDraft("", "", title, self._where())
        self._check_owner(found["id"])
        return ClauseDraft(found["id"], found["kind"], title, self._where())

    def _check_owner(self, id_: str) -> None:
        program, dot, _rest = id_.partition(".")
        if (program if dot else None) != self.source.program:
            self._say(
                "structure",
                _("The id “%(id)s” does not say whose it is.", id=id_),
                _("What a program adds begins with its key and a dot; the core's has no dot."),
            )

    def _where(self) -> str:
        return f"{self.name}:{self.line}" if self.line else self.name

    def _say(self, check: str, what: Message, mend: Message) -> None:
        self.findings.append(Finding(check, self._where(), what, mend))
