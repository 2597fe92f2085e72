"""The checker of a standard: everything that its author should mend or look at again, at once.

checks.py finds what keeps a standard from being used, bindings.py what no program has; here is what
makes it a good one (GB/T 1.1-2020): one requirement in a clause, times that a rule counts, short
sentences, no clause alone in its section.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from casework.duties.rules import RuleSet
from casework.handbook.bindings import check_bindings
from casework.handbook.clauses import read_drafts, sources_of
from casework.handbook.findings import Finding
from casework.handbook.links import prose
from casework.handbook.source import CLAUSES, ChapterDraft, ClauseDraft, Texts
from casework.handbook.wording import LONGEST, han_characters, modals, time_named
from casework.i18n import LANGUAGES, Message, _
from casework.programs import Programs


def check_handbook(programs: Programs, texts: Texts | None = None) -> list[Finding]:
    """What is found in the standard of the core and the enabled programs, by file and line.

    `texts` are drafts by the name of their file, such as `standards/en/06-management.md`, and are
    read in place of what lies on disk; findings in all other files are told as well.
    """
    sources = sources_of(programs)
    drafts, rules, findings = read_drafts(sources, tuple(LANGUAGES), texts)
    for language, chapters in drafts.items():
        findings += _wording(language, chapters, rules)
        findings += _places(chapters)
    findings += check_bindings(programs, drafts, rules, sources, texts or {})
    return sorted(findings, key=lambda found: (found.file, found.line or 0, found.level, found.check))


def _wording(language: str, chapters: Sequence[ChapterDraft], rules: RuleSet | None) -> Iterator[Finding]:
    for chapter in chapters:
        for clause in chapter.clauses():
            words = prose(clause.text)
            if len(modals(language, words)) > 1 or "\n\n" in clause.text.strip():
                yield Finding(
                    "one-requirement",
                    clause.where,
                    _("The clause asks for more than one thing."),
                    _("Make a clause of each, so that each can be kept or missed on its own."),
                )
            if (length := han_characters(words)) > LONGEST:
                yield Finding(
                    "long-sentence",
                    clause.where,
                    _("The sentence has %(count)s characters.", count=length),
                    _("Say it in at most %(count)s, or divide the clause.", count=LONGEST),
                    "warning",
                )
            if rules is not None:
                yield from _unmeasured(language, clause, rules)


def _unmeasured(language: str, clause: ClauseDraft, rules: RuleSet) -> Iterator[Finding]:
    """A requirement that names a time can be measured, so a rule has the number."""
    rule = rules.get(clause.id)
    if clause.kind != "shall" or (rule is not None and rule.within is not None):
        return
    if (time := time_named(language, prose(clause.text))) is not None:
        yield Finding(
            "unmeasured",
            clause.where,
            _("“%(time)s” can be measured, but no rule does.", time=time),
            _("Add a rule to rules.yaml and write {within} for the time, or say it without a time."),
            "warning",
        )


def _places(chapters: Sequence[ChapterDraft]) -> Iterator[Finding]:
    """At each level there are at least two, or the level is not needed."""
    for chapter in chapters:
        if chapter.kind == CLAUSES and len(chapter.sections) == 1:
            yield _alone(
                chapter.sections[0].where,
                _("The chapter “%(title)s” has one section only.", title=chapter.title),
            )
        for section in chapter.sections:
            if not section.clauses:
                yield Finding(
                    "structure",
                    section.where,
                    _("The section “%(title)s” has no clause.", title=section.title),
                    _("Write its clauses or take it away."),
                )
            elif len(section.clauses) == 1:
                yield _alone(
                    section.clauses[0].where,
                    _("The section “%(title)s” has one clause only.", title=section.title),
                )


def _alone(where: str, what: Message) -> Finding:
    return Finding(
        "single-child", where, what, _("Divide it, or join it with what stands beside it."), "warning"
    )
