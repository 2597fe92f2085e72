"""The pages of the terms of funds: those in force and earlier ones, new ones, and accounts of hospitals."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from pyramid.config import Configurator
from pyramid.httpexceptions import HTTPSeeOther
from pyramid.request import Request
from pyramid.view import view_config, view_defaults

from casework.errors import Invalid, Missing, Problem
from casework.funds.queries import fund, funds
from casework.i18n import Message, _
from casework.security.permissions import Place, permitted
from casework.staff.queries import units_within
from casework.web.mending import to_mend
from casework.web.notices import tell

from . import usecases
from .model import FundTerms
from .queries import all_terms, hospital_account
from .terms import BANDS, DISEASES, ONCE, RESIDENCES

NUMBER = "[1-9][0-9]{0,17}"

AMOUNTS: Mapping[str, Message] = {
    "line": _("Minimum living allowance, yuan a person and month"),
    "disposable_income": _("Disposable income of the place, yuan a head and month"),
    "deductible": _("What the family carries itself, yuan"),
    "cap_application": _("At most for one application, yuan"),
    "cap_year": _("At most in twelve months, yuan"),
    "cap_life": _("At most in a life, yuan"),
    "minimum": _("At least, yuan"),
}
SHARES: Mapping[str, Message] = {
    "marginal_factor": _("“Just above the line” reaches to so many lines"),
    "rigid_ratio": _("Hardship: unavoidable spending above this share of the income"),
    "asset_multiple": _("Savings and property: at most so many lines a head"),
}
COUNTS: Mapping[str, Message] = {
    "permit_months": _("Months that a residence permit must be held"),
    "committee_votes": _("Votes of the committee"),
    "committee_yes": _("Votes for it that are needed"),
    "notice_days": _("Days of the public notice"),
    "appeal_days": _("Days for an appeal"),
    "supplement_days": _("Working days for missing papers"),
    "decision_days": _("Working days until the committee decides"),
}


def includeme(config: Configurator) -> None:
    """The addresses of these pages."""
    config.add_route("subsidy.terms", "/terms")
    config.add_route("subsidy.terms.new", f"/terms/{{fund_id:{NUMBER}}}/new")
    config.add_route("subsidy.account", f"/accounts/{{unit_id:{NUMBER}}}")
    config.scan(__name__)


@view_config(
    route_name="subsidy.terms",
    request_method="GET",
    permission="subsidy:terms",
    renderer="subsidy/terms.jinja2",
)
def show_terms(_context: Any, request: Request) -> dict[str, Any]:
    """The terms of every fund, those in force first, and where the hospitals' bills are paid to."""
    work = request.work
    kept = {each.id: all_terms(work, each.id) for each in funds(work)}
    units = units_within(work, work.actor.units(), ("hospital", "centre"))
    may_set = "subsidy:set-terms" in permitted(work, Place())
    return {
        "funds": funds(work),
        "kept": kept,
        "current": {
            number: next((row for row in rows if row.valid_from <= work.today), None)
            for number, rows in kept.items()
        },
        "rows": rows_of,
        "may_set": {each.id: may_set and each.unit_id in work.actor.units() for each in funds(work)},
        "may_account": may_set,
        "accounts": [(unit, hospital_account(work, unit.id)) for unit in units],
    }


def rows_of(row: FundTerms) -> list[tuple[Message, Any]]:
    """The terms as people read them."""
    data = row.data
    rows: list[tuple[Message, Any]] = [
        (label, data[key]) for labels in (AMOUNTS, SHARES, COUNTS) for key, label in labels.items()
    ]
    rows += [
        (_("Share for band %(band)s: %(meaning)s", band=band, meaning=BANDS[band]), share)
        for band, share in data["rates"].items()
    ]
    rows += [
        (_("Ages"), _("%(from_age)s to %(to_age)s years", from_age=data["ages"][0], to_age=data["ages"][1])),
        (_("How often for one illness"), ONCE[data["once"]]),
        (_("A second home"), _("allowed") if data["second_home"] else _("not allowed")),
    ]
    return rows


