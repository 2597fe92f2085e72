"""Time limits in words, and when they end on a case that was suspended."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from casework.duties.limits import Limit, due, earliest, merged
from casework.testing.calendars import CHINA, ZONE


def at(text: str) -> datetime:
    """A local moment such as "11-16 09:00" in 2026."""
    return datetime.fromisoformat(f"2026-{text}").replace(tzinfo=ZONE)


def end_of(text: str) -> datetime:
    return at(f"{text} 23:59:59")


def ends(limit: str, start: str, *pauses: tuple[str, str | None]) -> datetime | None:
    spans = [(at(begin), at(end) if end else None) for begin, end in pauses]
    return due(Limit.parse(limit), at(start), CHINA, spans).at


@pytest.mark.parametrize(
    "text", ["1 hour", "24 hours", "1 day", "1 working day", "7 days after plan.agreed", "3 months", "before"]
)
def test_a_limit_reads_back_what_it_writes(text):
    assert str(Limit.parse(text)) == text


@pytest.mark.parametrize(
    "text", ["", "0 days", "soon", "1 week", "7 days after", "-1 days", "3 days after Plan"]
)
def test_what_is_no_limit_is_refused(text):
    with pytest.raises(ValueError, match="^" + text + "$"):
        Limit.parse(text)


def test_a_limit_in_words():
    limit = Limit.parse("1 working day")
    assert limit.in_words("en") == "1 working day"
    assert limit.in_words("zh_Hans") == "1个工作日"
    assert Limit.parse("30 days after plan.agreed").in_words("en") == "30 days"
    assert Limit.parse("72 hours").in_words("zh_Hans") == "72小时"


# 16 November 2026 is a Monday; no holiday is near.


def test_without_a_pause():
    assert ends("2 hours", "11-16 23:30") == at("11-17 01:30")
    assert ends("1 working day", "11-20 09:00") == end_of("11-23")
    assert ends("5 days", "11-16 09:00") == end_of("11-23")
    assert ends("before", "11-16 09:00") == at("11-16 09:00")


def test_hours_stand_still_for_the_exact_time():
    assert ends("24 hours", "11-16 09:00", ("11-16 12:00", "11-18 13:30")) == at("11-18 10:30") + timedelta(
        hours=24
    )


def test_working_days_stand_still_by_the_working_days_of_the_pause():
    pause = ("11-17 10:00", "11-24 10:00")  # Wednesday to Tuesday: five working days left out
    assert ends("3 working days", "11-16 09:00") == end_of("11-19")
    assert ends("3 working days", "11-16 09:00", pause) == end_of("11-26")


def test_days_stand_still_by_the_days_of_the_pause():
    assert ends("10 days", "11-16 09:00") == end_of("11-26")
    assert ends("10 days", "11-16 09:00", ("11-17 10:00", "11-18 18:00")) == end_of("11-27")
    assert ends("1 month", "11-16 09:00", ("11-20 08:00", "11-25 08:00")) == end_of("12-21")


def test_a_pause_within_one_day_moves_no_day():
    assert ends("3 working days", "11-16 09:00", ("11-17 08:00", "11-17 20:00")) == end_of("11-19")


def test_repeated_pauses_add_up_and_overlapping_ones_count_once():
    apart = [("11-17 10:00", "11-18 10:00"), ("11-19 10:00", "11-20 10:00")]
    overlapping = [
        ("11-17 10:00", "11-19 10:00"),
        ("11-18 10:00", "11-19 12:00"),
        ("11-18 11:00", "11-18 12:00"),
    ]
    assert ends("3 working days", "11-16 09:00", *apart) == end_of("11-23")
    assert ends("3 working days", "11-16 09:00", *overlapping) == end_of("11-23")


def test_a_case_suspended_on_the_last_day_has_the_day_of_its_return():
    assert ends("1 working day", "11-16 09:00", ("11-17 10:00", "11-20 17:00")) == end_of("11-20")
    assert ends("1 working day", "11-16 09:00", ("11-17 10:00", "11-21 17:00")) == end_of("11-23")


def test_while_the_clock_stands_still_there_is_no_date():
    for limit in ("2 hours", "3 working days", "10 days", "1 month"):
        assert ends(limit, "11-16 09:00", ("11-16 09:30", None)) is None
    assert ends("1 working day", "11-16 09:00", ("11-17 09:30", None)) is None


def test_a_pause_before_or_after_the_time_changes_nothing():
    for limit, end in (("24 hours", at("11-17 09:00")), ("2 working days", end_of("11-18"))):
        assert ends(limit, "11-16 09:00", ("11-10 09:00", "11-12 09:00")) == end
        assert ends(limit, "11-16 09:00", ("11-19 09:00", None)) == end


def test_a_pause_that_had_begun_before_counts_from_the_start():
    assert ends("2 hours", "11-16 09:00", ("11-12 09:00", "11-16 10:00")) == at("11-16 12:00")


def test_a_limit_into_an_unpublished_year_is_provisional_but_hours_never_are():
    assert due(Limit.parse("1 month"), at("12-10 09:00"), CHINA).provisional
    assert not due(Limit.parse("72 hours"), at("12-30 09:00"), CHINA).provisional


def test_not_before_begins_with_the_day():
    assert earliest(Limit.parse("2 months"), at("11-16 09:00"), CHINA) == datetime(2027, 1, 16, tzinfo=ZONE)
    assert earliest(Limit.parse("3 days"), at("11-16 09:00"), CHINA) == at("11-19 00:00")
    assert earliest(Limit.parse("3 hours"), at("11-16 09:00"), CHINA) == at("11-16 12:00")


MINUTES = st.integers(0, 60 * 24 * 90).map(lambda n: datetime(2026, 3, 1, tzinfo=UTC) + timedelta(minutes=n))
HOURS = st.integers(0, 24 * 40).map(lambda n: datetime(2026, 3, 1, tzinfo=UTC) + timedelta(hours=n))
PAUSES = st.lists(st.tuples(MINUTES, MINUTES), max_size=6)
LIMITS = st.builds(Limit, st.integers(1, 60), st.sampled_from(["hours", "days", "working days", "months"]))


@given(LIMITS, MINUTES, PAUSES, st.tuples(MINUTES, MINUTES))
def test_one_more_pause_never_shortens(limit, start, pauses, another):
    limit = Limit(min(limit.amount, 3), limit.unit) if limit.unit == "months" else limit
    before, after = (due(limit, start, CHINA, each).at for each in (pauses, [*pauses, another]))
    assert before is not None
    assert after is not None
    assert after >= before > start


@given(st.integers(1, 200), HOURS, st.lists(st.tuples(HOURS, HOURS), max_size=6))
def test_hours_have_run_for_exactly_their_length_outside_all_pauses(hours, start, pauses):
    end = due(Limit(hours, "hours"), start, CHINA, pauses).at
    assert end is not None
    paused = {
        begin + timedelta(hours=n)
        for begin, until in pauses
        for n in range((until - begin) // timedelta(hours=1))
    }
    spent = {start + timedelta(hours=n) for n in range((end - start) // timedelta(hours=1))}
    assert len(spent - paused) == hours


@given(st.integers(1, 30), MINUTES, PAUSES)
def test_as_many_working_days_as_the_limit_lie_outside_all_pauses(count, start, pauses):
    """Each pause may grant the day of the return besides, when it began on what was the last day."""
    end = due(Limit(count, "working days"), start, CHINA, pauses).at
    assert end is not None
    first, last = CHINA.local_day(start), CHINA.local_day(end)
    spans = [(CHINA.local_day(begin), CHINA.local_day(until)) for begin, until in pauses if until > begin]
    days = [first + timedelta(days=n) for n in range(1, (last - first).days + 1)]
    counted = [
        d for d in days if CHINA.is_working(d) and not any(begin < d <= until for begin, until in spans)
    ]
    assert count <= len(counted) <= count + len(spans)
    assert CHINA.is_working(last)


@given(PAUSES)
def test_merged_pauses_cover_the_same_time_without_overlap(pauses):
    result = merged(pauses)
    for (_begin, end), (begin, _end) in pairwise(result):
        assert end is not None
        assert end < begin
    for begin, end in pauses:
        if end > begin:
            assert any(b <= begin and e is not None and end <= e for b, e in result)
