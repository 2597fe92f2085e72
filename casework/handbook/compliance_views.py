"""How far the standard was kept: the figures, the drawing beside them, and the cases behind."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from pyramid.config import Configurator
from pyramid.request import Request

from casework.duties.compliance import (
    Cell,
    Period,
    Share,
    added_up,
    before,
    compliance,
    suppressed,
    unkept,
)
from casework.errors import Missing
from casework.handbook.clauses import Clause
from casework.handbook.standard import standard_of
from casework.security.permissions import Place, permitted
from casework.staff.queries import units_within
from casework.web.asked import choice

ROLES = ("supervisor", "coordinator", "purchaser", "auditor")
"""Whose units are counted."""

MONTHS = 12


def includeme(config: Configurator) -> None:
    """The figures of all clauses, and those of one."""
    config.add_route("compliance", "/compliance", factory=lambda _request: Place())
    config.add_route("compliance.clause", "/compliance/{clause_id}", factory=lambda _request: Place())
    for route, view, template in (
        ("compliance", show_all, "compliance"),
        ("compliance.clause", show_clause, "compliance_clause"),
    ):
        config.add_view(
            view,
            route_name=route,
            request_method="GET",
            permission="compliance:read",
            renderer=f"handbook/{template}.jinja2",
            http_cache=0,
        )


@dataclass(frozen=True)
class Line:
    """One clause with its share, and its months for the drawing."""

    clause: Clause
    share: Share
    months: Sequence[Share]


class _Asked:
    """What the query narrows the figures to."""

    def __init__(self, request: Request) -> None:
        self.request, self.work = request, request.work
        this_month = self.work.today.replace(day=1)
        self.choices = [before(this_month, back) for back in range(2 * MONTHS)]
        keys = {f"{month:%Y-%m}": month for month in self.choices}
        first, last = choice(request, "first", keys), choice(request, "last", keys)
        self.period = Period(keys.get(first or "", before(this_month, 2)), keys.get(last or "", this_month))
        if self.period.first > self.period.last:
            self.period = Period(self.period.last, self.period.first)
        reach = frozenset[int]().union(*(self.work.actor.units(role) for role in ROLES))
        self.units = {unit.id: unit for unit in units_within(self.work, reach)}
        sites = [unit for unit in self.units.values() if unit.kind in {"hospital", "centre"}]
        self.sites = sites
        self.unit = choice(request, "unit", [str(unit.id) for unit in sites])
        self.program = choice(request, "program", [program.key for program in self.work.programs])

    @property
    def counted_units(self) -> frozenset[int]:
        """The units whose duties are counted."""
        reach = frozenset(self.units)
        if self.unit:
            inside = {unit.id for unit in self.units.values() if self._within(unit.id, int(self.unit))}
            return reach & inside
        return reach

    def site_of(self, unit_id: int) -> int:
        """The hospital or centre that a unit belongs to, or the unit itself."""
        sites = {unit.id for unit in self.sites}
        at: int | None = unit_id
        while at is not None and at not in sites:
            at = self.units[at].parent_id if at in self.units else None
        return at or unit_id

    def _within(self, unit_id: int, site: int) -> bool:
        at: int | None = unit_id
        while at is not None:
            if at == site:
                return True
            at = self.units[at].parent_id if at in self.units else None
        return False

    def cells(self, clause: str | None = None, period: Period | None = None) -> list[Cell]:
        """The shares that are asked for."""
        return compliance(
            self.work, period or self.period, units=self.counted_units, program=self.program, clause=clause
        )

    @property
    def sees_cases(self) -> bool:
        """Whether the reader may open cases, so that small numbers tell her nothing new."""
        return "case:read" in permitted(self.work, Place())

    def shown(self, shares: Mapping[Any, Share]) -> Mapping[Any, Share]:
        """The shares as the reader may see them."""
        return shares if self.sees_cases else suppressed(shares)

    def common(self) -> dict[str, Any]:
        """What both pages show of it."""
        return {
            "period": self.period,
            "choices": [(f"{month:%Y-%m}", f"{month:%Y-%m}") for month in self.choices],
            "sites": [(str(unit.id), self.request.words.names(unit.names)) for unit in self.sites],
            "unit": self.unit,
            "program": self.program,
            "programs": [(program.key, program.title) for program in self.work.programs],
            "sees_cases": self.sees_cases,
        }


def show_all(request: Request) -> dict[str, Any]:
    """Every clause with a clock: how many of how many were kept, and how that moved."""
    asked, handbook = _Asked(request), standard_of(request.work)
    cells = asked.cells()
    by_clause = asked.shown(added_up((cell.clause, cell.share) for cell in cells))
    by_month = asked.shown(added_up(((cell.clause, cell.month), cell.share) for cell in cells))
    months = asked.period.months()
    lines = [
        Line(clause, by_clause[clause.id], [by_month.get((clause.id, month), Share()) for month in months])
        for clause in handbook
        if clause.id in by_clause
    ]
    return {**asked.common(), "lines": lines, "months": months}


def show_clause(request: Request) -> dict[str, Any]:
    """One clause: by unit, by program, by month, and the cases behind what was not kept."""
    asked, handbook = _Asked(request), standard_of(request.work)
    clause = handbook.get(request.matchdict["clause_id"])
    if clause is None:
        raise Missing
    cells = asked.cells(clause.id)
    names = {unit.id: unit.names for unit in asked.units.values()}
    by_month: Mapping[date, Share] = asked.shown(added_up((cell.month, cell.share) for cell in cells))
    return {
        **asked.common(),
        "clause": clause,
        "language": request.work.language,
        "share": asked.shown({0: sum((cell.share for cell in cells), Share())})[0],
        "by_site": [
            (names.get(site, {}), share)
            for site, share in asked.shown(
                added_up((asked.site_of(cell.unit_id), cell.share) for cell in cells)
            ).items()
        ],
        "by_program": [
            (program.title if (program := request.work.programs.get(key)) else key, share)
            for key, share in asked.shown(added_up((cell.program, cell.share) for cell in cells)).items()
        ],
        "by_month": [(month, by_month.get(month, Share())) for month in asked.period.months()],
        "unkept": unkept(request.work, asked.period, clause.id, asked.counted_units)
        if asked.sees_cases
        else (),
    }
