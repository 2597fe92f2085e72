"""The clauses of the standard: read from Markdown, checked against each other and the rules, numbered.

A chapter lies in `standards/<language>/NN-name.md`, the core's and each program's:

    # Management
    ## Records
    ### First record {#record-within-24-hours .shall}
    A contact shall be recorded within {within}.

Files of the same number make one chapter: the core's sections come first, then those of the
programs by key. A clause's number follows from its place; its id never changes. How sentences are
worded and what they may point to is said in wording.py and links.py; chapters of terms and of
references, and annexes, in source.py.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Literal, Protocol, cast

from casework.duties.rules import Rule, RuleSet
from casework.duties.source import Source, StandardsError, read_rules
from casework.handbook import links
from casework.handbook.checks import check
from casework.handbook.findings import Finding
from casework.handbook.source import (
    ANNEXES,
    CLAUSES,
    REFERENCES,
    TERMS,
    ChapterDraft,
    Texts,
    names_source,
    read_chapters,
)
from casework.handbook.wording import WITHIN
from casework.i18n import LANGUAGES, _
from casework.programs import Programs
from casework.resources import share

Kind = Literal["shall", "should", "may", "statement"]


@dataclass(frozen=True)
class Clause:
    """One numbered sentence of the standard, in every language, with its rule if it has one."""

    id: str
    number: str
    kind: Kind
    titles: Mapping[str, str]
    sentences: Mapping[str, str]
    rule: Rule | None = None
    numbers: Mapping[str, str] = field(default_factory=dict, repr=False, compare=False)

    def text(self, language: str) -> str:
        """The sentence without marks, with the time that the rule gives and the numbers it points to."""
        return links.plain(self._timed(language), self.numbers)

    def html(self, language: str, at: str = "") -> str:
        """The sentence as HTML; `at` is the page of the whole standard, if it is shown elsewhere."""
        return links.html(self._timed(language), self.numbers, at)

    def _timed(self, language: str) -> str:
        within = self.rule.within.in_words(language) if self.rule and self.rule.within else ""
        return self.sentences[language].replace(WITHIN, within)


@dataclass(frozen=True)
class Entry:
    """A term with its definition, numbered, or a reference with its title, in every language."""

    id: str
    number: str
    heads: Mapping[str, str]
    texts: Mapping[str, str]
    numbers: Mapping[str, str] = field(default_factory=dict, repr=False, compare=False)

    @property
    def anchor(self) -> str:
        """Where links to the term lead."""
        return links.TERM + self.id

    def html(self, language: str, at: str = "") -> str:
        """The definition or title as HTML."""
        return links.html(self.texts[language], self.numbers, at)


@dataclass(frozen=True)
class Section:
    """A titled group of clauses within a chapter."""

    number: str
    titles: Mapping[str, str]
    clauses: Sequence[Clause]


@dataclass(frozen=True)
class Chapter:
    """A chapter of the standard, or an annex, whose number is a letter.

    `kind` is one of source.CHAPTER_KINDS: chapters of terms and references have entries, all others
    sections; `leads` is the text that such a chapter or an annex begins with.
    """

    number: str
    titles: Mapping[str, str]
    sections: Sequence[Section]
    kind: str = CLAUSES
    leads: Mapping[str, str] = field(default_factory=dict)
    entries: Sequence[Entry] = ()

    @property
    def is_annex(self) -> bool:
        """Whether it is an annex."""
        return self.kind in ANNEXES

    def lead_html(self, language: str) -> str:
        """The text that the chapter begins with, as HTML."""
        return links.html(self.leads.get(language, ""), {})


@dataclass(frozen=True)
class Handbook:
    """The whole standard as it stands in the files."""

    chapters: Sequence[Chapter]
    rules: RuleSet
    _by_id: Mapping[str, Clause] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_by_id", {clause.id: clause for clause in self})

    def __iter__(self) -> Iterator[Clause]:
        for chapter in self.chapters:
            for section in chapter.sections:
                yield from section.clauses

    def get(self, clause_id: str) -> Clause | None:
        """The clause of that id, if there is one."""
        return self._by_id.get(clause_id)

    def clause(self, clause_id: str) -> Clause:
        """The clause of that id; LookupError if there is none."""
        return self._by_id[clause_id]

    def place(self, clause_id: str) -> tuple[Chapter, Section]:
        """The chapter and the section that hold a clause; LookupError if there is none."""
        for chapter in self.chapters:
            for section in chapter.sections:
                if any(clause.id == clause_id for clause in section.clauses):
                    return chapter, section
        raise LookupError(clause_id)

    def terms(self) -> Sequence[Entry]:
        """The terms in their order."""
        return [entry for chapter in self.chapters if chapter.kind == TERMS for entry in chapter.entries]

    def references(self) -> Sequence[Entry]:
        """What rules name as their sources."""
        return [entry for chapter in self.chapters if chapter.kind == REFERENCES for entry in chapter.entries]

    def cited(self, source: str, language: str) -> str:
        """A source of a rule by the name that a language has for it among the references."""
        for entry in self.references():
            if names_source(entry.id, source):
                return entry.heads[language] + source.removeprefix(entry.id)
        return source

    def texts(self) -> dict[str, dict[str, object]]:
        """What an edition keeps of each clause besides its rule, and of each term."""
        definitions: dict[str, dict[str, object]] = {
            term.anchor: {
                "number": term.number,
                "kind": "term",
                "titles": dict(term.heads),
                "sentences": dict(term.texts),
            }
            for term in self.terms()
        }
        return definitions | {
            clause.id: {
                "number": clause.number,
                "kind": clause.kind,
                "titles": dict(clause.titles),
                "sentences": dict(clause.sentences),
            }
            for clause in self
        }


def handbook_of(programs: Programs) -> Handbook:
    """The standard of the core and the enabled programs, read once by a process.

    StandardsError lists every problem of every file.
    """
    return _read_once(tuple(sources_of(programs)))


def sources_of(programs: Programs) -> list[Source]:
    """The folders of standards: the core's, then those of the programs by key."""
    own = [(program.key, program.subfolder("standards")) for program in programs]
    return [
        Source(share("standards")),
        *(Source(folder, key) for key, folder in sorted(own) if folder is not None),
    ]


