"""The walls as the database knows them: every table has them, and nothing goes around them.

What they let through is told in test_canaries.py.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

import pytest
import sqlalchemy as sa

from casework.db import ActingSession
from casework.jobs.schema import TABLES as QUEUE
from casework.programs import Programs
from casework.resources import PACKAGE
from casework.security.visibility import OPEN_TABLES, POLICIES, PUBLISHED

AS_SYSTEM: Mapping[str, str] = {
    "casework/audit/queries.py": "who opened a case, for whoever may see that case; the trail itself is closed",
    "casework/duties/compliance.py": "counts of duties at the units of whoever asks; the cases behind stay closed",
    "casework/duties/facts.py": "a duty may answer to what its owner may not read",
    "casework/duties/usecases.py": "duties are kept for everybody, whoever's act they follow from",
    "casework/funds/paying.py": "a payment moves its case, which whoever keeps the books does not see",
    "casework/funds/usecases.py": "whoever withdraws gives back money of a fund that he does not see",
    "casework/handbook/effects.py": "counts what a rule would have changed, over all cases, and tells only numbers",
    "casework/people/usecases.py": "a death reaches every open case, whoever records it",
    "casework/portal/accounts.py": "phones are nobody's to read, and are asked for before there is an actor",
    "casework/portal/applying.py": "whoever applies has no right at a unit; what the table lets her do is done in her name",
    "casework/portal/codes.py": "codes are nobody's to read; a right one opens the case that it was made for",
    "casework/portal/phone_codes.py": "codes are nobody's to read, and are asked for before there is an actor",
    "casework/portal/queries.py": "a worker's draft that is handed over, and how long others waited, as a figure",
    "casework/portal/texts.py": "numbers and words of texts are nobody's to read",
    "casework/staff/queries.py": "whom a case can be given to, and how many cases each has",
    "casework/staff/usecases.py": "nobody may write grants but through these use cases",
    "plugins/subsidy/deciding.py": "what a fund has left bounds an amount; its books stay closed",
    "plugins/subsidy/effects.py": "whoever withdraws gives back money of an assessment that he does not see",
    "plugins/subsidy/notices.py": "a notice goes with the application, whoever ends it",
    "plugins/subsidy/queries.py": "the same help asked for elsewhere, of which only a number is told",
    "plugins/subsidy/telling.py": "the phones and consents of applicants, for whoever decides",
}
"""The only modules that let the system act in place of the person, each with the reason."""


def test_every_table_has_policies_or_a_reason_to_have_none(
    session: ActingSession, programs: Programs
) -> None:
    found = session.execute(
        sa.text(
            "select relname, relrowsecurity from pg_class"
            " where relnamespace = 'public'::regnamespace and relkind in ('r', 'p')"
        )
    ).all()
    open_to_all = {*OPEN_TABLES, *PUBLISHED, *QUEUE}
    walled = {name for name, secured in found if secured}
    bare = {name for name, secured in found if not secured and not name.startswith("alembic_version")}
    assert bare == open_to_all
    assert walled == {*POLICIES, *(table for program in programs for table in program.policies)}
    policies = session.execute(
        sa.text("select tablename, array_agg(policyname::text) from pg_policies group by tablename")
    ).all()
    assert {table for table, names in policies if {"seen", "added"} <= set(names)} == walled


WITH_THE_OWNERS_RIGHTS: Mapping[str, str] = {
    "actor_units": "what the policies ask for",
    "actor_walls": "as above",
    "ledger_holds": "answers nothing: a trigger that only refuses",
    "ledger_opens": "answers nothing: a trigger that writes what the run-time role may not write itself",
    "ledger_posts": "as above",
}
"""The only functions that run as the owner, each with the reason."""


def test_nothing_reads_around_the_policies(session: ActingSession) -> None:
    """A view reads as its owner, and so does a function with the owner's rights."""
    views = session.execute(
        sa.text(
            "select relname from pg_class where relnamespace = 'public'::regnamespace"
            " and relkind in ('v', 'm') and coalesce(not 'security_invoker=true' = any(reloptions), true)"
        )
    )
    assert views.scalars().all() == []
    functions = session.execute(
        sa.text(
            "select proname from pg_proc where pronamespace = 'public'::regnamespace and prosecdef order by 1"
        )
    )
    assert set(functions.scalars()) == set(WITH_THE_OWNERS_RIGHTS)


def test_the_run_time_role_is_nobody_special(session: ActingSession) -> None:
    role = session.execute(
        sa.text(
            "select rolname, rolsuper, rolbypassrls, rolcreaterole, rolcreatedb, rolreplication,"
            " exists (select 1 from pg_auth_members m where m.member = r.oid) as is_member,"
            " exists (select 1 from pg_shdepend d where d.refobjid = r.oid and d.deptype = 'o') as owns,"
            " has_schema_privilege('public', 'create') as creates"
            " from pg_roles r where rolname = current_user"
        )
    ).one()
    assert role.rolname == "casework_runtime"
    assert not any(role[1:])


@pytest.mark.parametrize(
    ("table", "lacks"),
    [
        ("events", ("update", "delete", "truncate")),
        ("audit_entries", ("update", "delete", "truncate")),
        ("audit_chain", ("update", "delete", "truncate")),
        ("audit_pending", ("update", "truncate")),
        ("form_definitions", ("update", "delete", "truncate")),
        ("editions", ("update", "delete", "truncate")),
        ("cases", ("delete", "truncate")),
        ("persons", ("delete", "truncate")),
        ("grants", ("delete", "truncate")),
        ("fund_postings", ("update", "delete", "truncate")),
        ("fund_entries", ("insert", "update", "delete", "truncate")),
        ("fund_balances", ("insert", "update", "delete", "truncate")),
        ("fund_cases", ("insert", "update", "delete", "truncate")),
        ("payments", ("delete", "truncate")),
        ("consent_texts", ("update", "delete", "truncate")),
        ("consents", ("delete", "truncate")),
        ("portal_messages", ("delete", "truncate")),
    ],
)
def test_what_is_kept_for_ever_cannot_be_changed_or_taken_away(
    session: ActingSession, table: str, lacks: tuple[str, ...]
) -> None:
    for privilege in lacks:
        assert not session.scalar(
            sa.text("select has_table_privilege(:table, :privilege)"),
            {"table": table, "privilege": privilege},
        ), privilege
    if "update" in lacks:
        assert not session.scalar(
            sa.text("select has_any_column_privilege(:table, 'update')"), {"table": table}
        )


def test_only_the_listed_modules_let_the_system_act() -> None:
    folders = (PACKAGE, PACKAGE.parent / "plugins")
    found = {
        path.relative_to(PACKAGE.parent).as_posix()
        for folder in folders
        for path in folder.rglob("*.py")
        if not {"tests", "testing"} & set(path.parts)
        and re.search(r"\.as_system\(", path.read_text(encoding="utf-8"))
    }
    assert found == set(AS_SYSTEM)
