"""Papers as people and attackers hand them in, made here so that every byte is known."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from typing import Any

from PIL import Image


def photo(size: tuple[int, int] = (900, 600), kind: str = "JPEG", mode: str = "RGB", **options: Any) -> bytes:
    """A photo whose left third is red and whose rest is white."""
    image = Image.new("L" if mode in {"L", "1"} else "RGB", size, "white")
    image.paste(76 if image.mode == "L" else (255, 0, 0), (0, 0, size[0] // 3, size[1]))
    written = io.BytesIO()
    image.convert(mode).save(written, kind, **options)
    return written.getvalue()


def telling_photo() -> bytes:
    """A photo that tells where and when it was taken, with what, and why; held on its side."""
    exif = Image.Exif()
    exif[0x0112] = 6
    exif[0x010F] = "canary camera"
    exif[0x8825] = {1: "N", 2: (23.0, 2.0, 17.2), 3: "E", 4: (113.0, 6.0, 54.0), 29: "2026:01:02"}
    exif[0x8769] = {0x9003: "2026:01:02 03:04:05", 0x9286: b"canary user comment"}
    profile = b"canary profile" * 20
    return photo(exif=exif, comment=b"canary comment", icc_profile=profile)


def flood(width: int, height: int) -> bytes:
    """A PNG of a few bytes whose header promises that many points."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    packed = zlib.compress(b"\0" * 1_000_000, 9)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", packed) + chunk(b"IEND", b"")


def pdf(*objects: bytes, before: bytes = b"", after: bytes = b"") -> bytes:
    """A small PDF with some further objects."""
    body = b"".join(b"%d 0 obj\n%b\nendobj\n" % (number, each) for number, each in enumerate(objects, 4))
    return (
        b"%PDF-1.7\n" + before + b"1 0 obj\n<</Type /Catalog /Pages 2 0 R>>\nendobj\n"
        b"2 0 obj\n<</Type /Pages /Kids [3 0 R] /Count 1>>\nendobj\n"
        b"3 0 obj\n<</Type /Page /Parent 2 0 R /MediaBox [0 0 200 200]>>\nendobj\n"
        + body
        + b"trailer\n<</Root 1 0 R /Size 9>>\nstartxref\n9\n%%EOF\n"
        + after
    )


def packed_pdf(inside: bytes) -> bytes:
    """A PDF whose objects stand packed in a stream."""
    packed = zlib.compress(inside)
    return pdf(
        b"<</Type /ObjStm /N 1 /First 4 /Length %d /Filter /FlateDecode>>\nstream\n%b\nendstream"
        % (len(packed), packed)
    )


def archive() -> bytes:
    """A zip archive."""
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w") as file:
        file.writestr("a.html", "<script>alert(1)</script>")
    return written.getvalue()


SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
HTML = b"<!DOCTYPE html><script>alert(1)</script>"
PROGRAM = b"MZ\x90\x00" + b"\0" * 200

REFUSED = {
    "nothing.jpg": b"",
    "drawing.svg": SVG,
    "svg_named.png": SVG,
    "html_named.jpg": HTML,
    "program_named.pdf": PROGRAM,
    "program_before.pdf": PROGRAM + pdf(),
    "archive.zip": archive(),
    "word.docx": archive(),
    "animation.gif": b"GIF89a" + b"\0" * 100,
    "iphone.heic": b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + b"\0" * 100,
    "bitmap.bmp": b"BM" + b"\0" * 100,
    "script.pdf": pdf(b"<</S /JavaScript /JS (app.alert(1))>>"),
    "hidden_script.pdf": pdf(b"<</S /J#61vaScript /JS (app.alert(1))>>"),
    "packed_script.pdf": packed_pdf(b"<</S /JavaScript /JS (app.alert(1))>>"),
    "launch.pdf": pdf(b"<</S /Launch /F (cmd.exe)>>"),
    "attachment.pdf": pdf(b"<</Type /Filespec /EF <</F 5 0 R>>>>", b"<</Type /EmbeddedFile>>"),
    "locked.pdf": pdf().replace(b"/Root", b"/Encrypt 9 0 R /Root"),
    "page_inside.pdf": pdf(before=b"<html><script>alert(1)</script>\n"),
    "archive_inside.pdf": pdf(after=archive() + b"%%EOF"),
    "cut.pdf": pdf()[:200],
    "cut.jpg": photo()[:2000],
    "cut.png": photo(kind="PNG")[:200],
    "png_called_webp.webp": b"RIFF\0\0\0\0WEBP" + photo(kind="PNG"),
    "flood.png": flood(12_000, 12_000),
    "lesser_flood.png": flood(6_000, 5_000),
    "larger_flood.png": flood(60_000, 60_000),
}
"""What is refused, by the name that it comes under."""
