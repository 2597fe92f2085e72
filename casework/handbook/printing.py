"""The standard as a printed book: one page of HTML for the typesetter, from the texts and the programs themselves.

Nothing in it depends on who asks or when, so that the same edition gives the same bytes. A book in
two languages gives each text in both, the first one first.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextvars import copy_context
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from casework.duties.model import Edition
from casework.forms.definition import Form, Item
from casework.forms.library import library_of
from casework.handbook.clauses import Clause, Handbook
from casework.handbook.diagram import draw
from casework.handbook.words import KIND_TITLES
from casework.i18n import HTML_LANGUAGES, Message, Words, _, reading
from casework.programs import BACK, SAME, Move, Program
from casework.resources import PACKAGE, share
from casework.security.roles import ROLES
from casework.web.pages import prepare
from casework.work import Work

BookLanguage = Literal["zh_Hans", "en", "both"]
BOOKS: Mapping[str, tuple[str, ...]] = {
    "zh_Hans": ("zh_Hans",),
    "en": ("en",),
    "both": ("zh_Hans", "en"),
}
"""The three forms of the book, with their languages in order."""

INLINE, BLOCK = Markup('<span lang="{}">{}</span>'), Markup('<div lang="{}">{}</div>')
SPACE, NOTHING = Markup(" "), Markup("")

TITLE = _("Service standard for medical social work")


@dataclass(frozen=True)
class Imprint:
    """What the cover says: the edition's number, from when it is in force, who issues it; a draft says so."""

    number: str = ""
    in_force_on: date | None = None
    issuer: Mapping[str, str] | None = None
    draft: bool = False


def imprint_of(work: Work, edition: Edition | None, issuer: Mapping[str, str] | None) -> Imprint:
    """What the cover says of a published edition; of the texts that the programs brought along, no number."""
    if edition is None or edition.number is None:
        return Imprint(issuer=issuer)
    return Imprint(edition.number, edition.in_force_from.astimezone(work.zone).date(), issuer)


def book(work: Work, handbook: Handbook, imprint: Imprint, language: BookLanguage) -> tuple[str, str]:
    """The title and the HTML of the whole book."""
    languages = BOOKS[language]
    folders = [share("locale"), *work.programs.folders("locale")]
    voices = [Words(each, folders, work.settings.time_zone) for each in languages]

    def write() -> tuple[str, str]:
        reading(voices[0])
        both = _Both(voices)
        template = _environment(_templates(work)).get_template("handbook/book.jinja2")
        html = template.render(
            handbook=handbook,
            imprint=imprint,
            languages=languages,
            html_languages=HTML_LANGUAGES,
            title=TITLE,
            in_force=both.day(imprint.in_force_on),
            say=both.say,
            names=both.names,
            clause_texts=lambda clause: both.texts(clause.html),
            entry_texts=lambda entry: both.texts(entry.html),
            lead_texts=lambda chapter: both.texts(chapter.lead_html),
            cited=lambda sources: both.texts(
                lambda language: " · ".join(handbook.cited(each, language) for each in sources), inline=True
            ),
            kinds=KIND_TITLES,
            programs=[_Chapter(work, program, handbook, both) for program in work.programs],
            forms=sorted(library_of(work), key=lambda form: form.key),
            asked=_asked,
            index=list(_index(handbook, voices)),
        )
        return " / ".join(words(TITLE) for words in voices), html

    return copy_context().run(write)


class _Both:
    """Says each text in every language of the book."""

    def __init__(self, voices: Sequence[Words]) -> None:
        self.voices = voices

    def say(self, text: Message | str | None) -> Markup:
        """A text in each language; the same words stand once."""
        return self.texts(
            lambda each: self._words(each)(_(text) if isinstance(text, str) else text), inline=True
        )

    def names(self, texts: Mapping[str, str]) -> Markup:
        """A text that stands in the files by language."""
        return self.texts(lambda each: texts.get(each, ""), inline=True)

    def texts(self, of: Callable[[str], str], *, inline: bool = False) -> Markup:
        """What a function says in each language, one after the other, each marked with its language."""
        said: dict[Markup, Markup] = {}
        for words in self.voices:
            written = of(words.language)
            text = escape(written) if inline else Markup(written)  # noqa: S704 - HTML by links.html
            mark = INLINE if inline else BLOCK
            if text:
                said.setdefault(text, mark.format(HTML_LANGUAGES[words.language], text))
        return (SPACE if inline else NOTHING).join(said.values())

    def day(self, day: date | None) -> Markup:
        """From when it is in force, as each language writes a day."""
        if day is None:
            return Markup()
        return self.texts(
            lambda each: self._words(each)(
                _("In force from %(day)s", day=self._words(each).day(day, "long"))
            ),
            inline=True,
        )

    def _words(self, language: str) -> Words:
        return next(words for words in self.voices if words.language == language)


