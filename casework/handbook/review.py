"""The checker of a standard: everything that its author should mend or look at again, at once.

checks.py finds what keeps a standard from being used; here is added what makes it a good one (GB/T
1.1-2020: one requirement in a clause, no clause alone in its section) and what ties it to the
programs: events, states and roles that rules name, clauses that moves name.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from casework.cases.events import CORE_EVENTS
from casework.duties.rules import Rule, RuleSet
from casework.duties.source import RULES_FILE, Source
from casework.handbook.checks import Drafts
from casework.handbook.clauses import read_drafts, sources_of
from casework.handbook.findings import Finding
from casework.handbook.links import prose
from casework.handbook.source import CLAUSES, REFERENCES, ChapterDraft, ClauseDraft, Texts
from casework.handbook.wording import LONGEST, han_characters, modals, time_named
from casework.i18n import LANGUAGES, Message, _
from casework.programs import Programs
from casework.security.roles import ROLES


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
    if rules is not None:
        lines = _Lines(sources, texts or {})
        findings += _names(programs, rules, lines)
        findings += _origins(drafts, rules, lines)
    findings += _moves(programs, drafts)
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


def _names(programs: Programs, rules: RuleSet, lines: _Lines) -> Iterator[Finding]:
    """Events, states and roles that rules name exist."""
    events = {kind.name for kind in CORE_EVENTS} | set(programs.events())
    states = {state.key for program in programs for state in program.workflow.states}
    for rule in rules:
        for event in sorted(rule.events() - events):
            yield Finding(
                "unknown-event",
                lines.of(rule, event),
                _("No program emits “%(event)s”.", event=event),
                _("Name an event that the core or an enabled program declares."),
            )
        for state in rule.pauses_in:
            if state not in states:
                yield Finding(
                    "unknown-state",
                    lines.of(rule, state),
                    _("No program has the state “%(state)s”.", state=state),
                    _("Name a state of the program whose cases the rule is for."),
                )
        if rule.owner not in ROLES:
            yield Finding(
                "unknown-role",
                lines.of(rule, rule.owner),
                _("There is no role “%(role)s”.", role=rule.owner),
                _("Name one of: %(roles)s.", roles=", ".join(ROLES)),
            )


def _origins(drafts: Drafts, rules: RuleSet, lines: _Lines) -> Iterator[Finding]:
    """Each source that a rule names stands in the chapter of references."""
    listed = [
        entry.id
        for chapter in next(iter(drafts.values()))
        if chapter.kind == REFERENCES
        for entry in chapter.entries
    ]
    for rule in rules:
        for source in rule.sources:
            if not any(re.match(rf"{re.escape(each)}(?![\w-])", source) for each in listed):
                yield Finding(
                    "unlisted-source",
                    lines.of(rule, source),
                    _("The source “%(source)s” is not among the references.", source=source),
                    _("Add it to the chapter of references, like “**PIPL** …”."),
                    "warning",
                )


def _moves(programs: Programs, drafts: Drafts) -> Iterator[Finding]:
    """Each clause that stands behind a move exists."""
    ids = {clause.id for chapters in drafts.values() for chapter in chapters for clause in chapter.clauses()}
    for program in programs:
        for move in program.workflow.moves:
            if move.clause is not None and move.clause not in ids:
                yield Finding(
                    "dead-reference",
                    _line(program.folder / "plugin.py", f"plugins/{program.key}/plugin.py", move.clause),
                    _("The move “%(move)s” names the clause “%(id)s”.", move=move.key, id=move.clause),
                    _("Write that clause, or name one that exists."),
                )


class _Lines:
    """Finds the line on which a rule names something."""

    def __init__(self, sources: Iterable[Source], texts: Mapping[str, str]) -> None:
        self._rules: dict[str | None, tuple[str, list[str]]] = {}
        for source in sources:
            name, path = f"{source.name}/{RULES_FILE}", source.folder / RULES_FILE
            text = texts.get(name)
            if text is None:
                text = path.read_text("utf-8") if path.is_file() else ""
            self._rules[source.program] = name, text.splitlines()

    def of(self, rule: Rule, name: str) -> str:
        file, lines = self._rules[rule.program]
        start = next((at for at, line in enumerate(lines) if line.startswith(f"{rule.clause}:")), 0)
        for at, line in enumerate(lines[start:], start + 1):
            if name in line:
                return f"{file}:{at}"
        return f"{file}:{start + 1}"


def _line(path: Path, name: str, text: str) -> str:
    """The first line of a file that holds a text."""
    lines = path.read_text("utf-8").splitlines() if path.is_file() else []
    return next((f"{name}:{at}" for at, line in enumerate(lines, 1) if f'"{text}"' in line), name)
