"""Reading units, accounts and grants."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import aliased

from casework.cases.model import Case
from casework.db import ActingSession
from casework.errors import Missing
from casework.security.names import fold_name
from casework.staff.model import Account, Grant, Unit, UnitReach
from casework.work import Actor, UnitGrant, Work

PAGE = 50
"""Rows of one page of the list of staff."""


def actor_of(session: ActingSession, account: Account, now: datetime) -> Actor:
    """The acting person with the unit grants in force; one statement. The session acts as the
    account already, so that its own grants are visible.
    """
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


def ends_of_role(work: Work, account_id: int, role: str, case_id: int) -> Sequence[datetime | None]:
    """When the roles at units end that tie somebody to a case; none for whoever has no such role
    now, or whose account is closed.
    """
    statement = (
        sa.select(Grant.valid_until)
        .join(UnitReach, UnitReach.ancestor_id == Grant.unit_id)
        .join(Case, Case.unit_id == UnitReach.unit_id)
        .join(Account, Account.id == Grant.account_id)
        .where(
            Case.id == case_id,
            Account.id == account_id,
            Account.disabled_at.is_(None),
            Grant.role == role,
            Grant.valid_from <= work.now,
            sa.or_(Grant.valid_until.is_(None), Grant.valid_until > work.now),
        )
    )
    with work.session.as_system():
        return work.session.scalars(statement).all()


def names_of(work: Work, account_ids: Iterable[int | None]) -> Mapping[int, str]:
    """The names of accounts by number, in one statement; none for an empty wish."""
    wanted = {number for number in account_ids if number is not None}
    if not wanted:
        return {}
    rows = work.session.execute(sa.select(Account.id, Account.name).where(Account.id.in_(wanted)))
    return {row[0]: row[1] for row in rows}


def units_within(work: Work, reach: Iterable[int], kinds: Iterable[str] = ()) -> Sequence[Unit]:
    """The units among those reached, by code; only of some kinds if any are named."""
    statement = sa.select(Unit).where(Unit.id.in_(set(reach))).order_by(Unit.code)
    if kinds:
        statement = statement.where(Unit.kind.in_(set(kinds)))
    return work.session.scalars(statement).all()


@dataclass(frozen=True)
class Held:
    """A role that somebody holds or held at a unit, and who gave it."""

    grant: Grant
    unit: Unit
    given_by: str

    def in_force(self, now: datetime) -> bool:
        """Whether it is held at a moment."""
        until = self.grant.valid_until
        return self.grant.valid_from <= now and (until is None or until > now)


@dataclass(frozen=True)
class StaffFilter:
    """What the list of staff is narrowed to; every part is optional."""

    text: str = ""
    role: str | None = None
    unit_id: int | None = None


@dataclass(frozen=True)
class StaffPage:
    """One page of the list of staff: the accounts, and where older and newer ones begin."""

    rows: Sequence[Account]
    older: int | None
    newer: int | None


def list_staff(
    work: Work,
    wanted: StaffFilter,
    *,
    before: int | None = None,
    after: int | None = None,
    limit: int = PAGE,
) -> StaffPage:
    """The accounts that hold or held a role within the actor's reach, newest first.

    `before` and `after` are numbers of accounts (keyset). Narrowed by role or unit, only roles in
    force count.
    """
    within = sa.select(Grant.account_id).where(Grant.unit_id.in_(work.actor.units()))
    if wanted.role or wanted.unit_id is not None:
        within = within.where(
            Grant.valid_from <= work.now, sa.or_(Grant.valid_until.is_(None), Grant.valid_until > work.now)
        )
    if wanted.role:
        within = within.where(Grant.role == wanted.role)
    if wanted.unit_id is not None:
        reach = sa.select(UnitReach.unit_id).where(UnitReach.ancestor_id == wanted.unit_id)
        within = within.where(Grant.unit_id.in_(reach))
    statement = sa.select(Account).where(Account.kind == "staff", Account.id.in_(within)).limit(limit + 1)
    if wanted.text.strip():
        statement = statement.where(
            sa.or_(
                Account.name.icontains(wanted.text.strip(), autoescape=True),
                Account.sign_in_name.contains(fold_name(wanted.text), autoescape=True),
            )
        )
    if after is not None:
        rows = work.session.scalars(statement.where(Account.id > after).order_by(Account.id)).all()
        more, rows = len(rows) > limit, list(reversed(rows[:limit]))
        return StaffPage(rows, rows[-1].id if rows else None, rows[0].id if rows and more else None)
    if before is not None:
        statement = statement.where(Account.id < before)
    rows = work.session.scalars(statement.order_by(Account.id.desc())).all()
    more, rows = len(rows) > limit, rows[:limit]
    return StaffPage(rows, rows[-1].id if more else None, rows[0].id if rows and before is not None else None)


def member_of_staff(work: Work, account_id: int) -> Account:
    """One account that holds or held a role within the actor's reach, or Missing."""
    account = work.session.scalar(
        sa.select(Account).where(
            Account.id == account_id,
            Account.kind == "staff",
            Account.id.in_(sa.select(Grant.account_id).where(Grant.unit_id.in_(work.actor.units()))),
        )
    )
    if account is None:
        raise Missing
    return account


def roles_of(work: Work, account_ids: Iterable[int]) -> Mapping[int, Sequence[Held]]:
    """The roles at units of some accounts, newest first, as far as the actor may see them."""
    giver = aliased(Account)
    statement = (
        sa.select(Grant, Unit, giver.name)
        .join(Unit, Unit.id == Grant.unit_id)
        .join(giver, giver.id == Grant.given_by)
        .where(Grant.account_id.in_(set(account_ids)))
        .order_by(Grant.id.desc())
    )
    found: dict[int, list[Held]] = {number: [] for number in account_ids}
    for grant, unit, name in work.session.execute(statement):
        found[grant.account_id].append(Held(grant, unit, name))
    return found


def open_cases_of(work: Work, account_id: int) -> int:
    """How many open cases are given to somebody: a number, for whoever manages the account."""
    statement = sa.select(sa.func.count()).where(Case.worker_id == account_id, Case.closed_at.is_(None))
    with work.session.as_system():
        return work.session.execute(statement).scalar_one()
