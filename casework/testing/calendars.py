"""The working days of 2024 to 2026 as the State Council announced them, typed from the notices.

国办发明电〔2023〕7号, 〔2024〕12号 and 〔2025〕7号: holidays as first and last day, and the weekend
days worked in their place.
"""

from __future__ import annotations

from datetime import date, timedelta
from zoneinfo import ZoneInfo

from casework.duties.calendar import Calendar

ZONE = ZoneInfo("Asia/Shanghai")

HOLIDAYS = [
    ("2024-01-01", "2024-01-01"),
    ("2024-02-10", "2024-02-17"),
    ("2024-04-04", "2024-04-06"),
    ("2024-05-01", "2024-05-05"),
    ("2024-06-10", "2024-06-10"),
    ("2024-09-15", "2024-09-17"),
    ("2024-10-01", "2024-10-07"),
    ("2025-01-01", "2025-01-01"),
    ("2025-01-28", "2025-02-04"),
    ("2025-04-04", "2025-04-06"),
    ("2025-05-01", "2025-05-05"),
    ("2025-05-31", "2025-06-02"),
    ("2025-10-01", "2025-10-08"),
    ("2026-01-01", "2026-01-03"),
    ("2026-02-15", "2026-02-23"),
    ("2026-04-04", "2026-04-06"),
    ("2026-05-01", "2026-05-05"),
    ("2026-06-19", "2026-06-21"),
    ("2026-09-25", "2026-09-27"),
    ("2026-10-01", "2026-10-07"),
]

WORKED_WEEKENDS = [
    "2024-02-04",
    "2024-02-18",
    "2024-04-07",
    "2024-04-28",
    "2024-05-11",
    "2024-09-14",
    "2024-09-29",
    "2024-10-12",
    "2025-01-26",
    "2025-02-08",
    "2025-04-27",
    "2025-09-28",
    "2025-10-11",
    "2026-01-04",
    "2026-02-14",
    "2026-02-28",
    "2026-05-09",
    "2026-09-20",
    "2026-10-10",
]


def days() -> dict[date, bool]:
    """Every day that departs from the plain week, and whether it is worked."""
    listed = dict.fromkeys(map(date.fromisoformat, WORKED_WEEKENDS), True)
    for first, last in HOLIDAYS:
        day = date.fromisoformat(first)
        while day <= date.fromisoformat(last):
            listed[day] = False
            day += timedelta(days=1)
    return listed


CHINA = Calendar(ZONE, days(), frozenset({2024, 2025, 2026}))
