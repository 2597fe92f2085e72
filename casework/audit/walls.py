"""What the database itself does for the trail: it queues entries for sealing and refuses changes.

The run-time role may only append (casework/security/visibility.py); the triggers stop the owner's
slips too. Whoever takes the triggers away is found out by `casework audit verify`.
"""

from __future__ import annotations

from collections.abc import Mapping

import sqlalchemy as sa

from casework.security.policies import SYSTEM, Policy

_AT_THE_ROOT = (
    "(select exists (select 1 from units u where u.parent_id is null and u.id = any(actor_units('audit'))))"
)

POLICIES: Mapping[str, Policy] = {
    "audit_entries": Policy(f"{SYSTEM} or {_AT_THE_ROOT}", "true"),
    "audit_chain": Policy(SYSTEM, SYSTEM),
    "audit_pending": Policy(SYSTEM, "true", deleted=SYSTEM),
}
"""Everybody appends; only who holds `audit` for the whole network reads, and only the system seals."""

_FUNCTIONS = """
create or replace function audit_stays() returns trigger language plpgsql as
$$ begin raise exception 'the audit trail is never changed' using errcode = 'insufficient_privilege'; end $$;

create or replace function audit_waits() returns trigger language plpgsql as
$$ begin insert into audit_pending (entry_id) values (new.id); return null; end $$;
"""

_TRIGGERS = """
create or replace trigger audit_waits after insert on audit_entries
for each row execute function audit_waits();
create or replace trigger audit_stays before update or delete on audit_entries
for each row execute function audit_stays();
create or replace trigger audit_stays before update or delete on audit_chain
for each row execute function audit_stays();
create or replace trigger audit_stays_whole before truncate on audit_entries
for each statement execute function audit_stays();
create or replace trigger audit_stays_whole before truncate on audit_chain
for each statement execute function audit_stays();
"""


def install(connection: sa.Connection) -> None:
    """Make the functions and triggers of the trail, as the owner. Idempotent."""
    connection.exec_driver_sql(_FUNCTIONS)
    connection.exec_driver_sql(_TRIGGERS)
