"""Reading units, accounts and grants."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from casework.db import ActingSession
from casework.staff.model import Account, Grant, Unit, UnitReach
from casework.work import Actor, UnitGrant, Work


def actor_of(session: ActingSession, account: Account, now: datetime) -> Actor:
    """The acting person with the unit grants in force; one statement. The session acts as the
    account already, so that its own grants are visible."""
    reach = (
        sa.select(sa.func.array_agg(UnitReach.unit_id))
        .where(UnitReach.ancestor_id == Grant.unit_id)
        .scalar_subquery()
    )
    rows = session.execute(
        sa.select(Grant.role, Grant.unit_id, Grant.compartments, reach).where(
            Grant.account_id == account.id,
            Grant.unit_id.is_not(None),
            Grant.valid_from <= now,
            sa.or_(Grant.valid_until.is_(None), Grant.valid_until > now),
        )
    )
    return Actor(
        id=account.id,
        name=account.name,
        kind=account.kind,
        language=account.language,
        person_id=account.person_id,
        grants=tuple(
            UnitGrant(role, unit_id, frozenset(units or ()), frozenset(compartments))
            for role, unit_id, compartments, units in rows
        ),
    )


@dataclass(frozen=True)
class Colleague:
    """Somebody who can be given a case: with the number of cases that he has open."""

    id: int
    name: str
    open_cases: int


def workers_reaching(work: Work, unit_id: int) -> Sequence[Colleague]:
    """The workers whose role reaches a unit, least loaded first, for whoever may assign there."""
    from casework.cases.model import Case

    load = (
        sa.select(sa.func.count())
        .where(Case.worker_id == Account.id, Case.closed_at.is_(None))
        .scalar_subquery()
    )
    statement = (
        sa.select(Account.id, Account.name, load.label("open_cases"))
        .where(
            Account.disabled_at.is_(None),
            Account.id.in_(
                sa.select(Grant.account_id)
                .join(UnitReach, UnitReach.ancestor_id == Grant.unit_id)
                .where(
                    UnitReach.unit_id == unit_id,
                    Grant.role == "worker",
                    Grant.valid_from <= work.now,
                    sa.or_(Grant.valid_until.is_(None), Grant.valid_until > work.now),
                )
            ),
        )
        .order_by("open_cases", Account.name)
    )
    with work.session.as_system():
        return [Colleague(*row) for row in work.session.execute(statement)]


def names_of(work: Work, account_ids: Iterable[int | None]) -> Mapping[int, str]:
    """The names of accounts by number, in one statement; none for an empty wish."""
    wanted = {number for number in account_ids if number is not None}
    if not wanted:
        return {}
    rows = work.session.execute(sa.select(Account.id, Account.name).where(Account.id.in_(wanted)))
    return {number: name for number, name in rows}


def units_within(work: Work, reach: Iterable[int], kinds: Iterable[str] = ()) -> Sequence[Unit]:
    """The units among those reached, by code; only of some kinds if any are named."""
    statement = sa.select(Unit).where(Unit.id.in_(set(reach))).order_by(Unit.code)
    if kinds:
        statement = statement.where(Unit.kind.in_(set(kinds)))
    return work.session.scalars(statement).all()


@dataclass(frozen=True)
class Member:
    """An account with one grant at a unit."""

    account: Account
    grant: Grant
    unit: Unit


def staff_within(work: Work, after: int = 0, limit: int = 50) -> Sequence[Account]:
    """The accounts, by number, that hold a role within the actor's reach."""
    statement = (
        sa.select(Account)
        .where(
            Account.id > after,
            Account.kind == "staff",
            Account.id.in_(sa.select(Grant.account_id).where(Grant.unit_id.in_(work.actor.units()))),
        )
        .order_by(Account.id)
        .limit(limit)
    )
    return work.session.scalars(statement).all()


def grants_of(work: Work, account_ids: Iterable[int]) -> Sequence[Member]:
    """The grants at units of some accounts, as far as the actor may see them."""
    statement = (
        sa.select(Account, Grant, Unit)
        .join(Grant, Grant.account_id == Account.id)
        .join(Unit, Unit.id == Grant.unit_id)
        .where(Account.id.in_(set(account_ids)))
        .order_by(Account.id, Grant.id)
    )
    return [Member(*row) for row in work.session.execute(statement)]
