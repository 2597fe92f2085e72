"""Papers of the invented district: drawn, so that nobody's paper is needed for them."""

from __future__ import annotations

import io
import zlib
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PIL.Image import Image

SIZE = (1000, 720)
MARGIN, LINE = 70, 34
PAPER, INK, SEAL = (250, 247, 238), (96, 98, 108), (196, 48, 43)


@lru_cache(maxsize=64)
def drawn(kind: str, form: str) -> bytes:
    """A paper of a kind as `JPEG` or `PDF`: lines instead of words, and a seal. The same every time."""
    written = io.BytesIO()
    _draw(kind).save(written, form)
    return written.getvalue()


def _draw(kind: str) -> Image:
    from PIL import Image, ImageDraw, ImageFont

    picture = Image.new("RGB", SIZE, PAPER)
    pen = ImageDraw.Draw(picture)
    width, height = SIZE
    pen.rectangle((24, 24, width - 24, height - 24), outline=INK, width=2)
    pen.text((MARGIN, 50), f"SAMPLE  {kind}", fill=INK, font=ImageFont.load_default(40))
    for number, top in enumerate(range(140, height - 120, LINE)):
        # How long a line is comes of the kind, so that two papers do not look the same.
        length = 300 + zlib.crc32(f"{kind} {number}".encode()) % (width - 2 * MARGIN - 300)
        pen.rectangle((MARGIN, top, MARGIN + length, top + 10), fill=INK)
    pen.ellipse((width - 270, height - 260, width - 90, height - 80), outline=SEAL, width=8)
    pen.text((width - 230, height - 185), "SAMPLE", fill=SEAL, font=ImageFont.load_default(28))
    return picture
