"""What ties a standard to the programs: the events, answers, states and roles that its rules name, and
the clauses that moves and forms name. A rule about what never happens would keep silent for ever.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from casework.cases.events import CORE_EVENTS
from casework.duties.rules import Pattern, Rule, RuleSet
from casework.duties.source import RULES_FILE, Source
from casework.forms.definition import Form
from casework.forms.library import library_for
from casework.forms.source import FormErrors
from casework.handbook.checks import Drafts
from casework.handbook.findings import Finding
from casework.handbook.source import REFERENCES, Texts, names_source
from casework.i18n import Message, _
from casework.programs import Programs
from casework.security.roles import ROLES

_MOVED = ("from", "to")


def check_bindings(
    programs: Programs, drafts: Drafts, rules: RuleSet | None, sources: Iterable[Source], texts: Texts
) -> Iterator[Finding]:
    """Everything that the texts and rules name and no program has, and the other way round."""
    forms: tuple[Form, ...] = ()
    try:
        forms = tuple(library_for(programs))
    except FormErrors as errors:
        yield from _forms_in_error(programs, errors)
    if rules is not None:
        lines = _Lines(sources, texts)
        for rule in rules:
            yield from _names(programs, rule, lines)
            yield from _answers(programs, forms, rule, lines)
        yield from _origins(drafts, rules, lines)
    ids = {clause.id for chapters in drafts.values() for chapter in chapters for clause in chapter.clauses()}
    yield from _moves(programs, ids)
    yield from _clauses_of_forms(programs, forms, ids)


def _forms_in_error(programs: Programs, errors: FormErrors) -> Iterator[Finding]:
    """The problems of forms; as long as there is one, nothing is known of what forms tell."""
    owners = {program.subfolder("forms"): f"plugins/{program.key}/" for program in programs}
    for problem in errors.problems:
        path = Path(problem.file)
        yield Finding(
            "form",
            f"{owners.get(path.parent, '')}forms/{path.name}:{problem.line}",
            Message(str(problem.message)),
            _("Mend the form; the service does not start without it."),
        )


def _names(programs: Programs, rule: Rule, lines: _Lines) -> Iterator[Finding]:
    """Events, states and roles that a rule names exist."""
    events = {kind.name for kind in CORE_EVENTS} | set(programs.events())
    states = {state.key for program in programs for state in program.workflow.states}
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


def _answers(programs: Programs, forms: Iterable[Form], rule: Rule, lines: _Lines) -> Iterator[Finding]:
    """What `where` and `met_where` ask of events is something that these events tell."""
    kinds = {kind.name: kind for kind in CORE_EVENTS} | programs.events()
    asked: tuple[tuple[tuple[str, ...], Pattern], ...] = (
        (rule.opens, rule.where),
        (rule.met_by, rule.met_where),
    )
    for events, pattern in asked:
        told = [form for form in forms if form.event in events]
        keys = {key for event in events if event in kinds for key in kinds[event].payload}
        keys |= {key for form in told for key in form.payload}
        if any(event not in kinds for event in events):
            continue
        for key, values in pattern.items():
            if key not in keys:
                yield Finding(
                    "unknown-answer",
                    lines.of(rule, f"{key}:"),
                    _("The event does not tell “%(key)s”.", key=key),
                    _("Name one of: %(keys)s.", keys=", ".join(sorted(keys)) or "–"),
                )
            elif (possible := _possible(programs, told, key)) and (odd := sorted({*values} - possible)):
                yield Finding(
                    "unknown-answer",
                    lines.of(rule, odd[0]),
                    _("“%(key)s” is never “%(value)s”.", key=key, value=odd[0]),
                    _("Name one of: %(values)s.", values=", ".join(sorted(possible))),
                )


def _possible(programs: Programs, forms: Iterable[Form], key: str) -> set[str]:
    """The values that an answer may have; none if it may have any."""
    if key in _MOVED:
        return {state.key for program in programs for state in program.workflow.states}
    items = [item for form in forms if (item := form.item(key)) is not None]
    if any(item.kind != "choice" for item in items):
        return set()
    return {option.code for item in items for option in item.options}


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
            if not any(names_source(each, source) for each in listed):
                yield Finding(
                    "unlisted-source",
                    lines.of(rule, source),
                    _("The source “%(source)s” is not among the references.", source=source),
                    _("Add it to the chapter of references, like “**PIPL** …”."),
                    "warning",
                )


def _moves(programs: Programs, ids: set[str]) -> Iterator[Finding]:
    """Each clause that stands behind a move exists."""
    for program in programs:
        for move in program.workflow.moves:
            if move.clause is not None and move.clause not in ids:
                yield Finding(
                    "dead-reference",
                    _line(program.folder / "plugin.py", f"plugins/{program.key}/plugin.py", move.clause),
                    _("The move “%(move)s” names the clause “%(id)s”.", move=move.key, id=move.clause),
                    _("Write that clause, or name one that exists."),
                )


def _clauses_of_forms(programs: Programs, forms: Iterable[Form], ids: set[str]) -> Iterator[Finding]:
    """Each clause that stands behind a form or a question exists, unless its program is not enabled."""
    for form in forms:
        for clause in {form.clause, *(item.clause for item in form.walk())} - {None} - ids:
            program, dot, _rest = str(clause).partition(".")
            if dot and programs.get(program) is None:
                continue
            owner, dot, name = form.key.rpartition(".")
            yield Finding(
                "dead-reference",
                f"plugins/{owner}/forms/{name}.yaml" if dot else f"forms/{name}.yaml",
                _("The form “%(form)s” names the clause “%(id)s”.", form=form.key, id=clause),
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
