"""What is handed in is judged by its content, made safe, and kept once."""

from __future__ import annotations

import hashlib
import io
import resource
import time
from io import BytesIO

import pytest
import sqlalchemy as sa
from PIL import Image
from sqlalchemy.exc import ProgrammingError

from casework.cases.model import Event
from casework.documents.model import Document
from casework.documents.queries import content_of, document, documents_of
from casework.documents.rules import display_name, poor_photo
from casework.documents.store import store_of
from casework.documents.usecases import keep_document, remove_document
from casework.errors import Missing, Refused

from .papers import REFUSED, archive, pdf, photo, telling_photo


def told(keep, *given) -> str:
    """The sentence that refuses a paper."""
    with pytest.raises(Refused) as refused:
        keep(*given)
    return str(refused.value.refusals[0].reason)


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_no_photo_and_no_plain_pdf_is_refused_in_a_sentence(name, keep, as_system, case) -> None:
    started = time.monotonic()
    with pytest.raises(Refused) as refused:
        keep(REFUSED[name], name)
    assert time.monotonic() - started < 5
    assert str(refused.value.refusals[0].reason).endswith(".")
    assert documents_of(as_system(), case.id) == []


def test_a_refusal_says_what_is_accepted_and_what_to_do(keep) -> None:
    assert "and papers as PDF are accepted; take a photo" in told(keep, REFUSED["word.docx"])
    assert "“Most Compatible” under Settings" in told(keep, REFUSED["iphone.heic"])
    assert "more points than can be opened" in told(keep, REFUSED["flood.png"])
    assert "locked by a password" in told(keep, REFUSED["locked.pdf"])


def test_no_content_is_left_of_what_was_refused(keep, settings) -> None:
    before = len(list(store_of(settings).contents()))
    for name in ("cut.jpg", "flood.png", "script.pdf"):
        with pytest.raises(Refused):
            keep(REFUSED[name], name)
    assert len(list(store_of(settings).contents())) == before


def test_a_photo_keeps_nothing_but_its_points_and_stands_upright(keep, work) -> None:
    given = telling_photo()
    assert b"canary" in given
    kept = keep(given)
    content = content_of(work, kept)
    assert b"canary" not in content
    assert b"Exif" not in content
    image = Image.open(BytesIO(content))
    assert not image.getexif()
    assert "icc_profile" not in image.info
    assert "comment" not in image.info
    assert image.size == (600, 900) == (kept.width, kept.height)
    top, bottom = image.getpixel((300, 50)), image.getpixel((300, 800))
    assert top[1] < 60
    assert bottom[1] > 200


def test_a_page_inside_a_photo_does_not_survive(keep, work) -> None:
    kept = keep(photo(comment=b"<script>alert(1)</script>") + archive())
    content = content_of(work, kept)
    assert b"script" not in content
    assert b"PK\x05\x06" not in content
    assert kept.media_type == "image/jpeg"


@pytest.mark.parametrize(
    ("kind", "mode"),
    [
        ("PNG", "RGBA"),
        ("PNG", "P"),
        ("PNG", "L"),
        ("PNG", "1"),
        ("PNG", "LA"),
        ("WEBP", "RGBA"),
        ("JPEG", "CMYK"),
    ],
)
def test_every_accepted_kind_of_photo_becomes_a_jpeg(kind, mode, keep, work) -> None:
    kept = keep(photo(kind=kind, mode=mode), "x.bin")
    assert Image.open(BytesIO(content_of(work, kept))).mode == "RGB"
    assert kept.media_type == "image/jpeg"


def test_what_is_clear_in_a_photo_becomes_white_paper(keep, work) -> None:
    written = io.BytesIO()
    Image.new("RGBA", (800, 800), (0, 0, 0, 0)).save(written, "PNG")
    kept = keep(written.getvalue())
    assert min(Image.open(BytesIO(content_of(work, kept))).getpixel((5, 5))) > 250


def test_a_large_photo_is_shrunk_elsewhere_than_in_the_service(keep) -> None:
    given = photo((8000, 6000), progressive=True, quality=80)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    kept = keep(given)
    assert (kept.width, kept.height) == (2400, 1800)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 100 * 1024


def test_small_writing_of_few_colours_stays_smooth(keep, work) -> None:
    """A scan in black and white is shrunk as grey, not by leaving out points."""
    scan = Image.new("1", (4800, 3600), 1)
    for column in range(0, 4800, 2):
        scan.paste(0, (column, 0, column + 1, 3600))
    written = io.BytesIO()
    scan.save(written, "PNG")
    grey = Image.open(BytesIO(content_of(work, keep(written.getvalue())))).getpixel((1200, 900))
    assert 60 < grey[0] < 200


