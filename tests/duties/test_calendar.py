"""Working days, days and months, by the notices of 2024 to 2026."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from casework.duties.calendar import Calendar, is_past
from casework.testing.calendars import CHINA, WORKED_WEEKENDS


def day(text: str) -> date:
    return date.fromisoformat(text)


@pytest.mark.parametrize(
    ("start", "count", "end"),
    [
        ("2026-09-24", 3, "2026-09-30"),
        ("2026-09-24", 5, "2026-10-09"),
        ("2026-09-24", 30, "2026-11-12"),
        ("2026-02-11", 30, "2026-03-31"),
        ("2026-01-22", 30, "2026-03-11"),
        ("2026-04-28", 5, "2026-05-08"),
    ],
)
def test_working_days_follow_the_swapped_holidays(start, count, end):
    assert CHINA.add_working_days(day(start), count) == (day(end), False)


def test_the_plain_week_would_have_said_another_day():
    assert Calendar(CHINA.zone).add_working_days(day("2026-01-22"), 30)[0] == day("2026-03-05")


@pytest.mark.parametrize("text", WORKED_WEEKENDS)
def test_a_weekend_day_worked_in_place_of_a_holiday_is_a_working_day(text):
    assert day(text).weekday() >= 5
    assert CHINA.is_working(day(text))


def test_the_starting_day_is_not_counted_and_within_includes_the_number():
    assert CHINA.add_working_days(day("2026-11-16"), 1) == (day("2026-11-17"), False)
    assert CHINA.add_days(day("2026-11-16"), 1) == (day("2026-11-17"), False)


@pytest.mark.parametrize(
    ("start", "count", "end"),
    [
        ("2026-11-17", 3, "2026-11-20"),  # a Friday
        ("2026-11-17", 4, "2026-11-23"),  # a Saturday gives way to Monday
        ("2026-09-21", 10, "2026-10-08"),  # the first of October gives way to the day after the holiday
        ("2026-02-04", 10, "2026-02-14"),  # a Saturday that is worked stands
    ],
)
def test_a_last_day_of_rest_gives_way_to_the_next_working_day(start, count, end):
    assert CHINA.add_days(day(start), count)[0] == day(end)


@pytest.mark.parametrize(
    ("start", "count", "end"),
    [
        ("2026-01-31", 1, "2026-02-28"),  # no 31 February: the month's last day, a worked Saturday
        ("2026-10-15", 1, "2026-11-16"),  # the 15th is a Sunday
        ("2024-01-31", 1, "2024-02-29"),
        ("2025-11-30", 3, "2026-02-28"),
        ("2026-08-31", 1, "2026-09-30"),
    ],
)
def test_months_end_on_the_corresponding_day_or_the_months_last(start, count, end):
    assert CHINA.add_months(day(start), count)[0] == day(end)


def test_a_period_that_reaches_an_unpublished_year_is_provisional():
    assert CHINA.add_working_days(day("2026-12-28"), 5) == (day("2027-01-04"), True)
    assert CHINA.add_days(day("2026-12-30"), 1) == (day("2026-12-31"), False)
    assert CHINA.add_months(day("2026-11-30"), 3) == (day("2027-03-01"), True)


def test_a_days_limit_ends_with_its_last_local_second():
    end = CHINA.end_of(day("2026-11-17"))
    assert end == datetime(2026, 11, 17, 15, 59, 59, tzinfo=UTC)
    assert not is_past(end, end + timedelta(microseconds=999_999))
    assert is_past(end, end + timedelta(seconds=1))


def test_the_end_of_a_day_knows_summer_time():
    calendar = Calendar(ZoneInfo("Europe/Berlin"))
    assert calendar.end_of(day("2026-03-29")) == datetime(2026, 3, 29, 21, 59, 59, tzinfo=UTC)
    assert calendar.end_of(day("2026-03-28")) == datetime(2026, 3, 28, 22, 59, 59, tzinfo=UTC)


def test_a_limit_of_nothing_is_an_error():
    with pytest.raises(ValueError, match="1 or more"):
        CHINA.add_working_days(day("2026-11-17"), 0)


DAYS = st.dates(date(2024, 1, 1), date(2026, 12, 31))


@given(DAYS, st.integers(1, 60))
def test_exactly_so_many_working_days_lie_after_the_start_up_to_the_end(start, count):
    end, _provisional = CHINA.add_working_days(start, count)
    between = [start + timedelta(days=n) for n in range(1, (end - start).days + 1)]
    assert sum(map(CHINA.is_working, between)) == count
    assert CHINA.is_working(end)


@given(DAYS, st.integers(1, 400))
def test_days_end_on_a_working_day_with_only_rest_days_in_between(start, count):
    end, _provisional = CHINA.add_days(start, count)
    counted = start + timedelta(days=count)
    skipped = [counted + timedelta(days=n) for n in range((end - counted).days)]
    assert CHINA.is_working(end)
    assert not any(map(CHINA.is_working, skipped))
