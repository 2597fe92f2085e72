"""Finding clauses and terms by words, in whatever language they are typed.

A text that holds all the words stands before one that merely looks alike, a title before a sentence.
Alike is measured by the pairs of neighbouring characters that both have, for Chinese in the whole
sentence and else word by word, so that no dictionary is needed and a slip of the pen does no harm.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from casework.handbook.clauses import Clause, Entry, Handbook
from casework.handbook.links import plain

MOST = 30
LONGEST = 100
"""So many characters of a query are looked at."""

_ENOUGH = 0.65
"""The share of pairs from which on two words, or a Chinese word and a text, are taken to be alike."""

_SEPARATE = re.compile(r"[\W_]+")


@dataclass(frozen=True)
class Hit:
    """A clause or a term that answers a query, with what is shown of it in each language."""

    number: str
    titles: Mapping[str, str]
    texts: Mapping[str, str]
    anchor: str
    clause: str | None = None


def search(handbook: Handbook, query: str) -> list[Hit]:
    """The clauses and terms that answer a query, best first; at most MOST. An empty query finds nothing."""
    words = normal(query[:LONGEST]).split()
    if not words:
        return []
    number = query.strip()
    ranked = [
        (rank, place, hit)
        for place, hit in enumerate(_hits(handbook))
        if (rank := 4.0 if number in (hit.number, hit.clause) else _rank(hit, words)) > 0
    ]
    return [hit for _rank_, _place, hit in sorted(ranked, key=lambda each: (-each[0], each[1]))[:MOST]]


def normal(text: str) -> str:
    """The text as it is compared: one width, no case, words apart by one space."""
    return _SEPARATE.sub(" ", unicodedata.normalize("NFKC", text).casefold()).strip()


def _hits(handbook: Handbook) -> Iterator[Hit]:
    for clause in handbook:
        yield _of_clause(clause)
    for term in handbook.terms():
        yield _of_term(term)


def _of_clause(clause: Clause) -> Hit:
    texts = {language: clause.text(language) for language in clause.sentences}
    return Hit(clause.number, clause.titles, texts, clause.id, clause.id)


def _of_term(term: Entry) -> Hit:
    texts = {language: plain(text, term.numbers) for language, text in term.texts.items()}
    return Hit(term.number, term.heads, texts, term.anchor)


def _rank(hit: Hit, words: list[str]) -> float:
    """3 for all words in the title, 2 for all in title and sentence, less than 1 for likeness, 0 for none."""
    best = 0.0
    for language, text in hit.texts.items():
        title = normal(hit.titles[language])
        both = f"{title} {normal(text)}"
        if all(word in title for word in words):
            return 3.0
        best = max(best, 2.0 if all(word in both for word in words) else _likeness(words, both))
    return best


def _likeness(words: list[str], text: str) -> float:
    """How alike the least alike of the words is to something in the text; 0 if that is not enough."""
    share = min(_share(word, text) for word in words)
    return share if share >= _ENOUGH else 0.0


def _share(word: str, text: str) -> float:
    asked = _pairs(word)
    if not asked:
        return float(word in text)
    if not word.isascii():
        return len(asked & _pairs(text)) / len(asked)
    shares = (
        2 * len(asked & pairs) / (len(asked) + len(pairs)) for pairs in map(_pairs, text.split()) if pairs
    )
    return max(shares, default=0.0)


def _pairs(text: str) -> set[str]:
    return {text[at : at + 2] for at in range(len(text) - 1)}
