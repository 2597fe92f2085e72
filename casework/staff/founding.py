"""The first administrator of an empty installation."""

from __future__ import annotations

import sqlalchemy as sa

from casework.security.names import fold_name
from casework.security.passwords import make_one_time
from casework.staff.model import Account, Unit
from casework.staff.usecases import found_unit, give_unit_grant, open_account
from casework.work import Work

FIRST_CODE = "ROOT"


def open_administrator(work: Work, sign_in_name: str, network: str) -> tuple[Account, str]:
    """Open the account of an administrator of the whole network, for the system alone.

    The network is founded with that name if there is none yet. Answers the account and its one-time
    password, which is kept nowhere else. Invalid for a sign-in name that is taken or is none.
    """
    password = make_one_time(fold_name(sign_in_name))
    account = open_account(work, sign_in_name=sign_in_name, name=sign_in_name, password=password)
    root = work.session.scalar(
        sa.select(Unit).where(Unit.parent_id.is_(None)).order_by(Unit.id).limit(1).with_for_update()
    )
    if root is None:
        names = dict.fromkeys(("en", "zh_Hans"), network)
        root = found_unit(work, parent=None, kind="district", code=FIRST_CODE, names=names)
    give_unit_grant(
        work, account_id=account.id, role="administrator", unit_id=root.id, reason="casework administrator"
    )
    return account, password