@view_defaults(
    route_name="subsidy.terms.new", permission="subsidy:set-terms", renderer="subsidy/terms_new.jinja2"
)
class NewTerms:
    """Terms of a fund from a day on."""

    def __init__(self, _context: Any, request: Request) -> None:
        self.request, self.work = request, request.work
        self.fund = fund(self.work, int(request.matchdict["fund_id"]))
        if self.fund.unit_id not in self.work.actor.units():
            raise Missing

    @view_config(request_method="GET")
    def show(self) -> dict[str, Any]:
        """The newest terms, to be changed."""
        newest = next(iter(all_terms(self.work, self.fund.id)), None)
        values = _as_typed(newest.data) if newest else {}
        return self._page(values | dict(self.request.held or {}))

    @view_config(request_method="POST")
    def set(self) -> Any:
        """Set them."""
        typed = _typed(self.request)
        try:
            valid_from = _day(typed["valid_from"])
            usecases.set_terms(self.work, self.fund.id, valid_from, _as_data(typed))
        except Invalid as invalid:
            return to_mend(self.request, invalid, self._page(typed))
        tell(self.request, _("The terms are set from %(day)s.", day=valid_from))
        return HTTPSeeOther(self.request.route_path("subsidy.terms"))

    def _page(self, values: Mapping[str, Any]) -> dict[str, Any]:
        empty = dict.fromkeys((*AMOUNTS, *SHARES, *COUNTS, *_OTHERS), "")
        return {
            "fund": self.fund,
            "values": {**empty, "diseases": (), "residences": (), **values},
            "amounts": AMOUNTS,
            "shares": SHARES,
            "counts": COUNTS,
            "bands": {band: BANDS[band] for band in "ABC"},
            "once": ONCE,
            "diseases": DISEASES,
            "residences": RESIDENCES,
            "problems": (),
        }


_OTHERS = (
    "valid_from",
    "rates.A",
    "rates.B",
    "rates.C",
    "youngest",
    "ages",
    "once",
    "second_home",
)


def _typed(request: Request) -> dict[str, Any]:
    typed: dict[str, Any] = {
        name: request.POST.get(name, "").strip() for name in (*AMOUNTS, *SHARES, *COUNTS, *_OTHERS)
    }
    lists = {name: tuple(request.POST.getall(f"{name}[]")) for name in ("diseases", "residences")}
    return typed | lists


def _as_typed(data: Mapping[str, Any]) -> dict[str, Any]:
    """Terms as the fields of the page hold them."""
    values = {key: data[key] for key in (*AMOUNTS, *SHARES, *COUNTS, "once", "diseases", "residences")}
    values |= {f"rates.{band}": share for band, share in data["rates"].items()}
    youngest, oldest = data["ages"]
    return values | {
        "youngest": youngest,
        "ages": oldest,
        "second_home": "yes" if data["second_home"] else "",
    }


def _as_data(typed: Mapping[str, Any]) -> dict[str, Any]:
    """The fields as the data of terms; what is no number stays as it was typed, to be told."""
    data: dict[str, Any] = {key: typed[key] for key in (*AMOUNTS, *SHARES, "once")}
    data |= {key: _count(typed[key]) for key in COUNTS}
    return data | {
        "rates": {band: typed[f"rates.{band}"] for band in "ABC" if typed[f"rates.{band}"]},
        "ages": [_count(typed["youngest"]), _count(typed["ages"])],
        "second_home": typed["second_home"] == "yes",
        "diseases": list(typed["diseases"]),
        "residences": list(typed["residences"]),
    }


def _count(text: str) -> Any:
    return int(text) if text.isascii() and text.isdigit() and len(text) < len("10000") + 1 else text


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Invalid([Problem("valid_from", _("Give the day from which the terms hold."))]) from None


@view_defaults(
    route_name="subsidy.account", permission="subsidy:set-terms", renderer="subsidy/account.jinja2"
)
class AccountViews:
    """Where the bills of a hospital are paid to."""

    def __init__(self, _context: Any, request: Request) -> None:
        self.request, self.work = request, request.work
        units = units_within(self.work, self.work.actor.units(), ("hospital", "centre"))
        wanted = int(request.matchdict["unit_id"])
        unit = next((each for each in units if each.id == wanted), None)
        if unit is None:
            raise Missing
        self.unit = unit

    @view_config(request_method="GET")
    def show(self) -> dict[str, Any]:
        """The account as it is set now."""
        row = hospital_account(self.work, self.unit.id)
        values = {"name": row.name, "bank": row.bank, "account": row.account} if row else {}
        return self._page(values | dict(self.request.held or {}))

    @view_config(request_method="POST")
    def set(self) -> Any:
        """Set it anew; the earlier one stays in the books."""
        typed = {name: self.request.POST.get(name, "") for name in ("name", "bank", "account")}
        try:
            usecases.set_hospital_account(self.work, self.unit.id, **typed)
        except Invalid as invalid:
            return to_mend(self.request, invalid, self._page(typed))
        tell(self.request, _("The account of the hospital is set."))
        return HTTPSeeOther(self.request.route_path("subsidy.terms"))

    def _page(self, values: Mapping[str, Any]) -> dict[str, Any]:
        return {
            "unit": self.unit,
            "values": {"name": "", "bank": "", "account": "", **values},
            "problems": (),
        }
