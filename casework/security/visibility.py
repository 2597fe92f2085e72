"""Who sees which row, decided once, in the database: row-level security fed from `grants`.

Every table is either listed here with its policy or named in `OPEN_TABLES` with the reason why it
needs none; a test holds that. `install` is idempotent and runs at the end of every migration, as
the owner. The run-time role owns nothing, cannot bypass the policies, and may only append to
events and audit.

The shape of the policies keeps them usable by indexes: the units of the actor are one array
computed once for each statement, case grants are found by index, and the rows of a case ask
through the case's own policy. The walls that the actor opens by unit grants are one set of pairs,
hashed once for each statement.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import sqlalchemy as sa

from casework.audit import walls
from casework.documents import walls as documents
from casework.funds import walls as funds
from casework.jobs import schema
from casework.portal import walls as portal
from casework.security.policies import SYSTEM, Policy, case_grant, case_rows, of_case, units, walled

OPEN_TABLES: Mapping[str, str] = {
    "units": "the organisation tree is public knowledge among staff",
    "unit_reach": "derived from units",
    "accounts": "read before there is an actor, to sign in; holds names of staff, no served person's data",
    "sessions": "read before there is an actor; found only by the hash of a random cookie",
    "sign_in_attempts": "counts by hash, read before there is an actor",
    "held_posts": "found only by a random number and the account's own id",
    "case_numbers": "a counter for each series",
    "job_runs": "numbers of finished jobs",
    "calendar_days": "public calendar",
    "calendar_years": "public calendar",
    "handbook_prints": "books of a public text",
    "edition_drafts": "the next edition of a public text; who writes it is decided by permission",
}
"""Tables without policies, each with the reason."""

PUBLISHED: Mapping[str, str] = {
    "form_definitions": "the printed forms, each pinned by what was signed on it",
    "editions": "the published standard, each pinned by the duties that arose under it",
}
"""Tables without policies that the run-time role reads and adds to, and never changes."""

FUNCTIONS = """
create or replace function actor_id() returns bigint language sql stable parallel safe as
$$ select nullif(current_setting('casework.actor', true), '')::bigint $$;

create or replace function actor_now() returns timestamptz language sql stable parallel safe as
$$ select coalesce(nullif(current_setting('casework.now', true), '')::timestamptz, now()) $$;

create or replace function actor_units(wanted text) returns bigint[]
language sql stable security definer set search_path = public, pg_temp as
$$
  select case when actor_id() = 1 then (select coalesce(array_agg(id), '{}') from units)
  else (
    select coalesce(array_agg(distinct r.unit_id), '{}')
    from grants g join unit_reach r on r.ancestor_id = g.unit_id
    where g.account_id = actor_id() and g.unit_id is not null and wanted = any(g.compartments)
      and g.valid_from <= actor_now() and (g.valid_until is null or g.valid_until > actor_now())
  ) end
$$;

create or replace function actor_walls() returns table (compartment text, unit_id bigint)
language sql stable rows 100 security definer set search_path = public, pg_temp as
$$
  select distinct w.wall, r.unit_id
  from grants g join unit_reach r on r.ancestor_id = g.unit_id cross join unnest(g.compartments) w (wall)
  where g.account_id = actor_id() and g.unit_id is not null and w.wall not in ('case', 'referral')
    and g.valid_from <= actor_now() and (g.valid_until is null or g.valid_until > actor_now())
$$;
"""

SIGNED_STAYS = """
create or replace function signed_stays() returns trigger language plpgsql as
$$ begin
  if (new.answers, new.form_hash, new.case_id, new.signed_by, new.signed_at, new.happened_at, new.author_id)
     is distinct from
     (old.answers, old.form_hash, old.case_id, old.signed_by, old.signed_at, old.happened_at, old.author_id)
  then raise exception 'what was signed is never changed' using errcode = 'insufficient_privilege'; end if;
  return new;
