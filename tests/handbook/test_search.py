"""Finding clauses by words of either language."""

from __future__ import annotations

import pytest

from casework.handbook.clauses import handbook_of
from casework.handbook.search import MOST, search


@pytest.fixture
def ids(programs):
    """The anchors of what is found."""
    handbook = handbook_of(programs)
    return lambda query: [hit.anchor for hit in search(handbook, query)]


@pytest.mark.parametrize(
    ("query", "first"),
    [
        ("紧急转介", "casework.first-contact-urgent"),
        ("First contact, urgent", "casework.first-contact-urgent"),
        ("URGENT contact", "casework.first-contact-urgent"),
        ("quiet hours", "quiet-hours"),
        ("免打扰", "quiet-hours"),
        ("process note", "term-process-note"),
        ("compartment", "term-compartment"),
        ("casework.review", "casework.review"),
    ],
)
def test_words_of_either_language_find_the_clause(ids, query, first):
    assert ids(query)[0] == first


def test_a_number_finds_its_clause(programs):
    handbook = handbook_of(programs)
    clause = handbook.clause("casework.review")
    assert search(handbook, f" {clause.number} ")[0].clause == clause.id


def test_a_time_is_found_as_the_rule_gives_it(ids):
    assert "record-within-24-hours" in ids("24小时")
    assert "record-within-24-hours" in ids("24 hours")


def test_a_title_stands_before_a_sentence(ids):
    found = ids("closure summary")
    assert found[0] == "casework.closure-summary"
    assert "casework.open-needs" in found


def test_a_slip_of_the_pen_does_no_harm(ids):
    assert "referral-content" in ids("refexral")
    assert "casework.first-contact-urgent" in ids("紧急转介见面")


def test_width_and_case_do_not_matter(ids):
    assert ids("２４ＨＯＵＲＳ"[:2]) == ids("24")
    assert ids("SUICIDE") == ids("suicide")


@pytest.mark.parametrize("query", ["", "  ", "%", "＊", "zzzzzz", "\x00", "🙂", "( [ \\"])
def test_what_is_not_there_is_not_found(ids, query):
    assert ids(query) == []


def test_no_query_finds_more_than_a_page(ids):
    assert len(ids("e")) == MOST
    assert len(ids("的" * 100_000)) <= MOST
