"""Funds and their ledger: opening a fund, and every way in which its money moves but paying it out.

Every act has a `key` of its own: asked for again, it answers with the posting that there is, and with
Refused when the same key comes with another amount or case. All acts on one fund take turns. Use
cases take amounts in fen.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from casework.audit.trail import record
from casework.cases.model import Case
from casework.errors import Invalid, Missing, Problem, Refusal, Refused
from casework.funds import queries, rules
from casework.funds.model import Fund, FundPosting, Payment
from casework.i18n import Message, _
from casework.staff.model import UnitReach
from casework.texts import clean
from casework.work import Work


def open_fund(work: Work, *, key: str, names: Mapping[str, str], unit_id: int) -> Fund:
    """Open a fund at a unit within the actor's reach; it holds nothing yet.

    `key` is a short name that stays; `names` are by language. Raises Invalid with every problem,
    Missing for a unit out of reach.
    """
    if unit_id not in work.actor.units() and work.actor.kind != "system":
        raise Missing
    key, names = clean(key), {language: clean(name) for language, name in names.items() if clean(name)}
    problems = list(rules.problems_of_fund(key, names))
    work.session.take_turn("fund key", key)
    if not problems and queries.fund_by_key(work, key) is not None:
        problems.append(Problem("key", _("There is a fund with this short name. Choose another one.")))
    if problems:
        raise Invalid(problems)
    fund = Fund(key=key, names=dict(names), unit_id=unit_id, opened_by=work.actor.id, opened_at=work.now)
    work.session.add(fund)
    work.session.flush()
    record(work, "write", f"fund:{fund.id}", action="opened", key=key, unit=unit_id)
    return fund


def receive(work: Work, fund: Fund, amount: int, *, key: str, source: str, note: str) -> FundPosting:
    """Record money that came into a fund; `source` says from whom. Raises Invalid with every problem."""
    source, note = clean(source), clean(note, lines=True)
    problems = list(rules.problems_of_receipt(source, note))
    if (wrong := rules.refused_amount(amount)) is not None:
        problems.insert(0, Problem("amount", wrong))
    if problems:
        raise Invalid(problems)
    work.session.take_turn("fund", fund.id)
    if (before := _before(work, "receive", key, fund.id, None, amount)) is not None:
        return before
    return post(work, "receive", key, fund.id, amount, unit_id=fund.unit_id, source=source, note=note)


def commit(work: Work, fund_id: int, case: Case, amount: int, *, key: str) -> FundPosting:
    """Promise money of a fund to a case. Refused when less than that is available, or when the fund
    is not for the unit of the case."""
    _check(amount)
    work.session.take_turn("fund", fund_id)
    if (before := _before(work, "commit", key, fund_id, case.id, amount)) is not None:
        return before
    _refuse_foreign_unit(work, fund_id, case)
    available = queries.balance(work, fund_id).available
    if amount > available:
        raise _too_little(
            _(
                "Only %(there)s yuan of this fund is available, and %(asked)s yuan is asked for.",
                there=rules.yuan(available),
                asked=rules.yuan(amount),
            )
        )
    return post(work, "commit", key, fund_id, amount, case=case)


def release(
    work: Work, fund_id: int, case: Case, *, amount: int | None = None, key: str
) -> FundPosting | None:
    """Make money available again that was promised to a case: `amount` of it, or all that is left of
    it; None when nothing is left. Refused for more than that, and while a payment needs it.

    Whoever withdraws an application gives its money back without seeing the fund, so here the system
    acts for the person.
    """
    if amount is not None:
        _check(amount)
    work.session.take_turn("fund", fund_id)
    with work.session.as_system():
        if (before := _before(work, "release", key, fund_id, case.id, amount)) is not None:
            return before
        committed = queries.committed_for(work, fund_id, case.id)
        wanted = committed if amount is None else amount
        if not wanted:
            return None
        if wanted > committed:
            raise _too_little(
                _(
                    "Only %(there)s yuan is committed to this case, and %(asked)s yuan is asked for.",
                    there=rules.yuan(committed),
                    asked=rules.yuan(wanted),
                )
            )
        under_way = work.session.scalar(
            sa.select(Payment.amount).where(
                Payment.case_id == case.id,
                Payment.fund_id == fund_id,
                Payment.status.in_(("ordered", "confirmed")),
            )
        )
        if committed - wanted < (under_way or 0):
            raise _too_little(
                _(
                    "A payment of %(amount)s yuan is under way for this case. Have it sent back first.",
                    amount=rules.yuan(under_way or 0),
                )
            )
        return post(work, "release", key, fund_id, wanted, case=case)


def take_back(work: Work, fund_id: int, case: Case, amount: int, *, key: str, note: str) -> FundPosting:
    """Record money that was paid for a case and came back, unused or reclaimed; it is available again.
    Refused for more than was paid."""
    _check(amount)
    work.session.take_turn("fund", fund_id)
    if (before := _before(work, "take_back", key, fund_id, case.id, amount)) is not None:
        return before
    paid = queries.paid_for(work, fund_id, case.id)
    if amount > paid:
        raise _too_little(
            _(
                "Only %(there)s yuan was paid for this case, and %(asked)s yuan is to come back.",
                there=rules.yuan(paid),
                asked=rules.yuan(amount),
            )
        )
    return post(work, "take_back", key, fund_id, amount, case=case, note=clean(note, lines=True))


def post(
    work: Work,
    kind: str,
    key: str,
    fund_id: int,
    amount: int,
    *,
    case: Case | None = None,
    payment: Payment | None = None,
    unit_id: int = 0,
    source: str = "",
    note: str = "",
) -> FundPosting:
    """Add a posting, whose turn it is and which was found possible; the database does the rest.

    With a `payment`, its case is the one that is paid for. Refused when the key was used for a fund
    that the actor does not see.
    """
    about: dict[str, Any] = {"unit_id": unit_id}
    if case is not None:
        about = {"unit_id": case.unit_id, "case_id": case.id, "case_number": case.number}
    if payment is not None:
        about = {
            "unit_id": payment.unit_id,
            "case_id": payment.case_id,
            "case_number": payment.case_number,
            "payment_id": payment.id,
        }
    statement = (
        insert(FundPosting)
        .values(
            fund_id=fund_id,
            key=key,
            kind=kind,
            amount=amount,
            source=source,
            note=note,
            actor_id=work.actor.id,
            recorded_at=work.now,
            **about,
        )
        .on_conflict_do_nothing(index_elements=["key"])
        .returning(FundPosting.id)
    )
    number = work.session.scalar(statement)
    if number is None:
        raise _used_before(None)
    record(work, "write", f"fund:{fund_id}", action=kind, amount=amount, posting=number)
    return work.session.get_one(FundPosting, number)


def _before(
    work: Work, kind: str, key: str, fund_id: int, case_id: int | None, amount: int | None
) -> FundPosting | None:
    """The posting that the key named already, if it is the same act; Refused if it is another one."""
    if not 1 <= len(key) <= rules.LONGEST_KEY:
        raise Invalid([Problem("", _("This page is out of date. Open it again."))])
    found = work.session.scalars(sa.select(FundPosting).where(FundPosting.key == key)).one_or_none()
    if found is None:
        return None
    wanted = (kind, fund_id, case_id, found.amount if amount is None else amount)
    if (found.kind, found.fund_id, found.case_id, found.amount) != wanted:
        raise _used_before(found)
    return found


def _used_before(found: FundPosting | None) -> Refused:
    if found is None:
        return Refused([Refusal(_("This was recorded already for another fund. Nothing was recorded now."))])
    return Refused(
        [
            Refusal(
                _(
                    "This was recorded already, with %(amount)s yuan. Nothing was recorded now.",
                    amount=rules.yuan(found.amount),
                )
            )
        ]
    )


def _check(amount: int) -> None:
    if (wrong := rules.refused_amount(amount)) is not None:
        raise Invalid([Problem("amount", wrong)])


def _too_little(why: Message) -> Refused:
    return Refused([Refusal(why)])


def _refuse_foreign_unit(work: Work, fund_id: int, case: Case) -> None:
    fund = queries.fund(work, fund_id)
    if work.session.get(UnitReach, (fund.unit_id, case.unit_id)) is None:
        raise Refused([Refusal(_("This fund is not for the unit of this case."))])
