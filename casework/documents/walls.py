"""Who sees the rows of this domain (see casework/security/visibility.py)."""

from __future__ import annotations

from collections.abc import Mapping

import sqlalchemy as sa

from casework.security.policies import Policy, case_rows

POLICIES: Mapping[str, Policy] = {"documents": case_rows("documents")}
"""The policy of every table of this domain."""

DOCUMENT_STAYS = """
create or replace function document_stays() returns trigger language plpgsql as
$$ begin
  if (new.uid, new.case_id, new.compartment, new.kind, new.page, new.added_by, new.added_at)
     is distinct from
     (old.uid, old.case_id, old.compartment, old.kind, old.page, old.added_by, old.added_at)
     or (old.sha256 is not null and new.sha256 is distinct from old.sha256)
     or (old.store_name is not null and new.store_name is not null and new.store_name <> old.store_name)
     or (old.status in ('kept', 'made') and new.status <> old.status)
     or (old.removed_at is not null and new.removed_at is distinct from old.removed_at)
  then raise exception 'what was handed in or issued is never changed' using errcode = 'insufficient_privilege';
  end if;
  return new;
end $$;
create or replace trigger document_stays before update on documents
for each row execute function document_stays();
"""
"""A paper can be taken off a case and never be exchanged, whatever the code above does."""


def install(connection: sa.Connection) -> None:
    """Make the trigger that keeps papers as they came, as the owner. Idempotent."""
    connection.exec_driver_sql(DOCUMENT_STAYS)
