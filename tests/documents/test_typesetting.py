"""Nothing leaves or enters while a PDF is made, nothing runs on for ever, and what is made can be read."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from importlib.metadata import version
from io import BytesIO
from pathlib import Path

import pytest
from pypdf import PdfReader

from casework.documents.typesetting import TypesettingError, typeset

FETCHING = {
    "img": '<img src="{url}" alt="x">',
    "background": '<p style="background: url({url})">x</p>',
    "link": '<link rel="stylesheet" href="{url}">',
    "attachment": '<link rel="attachment" href="{url}">',
    "attached": '<a rel="attachment" href="{url}">x</a>',
    "import": '<style>@import url("{url}");</style>',
    "font": '<style>@font-face {{ font-family: f; src: url("{url}") }} p {{ font-family: f }}</style><p>x</p>',
    "object": '<object data="{url}">x</object>',
    "embed": '<embed src="{url}">',
    "svg": '<svg width="9" height="9"><image href="{url}" width="9" height="9"/></svg>',
    "svg use": '<svg width="9" height="9"><use href="{url}#a"/></svg>',
    "svg image": '<img alt="x" src="data:image/svg+xml,%3Csvg xmlns=%22http://www.w3.org/2000/svg%22'
    ' xmlns:xlink=%22http://www.w3.org/1999/xlink%22%3E%3Cimage xlink:href=%22{url}%22/%3E%3C/svg%3E">',
    "content": '<style>p::before {{ content: url("{url}") }}</style><p>x</p>',
    "list": '<ul style="list-style: url({url})"><li>x</li></ul>',
    "border": '<p style="border: 9px solid; border-image: url({url}) 9">x</p>',
    "base": '<base href="{url}"><img src="a.png" alt="x">',
    "input": '<input type="image" src="{url}">',
    "iframe": '<iframe src="{url}"></iframe>',
}


@pytest.fixture(scope="module")
def canary() -> Iterator[tuple[str, list[str]]]:
    """A server on this machine that writes down who asked for what."""
    asked: list[str] = []

    class Canary(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_arguments: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Canary)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/canary", asked
    server.shutdown()
    thread.join()
    server.server_close()


def test_nothing_is_fetched_and_the_pdf_is_made_all_the_same(canary, tmp_path: Path) -> None:
    address, asked = canary
    secret = tmp_path / "secret.txt"
    secret.write_text("canary of a file", encoding="utf-8")
    urls = (address, secret.as_uri(), "ftp://127.0.0.1/canary", "data:text/plain,canary", "//127.0.0.1/x")
    parts = [part.format(url=url) for part in FETCHING.values() for url in urls]
    pdf = typeset(f"<body><h1>Made</h1>{''.join(parts)}</body>", language="en", title="Made")
    assert asked == []
    reader = PdfReader(BytesIO(pdf))
    assert "Made" in reader.pages[0].extract_text()
    assert reader.attachments == {}
    assert b"canary" not in pdf
    assert str(tmp_path).encode() not in pdf
    links = [
        str(link.get_object()["/A"]["/URI"])
        for page in reader.pages
        for link in page.get("/Annots", ())
        if "/A" in link.get_object()
    ]
    assert all(link.startswith("http") for link in links)


@pytest.mark.parametrize(
    "bomb",
    [
        '<p style="break-after: page">x</p>' * 20_000,
        '<table><tr><td colspan="1000000" rowspan="1000000">x</td></tr></table>',
        "<svg><defs>"
        + "".join(f'<g id="a{n}">' + f'<use href="#a{n - 1}"/>' * 20 + "</g>" for n in range(1, 12))
        + '<g id="a0"><rect width="1" height="1"/></g></defs><use href="#a11"/></svg>',
        "<div>" * 3_000 + "x",
        '<p style="font-size: 1px">' + "字" * 3_000_000,
    ],
    ids=["pages", "cells", "drawing", "nesting", "text"],
)
def test_what_takes_too_much_is_ended(bomb: str) -> None:
    started = time.monotonic()
    with pytest.raises(TypesettingError):
        typeset(f"<body>{bomb}</body>", language="zh_Hans", title="x", timeout_s=3, memory_mb=900)
    assert time.monotonic() - started < 12


def test_the_engine_is_one_that_can_be_kept_from_fetching() -> None:
    """Before version 70, what was fetched could not be refused in every channel."""
    assert int(version("weasyprint").partition(".")[0]) >= 70
    setup = (Path(__file__).parents[2] / "setup.cfg").read_text(encoding="utf-8")
    assert "weasyprint>=70" in setup


def test_chinese_can_be_read_out_of_the_pdf_also_rare_names() -> None:
    pdf = typeset("<p>患者𬭚㛃䶮，骨科，令直。</p>", language="zh_Hans", title="通知")
    reader = PdfReader(BytesIO(pdf))
    assert "患者𬭚㛃䶮，骨科，令直。" in reader.pages[0].extract_text()
    fonts = {
        str(font.get_object()["/BaseFont"]).partition("+")[2]
        for font in reader.pages[0]["/Resources"]["/Font"].values()
    }
    assert {name for name in fonts if "CJK-SC" not in name and "CJKsc" not in name} == set()


def test_a_character_without_a_glyph_is_named_and_never_drawn_as_a_box() -> None:
    with pytest.raises(TypesettingError, match=r"ก \(U\+0E01\)"):
        typeset("<p>ก</p>", language="en", title="x")


def test_a_font_that_is_not_there_is_named() -> None:
    with pytest.raises(TypesettingError, match="No Such Font"):
        typeset("<p>x</p>", language="en", title="x", fonts=["No Such Font"])


def test_the_pdf_is_tagged_and_tells_its_language_and_title_and_nothing_of_its_making() -> None:
    html = (
        '<html><head><meta name="author" content="canary"><meta name="generator" content="canary"></head>'
        "<body><h1>One</h1><h2>Two</h2><p>x</p></body></html>"
    )
    pdf = typeset(html, language="zh_Hans", title="标准")
    reader = PdfReader(BytesIO(pdf))
    root = reader.trailer["/Root"]
    assert root["/Lang"] == "zh-Hans"
    assert root["/MarkInfo"]["/Marked"]
    assert root["/StructTreeRoot"]
    assert {name: value for name, value in reader.metadata.items() if name != "/Producer"} == {
        "/Title": "标准"
    }
    assert reader.outline[0]["/Title"] == "One"
    assert b"canary" not in pdf


def test_the_same_page_gives_the_same_bytes() -> None:
    first, second = (typeset("<p>同一封信</p>", language="zh_Hans", title="x") for _each in range(2))
    assert first == second


def test_marks_that_turn_the_direction_are_taken_out() -> None:
    pdf = typeset("<p>pay &#x202e;001&#x202c; yuan</p>", language="en", title="x")
    assert "pay 001 yuan" in PdfReader(BytesIO(pdf)).pages[0].extract_text()


def test_the_stylesheet_of_the_caller_is_obeyed() -> None:
    pdf = typeset("<p>x</p>", language="en", title="x", stylesheet="@page { size: 100mm 50mm }")
    box = PdfReader(BytesIO(pdf)).pages[0].mediabox
    assert (round(float(box.width)), round(float(box.height))) == (283, 142)
