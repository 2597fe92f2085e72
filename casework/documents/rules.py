"""Judgements about what was handed in: what it is by its content, and what it may be called."""

from __future__ import annotations

import re
import unicodedata
import zlib
from collections.abc import Iterator, Mapping
from typing import Literal

from casework.i18n import Message, _
from casework.texts import clean

Sort = Literal["JPEG", "PNG", "WEBP", "PDF"]

ACCEPTED: Mapping[Sort, str] = {
    "JPEG": "image/jpeg",
    "PNG": "image/png",
    "WEBP": "image/webp",
    "PDF": "application/pdf",
}
"""What is accepted, by content; photos are kept as JPEG whatever they were."""

LONGEST_NAME = 120
POOR_SIDE = 700
"""A photo whose longer side has fewer points than this is seldom readable."""

_APPLE = (b"heic", b"heix", b"hevc", b"hevx", b"heim", b"heis", b"mif1", b"msf1", b"avif", b"avis")
_RISKY = (b"/JavaScript", b"/Launch", b"/EmbeddedFile", b"/RichMedia")
_PAGE_STARTS = (b"<html", b"<script", b"<!doctype", b"<svg", b"<body", b"<iframe")
SNIFFED = 1024
"""Bytes at the beginning that browsers look at when they guess what a file is."""

ZIP_TAIL = 66_000
"""A zip archive ends within so many bytes with its directory."""

UNPACKED = 4 * 1024 * 1024
"""Bytes of one packed part of a PDF that are looked at."""

PARTS = 64


def sniff(content: bytes) -> Sort | None:
    """What a file is by its first bytes, whatever it is called; None if it is nothing accepted."""
    if content.startswith(b"\xff\xd8\xff"):
        return "JPEG"
    if content.startswith(b"\x89PNG\r\n\x1a\n"):
        return "PNG"
    if content.startswith(b"RIFF") and content[8:12] == b"WEBP":
        return "WEBP"
    if content.startswith(b"%PDF-"):
        return "PDF"
    return None


def why_not(content: bytes) -> Message | None:
    """Why a file that is no photo (they are made anew) is not accepted; None if it is."""
    sort = sniff(content)
    if not content:
        return _("The file is empty. Choose it again, or take the photo again.")
    if sort is None and content[4:8] == b"ftyp" and content[8:12] in _APPLE:
        return _(
            "This photo is in the format HEIC, which cannot be opened everywhere. On the phone, choose"
            " “Most Compatible” under Settings, Camera, Formats and take it again, or send a screenshot of it."
        )
    if sort is None:
        return _(
            "This is neither a photo nor a PDF. Photos as JPEG, PNG or WebP and papers as PDF are accepted;"
            " take a photo of the paper and send that."
        )
    if sort == "PDF":
        return _why_not_pdf(content)
    return None


def _why_not_pdf(content: bytes) -> Message | None:
    beginning = content[:SNIFFED].lower()
    if b"%%EOF" not in content[-2048:] or any(start in beginning for start in _PAGE_STARTS):
        return _("This PDF is damaged or incomplete. Make it again, or take a photo of the paper.")
    if b"PK\x05\x06" in content[-ZIP_TAIL:]:
        return _("This PDF has other files inside it. Print it to a new PDF, or take a photo of the paper.")
    for part in _readable(content):
        if b"/Encrypt" in part:
            return _("This PDF is locked by a password. Save it without one, or take a photo of the paper.")
        if any(risk in part for risk in _RISKY):
            return _(
                "This PDF has programs or other files inside it. Print it to a new PDF, or take a photo of"
                " the paper."
            )
    return None


def _readable(content: bytes) -> Iterator[bytes]:
    """A PDF with its names spelt plainly, then those of its packed parts that hold objects."""
    yield _plain_names(content)
    for number, found in enumerate(re.finditer(rb"/ObjStm\b.{0,400}?stream\r?\n", content, re.DOTALL)):
        if number == PARTS:
            return
        unpacking = zlib.decompressobj()
        try:
            yield _plain_names(unpacking.decompress(content[found.end() :], UNPACKED))
        except zlib.error:
            continue


def _plain_names(content: bytes) -> bytes:
    return re.sub(rb"#([0-9A-Fa-f]{2})", lambda found: bytes([int(found[1], 16)]), content)


def display_name(file_name: str) -> str:
    """What a person's file was called, fit to be shown and sent: one line, no path, not too long.

    Chinese and other scripts stay as they are.
    """
    name = clean(re.split(r"[/\\]", file_name)[-1])
    name = "".join(each for each in name if unicodedata.category(each) not in {"Cc", "Cf", "Cs"})
    name = re.sub(r"\s+", " ", re.sub(r'[<>:"|?*;%]', "_", name)).strip(" .")
    if len(name) > LONGEST_NAME:
        stem, dot, ending = name.rpartition(".")
        keep = LONGEST_NAME - len(ending) - 1
        name = f"{stem[:keep]}.{ending}" if dot and keep > LONGEST_NAME // 2 else name[:LONGEST_NAME]
    return name


def poor_photo(width: int | None, height: int | None) -> bool:
    """Whether a photo is so small that its writing is seldom readable."""
    return width is not None and height is not None and max(width, height) < POOR_SIDE
