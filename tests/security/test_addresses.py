from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from casework.web.addresses import local


@pytest.mark.parametrize(
    ("address", "kept"),
    [
        ("/cases/1?a=b&c=%E5%BC%A0#notes", "/cases/1?a=b&c=%E5%BC%A0#notes"),
        ("/个案", "/%E4%B8%AA%E6%A1%88"),
        ("//evil.example", "/"),
        ("/\\evil.example", "/"),
        ("https://evil.example", "/"),
        (None, "/"),
        ("", "/"),
    ],
)
def test_only_paths_of_this_site_are_kept(address, kept):
    assert local(address) == kept


@given(st.text(max_size=80) | st.text("/\\:%2fehtps. \t\r\n@", max_size=20))
@settings(max_examples=500, deadline=None)
def test_no_address_leads_elsewhere(address):
    kept = local(address)
    assert kept.startswith("/")
    assert not kept.startswith(("//", "/\\"))
    assert kept.isascii()
    assert kept.isprintable()
