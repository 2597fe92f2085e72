"""The texts by which a person is found, and how what is typed into the search box is read.

A token is of one of these kinds, told apart by its first character:

    =张三         the whole name, folded
    张, 三, 张三   one and two characters of a Han name in a row; three, of a name longer than three
    zhangsan      pinyin of the name in every reading, of the given name, and a Latin name's words
    !zs           initials
    ~000831...    digits of a phone number from the last to the first, so that a tail is a prefix
    #zy001234     a medical record number, and the digits of a phone number from the first

Identity numbers are never tokens: they are found by their blind index alone.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import product

from pypinyin import Style, lazy_pinyin, pinyin

from casework.people.rules import is_han, unseen
from casework.people.surnames import DOUBLE_SURNAMES, SURNAMES

LONGEST_QUERY = 60
LONGEST_TOKEN = 64
MOST_READINGS = 16
MOST_TERMS = 8
LONG_NAME = 3
"""Han characters up to which a whole name is its own longest gram."""
HETERONYM_NAME = 4
"""Han characters up to which every character of a name is indexed in all its readings."""
SHORTEST_PHONE = 7

_SPELLINGS = {
    "lv": ("lv", "lu", "lyu"),
    "nv": ("nv", "nu", "nyu"),
    "lve": ("lve", "lue"),
    "nve": ("nve", "nue"),
}
_MARKS = re.compile("[\u0300-\u036f]")


def fold(text: str) -> str:
    """A text without differences of width, case and accent; `ü` becomes `v`, as it is typed in pinyin."""
    plain = unicodedata.normalize("NFKC", text).casefold().replace("ü", "v")
    return unicodedata.normalize("NFC", _MARKS.sub("", unicodedata.normalize("NFD", plain)))


def runs(text: str) -> Iterator[str]:
    """The unbroken pieces of a folded text: stretches of Han characters, words of other scripts."""
    piece = ""
    for each in re.sub("['’`]", "", fold(text)):
        letter = is_han(each) or each.isalnum() or unicodedata.category(each) in ("Mn", "Mc")
        if piece and (not letter or is_han(each) != is_han(piece[-1])):
            yield piece
            piece = ""
        if letter:
            piece += each
    if piece:
        yield piece


def tokens_of(full_name: str, *, other_names: str = "", phone: str = "", mrn: str = "") -> frozenset[str]:
    """Every token of a person. `other_names` are separated by commas or semicolons."""
    found: set[str] = set()
    for each in (full_name, *re.split("[,;，；、]", other_names)):
        found.update(_of_name(each))
    found.update(_of_phone(phone))
    if folded := re.sub(r"\W", "", fold(mrn)):
        found.add(f"#{folded}")
    return frozenset(token[:LONGEST_TOKEN] for token in found if token)


def whole(full_name: str) -> str:
    """The token of a whole name, the same for all ways of writing its width, case, spaces and dots."""
    return ("=" + "".join(runs(full_name)))[:LONGEST_TOKEN]


def sounds(full_name: str) -> list[str]:
    """The pinyin of a whole Han name in each of its readings, likeliest first."""
    return list(dict.fromkeys("".join(reading) for reading in _readings([*runs(full_name)])))


def _of_name(full_name: str) -> Iterator[str]:
    pieces = list(runs(full_name))
    if not pieces:
        return
    yield whole(full_name)
    han = "".join(piece for piece in pieces if is_han(piece[0]))
    words = [piece for piece in pieces if not is_han(piece[0])]
    for size in (1, 2, 3) if len(han) > LONG_NAME or words else (1, 2):
        yield from (han[start : start + size] for start in range(len(han) - size + 1))
    yield from words
    yield "".join(words)
    if words:
        yield "!" + "".join(word[0] for word in words)
    surname = len(_surname(han))
    for reading in _readings(pieces):
        yield "".join(reading)
        yield "".join(reading[surname:])
        yield "!" + "".join(syllable[0] for syllable in reading)
    for piece in pieces[1:]:
        # A part after a dot or space, as of a minority name, is what its bearer is called by.
        if is_han(piece[0]) and len(piece) > 1:
            yield "".join(lazy_pinyin(piece))


def _surname(han: str) -> str:
    return han[:2] if han[2:] and han[:2] in DOUBLE_SURNAMES else han[:1]


def _readings(pieces: Sequence[str]) -> Iterator[Sequence[str]]:
    """The likeliest readings of the Han part of a name, each as its syllables."""
    han = "".join(piece for piece in pieces if is_han(piece[0]))
    if not han:
        return
    # Characters that pypinyin does not know come one by one too, so that places agree.
    spoken = lazy_pinyin(han, errors=list)  # type: ignore[arg-type]
    choices = [_of_character(each, spoken[place]) for place, each in enumerate(han)]
    surname = _surname(han)
    if surname in DOUBLE_SURNAMES:
        choices[:2] = [[syllable] for syllable in DOUBLE_SURNAMES[surname]]
    elif surname in SURNAMES:
        choices[0] = list(dict.fromkeys([*SURNAMES[surname], *choices[0]]))
    if len(han) > HETERONYM_NAME:
        choices = [*choices[:1], *([reading[0]] for reading in choices[1:])]
    ranked = sorted(product(*(range(len(choice)) for choice in choices)), key=sum)
    for picks in ranked[:MOST_READINGS]:
        yield [choice[pick] for choice, pick in zip(choices, picks, strict=True)]


def _of_character(han: str, spoken: str) -> list[str]:
    """The readings of one character: as in its phrase, then alone; with the spellings of `ü`."""
    alone = pinyin(han, style=Style.NORMAL, heteronym=True)[0]
    readings = dict.fromkeys([spoken, *alone[:3]])
    return [spelling for each in readings for spelling in _SPELLINGS.get(each, (each,))]


def phone_token(phone: str) -> str:
    """The token of a whole phone number in E.164 form; empty when there is none."""
    digits = _national(re.sub(r"[^0-9+]", "", phone.partition(";")[0]))
    return "#" + digits if len(digits) >= SHORTEST_PHONE else ""


def _of_phone(phone: str) -> Iterator[str]:
    if forwards := phone_token(phone):
        yield forwards
        yield "~" + forwards[:0:-1]


def _national(digits: str) -> str:
    """A phone number's digits without the country's and the trunk's."""
    return re.sub(r"^(\+86|0086|86(?=[0-9]{10,})|0)", "", digits).lstrip("+")


