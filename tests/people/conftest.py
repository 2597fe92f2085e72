from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa

from casework.audit.model import AuditEntry
from casework.cases.model import Case
from casework.cases.usecases import move
from casework.people.model import Person
from casework.people.usecases import register_person
from casework.testing.network import Network
from casework.testing.referrals import refer_somebody
from casework.work import Work


@pytest.fixture
def case(network: Network, as_actor: Callable[..., Work]) -> Case:
    """A case of the worker."""
    case = refer_somebody(as_actor(network["nurse"]), network.units["ward"].id)
    move(as_actor(network["coordinator"]), case, "assign", worker_id=network["worker"].id)
    return case


@pytest.fixture
def somebody(network: Network, as_actor: Callable[..., Work]) -> Callable[..., Person]:
    """`somebody("单大华")`: a person registered on the ward."""

    def register(name: str, by: str = "nurse", unit: str = "ward", **given: Any) -> Person:
        work = as_actor(network[by])
        return register_person(work, unit_id=network.units[unit].id, full_name=name, confirmed=True, **given)

    return register


@pytest.fixture
def trail(as_system: Callable[[], Work]) -> Callable[[str], list[dict[str, Any]]]:
    """`trail("case:7")`: what the audit trail tells was written, besides requests."""

    def read(subject: str) -> list[dict[str, Any]]:
        entries = as_system().session.scalars(
            sa.select(AuditEntry)
            .where(AuditEntry.subject == subject, AuditEntry.kind == "write", AuditEntry.method == "")
            .order_by(AuditEntry.id)
        )
        return [{"actor": entry.actor_id, **entry.details} for entry in entries]

    return read
