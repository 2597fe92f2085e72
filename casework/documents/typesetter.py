"""The child process that sets a page of HTML as PDF (see casework/documents/typesetting.py).

Reads what is wanted as JSON from standard input, writes the PDF to standard output. Ends with one
line that says why it cannot: `character`, `font` or `library` and which one, or a sentence.
"""

from __future__ import annotations

import hashlib
import json
import logging
import re
import subprocess
import sys
import unicodedata
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Any

from casework.documents.children import accept_bounds, explain

_DIRECTING = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
"""Marks that turn the direction of writing; what is printed stands as it is stored."""

_LINKS = ("#", "http://", "https://", "mailto:", "tel:")
_UNDRAWN = {"script", "style", "title", "template"}
_VARIANTS = (range(0xFE00, 0xFE10), range(0xE0100, 0xE01F0))


def main() -> None:
    """Standard input to standard output; the arguments are memory and time."""
    accept_bounds()
    asked = json.loads(sys.stdin.buffer.read())
    try:
        pdf = typeset(asked)
    except MemoryError:
        explain("it needs more memory than it may have")
    except RecursionError:
        explain("its parts are nested too deeply")
    except OSError as error:
        if "cannot load library" not in str(error):
            raise
        explain(str(error).replace("cannot load library", "library").partition(":")[0])
    sys.stdout.buffer.write(pdf)


def typeset(asked: dict[str, Any]) -> bytes:
    """The PDF of what is asked."""
    logging.getLogger("weasyprint").setLevel(logging.CRITICAL + 1)  # It would quote the page.
    logging.getLogger("fontTools").setLevel(logging.CRITICAL + 1)
    import weasyprint
    from weasyprint.text.fonts import FontConfiguration
    from weasyprint.urls import URLFetcher

    class Nothing(URLFetcher):  # type: ignore[misc]
        """Fetches nothing. Not fatal: the page is set without what it names."""

        def fetch(self, url: str, headers: Any = None) -> Any:  # noqa: ARG002 - as WeasyPrint calls it
            raise ValueError("nothing is fetched")

    fonts, fetcher = FontConfiguration(), Nothing()
    page = weasyprint.HTML(string=asked["html"], url_fetcher=fetcher)
    plain(page.etree_element, asked["language"], asked["title"])
    refuse_without_glyph(_drawn(page.etree_element), asked["fonts"])
    families = ", ".join(f'"{font}"' for font in asked["fonts"])
    base = f"html {{ font-family: {families} }} @page {{ font-family: {families}; size: A4 }}"
    sheets = [
        weasyprint.CSS(string=text, url_fetcher=fetcher, font_config=fonts)
        for text in (base, asked["stylesheet"])
        if text
    ]
    same = json.dumps(asked, sort_keys=True).encode()
    pdf: bytes = page.write_pdf(
        stylesheets=sheets,
        font_config=fonts,
        pdf_variant="pdf/ua-1",
        pdf_identifier=hashlib.sha256(same).digest()[:16],
    )
    return pdf


def plain(tree: Any, language: str, title: str) -> None:
    """Name the language and the title of a page; take away what tells of its making or leads astray."""
    tree.set("lang", language)
    head = tree.find("head")
    for parent in tree.iter():
        for child in list(parent):
            if child.tag in {"meta", "base", "link"} or (child.tag == "title" and parent is head):
                parent.remove(child)
    named = head.makeelement("title", {})
    named.text = title
    head.append(named)
    for element in tree.iter():
        for name, value in list(element.attrib.items()):
            if name.rpartition("}")[2] == "href" and not value.strip().lower().startswith(_LINKS):
                del element.attrib[name]
            elif isinstance(value, str):
                element.set(name, _DIRECTING.sub("", value))
        element.text = _DIRECTING.sub("", element.text) if element.text else element.text
        element.tail = _DIRECTING.sub("", element.tail) if element.tail else element.tail


def _drawn(tree: Any) -> Iterator[str]:
    """The texts of a page that are painted."""
    for element in tree.iter():
        if isinstance(element.tag, str) and element.tag not in _UNDRAWN and element.text:
            yield element.text
        if element.tail:
            yield element.tail


def refuse_without_glyph(texts: Iterator[str], families: Sequence[str]) -> None:
    """End with the first characters that none of the fonts can draw; a box says nothing to anybody."""
    wanted = {ord(each) for text in texts for each in text if _is_drawn(each)}
    for number, family in enumerate(families):
        if not wanted and number:
            return
        wanted -= _coverage(family)
    if wanted:
        named = ", ".join(f"{chr(code)} (U+{code:04X})" for code in sorted(wanted)[:5])
        explain(f"character {named}")


def _is_drawn(character: str) -> bool:
    if unicodedata.category(character) in {"Cc", "Cf", "Zl", "Zp"}:
        return False
    return not any(ord(character) in variants for variants in _VARIANTS)


@lru_cache
def _coverage(family: str) -> frozenset[int]:
    """The characters that a font has, by the files in which fontconfig finds it."""
    from fontTools.ttLib import TTFont

    command = ["fc-list", f":family={family}:style=Regular", "--format", "%{file}\t%{index}\n"]
    try:
        listed = subprocess.run(command, capture_output=True, text=True, check=False).stdout
    except OSError:
        explain("library fontconfig")
    place = listed.partition("\n")[0]
    if not place:
        explain(f"font {family}")
    file, _tab, index = place.partition("\t")
    with TTFont(file, fontNumber=int(index) & 0xFFFF, lazy=True) as font:
        return frozenset(font.getBestCmap())


if __name__ == "__main__":
    main()
