from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from casework.i18n import Words
from casework.web.nearness import elapsed, nearness, recorded_apart

ZONE = ZoneInfo("Asia/Shanghai")
NOW = datetime(2026, 11, 20, 10, 30, tzinfo=ZONE)


def shown(*moment: int) -> tuple[str, str]:
    near = nearness(datetime(*moment, tzinfo=ZONE).astimezone(UTC), NOW, ZONE)
    return Words("en", [])(near.text), near.tone


@pytest.mark.parametrize(
    ("moment", "words", "tone"),
    [
        ((2026, 11, 20, 10, 0), "just overdue", "red"),
        ((2026, 11, 20, 9, 30), "overdue by 1 hour", "red"),
        ((2026, 11, 19, 23, 59, 59), "overdue by 10 hours", "red"),
        ((2026, 11, 18, 23, 59, 59), "overdue by 2 days", "red"),
        ((2026, 11, 20, 17, 0), "due today 17:00", "amber"),
        ((2026, 11, 20, 23, 59, 59), "due today", "amber"),
        ((2026, 11, 21, 9, 0), "due tomorrow 09:00", "amber"),
        ((2026, 11, 22, 0, 0), "due in 2 days", "grey"),
        ((2026, 12, 4, 23, 59, 59), "due in 14 days", "grey"),
        ((2026, 12, 5, 23, 59, 59), "due on Dec 5, 2026", "grey"),
    ],
)
def test_a_deadline_is_said_in_local_days(moment, words, tone):
    assert shown(*moment) == (words, tone)


def test_the_share_of_time_passed_stays_between_0_and_100():
    opened, due = datetime(2026, 11, 20, 8, tzinfo=ZONE), datetime(2026, 11, 20, 18, tzinfo=ZONE)
    assert elapsed(opened, due, NOW) == 25
    assert elapsed(opened, due, datetime(2026, 11, 25, tzinfo=ZONE)) == 100
    assert elapsed(opened, due, datetime(2026, 11, 19, tzinfo=ZONE)) == 0
    assert elapsed(due, due, NOW) == 100


def test_both_moments_are_shown_when_half_an_hour_lies_between():
    assert recorded_apart(NOW, NOW.replace(hour=11, minute=0))
    assert not recorded_apart(NOW, NOW.replace(minute=59))
