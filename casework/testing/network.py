"""A small network of units and people for tests."""

from __future__ import annotations

from dataclasses import dataclass, field

import sqlalchemy as sa

from casework.staff.model import Account, Unit
from casework.staff.usecases import found_unit, give_unit_grant, open_account
from casework.work import Work

PASSWORD = "a long enough passphrase"  # noqa: S105 - of invented people in tests


@dataclass
class Network:
    """Units and accounts by short names: `network.units["ward"]`, `network["worker"]`."""

    units: dict[str, Unit] = field(default_factory=dict)
    accounts: dict[str, Account] = field(default_factory=dict)

    def __getitem__(self, name: str) -> Account:
        return self.accounts[name]


MEMBERS = (
    ("nurse", "referrer", "hospital"),
    ("worker", "worker", "hospital"),
    ("colleague", "worker", "hospital"),
    ("supervisor", "supervisor", "hospital"),
    ("coordinator", "coordinator", "hospital"),
    ("fund", "fund_officer", "hospital"),
    ("committee", "committee", "district"),
    ("finance", "finance", "district"),
    ("mediator", "mediator", "district"),
    ("purchaser", "purchaser", "district"),
    ("auditor", "auditor", "district"),
    ("admin", "administrator", "district"),
    ("other-nurse", "referrer", "other"),
    ("other-worker", "worker", "other"),
    ("other-coordinator", "coordinator", "other"),
    ("other-supervisor", "supervisor", "other"),
)
"""Sign-in name, role and unit of each member."""


UNITS = {
    "district": "D1",
    "hospital": "H1",
    "other": "H2",
    "ward": "H1W1",
    "other-ward": "H2W1",
    "centre": "C1",
}
"""The codes of the units by their short names."""


def find_network(work: Work) -> Network:
    """The network that was founded on this database before."""
    units = {unit.code: unit for unit in work.session.scalars(sa.select(Unit))}
    names = {name for name, _role, _unit in MEMBERS}
    accounts = work.session.scalars(sa.select(Account).where(Account.sign_in_name.in_(names)))
    return Network(
        {name: units[code] for name, code in UNITS.items()},
        {account.sign_in_name: account for account in accounts},
    )


def found_network(work: Work) -> Network:
    """A district with two hospitals, a ward in each, a centre, and one person in every role."""
    network = Network()
    district = found_unit(
        work,
        parent=None,
        kind="district",
        code=UNITS["district"],
        names={"en": "Test district", "zh_Hans": "测试区"},
    )
    hospital = found_unit(
        work,
        parent=district,
        kind="hospital",
        code=UNITS["hospital"],
        names={"en": "First hospital", "zh_Hans": "第一医院"},
    )
    other = found_unit(
        work,
        parent=district,
        kind="hospital",
        code=UNITS["other"],
        names={"en": "Second hospital", "zh_Hans": "第二医院"},
    )
    network.units = {
        "district": district,
        "hospital": hospital,
        "other": other,
        "ward": found_unit(
            work,
            parent=hospital,
            kind="ward",
            code=UNITS["ward"],
            names={"en": "Ward 1", "zh_Hans": "一病区"},
        ),
        "other-ward": found_unit(
            work,
            parent=other,
            kind="ward",
            code=UNITS["other-ward"],
            names={"en": "Ward 9", "zh_Hans": "九病区"},
        ),
        "centre": found_unit(
            work,
            parent=district,
            kind="centre",
            code=UNITS["centre"],
            names={"en": "Health centre", "zh_Hans": "社区服务中心"},
        ),
    }
    for name, role, unit in MEMBERS:
        account = open_account(work, sign_in_name=name, name=name.title(), password=None, language="en")
        give_unit_grant(work, account_id=account.id, role=role, unit_id=network.units[unit].id, reason="test")
        network.accounts[name] = account
    return network