@dataclass(frozen=True)
class Term:
    """One token to look for: exactly, or as the beginning of a token."""

    text: str
    prefix: bool = False


@dataclass(frozen=True)
class Alternative:
    """Terms that a person must all have, and how good a match that is: 0 is best."""

    terms: tuple[Term, ...]
    rank: int


EXACT, BEGINS, WITHIN, SOUNDS, SOUND_BEGINS, INITIALS, ALIKE = range(7)
"""How good a match is, best first; ALIKE is another name of the same sound."""


@dataclass(frozen=True)
class Query:
    """What was typed, read in every way that makes sense."""

    alternatives: tuple[Alternative, ...] = ()
    id_number: str = ""
    case_number: str = ""

    @property
    def empty(self) -> bool:
        """Whether there is nothing to look for."""
        return not (self.alternatives or self.id_number or self.case_number)


def read_query(text: str) -> Query:
    """Read what was typed; text that is too long or holds unseen characters reads as nothing."""
    if len(text) > 4 * LONGEST_QUERY:
        return Query()
    typed = " ".join(unicodedata.normalize("NFKC", text).split())
    if not typed or len(typed) > LONGEST_QUERY or unseen(typed):
        return Query()
    pieces = _joined(list(runs(typed)))[:MOST_TERMS]
    if not pieces:
        return Query()
    ways = list(_number_ways(typed))
    if not "".join(pieces).isdigit():
        ways += _name_ways(pieces)
    return Query(tuple(dict.fromkeys(ways)), _id_number(typed), _case_number(typed))


def _joined(pieces: Sequence[str]) -> list[str]:
    """The pieces with a single Han character put to its neighbour: short names are typed with a gap."""
    joined: list[str] = []
    for piece in pieces:
        if joined and is_han(piece[0]) and is_han(joined[-1][0]) and 1 in (len(piece), len(joined[-1])):
            joined[-1] += piece
        else:
            joined.append(piece)
    return joined


def _name_ways(pieces: Sequence[str]) -> Iterator[Alternative]:
    han = [piece for piece in pieces if is_han(piece[0])]
    words = [piece for piece in pieces if not is_han(piece[0])]
    joined = "".join(pieces)[: LONGEST_TOKEN - 1]
    yield Alternative((Term(f"={joined}"),), EXACT)
    if joined[2:] or not han:
        yield Alternative((Term(f"={joined}", prefix=True),), BEGINS)
    if han:
        # Beside Han characters even a short word narrows, since each person has few tokens.
        terms = [Term(gram) for piece in han for gram in _grams(piece)]
        yield Alternative((*terms, *(Term(word, prefix=True) for word in words)), WITHIN)
        if not words and len("".join(han)) > 1:
            yield from (Alternative((Term(sound),), ALIKE) for sound in sounds(" ".join(han))[:2])
        return
    yield Alternative((Term(joined),), SOUNDS)
    if len(joined) > 1:
        yield Alternative((Term(f"!{joined}"),), SOUNDS)
        yield Alternative((Term(joined, prefix=True),), SOUND_BEGINS)
        yield Alternative((Term(f"!{joined}", prefix=True),), INITIALS)
    if len(words) > 1:
        # Whole words but for the last, which may still be being typed: two beginnings would fit too many.
        *whole_words, last = words
        yield Alternative((*map(Term, whole_words), Term(last, prefix=True)), SOUND_BEGINS)


def _grams(piece: str) -> Iterable[str]:
    size = min(len(piece), LONG_NAME)
    return (piece[start : start + size] for start in range(len(piece) - size + 1))


def _number_ways(typed: str) -> Iterator[Alternative]:
    compact = re.sub(r"[\s()./-]", "", fold(typed))
    for digits in dict.fromkeys((compact, _national(compact))):
        if re.fullmatch(r"[0-9]{4,15}", digits):
            yield Alternative((Term("~" + digits[::-1], prefix=True),), WITHIN)
            if len(digits) >= SHORTEST_PHONE:
                yield Alternative((Term("#" + digits, prefix=True),), BEGINS)
    if re.fullmatch(r"[a-z]{0,9}[0-9][a-z0-9]{0,29}", compact):
        yield Alternative((Term("#" + compact),), EXACT)


def _id_number(typed: str) -> str:
    """The text as an identity number, if it may be a whole one."""
    compact = re.sub(r"\s", "", typed).upper()
    return compact if re.fullmatch(r"[0-9A-Z()/.-]{7,40}", compact) and re.search("[0-9]", compact) else ""


def _case_number(typed: str) -> str:
    """The text as the beginning of a case number, if it has a hyphen."""
    found = re.fullmatch(r"[0-9A-Za-z]{1,12}(-[0-9A-Za-z]{0,8}){1,4}", typed)
    return typed.upper() if found else ""
