"""The child process that turns a photo as it came into one that is safe to keep and to show.

Reads the photo from standard input, writes a JPEG without anything of the original but its
points: turned upright, at most 2,400 points long, without position, comment, colour profile or
further frames. Ends with one word for why it cannot (see casework/documents/photos.py).
"""

from __future__ import annotations

import io
import sys
import warnings

from casework.documents.children import accept_bounds, explain

LONGEST_SIDE = 2400
QUALITY = 85


def main() -> None:
    """Standard input to standard output; the arguments are memory, time, format, and most points."""
    accept_bounds()
    from PIL import Image, ImageOps

    kind, most = sys.argv[3], int(sys.argv[4])
    warnings.simplefilter("ignore")
    Image.MAX_IMAGE_PIXELS = None  # Judged below, by the header alone.
    data = sys.stdin.buffer.read()
    try:
        opened = Image.open(io.BytesIO(data), formats=[kind])
        if opened.width * opened.height > most:
            explain("large")
        opened.draft("RGB", (LONGEST_SIDE, LONGEST_SIDE))
        opened.load()
    except MemoryError:
        explain("large")
    except Exception:  # noqa: BLE001 - a broken file makes Pillow raise nearly anything
        explain("broken")
    photo: Image.Image = opened
    try:
        if photo.mode in {"1", "P", "PA"}:  # Cannot be shrunk smoothly as they are.
            plain = "L" if photo.mode == "1" else "RGB"
            photo = photo.convert("RGBA" if photo.has_transparency_data else plain)
        photo.thumbnail((LONGEST_SIDE, LONGEST_SIDE), reducing_gap=2.0)
        upright = ImageOps.exif_transpose(photo)
        # On white paper, and without what else came along with the points.
        kept = Image.new("RGB", upright.size, "white")
        if upright.has_transparency_data:
            clear = upright.convert("RGBA")
            kept.paste(clear, mask=clear.getchannel("A"))
        else:
            kept.paste(upright.convert("RGB"))
    except MemoryError:
        explain("large")
    except Exception:  # noqa: BLE001 - as above, of the part that tells how the camera was held
        explain("broken")
    written = io.BytesIO()
    kept.save(written, "JPEG", quality=QUALITY, optimize=True)
    sys.stdout.buffer.write(f"{kept.width} {kept.height}\n".encode() + written.getvalue())


if __name__ == "__main__":
    main()
