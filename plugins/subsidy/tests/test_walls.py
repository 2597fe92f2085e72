"""What aid keeps is seen by those who work on it in their own hospital, and by nobody else."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import ProgrammingError

from casework.db import NOBODY
from casework_programs.subsidy.walls import POLICIES

OF_CASES = ("subsidy_assessments", "subsidy_bills", "subsidy_votes", "subsidy_notices")


def count(session, table):
    return session.scalar(sa.text(f"select count(*) from {table}"))


@pytest.fixture
def kept(office, clock):
    """Rows of every table, of a case of the first hospital; its notice is not shown any more."""
    case = office.decided()
    office.move(case, "publish-notice", "fund")
    clock.move(days=20)
    return case


def test_every_table_holds_something(kept, office):
    session = office.as_system().session
    assert all(count(session, table) for table in POLICIES)


@pytest.mark.parametrize("table", POLICIES)
def test_without_an_actor_there_is_nothing_but_what_is_public(table, kept, office):
    session = office.as_system().session
    session.act_as(NOBODY, session.info["now"])
    assert bool(count(session, table)) == (table == "subsidy_terms")


@pytest.mark.parametrize("table", OF_CASES)
def test_the_file_is_open_to_those_who_work_on_it(table, kept, office):
    seen = {name for name in office.network.accounts if count(office.at(name).session, table)}
    everybody = {"supervisor", "supervisor-two", "coordinator", "chief", "fund", "colleague", *office.VOTERS}
    assert seen == everybody | {"committee-four"}


def test_accounts_of_hospitals_are_for_those_who_see_its_money(kept, office):
    table = "subsidy_hospital_accounts"
    seen = {name for name in office.network.accounts if count(office.at(name).session, table)}
    assert seen == {"coordinator", "chief", "fund", "finance", "finance-two"}


@pytest.mark.parametrize("table", OF_CASES)
@pytest.mark.parametrize("who", ["other-coordinator", "other-supervisor", "other-worker", "nurse", "finance"])
def test_nobody_writes_on_a_case_that_he_does_not_see(who, table, kept, office):
    system = office.as_system()
    values = dict(
        system.session.execute(sa.text(f"select * from {table} where case_id = :id limit 1"), {"id": kept.id})
        .mappings()
        .one()
    )
    columns = sa.inspect(system.session.connection()).get_columns(table)
    row = sa.table(table, *(sa.column(each["name"], each["type"]) for each in columns))
    values.pop("id")
    again = values | {"hash": "another"} if table == "subsidy_bills" else values | {"round": 2}
    session = office.at(who).session
    refused = pytest.raises(ProgrammingError, match="row-level security")
    with refused, session.begin_nested():
        session.execute(sa.insert(row).values(**again))


@pytest.mark.parametrize("table", sorted(POLICIES))
def test_what_a_decision_rests_on_is_never_changed(table, kept, office):
    assert not office.as_system().session.scalar(
        sa.text("select has_any_column_privilege(:table, 'update')"), {"table": table}
    )


def test_a_coordinator_sets_no_terms_of_a_fund_of_others(kept, office):
    session = office.at("coordinator").session
    refused = pytest.raises(ProgrammingError, match="row-level security")
    with refused, session.begin_nested():
        session.execute(
            sa.text(
                "insert into subsidy_terms (fund_id, valid_from, data, hash, set_by, set_at)"
                " select fund_id, valid_from + 1, data, hash, set_by, set_at from subsidy_terms limit 1"
            )
        )
