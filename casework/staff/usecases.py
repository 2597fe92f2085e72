"""Opening accounts, giving and ending grants. Each is recorded with who, why and until when."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

import sqlalchemy as sa

from casework.audit.trail import record
from casework.db import SYSTEM_ACTOR
from casework.errors import Forbidden, Invalid, Missing, Problem
from casework.i18n import _
from casework.security.names import fold_name
from casework.security.passwords import hash_password, why_not
from casework.security.roles import ROLES
from casework.staff.model import Account, Grant, Unit, UnitReach
from casework.work import Work


def found_unit(
    work: Work, *, parent: Unit | None, kind: str, code: str, names: Mapping[str, str], phone: str = ""
) -> Unit:
    """Add a unit below another and extend what is reached from above."""
    unit = Unit(parent_id=parent.id if parent else None, kind=kind, code=code, names=dict(names), phone=phone)
    work.session.add(unit)
    work.session.flush()  # its number is needed for the reach
    work.session.add(UnitReach(ancestor_id=unit.id, unit_id=unit.id))
    if parent is not None:
        above = sa.select(UnitReach.ancestor_id, sa.literal(unit.id)).where(UnitReach.unit_id == parent.id)
        work.session.execute(sa.insert(UnitReach).from_select(["ancestor_id", "unit_id"], above))
    return unit


def open_account(
    work: Work,
    *,
    sign_in_name: str,
    name: str,
    password: str | None,
    kind: str = "staff",
    language: str | None = None,
    person_id: int | None = None,
    phone: str = "",
) -> Account:
    """Open an account. Raises Invalid for a name in use or a password that is too weak."""
    folded = fold_name(sign_in_name)
    problems = []
    if not folded or len(folded) > 64:
        problems.append(Problem("sign_in_name", _("Give a sign-in name of 1 to 64 characters.")))
    elif work.session.scalar(sa.select(Account.id).where(Account.sign_in_name == folded)):
        problems.append(Problem("sign_in_name", _("This sign-in name is taken. Choose another.")))
    if not name.strip():
        problems.append(Problem("name", _("Give the person's name.")))
    if password is not None and (why := why_not(password, folded)) is not None:
        problems.append(Problem("password", why))
    if problems:
        raise Invalid(problems)
    account = Account(
        kind=kind,
        sign_in_name=folded,
        name=name.strip(),
        password_hash=hash_password(password) if password is not None else None,
        language=language,
        person_id=person_id,
        phone=phone,
        created_at=work.now,
        disabled_at=None,
        version=1,
    )
    work.session.add(account)
    work.session.flush()  # grants follow at once
    record(work, "setting", f"account:{account.id}", action="opened", sign_in_name=folded)
    return account


def disable_account(work: Work, account: Account, seen_version: int) -> None:
    """Close an account for good; its sessions end at their next request."""
    if account.id == work.actor.id:
        raise Forbidden("staff:manage", _("You cannot disable your own account."))
    if account.version != seen_version:
        raise Missing
    account.disabled_at = work.now
    account.version += 1
    record(work, "setting", f"account:{account.id}", action="disabled")


def give_unit_grant(
    work: Work,
    *,
    account_id: int,
    role: str,
    unit_id: int,
    reason: str,
    until: datetime | None = None,
) -> None:
    """Give a role at a unit and below it. Nobody gives a role to himself, or beyond his own reach."""
    if role not in ROLES or role == "client":
        raise Invalid([Problem("role", _("Choose a role."))])
    if not reason.strip():
        raise Invalid([Problem("reason", _("Write why the role is given."))])
    if until is not None and until <= work.now:
        raise Invalid([Problem("until", _("The end lies in the past. Choose a later day."))])
    if work.actor.id != SYSTEM_ACTOR:
        if account_id == work.actor.id:
            raise Forbidden("staff:manage", _("You cannot give a role to yourself."))
        if unit_id not in work.actor.units("administrator"):
            raise Forbidden("staff:manage", _("You may give roles only at your own unit and below it."))
    _give(
        work,
        Grant(
            account_id=account_id,
            role=role,
            unit_id=unit_id,
            case_id=None,
            compartments=sorted(ROLES[role].unit),
            valid_from=work.now,
            valid_until=until,
            reason=reason.strip(),
            given_by=work.actor.id,
            given_at=work.now,
        ),
    )


def give_case_grant(work: Work, *, account_id: int, case_id: int, role: str, reason: str) -> None:
    """Give a role on one case; the use case that calls has decided that it may."""
    _give(
        work,
        Grant(
            account_id=account_id,
            role=role,
            unit_id=None,
            case_id=case_id,
            compartments=sorted(ROLES[role].case),
            valid_from=work.now,
            valid_until=None,
            reason=reason,
            given_by=work.actor.id,
            given_at=work.now,
        ),
    )


def end_case_grants(work: Work, *, account_id: int, case_id: int, role: str, at: datetime) -> None:
    """Let the role on one case end at a moment."""
    _end(
        work,
        at,
        Grant.account_id == account_id,
        Grant.case_id == case_id,
        Grant.role == role,
    )


def end_grant(work: Work, grant_id: int) -> None:
    """End a grant at a unit now. Raises Missing when it is out of the actor's reach."""
    with work.session.as_system():
        grant = work.session.get(Grant, grant_id)
    reach = work.actor.units("administrator")
    if grant is None or grant.unit_id is None or grant.unit_id not in reach:
        raise Missing
    if grant.account_id == work.actor.id:
        raise Forbidden("staff:manage", _("You cannot end your own role."))
    _end(work, work.now, Grant.id == grant_id)
    record(work, "grant", f"account:{grant.account_id}", action="ended", role=grant.role, unit=grant.unit_id)


def _give(work: Work, grant: Grant) -> None:
    with work.session.as_system():
        work.session.add(grant)
    record(
        work,
        "grant",
        f"account:{grant.account_id}",
        action="given",
        role=grant.role,
        unit=grant.unit_id,
        case=grant.case_id,
        until=grant.valid_until.isoformat() if grant.valid_until else None,
    )


def _end(work: Work, at: datetime, *conditions: sa.ColumnElement[bool]) -> None:
    with work.session.as_system():
        work.session.execute(
            sa.update(Grant)
            .where(*conditions, sa.or_(Grant.valid_until.is_(None), Grant.valid_until > at))
            .values(valid_until=at)
        )
