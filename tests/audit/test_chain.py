from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from casework.audit.chain import BEGINNING, FIELDS, canonical, link
from casework.audit.plain import plain, plain_details

FIRST, LAST = datetime(1970, 1, 2), datetime(2200, 1, 1)  # noqa: DTZ001 - Hypothesis wants them so

texts = st.text(st.characters(codec="utf-8"), max_size=30)
values = st.recursive(
    st.none() | st.booleans() | st.integers() | texts,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4),
    max_leaves=12,
)

ENTRY = {
    "id": 1,
    "recorded_at": datetime(2026, 3, 2, 2, 0, tzinfo=UTC),
    "actor_id": 7,
    "actor_name": "王芳",
    "session": "3",
    "kind": "read",
    "route": "case",
    "method": "GET",
    "subject": "case:5",
    "status": 200,
    "address": "192.0.2.7",
    "request_id": "r",
    "details": {"b": [1, "x"], "a": None},
}


GOLDEN = "24835221a2135f80a3bdbcfb5af4bef5696241b0f6d32349ef9ebf92bf524d00"
"""Computed once; a chain of any age must verify."""


def test_the_written_form_is_fixed_for_ever():
    sealed_at = datetime(2026, 3, 2, 2, 1, tzinfo=UTC)
    assert link(BEGINNING, 1, sealed_at, ENTRY).hex() == GOLDEN


@given(values, values)
def test_two_values_are_written_alike_only_if_they_are_alike(one, other):
    assert (canonical(one) == canonical(other)) == (
        json.dumps(one, sort_keys=True) == json.dumps(other, sort_keys=True)
    )


@given(texts, texts, texts)
def test_text_does_not_slide_from_one_field_into_the_next(first, second, moved):
    whole = {**ENTRY, "actor_name": first + moved, "session": second}
    slid = {**ENTRY, "actor_name": first, "session": moved + second}
    sealed_at = ENTRY["recorded_at"]
    same = whole == slid
    assert (link(BEGINNING, 1, sealed_at, whole) == link(BEGINNING, 1, sealed_at, slid)) == same


@given(st.datetimes(min_value=FIRST, max_value=LAST), st.integers(-12, 14))
def test_a_moment_is_written_alike_in_every_time_zone(moment, hours):
    utc = moment.replace(tzinfo=UTC)
    there = utc.astimezone(timezone(timedelta(hours=hours)))
    assert canonical(utc) == canonical(there)


@given(st.sampled_from(FIELDS))
def test_every_field_is_sealed(name):
    changed = {**ENTRY, name: "changed"}
    sealed_at = ENTRY["recorded_at"]
    assert link(BEGINNING, 1, sealed_at, ENTRY) != link(BEGINNING, 1, sealed_at, changed)


def test_place_time_and_predecessor_are_sealed():
    sealed_at = ENTRY["recorded_at"]
    usual = link(BEGINNING, 1, sealed_at, ENTRY)
    assert usual != link(BEGINNING, 2, sealed_at, ENTRY)
    assert usual != link(BEGINNING, 1, sealed_at + timedelta(microseconds=1), ENTRY)
    assert usual != link(usual, 1, sealed_at, ENTRY)


@given(st.text(max_size=300))
def test_a_name_is_kept_on_one_visible_line(name):
    kept = plain(name)
    assert len(kept.splitlines()) <= 1
    kept.encode("utf-8")
    assert not set(kept) & set("\r\n\x1b\x00\u202e\u2066\u2028\ufeff")


def test_what_hides_is_written_out():
    assert plain("a\r\nb\x1b[31m\u202e\ud800\\") == "a\\u000d\\u000ab\\u001b[31m\\u202e\\ud800\\\\"
    assert plain("\U000e0001") == "\\U000e0001"
    assert plain("x" * 10_000) == "x" * 200 + "…"


@given(values)
def test_details_come_back_from_the_database_as_they_were_kept(details):
    kept = plain_details(details)
    assert json.loads(json.dumps(kept)) == kept


@pytest.mark.parametrize("value", [1.0, {"a": [0.5]}, object(), b"x"])
def test_what_can_be_written_in_two_ways_is_not_kept(value):
    with pytest.raises(TypeError):
        plain_details(value)
