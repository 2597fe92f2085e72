"""The pages of the standard."""

from __future__ import annotations

import pytest


@pytest.mark.parametrize("path", ["/handbook", "/handbook/casework.review"])
def test_a_stranger_is_asked_to_sign_in(app, path):
    assert app.get(path, expect_errors=True).status_int in {302, 303, 401, 403}


def test_the_whole_standard_has_an_anchor_for_each_clause(browse, network):
    page = browse(network["worker"]).get("/handbook")
    assert 'id="casework.first-contact-urgent"' in page.text
    assert "within 1 working day" in page.text
    assert "Management" in page.text


def test_a_clause_shows_its_sentence_and_its_rule(browse, network):
    page = browse(network["worker"]).get("/handbook/casework.first-contact-urgent")
    for text in (
        "shall be seen or spoken to",
        "1 working day",
        "95%",
        "Referral received",
        "Medical social worker",
    ):
        assert text in page.text


def test_a_clause_without_a_rule_says_so(browse, network):
    page = browse(network["nurse"]).get("/handbook/casework.separate-purposes")
    assert "No clock runs for this clause" in page.text


@pytest.mark.parametrize("clause", ["nothing", "casework.%00", "..%2F..%2Fetc", "%F0%9F%98%80", "x" * 5000])
def test_an_unknown_clause_is_not_found(browse, network, clause):
    assert browse(network["worker"]).get(f"/handbook/{clause}", expect_errors=True).status_int in {
        400,
        404,
        414,
    }


def test_the_standard_is_searched_in_both_languages(browse, network):
    desk = browse(network["worker"])
    for words in ("urgent", "紧急转介"):
        page = desk.get("/handbook", {"q": words})
        assert "/handbook/casework.first-contact-urgent" in page.text
        assert "/handbook/survey-rhythm" not in page.text
    assert "Nothing in the standard has these words" in desk.get("/handbook", {"q": "zzzz"}).text


def test_what_is_searched_for_is_shown_as_text(browse, network):
    page = browse(network["worker"]).get("/handbook", {"q": '"><script>alert(1)</script>'})
    assert "<script>alert" not in page.text


def test_terms_references_and_annexes_are_part_of_the_page(browse, network):
    page = browse(network["worker"]).get("/handbook")
    for text in ('id="term-client"', "MZ/T 094-2017", "Annex A Forms"):
        assert text in page.text


def test_a_clause_points_to_the_terms_and_clauses_it_names(browse, network):
    page = browse(network["worker"]).get("/handbook/casework.contact-note")
    assert 'href="/handbook#term-contact"' in page.text
    assert 'href="/handbook#record-within-24-hours">6.1.1</a>' in page.text


def test_a_clause_that_people_keep_shows_its_time_and_where_it_comes_from(browse, network):
    page = browse(network["worker"]).get("/handbook/sees-own-record")
    for text in ("Time and sources", "15 days", "PIPL 45", "No clock runs for this clause"):
        assert text in page.text
