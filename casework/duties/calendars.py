"""The calendar in the database: seeding it from a library, and loading it for judgement."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from importlib.metadata import version
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from casework.duties.calendar import SATURDAY, Calendar
from casework.duties.model import CalendarDay, CalendarYear
from casework.duties.rules import canonical_hash


@dataclass(frozen=True)
class Notice:
    """The official announcement of a year's working days."""

    name: str
    published_at: date


PUBLISHED: Mapping[tuple[str, int], Notice] = {
    ("CN", 2024): Notice("国办发明电〔2023〕7号", date(2023, 10, 25)),
    ("CN", 2025): Notice("国办发明电〔2024〕12号", date(2024, 11, 12)),
    ("CN", 2026): Notice("国办发明电〔2025〕7号", date(2025, 11, 4)),
}
"""The years that were announced when this was written. The library guesses later years without
their make-up days and does not say so: a year is added here, or loaded by hand, with its notice."""

LIBRARY = "holidays"
NAME_LANGUAGES = {"CN": "zh_CN", "HK": "zh_HK", "TW": "zh_TW"}


def seed_calendar(session: Session, country: str, years: Iterable[int]) -> None:
    """Load years from the library; those without an official notice stay unpublished.

    Days that were entered by hand (any other source) are kept. LookupError for an unknown country.
    """
    import holidays  # 0.3 s to import, and used once a year

    source = f"{LIBRARY} {version(LIBRARY)}"
    for year in years:
        try:
            listed = holidays.country_holidays(country, years=year, language=NAME_LANGUAGES.get(country))
        except NotImplementedError as error:
            raise LookupError(f"no calendar is known for the country {country!r}") from error
        day, rows = date(year, 1, 1), []
        while day.year == year:
            working = bool(listed.is_working_day(day))
            if day in listed or working != (day.weekday() < SATURDAY):
                rows.append(
                    {
                        "country": country,
                        "date": day,
                        "is_working": working,
                        "name": listed.get(day, ""),
                        "source": source,
                    }
                )
            day += timedelta(days=1)
        if rows:
            statement = insert(CalendarDay).values(rows)
            session.execute(
                statement.on_conflict_do_update(
                    index_elements=["country", "date"],
                    set_={
                        "is_working": statement.excluded.is_working,
                        "name": statement.excluded.name,
                        "source": statement.excluded.source,
                    },
                    where=CalendarDay.source.like(f"{LIBRARY} %"),
                )
            )
        notice = PUBLISHED.get((country, year))
        publish_year(session, country, year, notice)


def publish_year(session: Session, country: str, year: int, notice: Notice | None) -> None:
    """Mark a year's days as loaded and, with a notice, as published; a published year stays so."""
    days = session.execute(
        sa.select(CalendarDay.date, CalendarDay.is_working)
        .where(CalendarDay.country == country, sa.extract("year", CalendarDay.date) == year)
        .order_by(CalendarDay.date)
    ).all()
    statement = insert(CalendarYear).values(
        country=country,
        year=year,
        published_at=notice.published_at if notice else None,
        notice=notice.name if notice else "",
        hash=canonical_hash([[day.isoformat(), working] for day, working in days]),
    )
    changed = {"hash": statement.excluded.hash}
    if notice is not None:
        changed |= {"published_at": statement.excluded.published_at, "notice": statement.excluded.notice}
    session.execute(statement.on_conflict_do_update(index_elements=["country", "year"], set_=changed))


def years_stamp() -> sa.ScalarSelect[str]:
    """What the calendar of a country, the parameter `country`, is now: a text that changes with it.

    For queries to carry along, so that the calendar itself is read only when it changed.
    """
    year = sa.func.concat_ws(
        ":", CalendarYear.year, CalendarYear.hash, CalendarYear.published_at, type_=sa.Text()
    )
    return (
        sa.select(sa.func.string_agg(year, sa.literal_column("' '")))
        .where(CalendarYear.country == sa.bindparam("country"))
        .scalar_subquery()
    )


def load_calendar(session: Session, country: str, zone: ZoneInfo, stamp: str | None = None) -> Calendar:
    """The calendar of a country; read again only when its stamp has changed."""
    if stamp is None:
        stamp = session.scalar(sa.select(years_stamp()), {"country": country}) or ""
    key = (country, str(zone), " ".join(sorted(stamp.split())))
    if key not in _kept:
        while len(_kept) >= KEPT:
            _kept.pop(next(iter(_kept)))
        _kept[key] = _read(session, country, zone)
    return _kept[key]


KEPT = 8
_kept: dict[tuple[str, str, str], Calendar] = {}


def _read(session: Session, country: str, zone: ZoneInfo) -> Calendar:
    days = session.execute(
        sa.select(CalendarDay.date, CalendarDay.is_working).where(CalendarDay.country == country)
    ).all()
    years = session.scalars(
        sa.select(CalendarYear.year).where(
            CalendarYear.country == country, CalendarYear.published_at.is_not(None)
        )
    )
    return Calendar(zone, {each.date: each.is_working for each in days}, frozenset(years))