class _Chapter:
    """What the book tells of a program, drawn from the program itself."""

    def __init__(self, work: Work, program: Program, handbook: Handbook, both: _Both) -> None:
        self.program, self._handbook, self._library = program, handbook, library_of(work)
        first = both.voices[0]
        label = first(_("The course of “%(program)s”", program=program.title))
        self.drawings = [Markup(draw(program.workflow, words, label).svg) for words in both.voices]  # noqa: S704 - drawn here
        self.states = program.workflow.states
        self.titles = {state.key: state.title for state in program.workflow.states}

    def moves(self) -> Iterator[Mapping[str, Any]]:
        """The moves by number: from where, to where, who, which form, which clause."""
        for number, move in enumerate(self.program.workflow.moves, 1):
            clause = self._handbook.get(move.clause) if move.clause else None
            form = self._library.get(move.asks or move.form or "")
            yield {
                "number": number,
                "title": move.title,
                "sources": [self.titles[key] for key in move.sources if key in self.titles],
                "target": self._target(move),
                "roles": self.who(move),
                "form": form,
                "clause": clause,
            }

    def _target(self, move: Move) -> Message:
        if move.target == SAME:
            return _("the same state")
        if move.target == BACK:
            return _("the state before")
        return self.titles[move.target]

    def who(self, move: Move) -> list[Message]:
        """The roles that may make a move."""
        wanted = f"{self.program.key}:move:{move.key}"
        held = {role for (role, _relation), names in self.program.grants.items() if wanted in names}
        return [role.title for key, role in ROLES.items() if key in held]

    def limits(self) -> list[Clause]:
        """The clauses of the program that name a time."""
        own = f"{self.program.key}."
        return [c for c in self._handbook if c.id.startswith(own) and c.rule is not None and c.rule.within]

    def forms(self) -> list[Form]:
        """The forms that the program uses, in the order of their keys."""
        keys = {use.form for use in self.program.workflow.forms}
        keys |= {key for move in self.program.workflow.moves for key in (move.asks, move.form) if key}
        return [self._library[key] for key in sorted(keys) if self._library.get(key)]


def _asked(form: Form) -> Iterator[tuple[int, Item]]:
    """The questions of a form with their depth."""

    def walk(items: Sequence[Item], depth: int) -> Iterator[tuple[int, Item]]:
        for item in items:
            yield depth, item
            yield from walk(item.items, depth + 1)

    return walk(form.items, 0)


@dataclass(frozen=True)
class IndexLine:
    """A term, where it is defined, and the clauses that use it."""

    term: Any
    clauses: Sequence[Clause]


def _index(handbook: Handbook, voices: Sequence[Words]) -> Iterator[IndexLine]:
    """The terms in the order of the first language's alphabet or readings, each with the clauses that name it."""
    language = voices[0].language
    for term in sorted(handbook.terms(), key=lambda each: _sorting(each.heads[language])):
        named = [
            clause
            for clause in handbook
            if any(
                term.heads[words.language].lower() in clause.text(words.language).lower() for words in voices
            )
        ]
        yield IndexLine(term, named)


def _sorting(text: str) -> tuple[str, ...]:
    from pypinyin import lazy_pinyin

    return tuple(part.lower() for part in lazy_pinyin(text))


def _templates(work: Work) -> tuple[Path, ...]:
    return (*sorted(PACKAGE.glob("*/templates")), *work.programs.folders("templates"))


@lru_cache(maxsize=4)
def _environment(folders: Sequence[Path]) -> Environment:
    environment = Environment(
        loader=FileSystemLoader([str(folder) for folder in folders]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    prepare(environment)
    return environment
