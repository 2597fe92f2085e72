"""What the database itself does for the ledger: it writes the entries, and holds what must be true.

Code adds a posting. A trigger writes its entries and the balances, with the rights of the owner, as
the run-time role may not write either. Constraints on the balances refuse what there is no money
for. Nothing of the ledger is ever changed, also not by the owner's slips. Of a payment only the seal
of the account's number may be renewed, by the system.
"""

from __future__ import annotations

from collections.abc import Mapping

import sqlalchemy as sa

from casework.security.policies import Policy

UNITS = "any((select actor_units('finance'))::bigint[])"
"""The units whose money the actor sees."""

_WITHIN = f"unit_id = {UNITS}"
_FUND_USED = (
    "exists (select 1 from funds f join unit_reach r on r.ancestor_id = f.unit_id"
    f" where f.id = fund_balances.fund_id and r.unit_id = {UNITS})"
)
"""Whoever sees the money of a unit sees the balances of the funds that serve it."""

POLICIES: Mapping[str, Policy] = {
    "funds": Policy("(select actor_id()) > 0", _WITHIN),
    "fund_postings": Policy(_WITHIN, _WITHIN),
    "fund_entries": Policy(
        "exists (select 1 from fund_postings p where p.id = fund_entries.posting_id)", "false"
    ),
    "fund_balances": Policy(_FUND_USED, "false"),
    "fund_cases": Policy(_WITHIN, "false"),
    "payments": Policy(_WITHIN, _WITHIN, _WITHIN),
}
"""The policy of every table of this domain. That there is a fund, and its name, is no secret."""

WRITTEN_BY_THE_DATABASE = ("fund_entries", "fund_balances", "fund_cases")

FUNCTIONS = """
create or replace function ledger_stays() returns trigger language plpgsql as
$$ begin raise exception 'the ledger is never changed' using errcode = 'insufficient_privilege'; end $$;

create or replace function ledger_opens() returns trigger
language plpgsql security definer set search_path = public, pg_temp as
$$ begin
  insert into fund_balances (fund_id, bank, available, committed) values (new.id, 0, 0, 0);
  return null;
end $$;

create or replace function ledger_posts() returns trigger
language plpgsql security definer set search_path = public, pg_temp as
$$
declare
  into_bank bigint := case new.kind when 'receive' then new.amount when 'take_back' then new.amount
    when 'pay' then -new.amount else 0 end;
  into_committed bigint := case new.kind when 'commit' then new.amount when 'release' then -new.amount
    when 'pay' then -new.amount else 0 end;
  into_available bigint := into_bank - into_committed;
begin
  if not exists (select 1 from funds f join unit_reach r on r.ancestor_id = f.unit_id
    where f.id = new.fund_id and r.unit_id = new.unit_id)
  then raise exception 'money of a fund stays within its unit' using errcode = 'check_violation'; end if;
  if new.kind = 'pay' and not exists (
    select 1 from payments p where p.id = new.payment_id and p.status = 'confirmed')
  then raise exception 'only what was confirmed is paid' using errcode = 'check_violation'; end if;

  insert into fund_entries (posting_id, account, amount)
  select new.id, side.account, side.amount
  from (values ('bank', into_bank), ('available', -into_available), ('committed', -into_committed))
    side (account, amount)
  where side.amount <> 0;

  update fund_balances set bank = bank + into_bank, available = available + into_available,
    committed = committed + into_committed where fund_id = new.fund_id;

  if new.case_id is not null then
    insert into fund_cases (fund_id, case_id, unit_id, committed, paid)
    values (new.fund_id, new.case_id, new.unit_id, 0, 0) on conflict do nothing;
    update fund_cases set committed = committed + into_committed, paid = paid - into_bank
    where fund_id = new.fund_id and case_id = new.case_id;
  end if;
  return null;
end $$;

create or replace function ledger_holds() returns trigger
language plpgsql security definer set search_path = public, pg_temp as
$$ begin
  if (select sum(amount) from fund_entries where posting_id = new.id) is distinct from 0
  then raise exception 'the entries of a posting sum to zero' using errcode = 'check_violation'; end if;
  if new.kind = 'pay' and not exists (
    select 1 from payments p where p.id = new.payment_id and p.status = 'paid')
  then raise exception 'what the ledger pays is a payment that was made' using errcode = 'check_violation';
  end if;
  return null;
end $$;

create or replace function payment_stays() returns trigger language plpgsql as
$$ begin
  if tg_op = 'INSERT' then
    if new.status <> 'ordered'
    then raise exception 'a payment begins with its order' using errcode = 'check_violation'; end if;
    return new;
  end if;
  if (new.uid, new.key, new.fund_id, new.case_id, new.case_number, new.unit_id, new.amount, new.purpose,
      new.payee_name, new.payee_bank, new.payee_account_tail, new.ordered_by, new.ordered_at)
     is distinct from
     (old.uid, old.key, old.fund_id, old.case_id, old.case_number, old.unit_id, old.amount, old.purpose,
      old.payee_name, old.payee_bank, old.payee_account_tail, old.ordered_by, old.ordered_at)
     or ((new.payee_account, new.payee_account_index)
         is distinct from (old.payee_account, old.payee_account_index) and actor_id() is distinct from 1)
  then raise exception 'what was ordered is never changed' using errcode = 'insufficient_privilege'; end if;
  if new.status <> old.status and (old.status, new.status) not in (
    ('ordered', 'confirmed'), ('ordered', 'sent_back'), ('confirmed', 'ordered'), ('confirmed', 'sent_back'),
    ('confirmed', 'paid'))
  then raise exception 'a payment is not made twice or out of turn' using errcode = 'check_violation'; end if;
  if old.status = 'paid' and (new.slip_number, new.paid_on) is distinct from (old.slip_number, old.paid_on)
  then raise exception 'what was paid is never changed' using errcode = 'insufficient_privilege'; end if;
  if new.status = 'paid' and not exists (select 1 from fund_postings p where p.payment_id = new.id)
  then raise exception 'a payment is made by the ledger' using errcode = 'check_violation'; end if;
  return new;
end $$;
"""

TRIGGERS = """
create or replace trigger ledger_opens after insert on funds
for each row execute function ledger_opens();
create or replace trigger ledger_posts after insert on fund_postings
for each row execute function ledger_posts();
create or replace trigger ledger_stays before update or delete on fund_postings
for each row execute function ledger_stays();
create or replace trigger ledger_stays_whole before truncate on fund_postings
for each statement execute function ledger_stays();
create or replace trigger ledger_stays before update or delete on fund_entries
for each row execute function ledger_stays();
create or replace trigger ledger_stays_whole before truncate on fund_entries
for each statement execute function ledger_stays();
create or replace trigger payment_stays before insert or update on payments
for each row execute function payment_stays();
drop trigger if exists ledger_holds on fund_postings;
create constraint trigger ledger_holds after insert on fund_postings deferrable initially deferred
for each row execute function ledger_holds();
"""


def install(connection: sa.Connection, role: str) -> None:
    """Make the triggers that keep the ledger true, as the owner. Idempotent."""
    name = connection.dialect.identifier_preparer.quote(role)
    connection.exec_driver_sql(FUNCTIONS)
    connection.exec_driver_sql(TRIGGERS)
    for table in WRITTEN_BY_THE_DATABASE:
        connection.exec_driver_sql(f"revoke insert on {table} from {name}")
