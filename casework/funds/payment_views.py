"""The pages of payments: those that wait, and one with what is to be done about it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from pyramid.config import Configurator
from pyramid.httpexceptions import HTTPSeeOther
from pyramid.request import Request
from pyramid.view import view_config

from casework.errors import Invalid, Problem
from casework.funds import paying, queries
from casework.funds.books import Order
from casework.funds.rules import PURPOSES, STATUSES, against_slip, typed_amount
from casework.i18n import Message, _
from casework.security.permissions import Place, permitted
from casework.staff.queries import names_of
from casework.web.asked import choice, number
from casework.web.mending import to_mend
from casework.web.notices import tell

PAYMENT = "/payments/{payment_id:[1-9][0-9]{0,17}}"
SLIP = ("amount", "payee_name", "slip_number", "paid_on")


def includeme(config: Configurator) -> None:
    """The addresses of these pages."""
    config.add_route("payments", "/payments", factory=lambda _request: Place())
    config.add_route("payment", PAYMENT, factory=_order)
    for part in ("confirm", "send-back", "slip", "account"):
        config.add_route(f"payment.{part}", f"{PAYMENT}/{part}", factory=_order)
    config.scan(__name__)


def _order(request: Request) -> Order:
    """The payment that the address names; what may not be seen is not there."""
    return Order(queries.payment(request.work, int(request.matchdict["payment_id"])))


@view_config(
    route_name="payments", request_method="GET", permission="payment:read", renderer="funds/payments.jinja2"
)
def list_payments(_context: Place, request: Request) -> dict[str, Any]:
    """The payments of one state, newest first: those to be confirmed unless another is asked for."""
    status = choice(request, "status", STATUSES) or "ordered"
    return {
        "page": queries.list_payments(request.work, [status], before=number(request, "before")),
        "status": status,
        "statuses": STATUSES,
        "counts": queries.count_payments(request.work),
    }


def _page(context: Order, request: Request, **more: Any) -> dict[str, Any]:
    work, payment = request.work, context.payment
    allowed = permitted(work, context)
    slip = payment.wrong_slip if payment.status == "ordered" else None
    values: Mapping[str, Any] = {**dict.fromkeys(SLIP, ""), "reason": "", **(request.held or {})}
    return {
        "payment": payment,
        "fund": queries.fund(work, payment.fund_id),
        "names": names_of(work, [payment.ordered_by, payment.confirmed_by, payment.settled_by]),
        "statuses": STATUSES,
        "purposes": PURPOSES,
        "wrong": against_slip(payment.amount, payment.payee_name, slip) if slip else (),
        "account": None,
        "may_confirm": "payment:confirm" in allowed,
        "may_record": "payment:record" in allowed,
        "own": payment.ordered_by == work.actor.id,
        "values": values,
        "problems": (),
        **more,
    }


def _back(context: Order, request: Request) -> HTTPSeeOther:
    return HTTPSeeOther(request.route_path("payment", payment_id=context.payment.id))


@view_config(
    route_name="payment", request_method="GET", permission="payment:read", renderer="funds/payment.jinja2"
)
def show_payment(context: Order, request: Request) -> dict[str, Any]:
    """One payment, and what may be done about it."""
    return _page(context, request)


@view_config(route_name="payment.confirm", request_method="POST", permission="payment:confirm")
def confirm(context: Order, request: Request) -> HTTPSeeOther:
    """Confirm the order of somebody else."""
    paying.confirm_payment(request.work, context.payment)
    tell(request, _("The payment was confirmed. It can be paid now."))
    return _back(context, request)


@view_config(
    route_name="payment.send-back",
    request_method="POST",
    permission="payment:confirm",
    renderer="funds/payment.jinja2",
)
def send_back(context: Order, request: Request) -> Any:
    """Send the order back with a reason."""
    reason = request.POST.get("reason", "")
    try:
        paying.send_back(request.work, context.payment, reason)
    except Invalid as invalid:
        page = _page(context, request)
        return to_mend(request, invalid, page | {"values": {**page["values"], "reason": reason}})
    tell(request, _("The payment was sent back."))
    return _back(context, request)


@view_config(
    route_name="payment.slip",
    request_method="POST",
    permission="payment:record",
    renderer="funds/payment.jinja2",
)
def record_slip(context: Order, request: Request) -> Any:
    """Record the bank's slip: paid, or back to be confirmed when it does not agree with the order."""
    typed = {name: request.POST.get(name, "") for name in SLIP}
    try:
        amount, paid_on = _judged(typed)
        outcome = paying.record_slip(
            request.work,
            context.payment,
            amount=amount,
            payee_name=typed["payee_name"],
            slip_number=typed["slip_number"],
            paid_on=paid_on,
        )
    except Invalid as invalid:
        page = _page(context, request)
        return to_mend(request, invalid, page | {"values": {**page["values"], **typed}})
    if outcome.paid:
        tell(request, _("The payment is recorded as paid."))
    else:
        tell(request, _("Nothing was recorded as paid: the slip does not agree with the order."), "red")
    return _back(context, request)


def _judged(typed: Mapping[str, str]) -> tuple[int, date]:
    """The amount and the day of a slip as typed; Invalid with every problem."""
    problems = []
    amount = typed_amount(typed["amount"])
    if isinstance(amount, Message):
        problems.append(Problem("amount", amount))
    try:
        day = date.fromisoformat(typed["paid_on"].strip())
    except ValueError:
        problems.append(Problem("paid_on", _("Give the day, such as 2026-11-22.")))
        raise Invalid(problems) from None
    if isinstance(amount, Message):
        raise Invalid(problems)
    return amount, day


@view_config(
    route_name="payment.account",
    request_method="POST",
    permission="payment:record",
    renderer="funds/payment.jinja2",
)
def reveal_account(context: Order, request: Request) -> dict[str, Any]:
    """The payment with the whole number of the account, which is recorded."""
    account = paying.reveal_account(request.work, context.payment)
    return _page(context, request, account=account)
