"""Opening accounts, giving and ending grants. Each is recorded with who, why and until when."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

import sqlalchemy as sa

from casework.audit.trail import record
from casework.cases.model import Case
from casework.db import SYSTEM_ACTOR
from casework.errors import Conflict, Forbidden, Invalid, Missing, Problem, Refusal, Refused
from casework.i18n import _
from casework.security.names import fold_name
from casework.security.passwords import hash_password, why_not
from casework.security.roles import ROLES
from casework.security.usecases import end_all_sessions
from casework.staff import rules
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
    folded, name, phone = fold_name(sign_in_name), rules.plain_name(name), phone.strip()
    problems = problems_of_member(work, folded, name, phone, language)
    if password is not None and (why := why_not(password, folded)) is not None:
        problems.append(Problem("password", why))
    if problems:
        raise Invalid(problems)
    account = Account(
        kind=kind,
        sign_in_name=folded,
        name=name,
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


def problems_of_member(work: Work, folded: str, name: str, phone: str, language: str | None) -> list[Problem]:
    """What is wrong with the particulars of a new account, its folded sign-in name among them."""
    problems = list(rules.problems_of_particulars(folded, name, phone, language))
    if work.session.scalar(sa.select(Account.id).where(Account.sign_in_name == folded)):
        problems.insert(0, Problem("sign_in_name", _("This sign-in name is taken. Choose another.")))
    return problems


def disable_account(work: Work, account: Account, seen_version: int) -> None:
    """Close an account for good and end its sessions.

    Raises Forbidden for one's own account and for somebody who also works out of the actor's reach,
    Conflict when the account was changed since it was read, and Refused for the last administrator
    of the network.
    """
    if account.id == work.actor.id:
        raise Forbidden("staff:manage", _("You cannot disable your own account."))
    locked = work.session.get(Account, account.id, with_for_update=True, populate_existing=True)
    if locked is None or locked.kind == "system":
        raise Missing
    if locked.version != seen_version:
        raise Conflict
    held = _held(work, locked)
    if work.actor.id != SYSTEM_ACTOR:
        reach = work.actor.units("administrator")
        if not reach or any(grant.unit_id not in reach for grant in held):
            raise Forbidden(
                "staff:manage",
                _("This person has a role beyond your unit. An administrator of both units can do this."),
            )
    _leave_an_administrator(work, held)
    locked.disabled_at = work.now
    locked.version += 1
    end_all_sessions(work.session, locked.id, "disabled", work.now)
    record(work, "setting", f"account:{locked.id}", action="disabled")


def _held(work: Work, account: Account) -> list[Grant]:
    """The roles that the account holds at units now."""
    with work.session.as_system():
        return list(
            work.session.scalars(
                sa.select(Grant).where(
                    Grant.account_id == account.id, Grant.unit_id.is_not(None), _in_force(work)
                )
            )
        )


def _in_force(work: Work) -> sa.ColumnElement[bool]:
    return sa.and_(
        Grant.valid_from <= work.now, sa.or_(Grant.valid_until.is_(None), Grant.valid_until > work.now)
    )


def _leave_an_administrator(work: Work, leaving: Iterable[Grant]) -> None:
    """Refused if with these roles the last administrator of the whole network would go.

    Whoever asks at the same time waits, so that two administrators cannot end each other.
    """
    gone = {grant.id: grant for grant in leaving if grant.role == "administrator"}
    if not gone:
        return
    with work.session.as_system():
        roots = set(
            work.session.scalars(
                sa.select(Unit.id).where(Unit.parent_id.is_(None)).with_for_update(key_share=True)
            )
        )
        for grant in gone.values():
            if grant.unit_id not in roots:
                continue
            others = work.session.scalars(
                sa.select(Grant.valid_until)
                .join(Account, Account.id == Grant.account_id)
                .where(
                    Grant.role == "administrator",
                    Grant.unit_id == grant.unit_id,
                    Grant.id.not_in(gone),
                    Account.disabled_at.is_(None),
                    _in_force(work),
                )
            ).all()
            if not rules.someone_stays(others, grant.valid_until):
                raise Refused(
                    [
                        Refusal(
                            _(
                                "This is the last administrator of the whole network. Give the role to another first."
                            )
                        )
                    ]
                )


def give_unit_grant(
    work: Work,
    *,
    account_id: int,
    role: str,
    unit_id: int,
    reason: str,
    until: datetime | None = None,
) -> None:
    """Give a role at a unit and below it. Nobody gives a role to himself, or beyond his own reach.

    Raises Forbidden for these, Missing for an account that is not of staff or was closed, and
    Invalid for anything else, also for a role that is held there as long already.
    """
    if problems := list(rules.problems_of_role(role, reason, until, work.now)):
        raise Invalid(problems)
    if work.actor.id != SYSTEM_ACTOR and account_id == work.actor.id:
        raise Forbidden("staff:manage", _("You cannot give a role to yourself."))
    only_within_reach(work, unit_id)
    account = work.session.get(Account, account_id)
    if account is None or account.kind != "staff" or account.disabled_at is not None:
        raise Missing
    same = [
        grant.valid_until for grant in _held(work, account) if (grant.role, grant.unit_id) == (role, unit_id)
    ]
    if rules.someone_stays(same, until):
        raise Invalid([Problem("role", _("This person holds this role there already."))])
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


def only_within_reach(work: Work, unit_id: int) -> None:
    """Forbidden unless the actor manages the staff of a unit."""
    if work.actor.id != SYSTEM_ACTOR and unit_id not in work.actor.units("administrator"):
        raise Forbidden("staff:manage", _("You may give roles only at your own unit and below it."))


def give_case_grant(
    work: Work, *, account_id: int, case_id: int, role: str, reason: str, until: datetime | None = None
) -> None:
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
            valid_until=until,
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
    """End a role at a unit now, and with it the same role on cases that it does not reach any more.

    One that has ended stays as it is. Raises Missing when it is out of the actor's reach, Forbidden
    for one's own, and Refused for that of the last administrator of the network.
    """
    with work.session.as_system():
        grant = work.session.get(Grant, grant_id, with_for_update=True, populate_existing=True)
    reach = work.actor.units("administrator")
    if grant is None or grant.unit_id is None or grant.unit_id not in reach:
        raise Missing
    if grant.account_id == work.actor.id:
        raise Forbidden("staff:manage", _("You cannot end your own role."))
    if grant.valid_until is not None and grant.valid_until <= work.now:
        return
    _leave_an_administrator(work, [grant])
    _end(work, work.now, Grant.id == grant_id)
    cases = _end_on_cases(work, grant)
    record(
        work,
        "grant",
        f"account:{grant.account_id}",
        action="ended",
        role=grant.role,
        unit=grant.unit_id,
        cases=cases,
    )


def _end_on_cases(work: Work, grant: Grant) -> int:
    """End the role on cases below the unit, except where it is still held; how many there were."""
    still = (
        sa.select(UnitReach.unit_id)
        .join(Grant, Grant.unit_id == UnitReach.ancestor_id)
        .where(
            Grant.account_id == grant.account_id,
            Grant.role == grant.role,
            Grant.id != grant.id,
            _in_force(work),
        )
    )
    lost = (
        sa.select(Case.id)
        .join(UnitReach, UnitReach.unit_id == Case.unit_id)
        .where(UnitReach.ancestor_id == grant.unit_id, Case.unit_id.not_in(still))
    )
    roles = {grant.role, "former_worker"} if grant.role == "worker" else {grant.role}
    return _end(
        work,
        work.now,
        Grant.account_id == grant.account_id,
        Grant.case_id.in_(lost),
        Grant.role.in_(roles),
    )


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


def _end(work: Work, at: datetime, *conditions: sa.ColumnElement[bool]) -> int:
    with work.session.as_system():
        ended = work.session.execute(
            sa.update(Grant)
            .where(*conditions, sa.or_(Grant.valid_until.is_(None), Grant.valid_until > at))
            .values(valid_until=at)
            .returning(Grant.id)
        )
        return len(ended.all())
