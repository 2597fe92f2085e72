"""The policy of one table, as a value, and the conditions that policies are made of."""

from __future__ import annotations

from dataclasses import dataclass

SYSTEM = "(select actor_id()) = 1"
"""The condition that the system itself acts (casework.db.SYSTEM_ACTOR)."""


@dataclass(frozen=True)
class Policy:
    """Which rows of a table are seen, added, changed and deleted, as SQL conditions.

    `changed` and `deleted` None means never: the run-time role has not even the privilege.
    """

    seen: str
    added: str
    changed: str | None = None
    deleted: str | None = None


def units(compartment: str) -> str:
    """The units at which a compartment is open to the actor, to compare with."""
    return f"any((select actor_units('{compartment}'))::bigint[])"


def walled(compartment: str, unit_id: str) -> str:
    """The condition that a wall is opened to the actor at a unit; to the system every wall is."""
    return f"({SYSTEM} or ({compartment}, {unit_id}) in (select compartment, unit_id from actor_walls()))"


def case_grant(case_id: str, condition: str = "true") -> str:
    """The condition that the actor holds a role on the case, of which more may be asked."""
    return (
        "exists (select 1 from grants g where g.account_id = (select actor_id())"
        f" and g.case_id = {case_id} and g.valid_from <= (select actor_now())"
        f" and (g.valid_until is null or g.valid_until > (select actor_now())) and {condition})"
    )


def of_case(table: str) -> str:
    """The condition for rows of a case that carry `case_id` and `compartment`."""
    return (
        f"exists (select 1 from cases c where c.id = {table}.case_id and ("
        f"({table}.compartment in ('case', 'referral') and c.compartment = 'case' and c.unit_id = {units('case')})"
        f" or ({table}.compartment = 'referral' and c.referrer_id = (select actor_id())"
        f" and c.unit_id = {units('referral')})"
        f" or ({table}.compartment not in ('case', 'referral') and {walled(f'{table}.compartment', 'c.unit_id')})"
        f" or {case_grant('c.id', f'({table}.compartment = any(g.compartments))')}))"
    )


def case_rows(table: str, *, changed: bool = True, deleted: bool = False) -> Policy:
    """The policy of a table whose rows belong to a case; programs use it for theirs."""
    condition = of_case(table)
    return Policy(condition, condition, condition if changed else None, condition if deleted else None)
