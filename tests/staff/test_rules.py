from __future__ import annotations

import re
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from casework.staff import rules

SHANGHAI = ZoneInfo("Asia/Shanghai")
EARLY, LATE = datetime(2026, 4, 1, tzinfo=UTC), datetime(2026, 5, 1, tzinfo=UTC)


def test_the_last_day_counts_to_its_end_on_the_clock_of_the_place() -> None:
    assert rules.end_of_day(" 2026-11-22 ", SHANGHAI) == datetime(2026, 11, 22, 16, tzinfo=UTC)
    assert rules.end_of_day("  ", SHANGHAI) is None


@pytest.mark.parametrize("text", ["22.11.2026", "2026-02-30", "9999-12-31", "tomorrow"])
def test_what_is_no_day_is_told(text: str) -> None:
    with pytest.raises(ValueError, match=re.escape(text)):
        rules.end_of_day(text, SHANGHAI)


@pytest.mark.parametrize(
    ("others", "ending", "stays"),
    [
        ([], None, False),
        ([], EARLY, False),
        ([None], None, True),
        ([EARLY], None, False),
        ([EARLY], LATE, False),
        ([LATE], EARLY, True),
        ([EARLY], EARLY, True),
        ([EARLY, None], LATE, True),
    ],
)
def test_someone_stays_who_holds_the_role_as_long(others, ending, stays) -> None:
    assert rules.someone_stays(others, ending) is stays


def test_roles_that_come_with_a_case_are_not_given_at_a_unit() -> None:
    assert not {"client", "former_worker"} & set(rules.UNIT_ROLES)
    assert {"worker", "administrator", "auditor"} <= set(rules.UNIT_ROLES)
