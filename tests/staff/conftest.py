from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa

from casework.audit.model import AuditEntry
from casework.staff.model import Account, Grant
from casework.staff.usecases import give_unit_grant, open_account
from casework.testing.committed import own_database
from casework.testing.network import Network
from casework.work import Work


@pytest.fixture
def local_admin(network: Network, as_system: Callable[[], Work]) -> Account:
    """An administrator of the first hospital alone."""
    work = as_system()
    account = open_account(work, sign_in_name="local-admin", name="Local Admin", password=None, language="en")
    give_unit_grant(
        work,
        account_id=account.id,
        role="administrator",
        unit_id=network.units["hospital"].id,
        reason="test",
    )
    return account


@pytest.fixture
def trail(as_system: Callable[[], Work]) -> Callable[[str], list[dict[str, Any]]]:
    """`trail("account:7")`: what the audit trail tells of a subject, besides requests."""

    def read(subject: str) -> list[dict[str, Any]]:
        entries = as_system().session.scalars(
            sa.select(AuditEntry)
            .where(AuditEntry.subject == subject, AuditEntry.kind.in_(["grant", "setting"]))
            .order_by(AuditEntry.id)
        )
        return [{"actor": entry.actor_id, "kind": entry.kind, **entry.details} for entry in entries]

    return read


@pytest.fixture
def roles_now(as_system: Callable[[], Work]) -> Callable[[Account], list[tuple[str, int]]]:
    """`roles_now(account)`: role and unit of every grant in force."""

    def read(account: Account) -> list[tuple[str, int]]:
        work = as_system()
        rows = work.session.execute(
            sa.select(Grant.role, Grant.unit_id)
            .where(Grant.account_id == account.id, Grant.unit_id.is_not(None), Grant.valid_from <= work.now)
            .where(sa.or_(Grant.valid_until.is_(None), Grant.valid_until > work.now))
            .order_by(Grant.id)
        )
        return [(role, unit_id) for role, unit_id in rows]

    return read


__all__ = ["own_database"]
