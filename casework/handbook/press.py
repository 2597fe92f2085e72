"""The child process that sets the book chapter by chapter and binds the chapters into one PDF.

A chapter is set anew only when its own content, its first page number or the look of the book has
changed; others are taken from a folder by the hash of what they were made from. So a clause that
changed costs one chapter and the binding. Bound from nothing or from kept chapters, the bytes are
the same, because a chapter's bytes follow from its content alone.

Contents and index name pages of other chapters. They are set last, with the numbers written into
them; the contents stand before what they list, so their own length is found first, with numbers
of the same width.
"""

from __future__ import annotations

import hashlib
import io
import json
import re
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from casework.documents.children import accept_bounds, explain
from casework.documents.typesetter import typeset

ELSEWHERE = "https://elsewhere.invalid/#"
"""Stands, while a chapter is set alone, before the anchor of a link into another chapter."""

_SECTION = re.compile(r'(?=^<section class=")', re.MULTILINE)
_ID = re.compile(r'\bid="([^"]+)"')
_LINK = re.compile(r'(<a\b[^>]*\bhref=")#([^"]+)("[^>]*)>')
_NUMBERED = ('<section class="contents"', '<section class="chapter index"')
UNKNOWN = 888
"""A page number as wide as those to come."""

KEPT_SECONDS = 90 * 24 * 3600

Numbers = Mapping[str, int]


def main() -> None:
    """Standard input to standard output; the arguments are memory, time and the folder of chapters."""
    accept_bounds()
    asked = json.loads(sys.stdin.buffer.read())
    folder = Path(sys.argv[3]) if len(sys.argv) > 3 and sys.argv[3] else None  # noqa: PLR2004 - the third
    try:
        pdf = press(asked, folder)
    except MemoryError:
        explain("it needs more memory than it may have")
    except OSError as error:
        if "cannot load library" not in str(error):
            raise
        explain(str(error).replace("cannot load library", "library").partition(":")[0])
    sys.stdout.buffer.write(pdf)


def press(asked: Mapping[str, Any], folder: Path | None) -> bytes:
    """The whole book; `asked` is what casework/documents/typesetter.py is asked."""
    frame, sections, end = _sections(asked["html"])
    owner = {anchor: place for place, section in enumerate(sections) for anchor in _ID.findall(section)}
    chapters: list[Chapter | None] = [None] * len(sections)

    def set_at(place: int, first: int, pages: Numbers) -> Chapter:
        html = _linked(sections[place], place, owner, pages)
        start = f"<style>@page:first {{ counter-reset: page {first} }}</style>"
        return _chapter(
            {**asked, "html": f"{frame.replace('</head>', start + '</head>')}{html}{end}"}, folder
        )

    guess = dict.fromkeys(owner, UNKNOWN)
    first = 1
    starts: list[int] = []
    pages: dict[str, int] = {}
    for place in range(len(sections)):
        starts.append(first)
        chapter = chapters[place] = set_at(place, first, guess)
        pages |= {anchor: first + at for anchor, at in chapter.anchors.items()}
        first += chapter.length
    for place, section in enumerate(sections):
        if section.startswith(_NUMBERED):
            chapters[place] = set_at(place, starts[place], pages)
    return bind([chapter for chapter in chapters if chapter is not None])


def _sections(html: str) -> tuple[str, list[str], str]:
    """The page's frame up to its body, each section, and the frame's end."""
    start, *sections = _SECTION.split(html)
    last, mark, end = sections[-1].rpartition("</body>")
    return start, [*sections[:-1], last], mark + end


def _linked(section: str, place: int, owner: Mapping[str, int], pages: Numbers) -> str:
    """The section with links that leave it marked, and with page numbers where it lists them."""
    numbered = section.startswith(_NUMBERED)

    def mark(found: re.Match[str]) -> str:
        before, anchor, after = found.groups()
        page = f' data-page="{pages[anchor]}"' if numbered and anchor in pages else ""
        leaves = owner.get(anchor, place) != place
        return f"{before}{ELSEWHERE if leaves else '#'}{anchor}{after}{page}>"

    return _LINK.sub(mark, section)


@dataclass(frozen=True)
class Chapter:
    """One chapter as PDF."""

    pdf: bytes

    @cached_property
    def _opened(self) -> Any:
        import pikepdf

        return pikepdf.open(io.BytesIO(self.pdf))

    @cached_property
    def length(self) -> int:
        """Its pages."""
        return len(self._opened.pages)

    @cached_property
    def anchors(self) -> dict[str, int]:
        """The page of each anchor, counted from 0."""
        names = self._opened.Root.get("/Names", {}).get("/Dests", {}).get("/Names", [])
        at = {page.objgen: place for place, page in enumerate(self._opened.pages)}
        return {str(names[n]): at[names[n + 1][0].objgen] for n in range(0, len(names), 2)}


