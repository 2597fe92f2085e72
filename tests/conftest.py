"""What holds for all tests: the longest begin first, so that none is left alone at the end."""

from __future__ import annotations

import hypothesis
import pytest

LONGEST = ("test_browser_thread", "test_demo", "test_browser_drafts", "test_forged_fields", "test_matrix")
"""Modules by the time that one of their tests takes, the longest first."""

# How long an example takes says more about the machine than about the code.
hypothesis.settings.register_profile("casework", deadline=None)
hypothesis.settings.load_profile("casework")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the longest first; all others stay in the order that they have."""
    places = {name: place for place, name in enumerate(LONGEST)}
    items.sort(key=lambda item: places.get(item.path.stem, len(LONGEST)))
