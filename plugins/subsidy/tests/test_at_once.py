"""Twenty people approve at the same moment, on a database where every transaction is real."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import yaml
from sqlalchemy.orm import sessionmaker

from casework.cases.events import append_event
from casework.cases.model import Case
from casework.cases.usecases import move, open_case
from casework.clock import SystemClock
from casework.db import SYSTEM_ACTOR, ActingSession
from casework.errors import Refused
from casework.funds.queries import balance, fund
from casework.funds.usecases import open_fund, receive
from casework.people.usecases import register_person
from casework.staff.usecases import give_unit_grant, open_account
from casework.testing.acting import Troupe
from casework.testing.committed import own_database
from casework.testing.network import Network, found_network
from casework_programs.subsidy.assessment import Assessment
from casework_programs.subsidy.facts import Facts
from casework_programs.subsidy.means import means_test
from casework_programs.subsidy.model import FrozenAssessment, FundTerms
from casework_programs.subsidy.terms import Terms
from casework_programs.subsidy.usecases import set_terms

__all__ = ["own_database"]

HERE = Path(__file__).parent
TERMS = yaml.safe_load((HERE.parent / "terms.yaml").read_text())
FAMILY = Facts.from_data(yaml.safe_load((HERE / "family.yaml").read_text()))
YUAN, THREADS, ENOUGH_FOR = 100, 20, 7
AWARD = 1_000 * YUAN


class Ground:
    """What is done within `troupe()` is committed."""

    def __init__(self, database: Any, programs: Any, settings: Any) -> None:
        self.sessions = sessionmaker(database.engine, class_=ActingSession, expire_on_commit=False)
        self.programs, self.settings = programs, settings
        self.network = Network()

    @contextmanager
    def troupe(self) -> Iterator[Troupe]:
        clock = SystemClock()
        with self.sessions() as session, session.begin():
            session.act_as(SYSTEM_ACTOR, clock.now())
            yield Troupe(session, self.programs, self.settings, clock)


@pytest.fixture(scope="module")
def ground(own_database, programs, settings):
    ground = Ground(own_database, programs, settings)
    with ground.troupe() as troupe:
        work = troupe.as_system()
        ground.network = found_network(work)
        chief = open_account(work, sign_in_name="chief", name="Chief", password=None)
        district = ground.network.units["district"].id
        give_unit_grant(work, account_id=chief.id, role="coordinator", unit_id=district, reason="test")
        ground.network.accounts["chief"] = chief
    return ground


@pytest.fixture
def fund_id(ground, request):
    """A fund of the test's own."""
    network, key = ground.network, request.function.__name__.replace("_", "-")[:40]
    with ground.troupe() as troupe:
        work = troupe.as_actor(network["finance"])
        fund = open_fund(work, key=key, names={"en": "Care"}, unit_id=network.units["district"].id)
        receive(work, fund, ENOUGH_FOR * AWARD, key=f"{key}-first", source="The district", note="")
        work = troupe.as_actor(network["chief"])
        set_terms(work, fund.id, work.today, TERMS)
    return fund.id


def decided(ground, fund_id, number):
    """A case that the committee voted for, as the last step left it."""
    with ground.troupe() as troupe:
        work = troupe.as_system()
        unit = ground.network.units["ward"].id
        person = register_person(work, unit_id=unit, full_name=f"P{number}", confirmed=True)
        case = open_case(work, work.programs["subsidy"], unit_id=unit, person_id=person.id)
        case.state = "committee"
        append_event(work, case, "application.recommended", payload={"from": "first_review"})
        append_event(work, case, "committee.decided", payload={"outcome": "passed", "round": 1})
        terms = work.session.query(FundTerms).filter(FundTerms.fund_id == fund_id).one()
        result: Assessment = means_test(Terms.from_data(TERMS), FAMILY)
        work.session.add(
            FrozenAssessment(
                case_id=case.id,
                compartment="aid",
                round=1,
                fund_id=fund_id,
                terms_id=terms.id,
                terms_hash=terms.hash,
                facts=FAMILY.as_data(),
                result=result.as_data(),
                findings={},
                award=AWARD,
                made_by=ground.network["supervisor"].id,
                made_at=work.now,
            )
        )
    return case.id


def approve(ground, case_id):
    with ground.troupe() as troupe:
        work = troupe.as_actor(ground.network["coordinator"])
        try:
            with work.session.begin_nested():
                move(work, work.session.get_one(Case, case_id), "approve")
        except Refused as refused:
            return refused.refusals[0].reason.text
    return "approved"


def at_once(ground, cases):
    with ThreadPoolExecutor(THREADS) as threads:
        return Counter(threads.map(lambda case_id: approve(ground, case_id), cases))


def test_no_more_is_approved_than_the_fund_has(ground, fund_id):
    cases = [decided(ground, fund_id, number) for number in range(THREADS)]
    said = at_once(ground, cases)
    assert said["approved"] == ENOUGH_FOR
    assert sum(said.values()) == THREADS
    assert len(said) == 2
    with ground.troupe() as troupe:
        held = balance(troupe.as_actor(ground.network["finance"]), fund_id)
        states = Counter(troupe.as_system().session.get_one(Case, case_id).state for case_id in cases)
    assert (held.committed, held.available) == (ENOUGH_FOR * AWARD, 0)
    assert states == {"approved": ENOUGH_FOR, "committee": THREADS - ENOUGH_FOR}


def test_one_application_is_approved_once(ground, fund_id):
    with ground.troupe() as troupe:
        work = troupe.as_actor(ground.network["finance"])
        receive(work, fund(work, fund_id), 3 * AWARD, key="second", source="The district", note="")
        before = balance(work, fund_id).committed
    case_id = decided(ground, fund_id, 99)
    said = at_once(ground, [case_id] * THREADS)
    assert said["approved"] == 1
    with ground.troupe() as troupe:
        assert balance(troupe.as_actor(ground.network["finance"]), fund_id).committed == before + AWARD
