from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from casework.cases.model import Case, Event
from casework.cases.usecases import move
from casework.documents.model import Document
from casework.duties.editions import register_edition
from casework.duties.model import Duty
from casework.duties.rules import RuleSet
from casework.funds.paying import order_payment
from casework.funds.rules import Payee
from casework.funds.usecases import commit, open_fund, receive
from casework.people.model import CasePerson, Household, HouseholdMember
from casework.plans.model import Goal
from casework.portal.accounts import open_portal_account
from casework.portal.model import (
    AccessCode,
    Consent,
    ConsentText,
    PhoneCode,
    PortalMessage,
    PortalPhone,
    Text,
)
from casework.staff.model import Account
from casework.testing.network import Network
from casework.testing.referrals import refer_somebody
from casework.work import Work

As = Callable[..., Work]


@dataclass
class Side:
    """A hospital's people and its one case."""

    ward: int
    nurse: Account
    worker: Account
    coordinator: Account
    supervisor: Account
    case: Case | None = None
    patient: Account | None = None


@pytest.fixture
def sides(network: Network, as_actor: As, as_system: Callable[[], Work]) -> tuple[Side, Side]:
    """Two hospitals with the same kinds of records."""
    first, second = (
        Side(
            network.units[ward].id,
            *(network[f"{prefix}{role}"] for role in ("nurse", "worker", "coordinator", "supervisor")),
        )
        for ward, prefix in (("ward", ""), ("other-ward", "other-"))
    )
    for side, name in ((first, "区广才"), (second, "单大华")):
        _fill(side, name, as_actor, as_system)
    return first, second


def _fill(side: Side, name: str, as_actor: As, as_system: Callable[[], Work]) -> None:
    case = refer_somebody(as_actor(side.nurse), side.ward, name)
    move(as_actor(side.coordinator), case, "assign", worker_id=side.worker.id)
    work = as_system()
    session, by, now = work.session, side.worker.id, work.now
    household = Household(unit_id=side.ward, created_by=by, created_at=now, version=1)
    session.add(household)
    session.flush()
    session.add(
        HouseholdMember(
            household_id=household.id, person_id=case.person_id, relation="01", since=work.today, until=None
        )
    )
    session.add(
        CasePerson(case_id=case.id, name="kin", relation="10", role="kin", created_by=by, created_at=now)
    )
    session.add(_goal(case, by, now, work.today))
    session.add(_document(case, by, now))
    for compartment in ("case", "client", "process_note", "safety", "finance", "party_a"):
        session.add(_event(case, compartment, by, now))
    session.flush()
    event = session.scalars(
        sa.select(Event).where(Event.case_id == case.id, Event.compartment == "case")
    ).first()
    edition = register_edition(session, now, RuleSet({}))
    session.add(
        Duty(
            case_id=case.id, unit_id=case.unit_id, compartment="case", clause="canary", edition_id=edition,
            opened_by=event.id, opened_at=now, due_at=now, first_due_at=now, provisional=False, state="open",
            owner_role="worker", owner_id=by, closed_by=None, closed_at=None, updated_at=now,
        )
    )  # fmt: skip
    session.flush()
    _spend(work, case)
    side.patient = _knock(work, case)
    side.case = case


def _spend(work: Work, case: Case) -> None:
    fund = open_fund(work, key=f"fund-{case.id}", names={"en": "Canary"}, unit_id=case.unit_id)
    receive(work, fund, 100, key=f"{case.id} received", source="canary", note="")
    commit(work, fund.id, case, 100, key=f"{case.id} committed")
    payee = Payee("Canary", "Bank", "6222020000000000001")
    order_payment(work, fund_id=fund.id, case=case, amount=100, payee=payee, key=f"{case.id} ordered")


def _knock(work: Work, case: Case) -> Account:
    """What a patient leaves at the doors of the portal, and her account, to which no case is opened."""
    session, now, later = work.session, work.now, work.now + timedelta(days=1)
    mark = f"of {case.id}"
    account = open_portal_account(work)
    phone = {"phone": b"canary", "phone_index": mark.encode(), "phone_tail": mark}
    session.add(PortalPhone(account_id=account.id, verified_at=now, ended_at=None, **phone))
    session.add(
        PhoneCode(code=b"canary", browser=mark, tries=0, made_at=now, expires_at=later, used_at=None, **phone)
    )
    session.add(
        AccessCode(
            code=mark.encode(), kind="desk", case_id=case.id, account_id=None, shown=None, made_by=account.id,
            made_at=now, expires_at=later, used_at=None, revoked_at=None,
        )
    )  # fmt: skip
    session.add(
        Text(
            key=mark, recipient=b"canary", body=b"canary", purpose="canary", language="en", case_id=case.id,
            status="waiting", adapter=None, reason="", created_at=now, expires_at=None, sent_at=None,
        )
    )  # fmt: skip
    session.add(ConsentText(hash=mark, purpose="canary", language="en", title="canary", text="canary"))
    session.flush()
    session.add(
        Consent(
            case_id=case.id, compartment="case", person_id=case.person_id, purpose="canary", text_hash=mark,
            relation="self", how="desk", given_by=account.id, given_at=now, withdrawn_by=None, withdrawn_at=None,
        )
    )  # fmt: skip
    session.add(
        PortalMessage(
            case_id=case.id, compartment="case", from_client=True, author_id=account.id, body="canary",
            written_at=now, read_at=None, read_by=None, submission=mark,
        )
    )  # fmt: skip
    session.flush()
    return account


def _goal(case: Case, by: int, now: Any, today: Any) -> Goal:
    return Goal(
        case_id=case.id, compartment="case", episode=1, text="canary", domain="care", baseline="", target="",
        measure="", due_on=today, importance=1, difficulty=1, status="open", set_by=by, set_at=now, version=1,
    )  # fmt: skip


def _document(case: Case, by: int, now: Any) -> Document:
    return Document(
        uid=f"d{case.id}", case_id=case.id, compartment="case", kind="canary", page=1, title="", name="",
        media_type="application/pdf", status="kept", added_by=by, added_at=now,
    )  # fmt: skip


def _event(case: Case, compartment: str, by: int, now: Any) -> Event:
    return Event(
        case_id=case.id, compartment=compartment, kind="form.signed", actor_id=by, happened_at=now,
        recorded_at=now, response_id=None, payload={"canary": compartment},
    )  # fmt: skip
