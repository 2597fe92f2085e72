"""The clauses of the standard: read from Markdown, checked against each other and the rules, numbered.

A chapter lies in `standards/<language>/NN-name.md`, the core's and each program's:

    # Management
    ## Records
    ### First record {#record-within-24-hours .shall}
    A contact shall be recorded within {within}.

Files of the same number make one chapter: the core's sections come first, then those of the
programs by key. A clause's number follows from its place; its id never changes. Each class has its
modal verbs, after GB/T 1.1-2020, annex C: shall 应 (also 不得), should 宜, may 可, statement none;
"must" and 必须 are no words of a standard.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Literal, Protocol, cast

from markdown_it import MarkdownIt

from casework.duties.rules import Rule, RuleSet
from casework.duties.source import Source, StandardsError, read_rules
from casework.errors import Problem
from casework.handbook.checks import WITHIN, check
from casework.handbook.source import ChapterDraft, read_chapters
from casework.i18n import LANGUAGES
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

    def text(self, language: str) -> str:
        """The sentence as Markdown, with the time limit that the rule gives."""
        within = self.rule.within.in_words(language) if self.rule and self.rule.within else ""
        return self.sentences[language].replace(WITHIN, within)

    def html(self, language: str) -> str:
        """The sentence as HTML."""
        return str(_markdown().render(self.text(language)))


@dataclass(frozen=True)
class Section:
    """A titled group of clauses within a chapter."""

    number: str
    titles: Mapping[str, str]
    clauses: Sequence[Clause]


@dataclass(frozen=True)
class Chapter:
    """A chapter of the standard."""

    number: str
    titles: Mapping[str, str]
    sections: Sequence[Section]


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

    def texts(self) -> dict[str, dict[str, object]]:
        """What an edition keeps of each clause besides its rule."""
        return {
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
    problems: list[Problem] = []
    rules: RuleSet | None = None
    try:
        rules = read_rules(sources)
    except StandardsError as error:
        problems += error.problems
    drafts = {language: read_chapters(sources, language, problems) for language in languages}
    problems += check(drafts, rules)
    if problems or rules is None:
        raise StandardsError(problems)
    return Handbook(tuple(_chapters(drafts, rules)), rules)


def _chapters(drafts: Mapping[str, Sequence[ChapterDraft]], rules: RuleSet) -> Iterator[Chapter]:
    """Number what all languages were found to say alike, and lay their texts side by side."""
    for chapters in zip(*drafts.values(), strict=True):
        number = chapters[0].number
        yield Chapter(
            str(number),
            _titles(drafts, chapters),
            tuple(
                Section(
                    f"{number}.{place}",
                    _titles(drafts, sections),
                    tuple(
                        Clause(
                            id=clauses[0].id,
                            number=f"{number}.{place}.{position}",
                            kind=cast("Kind", clauses[0].kind),
                            titles=_titles(drafts, clauses),
                            sentences={
                                language: clause.text.strip()
                                for language, clause in zip(drafts, clauses, strict=True)
                            },
                            rule=rules.get(clauses[0].id),
                        )
                        for position, clauses in enumerate(
                            zip(*(section.clauses for section in sections), strict=True), 1
                        )
                    ),
                )
                for place, sections in enumerate(
                    zip(*(chapter.sections for chapter in chapters), strict=True), 1
                )
            ),
        )


def _titles(languages: Iterable[str], drafts: Iterable[_Titled]) -> dict[str, str]:
    return {language: draft.title for language, draft in zip(languages, drafts, strict=True)}


class _Titled(Protocol):
    title: str


@lru_cache(maxsize=1)
def _markdown() -> MarkdownIt:
    return MarkdownIt("commonmark", {"html": False})
