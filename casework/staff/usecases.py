"""Opening accounts, giving and ending grants. Each is recorded with who, why and until when."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import aliased

from casework.audit.trail import record
from casework.cases.model import Case
from casework.db import SYSTEM_ACTOR
from casework.errors import Conflict, Forbidden, Invalid, Missing, Problem, Refusal, Refused
from casework.i18n import _
from casework.security.names import fold_name
from casework.security.passwords import hash_password, why_not
from casework.security.roles import opened
from casework.security.usecases import end_all_sessions
from casework.staff import rules
from casework.staff.model import Account, Grant, Unit, UnitReach
from casework.staff.queries import ends_of_role
from casework.texts import clean
from casework.work import Work

UNIQUE_VIOLATION = "23505"
NAME_TAKEN = Problem("sign_in_name", _("This sign-in name is taken. Choose another."))

FOR_EVER: sa.ColumnElement[datetime] = sa.literal_column("'infinity'::timestamptz")
"""Stands for a role without an end where ends are compared."""


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
    _add(work, account)
    record(work, "setting", f"account:{account.id}", action="opened", sign_in_name=folded)
    return account


def _add(work: Work, account: Account) -> None:
    """Add an account; Invalid if somebody else takes its name at this moment."""
    try:
        with work.session.begin_nested():
            work.session.add(account)
            work.session.flush()  # grants follow at once
    except IntegrityError as error:
        if getattr(error.orig, "sqlstate", None) != UNIQUE_VIOLATION:
            raise
        raise Invalid([NAME_TAKEN]) from error


def problems_of_member(work: Work, folded: str, name: str, phone: str, language: str | None) -> list[Problem]:
    """What is wrong with the particulars of a new account, its folded sign-in name among them."""
    problems = list(rules.problems_of_particulars(folded, name, phone, language))
    if work.session.scalar(sa.select(Account.id).where(Account.sign_in_name == folded)):
        problems.insert(0, NAME_TAKEN)
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
    only_working_within_reach(work, locked)
    _leave_an_administrator(work, _held(work, locked))
    locked.disabled_at = work.now
    locked.version += 1
    end_all_sessions(work.session, locked.id, "disabled", work.now)
    record(work, "setting", f"account:{locked.id}", action="disabled")


def only_working_within_reach(work: Work, account: Account) -> None:
    """Forbidden if somebody has a role, at a unit or on a case, beyond what the actor administers."""
    if work.actor.id == SYSTEM_ACTOR:
        return
    reach = work.actor.units("administrator")
    place = sa.func.coalesce(Grant.unit_id, Case.unit_id)
    statement = (
        sa.select(place)
        .outerjoin(Case, Case.id == Grant.case_id)
        .where(Grant.account_id == account.id, _in_force(work))
    )
    with work.session.as_system():
        places = set(work.session.scalars(statement))
    if not reach or places - reach:
        raise Forbidden(
            "staff:manage",
            _("This person has a role beyond your unit. An administrator of both units can do this."),
        )


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


def _in_force(work: Work, grant: type[Grant] = Grant) -> sa.ColumnElement[bool]:
    return sa.and_(
        grant.valid_from <= work.now, sa.or_(grant.valid_until.is_(None), grant.valid_until > work.now)
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
            compartments=opened(role, "unit", work.programs),
            valid_from=work.now,
            valid_until=until,
            reason=clean(reason, lines=True),
            given_by=work.actor.id,
            given_at=work.now,
        ),
    )
    _follow_on_cases(work, account_id, role)
    if role == "worker":
        _give_back(work, account_id)


def only_within_reach(work: Work, unit_id: int) -> None:
    """Forbidden unless the actor manages the staff of a unit."""
    if work.actor.id != SYSTEM_ACTOR and unit_id not in work.actor.units("administrator"):
        raise Forbidden("staff:manage", _("You may give roles only at your own unit and below it."))


def give_case_grant(
    work: Work, *, account_id: int, case_id: int, role: str, reason: str, until: datetime | None = None
) -> None:
    """Give a role on one case; the use case that calls has decided that it may.

    It ends at the latest with the role at a unit that it hangs on. Missing for whoever has none
    that reaches the case.
    """
    if role in rules.FOLLOWS:
        ends = ends_of_role(work, account_id, rules.FOLLOWS[role], case_id)
        if not ends:
            raise Missing
        until = rules.earlier(until, rules.latest(ends))
    _give(
        work,
        Grant(
            account_id=account_id,
            role=role,
            unit_id=None,
            case_id=case_id,
            compartments=opened(role, "case", work.programs),
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
    """End a role at a unit now, and with it what hangs on it on cases.

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
    cases = _follow_on_cases(work, grant.account_id, grant.role)
    record(
        work,
        "grant",
        f"account:{grant.account_id}",
        action="ended",
        role=grant.role,
        unit=grant.unit_id,
        cases=cases,
    )


def _follow_on_cases(work: Work, account_id: int, role: str) -> int:
    """Let what hangs on a role at units last as long as it; answers on how many cases it ended.

    Whoever works on a case does so as long as he is a worker there; all else on a case may end
    earlier by itself, and is never made longer.
    """
    at_unit = aliased(Grant)
    lasts = (
        sa.select(sa.func.coalesce(sa.func.max(sa.func.coalesce(at_unit.valid_until, FOR_EVER)), work.now))
        .join(UnitReach, UnitReach.ancestor_id == at_unit.unit_id)
        .join(Case, Case.unit_id == UnitReach.unit_id)
        .where(
            Case.id == Grant.case_id,
            at_unit.account_id == account_id,
            at_unit.role == role,
            _in_force(work, at_unit),
        )
        .correlate(Grant)
        .scalar_subquery()
    )
    own = sa.select(Case.id).where(Case.id == Grant.case_id, Case.worker_id == account_id).correlate(Grant)
    is_worker = sa.and_(Grant.role == "worker", sa.exists(own))
    ends = sa.case((is_worker, FOR_EVER), else_=sa.func.coalesce(Grant.valid_until, FOR_EVER))
    with work.session.as_system():
        changed = work.session.scalars(
            sa.update(Grant)
            .where(
                Grant.account_id == account_id,
                Grant.case_id.is_not(None),
                Grant.role.in_(rules.following(role)),
                _in_force(work),
            )
            .values(valid_until=sa.func.nullif(sa.func.least(ends, lasts), FOR_EVER))
            .returning(Grant.valid_until)
            .execution_options(synchronize_session=False)
        )
        return sum(end is not None and end <= work.now for end in changed)


def _give_back(work: Work, account_id: int) -> None:
    """Let somebody who is a worker again have the open cases that are still given to him."""
    has = sa.exists().where(
        Grant.case_id == Case.id, Grant.account_id == account_id, Grant.role == "worker", _in_force(work)
    )
    reached = (
        sa.select(UnitReach.unit_id)
        .join(Grant, Grant.unit_id == UnitReach.ancestor_id)
        .where(Grant.account_id == account_id, Grant.role == "worker", _in_force(work))
    )
    statement = sa.select(Case.id, Case.number).where(
        Case.worker_id == account_id, Case.closed_at.is_(None), Case.unit_id.in_(reached), ~has
    )
    with work.session.as_system():
        lost = work.session.execute(statement.order_by(Case.id)).all()
    for case_id, number in lost:
        give_case_grant(work, account_id=account_id, case_id=case_id, role="worker", reason=number)


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
