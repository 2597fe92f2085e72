"""Finds English left over on a page that is read in another language."""

from __future__ import annotations

import re
from collections.abc import Collection
from html.parser import HTMLParser

NAMES = frozenset(
    {"English", "Casework", "WeChat", "WebP", "Chromium", "Firefox", "Safari", "Edge", "Chrome"}
)
"""Words that are the same in every language: names."""

WORD = re.compile(r"(?<![\w@./:_#?=&%{}-])[A-Za-z]+(?:['’][a-z]+)?(?![\w@/_=&%{}-]|[.:]\w)", re.ASCII)
"""A word that stands alone; addresses, ids, file names and codes (CW-26-000123, MZ/T, casework.review) do not."""

READ_ALOUD = frozenset({"alt", "aria-label", "aria-description", "placeholder", "title", "data-label"})
SPOKEN_BY_SCRIPTS = ("data-i18n.", "data-done", "data-failed", "data-saving", "data-conflict")
SILENT = frozenset({"script", "style", "svg", "code", "textarea"})


def english_left(page: str, names: Collection[str] = ()) -> list[str]:
    """The English words of a page (HTML or plain text) that are neither names nor codes, in their order.

    Texts that are only read aloud or written by scripts count too. Text areas, program text (code) and elements
    marked `lang="en"` do not, nor do abbreviations in capital letters and `names`: names and whole texts that
    somebody wrote, of one word or more.
    """
    written = sorted((re.escape(name) for name in NAMES | set(names) if name), key=len, reverse=True)
    theirs = re.compile(rf"(?<!\w)(?:{'|'.join(written)})(?!\w)", re.ASCII)
    words = (word for text in read_texts(page) for word in WORD.findall(theirs.sub("_", text)))
    return [word for word in words if len(word) > 1 and not word.isupper()]


def read_texts(page: str) -> list[str]:
    """Every text of a page that somebody reads or hears."""
    parser = _Reader()
    parser.feed(page)
    parser.close()
    return parser.texts


class _Reader(HTMLParser):
    """Collects texts and spoken attributes, without those of silent and of English elements."""

    VOID = frozenset({"br", "hr", "img", "input", "link", "meta", "source", "wbr", "use", "rect", "path"})

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.texts: list[str] = []
        self._open: list[tuple[str, bool]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        silent = self._silent or tag in SILENT or given.get("lang") == "en"
        if not silent or tag == "textarea":
            self.texts += [value for name, value in attrs if value and _is_spoken(tag, name, given)]
        if tag not in self.VOID:
            self._open.append((tag, silent))

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in self.VOID:
            self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        while self._open and tag in {name for name, _silent in self._open}:
            if self._open.pop()[0] == tag:
                return

    def handle_data(self, data: str) -> None:
        if data.strip() and not self._silent:
            self.texts.append(data.strip())

    @property
    def _silent(self) -> bool:
        return bool(self._open and self._open[-1][1])


def _is_spoken(tag: str, name: str, given: dict[str, str | None]) -> bool:
    if name == "value":
        return tag == "input" and given.get("type") in {"submit", "button"}
    return name in READ_ALOUD or name.startswith(SPOKEN_BY_SCRIPTS)