@lru_cache(maxsize=8)
def _read_once(sources: tuple[Source, ...]) -> Handbook:
    return read_handbook(sources)


def read_handbook(sources: Sequence[Source], languages: Sequence[str] = tuple(LANGUAGES)) -> Handbook:
    """The standard in the given folders. StandardsError lists every problem of every file."""
    drafts, rules, findings = read_drafts(sources, languages)
    if findings or rules is None:
        raise StandardsError([finding.as_problem() for finding in findings])
    return numbered(drafts, rules)


def numbered(drafts: Mapping[str, Sequence[ChapterDraft]], rules: RuleSet) -> Handbook:
    """The standard that drafts make in which nothing was found wrong."""
    return Handbook(tuple(_chapters(drafts, rules)), rules)


def read_drafts(
    sources: Sequence[Source], languages: Sequence[str] = tuple(LANGUAGES), texts: Texts | None = None
) -> tuple[dict[str, list[ChapterDraft]], RuleSet | None, list[Finding]]:
    """The chapters by language, the rules if they can be read, and everything that keeps them from use.

    `texts` are read in place of the files of those names.
    """
    findings: list[Finding] = []
    rules: RuleSet | None = None
    try:
        rules = read_rules(sources, texts)
    except StandardsError as error:
        findings += [
            Finding("rules", problem.where, problem.message, _("Mend this line of the rules first."))
            for problem in error.problems
        ]
    drafts = {language: read_chapters(sources, language, findings, texts) for language in languages}
    findings += check(drafts, rules)
    return drafts, rules, findings


def _chapters(drafts: Mapping[str, Sequence[ChapterDraft]], rules: RuleSet) -> Iterator[Chapter]:
    """Number what all languages were found to say alike, and lay their texts side by side."""
    numbers = _numbers(next(iter(drafts.values())))
    for chapters in zip(*drafts.values(), strict=True):
        first = chapters[0]
        yield Chapter(
            first.number,
            _titles(drafts, chapters),
            tuple(
                Section(
                    f"{first.number}.{place}",
                    _titles(drafts, sections),
                    tuple(
                        Clause(
                            id=clauses[0].id,
                            number=numbers[clauses[0].id],
                            kind=cast("Kind", clauses[0].kind),
                            titles=_titles(drafts, clauses),
                            sentences=_texts(drafts, clauses),
                            rule=rules.get(clauses[0].id),
                            numbers=numbers,
                        )
                        for clauses in zip(*(section.clauses for section in sections), strict=True)
                    ),
                )
                for place, sections in enumerate(
                    zip(*(chapter.sections for chapter in chapters), strict=True), 1
                )
            ),
            kind=first.kind,
            leads={
                language: chapter.lead.strip() for language, chapter in zip(drafts, chapters, strict=True)
            },
            entries=tuple(
                Entry(
                    id=entries[0].id,
                    number="" if first.kind == REFERENCES else f"{first.number}.{place}",
                    heads={language: entry.head for language, entry in zip(drafts, entries, strict=True)},
                    texts=_texts(drafts, entries),
                    numbers=numbers,
                )
                for place, entries in enumerate(
                    zip(*(chapter.entries for chapter in chapters), strict=True), 1
                )
            ),
        )


def _numbers(chapters: Sequence[ChapterDraft]) -> dict[str, str]:
    """The number of every clause by its id."""
    return {
        clause.id: f"{chapter.number}.{place}.{position}"
        for chapter in chapters
        for place, section in enumerate(chapter.sections, 1)
        for position, clause in enumerate(section.clauses, 1)
    }


def _titles(languages: Iterable[str], drafts: Iterable[_Titled]) -> dict[str, str]:
    return {language: draft.title for language, draft in zip(languages, drafts, strict=True)}


def _texts(languages: Iterable[str], drafts: Iterable[_Worded]) -> dict[str, str]:
    return {language: draft.text.strip() for language, draft in zip(languages, drafts, strict=True)}


class _Titled(Protocol):
    title: str


class _Worded(Protocol):
    text: str