def _chapter(asked: Mapping[str, Any], folder: Path | None) -> Chapter:
    """A chapter from the folder, or set now and kept there; what was long not asked for is thrown away."""
    digest = hashlib.sha256(json.dumps(asked, sort_keys=True).encode()).hexdigest()
    kept = folder / f"{digest}.pdf" if folder is not None else None
    if kept is not None and kept.is_file():
        kept.touch()
        return Chapter(kept.read_bytes())
    chapter = Chapter(typeset(dict(asked)))
    if kept is not None:
        written = kept.with_suffix(f".{digest[:8]}.part")
        written.write_bytes(chapter.pdf)
        written.replace(kept)
        for other in kept.parent.glob("*.pdf"):
            if other.stat().st_mtime < time.time() - KEPT_SECONDS:
                other.unlink(missing_ok=True)
    return chapter


def bind(chapters: Sequence[Chapter]) -> bytes:
    """One tagged PDF of the chapters: pages, structure, destinations, links and bookmarks."""
    import pikepdf

    book = pikepdf.open(io.BytesIO(chapters[0].pdf))
    root = book.Root.StructTreeRoot
    document = _document(root)
    tree: list[Any] = list(root.ParentTree.Nums)
    key = _next_key(root)
    names: dict[str, Any] = _destinations(book.Root)
    outline = list(_bookmarks(book, 0))
    for chapter in chapters[1:]:
        with pikepdf.open(io.BytesIO(chapter.pdf)) as part:
            first = len(book.pages)
            outline += _bookmarks(part, first)
            book.pages.extend(part.pages)
            own = book.copy_foreign(part.Root.StructTreeRoot)
            pages = list(book.pages)[first:]
            _move_keys(pages, key)
            numbers = list(own.ParentTree.Nums)
            for n in range(0, len(numbers), 2):
                tree += [int(numbers[n]) + key, numbers[n + 1]]
            key += _next_key(own)
            for child in _children(_document(own)):
                child.P = document
                document.K.append(child)
            at = {page.objgen: pages[place] for place, page in enumerate(part.pages)}
            for name, target in _destinations(part.Root).items():
                names[name] = pikepdf.Array([at[target[0].objgen].obj, *list(target)[1:]])
    root.ParentTree.Nums = pikepdf.Array(tree)
    root.ParentTreeNextKey = key
    book.Root.Names = pikepdf.Dictionary(
        Dests=pikepdf.Dictionary(
            Names=pikepdf.Array(
                [part for name in sorted(names) for part in (pikepdf.String(name), names[name])]
            )
        )
    )
    _join_links(book)
    _write_outline(book, outline)
    written = io.BytesIO()
    book.save(written, deterministic_id=True, object_stream_mode=pikepdf.ObjectStreamMode.generate)
    return written.getvalue()


def _document(root: Any) -> Any:
    """The element that holds all others of a structure."""
    kids = root.K
    return kids[0] if kids._type_name == "array" else kids  # noqa: SLF001 - pikepdf's only way to tell


def _children(element: Any) -> list[Any]:
    kids = element.K
    return list(kids) if kids._type_name == "array" else [kids]  # noqa: SLF001 - as above


def _next_key(root: Any) -> int:
    """The first number that the structure of a part does not use for a page or a link."""
    numbers = root.ParentTree.Nums
    return max((int(numbers[n]) for n in range(0, len(numbers), 2)), default=-1) + 1


def _destinations(root: Any) -> dict[str, Any]:
    names = root.get("/Names", {}).get("/Dests", {}).get("/Names", [])
    return {str(names[n]): names[n + 1] for n in range(0, len(names), 2)}


def _move_keys(pages: Sequence[Any], by: int) -> None:
    for page in pages:
        if "/StructParents" in page:
            page.StructParents = int(page.StructParents) + by
        for link in page.get("/Annots", []):
            if "/StructParent" in link:
                link.StructParent = int(link.StructParent) + by


def _join_links(book: Any) -> None:
    """Links that left a chapter lead to where they point in the book."""
    import pikepdf

    for page in book.pages:
        for link in page.get("/Annots", []):
            target = str(link.get("/A", {}).get("/URI", ""))
            if target.startswith(ELSEWHERE):
                anchor = target.removeprefix(ELSEWHERE)
                del link["/A"]
                link.Dest = pikepdf.String(anchor)
                link.Contents = pikepdf.String(anchor)


Bookmark = tuple[int, str, int]
"""Level, title, page."""


def _bookmarks(part: Any, first: int) -> Iterator[Bookmark]:
    at = {page.objgen: place for place, page in enumerate(part.pages)}

    def walk(items: Any, level: int) -> Iterator[Bookmark]:
        for item in items:
            yield level, item.title, first + at[item.destination[0].objgen]
            yield from walk(item.children, level + 1)

    with part.open_outline() as outline:
        found = list(walk(outline.root, 0))
    yield from found


def _write_outline(book: Any, bookmarks: Sequence[Bookmark]) -> None:
    from pikepdf import OutlineItem

    if "/Outlines" in book.Root:
        del book.Root["/Outlines"]
    with book.open_outline() as outline:
        above: list[list[Any]] = [outline.root]
        for level, title, page in bookmarks:
            del above[level + 1 :]
            item = OutlineItem(title, page)
            above[-1].append(item)
            above.append(item.children)


if __name__ == "__main__":
    main()
