"""Whatever is typed is text: on every page, in every field, in the log and in the database."""

from __future__ import annotations

import html
import logging
import re
import unicodedata
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import sqlalchemy as sa

from casework.db import ActingSession, Base
from casework.testing.browsing import Browser
from casework.testing.world import World
from casework.work import Work

from .typing_in import Hostile

PROBE = (
    "probe\"'><xss-probe onprobe=1>{{7*7}} ${7*7}%(name)s%s{0.__class__}"
    "</textarea></title></script><script>probe()</script>&lt;b&gt;<img src=x onerror=probe()>"
)
CANARY = "闵canaryword子"


def hostile_parts(page: Any) -> Iterator[str]:
    """What on a page was made of a text."""
    if "html" not in page.content_type:
        return
    for element in page.html.find_all(True):
        if element.name == "xss-probe" or (element.name == "img" and element.get("src") == "x"):
            yield f"<{element.name}>"
        if element.name == "script" and (element.string or not element.get("src", "").startswith("/static/")):
            yield f"a script: {element}"
        for name, value in element.attrs.items():
            if name.startswith("on") or name in {"data-probe", "style"}:
                yield f"<{element.name} {name}>"
            if name in {"href", "src", "action", "formaction"} and re.match(
                r"\s*(javascript|data):", str(value), re.IGNORECASE
            ):
                yield f"<{element.name} {name}={value}>"
    if re.search(r"probe[^<]{0,80}\b49\b", html.unescape(page.text)):
        yield "worked out as a template"


@pytest.mark.usefixtures("standard")
def test_a_hostile_text_is_shown_as_text_on_every_page(world: World, browse: Callable[..., Browser]) -> None:
    hostile = Hostile(world, browse, PROBE)
    hostile.type_everywhere()
    assert {status for _path, status in hostile.answers} <= {200, 303, 422}, hostile.answers
    assert len([1 for _path, status in hostile.answers if status in {200, 303}]) > 20, hostile.answers
    wrong, shown, count = [], set(), 0
    for where, page in hostile.read_everything():
        count += 1
        wrong += [f"{where}: {part}" for part in hostile_parts(page)]
        if page.status_int >= 500:
            wrong.append(f"{where}: {page.status_int}")
        if "probe" in page.text and "<xss-probe" not in page.text:
            shown.add(re.sub(r"\d+", "N", where))
    assert not wrong, "\n".join(wrong)
    assert count > 100
    assert {"worker /cases/N", "worker /", "nurse /people/N", "admin /staff", "supervisor /cases"} <= shown, (
        shown
    )


@pytest.mark.usefixtures("standard")
def test_nothing_that_is_typed_stands_in_the_log_or_the_trail(
    world: World,
    browse: Callable[..., Browser],
    caplog: pytest.LogCaptureFixture,
    session: ActingSession,
    as_system: Callable[[], Work],
) -> None:
    caplog.set_level(logging.INFO)
    hostile = Hostile(world, browse, CANARY)
    hostile.type_everywhere()
    for _where, _page in hostile.read_everything(most=20):
        pass
    said = [record for record in caplog.records if "canaryword" in f"{record.getMessage()}{record.exc_text}"]
    assert said == []
    as_system()
    kept = session.execute(
        sa.text("select route, kind, details from audit_entries where details::text like '%canaryword%'")
    ).all()
    # Names of accounts and reasons are what the trail is kept for; nothing of a case is.
    assert {(entry.kind, *sorted(entry.details)) for entry in kept} <= {
        ("setting", "action", "new", "old"),
        ("setting", "action", "new"),
        ("setting", "action", "sign_in_name"),
        ("reveal", "field", "reason"),
    }, kept


NAUGHTY = (
    "e\u0301\u0302 ﬁ ｱ １２",
    "\u202egnp.exe\u202c",
    "zero\u200bwidth\u2060joiner\ufeff",
    "𠮷野家 㐂 𪚥",
    "👩‍👩‍👧 🏳️‍🌈",
    "Ω≈ç√∫˜µ≤≥÷",
    "\ufdfa ﷽",
    "Z̮̞̠͙͔ͅA̗̗̙L͕G̫̮O̠",
    "tab\there",
    "\x1b[31mred\x07\x08",
    "<![CDATA[x]]> <!-- x -->",
    "'; drop table cases; --",
    "%00%0d%0aSet-Cookie: x",
    "=cmd|' /C calc'!A0",
    "\u2028line\u2029end",
    "NULL None undefined true NaN",
)
UNSEEN = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\xad\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"
    "\ud800-\udfff\U000e0000-\U000e007f]"
)
"""What cannot be seen and only deceives; joiners inside longer texts are not among it."""


def stored_texts(session: ActingSession) -> Iterator[tuple[str, str]]:
    """Every text of every column that people read."""
    kept_raw = {"audit_entries.details", "held_posts.fields", "sessions.user_agent"}
    for table in Base.metadata.tables.values():
        for column in table.columns:
            place = f"{table.name}.{column.key}"
            if isinstance(column.type, sa.Text | sa.JSON) and place not in kept_raw:
                for value in session.scalars(sa.select(column).where(column.is_not(None))):
                    yield from ((place, text) for text in _texts(value))


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for each in value.values():
            yield from _texts(each)
    elif isinstance(value, list):
        for each in value:
            yield from _texts(each)


@pytest.mark.usefixtures("standard")
def test_what_is_kept_can_be_seen_and_is_composed(
    world: World, browse: Callable[..., Browser], session: ActingSession, as_system: Callable[[], Work]
) -> None:
    hostile = Hostile(world, browse, "")
    for text in NAUGHTY:
        hostile.text = text
        hostile.send_to(hostile.of["worker"], f"/cases/{world.cases['own'].id}/contacts", content=text)
        hostile.send_to(hostile.of["worker"], "/account/name", name=text)
    hostile.text = "e\u0301 \u202egnp\u202c zero\u200bwidth 𠮷 \x1b"
    hostile.type_everywhere()
    assert {status for _path, status in hostile.answers} <= {200, 303, 422}, hostile.answers
    as_system()
    wrong = {
        (place, text)
        for place, text in stored_texts(session)
        if UNSEEN.search(text) or unicodedata.normalize("NFC", text) != text
    }
    assert wrong == set()
    page = hostile.of["supervisor"].get(f"/cases/{world.cases['own'].id}")
    assert "𠮷野家 㐂 𪚥" in page
    assert "👩‍👩‍👧" in page


@pytest.mark.parametrize(
    "path", ["/%3Cxss-probe%3E", "/cases/%22%3E%3Cxss-probe%3E", "/sign-in?next=%22%3E%3Cxss-probe%3E"]
)
def test_an_address_is_not_echoed_as_markup(app: Browser, path: str) -> None:
    page = app.get(path, expect_errors=True)
    assert list(hostile_parts(page)) == []


@pytest.mark.parametrize(
    "header", ["User-Agent", "Accept-Language", "Referer", "X-Request-Id", "Cookie", "Accept"]
)
def test_a_hostile_header_is_not_heard(
    header: str, world: World, browse: Callable[..., Browser], app: Browser
) -> None:
    for browser in (app, browse(world.people["worker"])):
        token = (
            {"Cookie": "; ".join(f"{c.name}={c.value}" for c in browser.cookiejar)}
            if header != "Cookie"
            else {}
        )
        page = browser.get(
            "/account", headers={header: "<xss-probe>\"'" + "x" * 3000, **token}, expect_errors=True
        )
        assert page.status_int in {200, 303, 401}
        assert list(hostile_parts(page)) == []
        assert "xss-probe" not in str(page.headers)
