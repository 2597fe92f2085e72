"""Looks at pages with Chromium and axe-core as a person would: at a phone's width and a desk's."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from casework.resources import PACKAGE

if TYPE_CHECKING:
    from playwright.sync_api import Browser, ConsoleMessage, Page

WIDTHS = {"phone": (360, 740), "desk": (1280, 860)}
"""The windows that every page must fit, in CSS pixels."""

AXE_AT = {"en": "phone", "zh_Hans": "desk"}
"""The width at which axe looks at the pages of a language: all of them at each, and in each language."""

AXE = PACKAGE.parent / "node_modules" / "axe-core" / "axe.min.js"
NAMES = ("chromium", "chromium-browser", "google-chrome")


def chromium_path() -> str:
    """Where this machine keeps Chromium; LookupError when it has none."""
    for name in NAMES:
        if found := shutil.which(name):
            return found
    raise LookupError("no Chromium: `make test` installs it, or `apt-get install chromium`")


@contextmanager
def chromium() -> Iterator[Browser]:
    """One headless browser for many pages."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium_path(), args=["--no-sandbox", "--force-color-profile=srgb"]
        )
        try:
            yield browser
        finally:
            browser.close()


@contextmanager
def page(browser: Browser, width: str, language: str = "zh-CN") -> Iterator[Page]:
    """A page in a fresh context; `complaints(page)` lists what its console said meanwhile."""
    size = WIDTHS[width]
    context = browser.new_context(
        viewport={"width": size[0], "height": size[1]},
        locale=language,
        timezone_id="Asia/Shanghai",
        has_touch=width == "phone",
        reduced_motion="reduce",
    )
    opened = context.new_page()
    said: list[str] = []
    opened.on("console", lambda message: _listen(message, said))
    opened.on("pageerror", lambda error: said.append(str(error)))
    opened.__dict__["said"] = said
    try:
        yield opened
    finally:
        context.close()


def _listen(message: ConsoleMessage, said: list[str]) -> None:
    """Keep an error; that a refused form answers 4xx is reported as a failed resource, and is none."""
    place = message.location.get("url", "")
    if message.type == "error" and ("Failed to load resource" not in message.text or "/static/" in place):
        said.append(f"{message.text} {place}")


def complaints(opened: Page, width: str, language: str) -> list[str]:
    """What is wrong with the page as it stands: errors in the console, overflow, axe's findings."""
    said: list[str] = opened.__dict__.get("said", [])
    found = [*(f"console: {text}" for text in said), *overflowing(opened)]
    return [*found, *axe(opened)] if AXE_AT[language] == width else found


def overflowing(opened: Page) -> list[str]:
    """The elements that reach beyond the right edge of the window, which none should."""
    found: list[str] = opened.evaluate(
        """() => {
          const edge = document.documentElement.clientWidth
          if (document.documentElement.scrollWidth <= edge) return []
          return [...document.body.querySelectorAll("*")]
            .filter((e) => e.getBoundingClientRect().right > edge + 1)
            .slice(0, 5)
            .map((e) => `overflow: ${e.tagName.toLowerCase()}.${e.className} ${(e.textContent || "").trim().slice(0, 40)}`)
        }"""
    )
    return found


def axe(opened: Page, script: Path = AXE) -> list[str]:
    """The violations that axe-core finds, one line each: rule, what is wrong, the first place."""
    if not opened.evaluate("() => Boolean(window.axe)"):
        opened.evaluate(script.read_text(encoding="utf-8"))
    found: list[str] = opened.evaluate(
        """async () => {
          const { violations } = await axe.run(document, { resultTypes: ["violations"] })
          return violations.map((v) => `axe: ${v.id}: ${v.help}: ${v.nodes.slice(0, 3).map((n) => n.html.slice(0, 160)).join(" | ")}`)
        }"""
    )
    return found