end $$;
create or replace trigger signed_stays before update on responses
for each row when (old.status <> 'draft') execute function signed_stays();
"""
"""A signed response can be superseded and never overwritten, whatever the code above does."""


CASES_WRITTEN = (
    f"(compartment = 'case' and unit_id = {units('case')})"
    f" or {case_grant('cases.id', 'cases.compartment = any(g.compartments)')}"
    f" or (compartment <> 'case' and {walled('cases.compartment', 'cases.unit_id')})"
)
CASES_SEEN = (
    f"{CASES_WRITTEN} or {case_grant('cases.id')}"
    f" or (referrer_id = (select actor_id()) and unit_id = {units('referral')})"
)
"""Whoever referred a case sees it as long as she may refer where it was opened, and no longer."""


PERSON_SEEN = (
    f"unit_id = {units('client')}"
    f" or exists (select 1 from person_units k where k.person_id = persons.id and k.unit_id = {units('client')})"
    " or exists (select 1 from cases c where c.person_id = persons.id)"
)


def of_person(table: str) -> str:
    """The condition for rows of a person that carry `person_id`."""
    return f"exists (select 1 from persons p where p.id = {table}.person_id)"


_OWN_DRAFT = (
    f"(status = 'draft' and (author_id = (select actor_id()) or {SYSTEM})"
    " and (case_id is null or exists (select 1 from cases c where c.id = responses.case_id)))"
)
_RESPONSE = f"{_OWN_DRAFT} or (status <> 'draft' and {of_case('responses')})"

POLICIES: Mapping[str, Policy] = {
    "cases": Policy(CASES_SEEN, f"unit_id = {units('referral')}", CASES_WRITTEN),
    "events": case_rows("events", changed=False),
    "responses": Policy(_RESPONSE, _RESPONSE, _RESPONSE, _OWN_DRAFT),
    "duties": case_rows("duties", deleted=True),
    "goals": case_rows("goals"),
    "case_persons": case_rows("case_persons", deleted=True),
    "grants": Policy(
        f"account_id = (select actor_id()) or unit_id = {units('staff')} or {SYSTEM}", SYSTEM, SYSTEM
    ),
    "persons": Policy(PERSON_SEEN, f"unit_id = {units('client')}", PERSON_SEEN),
    "person_units": Policy(f"unit_id = {units('client')}", f"unit_id = {units('client')}"),
    "households": Policy(
        f"unit_id = {units('client')} or exists (select 1 from household_members m"
        " join persons p on p.id = m.person_id where m.household_id = households.id)",
        f"unit_id = {units('client')}",
        f"unit_id = {units('client')}",
    ),
    "household_members": Policy(
        of_person("household_members"), of_person("household_members"), of_person("household_members")
    ),
    "person_tokens": Policy(
        of_person("person_tokens"), of_person("person_tokens"), None, of_person("person_tokens")
    ),
    **walls.POLICIES,
    **funds.POLICIES,
    **documents.POLICIES,
    **portal.POLICIES,
}
"""The policy of every table of the core that has one."""


def protect(connection: sa.Connection, table: str, policy: Policy, role: str) -> None:
    """Switch row-level security on for a table and give the run-time role exactly what the policy allows."""
    name = connection.dialect.identifier_preparer.quote(role)
    statements = [f"alter table {table} enable row level security"]
    statements += [
        f"drop policy if exists {part} on {table}" for part in ("seen", "added", "changed", "deleted")
    ]
    statements += [
        f"revoke all on {table} from {name}",
        f"create policy seen on {table} for select to {name} using ({policy.seen})",
        f"create policy added on {table} for insert to {name} with check ({policy.added})",
        f"grant select, insert on {table} to {name}",
    ]
    if policy.changed is not None:
        statements += [
            (
                f"create policy changed on {table} for update to {name}"
                f" using ({policy.changed}) with check ({policy.changed})"
            ),
            f"grant update on {table} to {name}",
        ]
    if policy.deleted is not None:
        statements += [
            f"create policy deleted on {table} for delete to {name} using ({policy.deleted})",
            f"grant delete on {table} to {name}",
        ]
    for statement in statements:
        connection.execute(sa.text(statement))


def install(connection: sa.Connection, role: str, programs: Iterable[Mapping[str, Policy]] = ()) -> None:
    """(Re)create functions, policies and privileges for the run-time role; idempotent.

    `programs` are the policies of the enabled programs' tables. The tables of a program that was
    switched off stay closed: row-level security without a policy shows nothing.
    """
    name = connection.dialect.identifier_preparer.quote(role)
    connection.exec_driver_sql(FUNCTIONS)
    connection.execute(sa.text(f"grant usage on schema public to {name}"))
    for table in OPEN_TABLES:
        connection.execute(sa.text(f"grant select, insert, update, delete on {table} to {name}"))
    for table in PUBLISHED:
        connection.execute(sa.text(f"grant select, insert on {table} to {name}"))
    for policies in (POLICIES, *programs):
        for table, policy in policies.items():
            protect(connection, table, policy, role)
    connection.exec_driver_sql(SIGNED_STAYS)
    walls.install(connection)
    funds.install(connection, role)
    documents.install(connection)
    schema.allow(connection, role)
    connection.execute(sa.text(f"grant usage on all sequences in schema public to {name}"))


def uninstall(connection: sa.Connection) -> None:
    """Take all policies away, so that a migration can change what they speak of. Row-level security
    stays switched on: until `install` has run again, the run-time role sees no rows."""
    policies = connection.execute(
        sa.text(
            "select format('drop policy %I on %I.%I', policyname, schemaname, tablename)"
            " from pg_policies where schemaname = 'public'"
        )
    ).scalars()
    for statement in policies.all():
        connection.execute(sa.text(statement))