def test_a_pdf_is_kept_as_it_came(keep, work) -> None:
    given = pdf()
    kept = keep(given, "收入证明.pdf")
    assert content_of(work, kept) == given
    assert kept.sha256 == hashlib.sha256(given).hexdigest()
    assert (kept.media_type, kept.name, kept.bytes) == ("application/pdf", "收入证明.pdf", len(given))


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("收入证明 2026.jpg", "收入证明 2026.jpg"),
        ("𬭚㛃䶮.png", "𬭚㛃䶮.png"),
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\me\\低保证.pdf", "低保证.pdf"),
        ("a\r\nSet-Cookie: x=1.jpg", "a Set-Cookie_ x=1.jpg"),
        ("photo\u202egpj.exe", "photogpj.exe"),
        ("nul\0byte.pdf", "nulbyte.pdf"),
        (".htaccess", "htaccess"),
        ("<b>bold</b>.jpg", "b_.jpg"),
        ("", ""),
    ],
)
def test_a_name_is_shown_without_what_could_deceive(given, shown, keep) -> None:
    assert display_name(given) == shown
    assert keep(name=given).name == shown


def test_a_long_name_keeps_its_ending() -> None:
    name = display_name("证" * 500 + ".pdf")
    assert len(name) <= 120
    assert name.endswith("证.pdf")


def test_the_name_in_the_store_is_random_and_long(keep) -> None:
    names = {keep().store_name for _each in range(5)}
    assert len(names) == 5
    assert all(len(name.replace("/", "")) == 40 for name in names)


def test_pages_of_a_kind_are_counted_and_sent_twice_kept_once(keep, work, case) -> None:
    first, second = keep(submission="a"), keep(submission="b")
    assert keep(submission="a") is first
    assert (first.page, second.page, keep(kind="bill").page) == (1, 2, 1)
    assert [each.uid for each in documents_of(work, case.id, "income")] == [first.uid, second.uid]


def test_a_file_over_the_limit_is_refused_without_being_read_whole(as_actor, network, case) -> None:
    class Endless:
        given = 0

        def read(self, size: int) -> bytes:
            self.given += size
            return b"\xff" * size

    upload, work = Endless(), as_actor(network["worker"])
    with pytest.raises(Refused):
        keep_document(work, case, kind="x", upload=upload, file_name="x", compartment="case")
    assert upload.given == 15 * 1024 * 1024 + 1


def test_a_case_holds_no_more_than_the_setting(keep, settings, make_work, monkeypatch) -> None:
    keep()
    monkeypatch.setitem(settings.__dict__, "documents_of_a_case", 1)
    assert "holds 1 documents already" in told(keep)


def test_a_removed_document_is_no_longer_there_and_stays_in_the_history(
    keep, as_system, case, session
) -> None:
    kept, other = keep(), keep()
    work = as_system()
    remove_document(work, kept)
    remove_document(work, kept)
    assert [each.uid for each in documents_of(work, case.id)] == [other.uid]
    with pytest.raises(Missing):
        document(work, kept.uid)
    kinds = work.session.scalars(
        sa.select(Event.kind).where(Event.case_id == case.id).order_by(Event.id)
    ).all()
    assert kinds[-3:] == ["document.added", "document.added", "document.removed"]


@pytest.mark.parametrize("column", ["sha256", "store_name", "uid"])
def test_what_was_handed_in_cannot_be_exchanged(column, keep, as_system) -> None:
    kept = keep()
    with pytest.raises(ProgrammingError, match="never changed"), as_system().session.begin_nested():
        as_system().session.execute(
            sa.update(Document).where(Document.id == kept.id).values({column: "d" + "0" * 32})
        )


def test_a_document_stands_behind_its_wall(keep, case, as_actor, network) -> None:
    keep(compartment="process_note")
    seen = {
        name: len(documents_of(as_actor(network[name]), case.id))
        for name in ("worker", "supervisor", "coordinator", "nurse", "colleague", "other-worker", "admin")
    }
    assert {name for name, count in seen.items() if count} == {"worker", "supervisor"}


def test_a_small_photo_is_told_apart() -> None:
    assert poor_photo(500, 300)
    assert not poor_photo(1200, 600)
    assert not poor_photo(None, None)
