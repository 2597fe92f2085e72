"""The roles of the service, and what part of a case each opens when it is given.

Source: the roles and the need-to-know matrix of the service's design; a wall that is not named
here is closed. `unit` are the compartments opened everywhere below the unit where the role is
given, `case` those opened on one case.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from casework.i18n import Message, _

if TYPE_CHECKING:
    from casework.programs import Program


@dataclass(frozen=True)
class Role:
    """A role: its title, and the compartments it opens by a unit grant and by a case grant."""

    key: str
    title: Message
    unit: frozenset[str] = frozenset()
    case: frozenset[str] = frozenset()


def _role(key: str, title: Message, unit: str = "", case: str = "") -> Role:
    return Role(key, title, frozenset(unit.split()), frozenset(case.split()))


ROLES: Mapping[str, Role] = {
    role.key: role
    for role in (
        _role("referrer", _("Ward nurse or referring doctor"), unit="client referral"),
        _role(
            "worker",
            _("Medical social worker"),
            unit="client referral",
            case="case client referral process_note safety",
        ),
        _role("former_worker", _("Former worker"), case="case client referral"),
        _role("supervisor", _("Supervisor"), unit="case client referral process_note safety staff"),
        _role("coordinator", _("Program coordinator"), unit="case client referral safety staff"),
        _role("fund_officer", _("Fund officer"), unit="client", case="finance"),
        _role("committee", _("Committee member")),
        _role("finance", _("Finance officer"), case="finance"),
        _role("mediator", _("Mediator")),
        _role("purchaser", _("Purchaser's monitor")),
        _role("auditor", _("Auditor"), unit="audit staff"),
        _role("administrator", _("Administrator"), unit="staff audit"),
        _role("client", _("Patient or family"), case="released"),
    )
}
"""All roles by key."""


def opened(role: str, relation: Literal["unit", "case"], programs: Iterable[Program]) -> list[str]:
    """The compartments that a role opens by a grant at a unit or on a case: its own, and those that
    the programs open to it."""
    own = ROLES[role].unit if relation == "unit" else ROLES[role].case
    return sorted(own.union(*(program.opens.get((role, relation), frozenset()) for program in programs)))
