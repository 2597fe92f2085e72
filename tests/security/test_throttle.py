from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest

from casework.security import throttle

NOW = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)


@dataclass
class Counter:
    key: str
    count: int = 0
    window_start: datetime = NOW
    blocked_until: datetime | None = None


def fail(counter, times, now=NOW):
    for _each in range(times):
        throttle.count_failure(counter, now)


def test_the_sixth_attempt_waits():
    counter = Counter("name:00001")
    fail(counter, 4)
    assert throttle.wait([counter], NOW) == timedelta()
    fail(counter, 1)
    assert throttle.wait([counter], NOW) == timedelta(seconds=30)


def test_waits_double_up_to_a_quarter_of_an_hour():
    limit = throttle.LIMITS["name"]
    waits = [limit.wait_after(failures).total_seconds() for failures in range(4, 14)]
    assert waits == [0, 30, 60, 120, 240, 480, 900, 900, 900, 900]
    assert limit.wait_after(10**9) == timedelta(minutes=15)


def test_a_hospital_behind_one_address_has_more_attempts_than_a_name():
    counter = Counter("address:00001")
    fail(counter, 49)
    assert throttle.wait([counter], NOW) == timedelta()
    fail(counter, 1)
    assert throttle.wait([counter], NOW) > timedelta()


def test_failures_are_forgotten_after_their_window():
    counter = Counter("name:00001")
    fail(counter, 9)
    later = NOW + timedelta(hours=12)
    assert throttle.is_over(counter, later)
    fail(counter, 1, later)
    assert counter.count == 1
    assert throttle.wait([counter], later) == timedelta()


def test_the_longest_wait_counts():
    counters = [
        Counter("name:1", blocked_until=NOW + timedelta(seconds=5)),
        Counter("address:1", blocked_until=NOW + timedelta(seconds=9)),
        Counter("address:2"),
    ]
    assert throttle.wait(counters, NOW) == timedelta(seconds=9)


def test_random_names_cannot_fill_the_table():
    keys = {throttle.key("name", f"random {number}") for number in range(5000)}
    assert max(int(key.partition(":")[2], 16) for key in keys) < 2**18
    assert max(map(len, keys)) == len("name:3ffff")


def test_a_known_browser_is_counted_by_itself():
    assert throttle.keys("nurse", "192.0.2.7", None) == sorted(
        [throttle.key("name", "nurse"), throttle.key("address", "192.0.2.7")]
    )
    assert throttle.keys("nurse", "192.0.2.7", "mark") == [throttle.key("browser", "mark")]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("2001:db8::1", "2001:db8::ffff"),
        ("192.0.2.7", "::ffff:192.0.2.7"),
        ("", "not an address"),
    ],
)
def test_addresses_of_one_visitor_are_one(one, other):
    assert throttle.keys("n", one, None) == throttle.keys("n", other, None)


def test_neighbours_are_two_visitors():
    assert throttle.keys("n", "192.0.2.7", None) != throttle.keys("n", "192.0.2.8", None)
    assert throttle.keys("n", "2001:db8:0:1::1", None) != throttle.keys("n", "2001:db8:0:2::1", None)
