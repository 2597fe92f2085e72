"""Setting the terms of funds and the accounts of hospitals, and ending what lay idle."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

import sqlalchemy as sa

from casework.audit.trail import record
from casework.cases import usecases as cases
from casework.cases.model import Case
from casework.cases.queries import dossier_of
from casework.duties.calendar import Calendar
from casework.duties.calendars import load_calendar
from casework.errors import Invalid, Missing, Problem, Refused
from casework.funds.queries import fund
from casework.funds.rules import Payee, clean_payee, problems_of_payee
from casework.i18n import _
from casework.staff.model import Unit
from casework.work import Work

from .model import FundTerms, HospitalAccount
from .queries import PROGRAM, all_terms, choose_fund
from .rules import APPLICATION
from .terms import Terms, TermsError

DRAFT_DAYS = 30
"""Days after which an application that nobody goes on with ends (clause subsidy.unfinished)."""

AT_ONCE = 200


def set_terms(work: Work, fund_id: int, valid_from: date, data: Mapping[str, Any]) -> FundTerms:
    """Set the terms of a fund from today or a later day on; the earlier ones stay for what began under them.

    Raises Invalid with every problem of the data, Missing for a fund that the actor does not keep.
    """
    kept = fund(work, fund_id)
    if kept.unit_id not in work.actor.units() and work.actor.kind != "system":
        raise Missing
    problems: list[Problem] = []
    terms = None
    try:
        terms = Terms.from_data(data)
    except TermsError as error:
        problems += error.problems
    work.session.take_turn("subsidy terms", fund_id)
    if valid_from < work.today:
        problems.insert(0, Problem("valid_from", _("Terms hold from today or a later day.")))
    elif any(row.valid_from == valid_from for row in all_terms(work, fund_id)):
        problems.insert(0, Problem("valid_from", _("There are terms from this day. Choose another day.")))
    if problems or terms is None:
        raise Invalid(problems)
    row = FundTerms(
        fund_id=fund_id,
        valid_from=valid_from,
        data=terms.as_data(),
        hash=terms.hash,
        set_by=work.actor.id,
        set_at=work.now,
    )
    work.session.add(row)
    work.session.flush()
    record(
        work, "setting", f"fund:{fund_id}", action="terms", valid_from=valid_from.isoformat(), hash=row.hash
    )
    return row


def set_hospital_account(work: Work, unit_id: int, *, name: str, bank: str, account: str) -> HospitalAccount:
    """Say where aid for the bills of a hospital is paid to. Raises Invalid with every problem, Missing
    for a unit out of reach or that is no hospital."""
    unit = work.session.get(Unit, unit_id)
    if unit is None or unit.kind not in {"hospital", "centre"} or unit_id not in work.actor.units():
        raise Missing
    payee = clean_payee(Payee(name, bank, account, "hospital-bill"))
    names = {"payee_name": "name", "payee_bank": "bank", "payee_account": "account"}
    problems = [Problem(names.get(each.where, each.where), each.message) for each in problems_of_payee(payee)]
    if problems:
        raise Invalid(problems)
    row = HospitalAccount(
        unit_id=unit_id,
        name=payee.name,
        bank=payee.bank,
        account=payee.account,
        set_by=work.actor.id,
        set_at=work.now,
    )
    work.session.add(row)
    work.session.flush()
    record(work, "setting", f"unit:{unit_id}", action="hospital-account", account=payee.account[-4:])
    return row


def expire_idle(work: Work) -> int:
    """End drafts that nobody went on with and supplements that never came; answers how many.

    The state's own beginning counts, so that whoever is asked for papers has the whole time.
    """
    calendar = load_calendar(work.session, work.settings.calendar, work.zone)
    ended = 0
    oldest = work.now - timedelta(days=DRAFT_DAYS)
    statement = (
        sa.select(Case)
        .where(
            Case.program == PROGRAM,
            sa.or_(
                sa.and_(Case.state == "draft", Case.state_since < oldest),
                Case.state == "supplement",
            ),
        )
        .order_by(Case.state_since)
        .limit(AT_ONCE)
    )
    for case in work.session.scalars(statement).all():
        if case.state == "supplement" and not _supplement_over(work, case, calendar):
            continue
        cases.move(work, case, "expire")
        ended += 1
    return ended


def _supplement_over(work: Work, case: Case, calendar: Calendar) -> bool:
    disease = str(dossier_of(work, case.id).answers(APPLICATION).get("disease", ""))
    asked = case.state_since.astimezone(work.zone).date()
    try:
        days = choose_fund(work, case, disease, asked).terms.supplement_days
    except Refused:
        return False  # nobody has set terms, so no time runs
    last, _provisional = calendar.add_working_days(asked, days)
    return work.today > last
