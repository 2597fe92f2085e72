"""The components on whole pages: accessible, inside the window, quiet under the strict policy.

LOOK_AT=folder keeps a picture of each page, to be looked at.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from casework.i18n import LANGUAGES
from casework.testing.looking import WIDTHS, complaints, page

NAMES = sorted(sample.stem for sample in Path(__file__).with_name("samples").glob("*.jinja2"))


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", NAMES)
def test_a_sample_page_has_no_fault(browser, samples, name, language, width):
    with page(browser, width) as opened:
        opened.goto(f"{samples}/{language}/{name}")
        if folder := os.environ.get("LOOK_AT"):
            opened.screenshot(path=f"{folder}/{name}-{language}-{width}.png", full_page=True)
        assert complaints(opened, width, language) == []
