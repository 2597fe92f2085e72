"""The pages of funds: what they hold, their ledger, and money that came in."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

from pyramid.config import Configurator
from pyramid.httpexceptions import HTTPSeeOther
from pyramid.request import Request
from pyramid.response import Response
from pyramid.view import view_config

from casework.audit.trail import record
from casework.errors import Invalid, Problem
from casework.funds import queries, usecases
from casework.funds.books import Books, BooksKept
from casework.funds.queries import Line
from casework.funds.rules import KINDS, problems_of_fund, problems_of_receipt, typed_amount, yuan
from casework.i18n import LANGUAGES, Message, _, pgettext
from casework.security.permissions import Place, permits
from casework.staff.model import Unit
from casework.staff.queries import units_within
from casework.texts import clean
from casework.web.asked import mark, new_mark, number
from casework.web.mending import to_mend
from casework.web.notices import tell
from casework.web.sheets import sheet

FUND = "/funds/{fund_id:[1-9][0-9]{0,17}}"
RECEIPT = ("amount", "source", "note")


def includeme(config: Configurator) -> None:
    """The addresses of these pages."""
    config.add_route("funds", "/funds", factory=lambda _request: Place())
    config.add_route("funds.open", "/funds/new", factory=lambda _request: Place())
    config.add_route("fund", FUND, factory=_read)
    config.add_route("fund.sheet", f"{FUND}/ledger.csv", factory=_read)
    config.add_route("fund.receive", f"{FUND}/receive", factory=_kept)
    config.scan(__name__)


def _read(request: Request) -> Books:
    """The books that the address names; money that may not be seen is not there."""
    return Books(queries.book(request.work, int(request.matchdict["fund_id"])))


def _kept(request: Request) -> BooksKept:
    """The same, for whoever keeps them."""
    return BooksKept(queries.book(request.work, int(request.matchdict["fund_id"])))


@view_config(route_name="funds", request_method="GET", permission="fund:read", renderer="funds/funds.jinja2")
def list_funds(context: Place, request: Request) -> dict[str, Any]:
    """The funds whose money the actor sees, with what they hold."""
    return {
        "books": queries.books(request.work),
        "may_open": permits(request.work, "fund:open", context),
    }


def _open_page(request: Request, values: Mapping[str, Any]) -> dict[str, Any]:
    units = units_within(request.work, request.work.actor.units("finance"))
    return {"values": values, "units": units, "names_in": LANGUAGES, "problems": ()}


def _particulars(request: Request) -> dict[str, str]:
    return {name: request.POST.get(name, "") for name in ("key", "unit_id", *map(_name_field, LANGUAGES))}


def _name_field(language: str) -> str:
    return "name" if language == next(iter(LANGUAGES)) else f"name_{language}"


@view_config(
    route_name="funds.open", request_method="GET", permission="fund:open", renderer="funds/open.jinja2"
)
def show_open(_context: Place, request: Request) -> dict[str, Any]:
    """The form for a new fund."""
    return _open_page(request, _particulars(request) | dict(request.held or {}))


def _chosen_unit(typed: Mapping[str, str], names: Mapping[str, str], units: Sequence[Unit]) -> int:
    for unit in units:
        if typed["unit_id"] == str(unit.id):
            return unit.id
    others = problems_of_fund(clean(typed["key"]), {key: name for key, name in names.items() if clean(name)})
    raise Invalid([*others, Problem("unit_id", _("Choose the unit that keeps the fund."))])


@view_config(
    route_name="funds.open", request_method="POST", permission="fund:open", renderer="funds/open.jinja2"
)
def open_fund(_context: Place, request: Request) -> Any:
    """Open the fund."""
    typed = _particulars(request)
    page = _open_page(request, typed)
    names = {language: typed[_name_field(language)] for language in LANGUAGES}
    try:
        unit_id = _chosen_unit(typed, names, page["units"])
        fund = usecases.open_fund(request.work, key=typed["key"], names=names, unit_id=unit_id)
    except Invalid as invalid:
        return to_mend(request, invalid, page)
    tell(request, _("The fund was opened. It holds nothing yet."))
    return HTTPSeeOther(request.route_path("fund", fund_id=fund.id))


@view_config(route_name="fund", request_method="GET", permission="fund:read", renderer="funds/fund.jinja2")
def show_fund(context: Books, request: Request) -> dict[str, Any]:
    """What a fund holds, and its ledger."""
    work, fund = request.work, context.fund
    before = number(request, "before")
    page = queries.ledger(work, fund.id, before=before)
    return {
        "fund": fund,
        "book": context.book,
        "page": page,
        "kinds": KINDS,
        "first_page": before is None,
        "may_receive": permits(work, "fund:receive", BooksKept(context.book)),
    }


SHEET: Mapping[str, Message] = {
    "number": pgettext("ledger", "Number"),
    "recorded": pgettext("ledger", "Recorded"),
    "kind": pgettext("ledger", "What"),
    "case": _("Case number"),
    "amount": _("Amount (yuan)"),
    "source": pgettext("ledger", "From whom"),
    "note": pgettext("ledger", "Note"),
    "by": pgettext("ledger", "Entered by"),
}
"""The columns of the downloaded ledger."""


@view_config(route_name="fund.sheet", request_method="GET", permission="fund:read")
def download(context: Books, request: Request) -> Response:
    """The whole ledger, as far as the actor sees it, as a sheet; that it was taken out is recorded."""
    work, words = request.work, request.words
    lines = queries.ledger(work, context.fund.id, limit=None).rows
    record(work, "export", f"fund:{context.fund.id}", rows=len(lines))
    return sheet(
        f"{context.fund.key}-{work.today}", [words(title) for title in SHEET.values()], _rows(lines, words)
    )


def _rows(lines: Sequence[Line], words: Any) -> Iterator[Sequence[str]]:
    for line in lines:
        posting = line.posting
        yield (
            str(posting.id),
            f"{words.local(posting.recorded_at):%Y-%m-%d %H:%M}",
            words(KINDS[posting.kind]),
            posting.case_number,
            str(Decimal(posting.amount) / 100),
            posting.source,
            posting.note,
            line.actor_name,
        )


def _receipt_page(context: BooksKept, values: Mapping[str, Any], sent: str | None) -> dict[str, Any]:
    return {"fund": context.fund, "values": values, "mark": sent or new_mark(), "problems": ()}


@view_config(
    route_name="fund.receive",
    request_method="GET",
    permission="fund:receive",
    renderer="funds/receive.jinja2",
)
def show_receive(context: BooksKept, request: Request) -> dict[str, Any]:
    """The form for money that came in."""
    return _receipt_page(context, dict.fromkeys(RECEIPT, "") | dict(request.held or {}), None)


def _judged(typed: Mapping[str, str]) -> int:
    """The amount as typed; Invalid with every problem of the form."""
    amount = typed_amount(typed["amount"])
    if isinstance(amount, Message):
        others = problems_of_receipt(clean(typed["source"]), clean(typed["note"], lines=True))
        raise Invalid([Problem("amount", amount), *others])
    return amount


@view_config(
    route_name="fund.receive",
    request_method="POST",
    permission="fund:receive",
    renderer="funds/receive.jinja2",
)
def receive(context: BooksKept, request: Request) -> Any:
    """Record the money; the same page records it once, however often it is sent."""
    typed, sent = {name: request.POST.get(name, "") for name in RECEIPT}, mark(request)
    try:
        amount = _judged(typed)
        usecases.receive(
            request.work,
            context.fund,
            amount,
            key=f"receive:{request.work.actor.id}:{sent or new_mark()}",
            source=typed["source"],
            note=typed["note"],
        )
    except Invalid as invalid:
        return to_mend(request, invalid, _receipt_page(context, typed, sent))
    tell(request, _("%(amount)s yuan was recorded as received.", amount=yuan(amount)))
    return HTTPSeeOther(request.route_path("fund", fund_id=context.fund.id))
