"""An office that grants aid: a fund with terms, the people who take part, and a case that goes its way."""

from __future__ import annotations

import io
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml

from casework.cases.queries import dossier_of
from casework.cases.usecases import move
from casework.documents.usecases import keep_document
from casework.funds.usecases import open_fund, receive
from casework.people.usecases import register_person
from casework.portal.applying import begin_for_person
from casework.portal.consents import give_consent
from casework.staff.usecases import give_unit_grant, open_account
from casework_programs.subsidy.committee import cast_vote, committee_file
from casework_programs.subsidy.eligibility import PURPOSES, papers
from casework_programs.subsidy.usecases import set_hospital_account, set_terms

HERE = Path(__file__).parent
YUAN = 100
TERMS = yaml.safe_load((HERE.parent / "terms.yaml").read_text())
PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"

ANSWERS = yaml.safe_load((HERE / "answers.yaml").read_text())
APPLICATION, REVIEW = ANSWERS["application"], ANSWERS["review"]
VISIT = {
    "visited_on": "2026-03-02",
    "visit_place": "home",
    "second_person": "Nurse Li",
    "second_person_from": "ward",
    "spoke_with": ["family"],
    "originals_seen": ["identity-card", "bills"],
    "household_agrees": True,
    "means_agree": True,
    "findings": "A small flat, tidy; the father at work.",
    "relation": False,
    "other_sources": ["none"],
    "opinion": "support",
    "opinion_why": "Income and bills agree.",
}
REFUSAL = {
    "reason": "other",
    "explanation": "The papers do not show the income.",
    "bring": "Bank statements of 12 months.",
    "other_help": "Civil affairs office, 0757-86223344.",
}
AGREEMENT = {
    "agrees": "yes",
    "payee_kind": "hospital",
    "signer": "guardian",
    "signer_name": "李秀英",
    "signer_identity": "440605198907120020",
    "signed_on": "2026-03-02",
}
OBJECTION = {
    "objected_on": "2026-03-02",
    "objection_way": "phone",
    "objector_named": False,
    "objection_about": ["income"],
    "objection_text": "They have a shop.",
}
FINDINGS = {
    "looked_into": "The shop is the uncle's.",
    "applicant_heard": True,
    "finding": "unfounded",
    "finding_why": "The licence is in another name.",
    "consequence": "none",
    "objector_told": True,
}
MORE_PEOPLE = (
    ("chief", "coordinator", "district"),
    ("committee-two", "committee", "district"),
    ("committee-three", "committee", "district"),
    ("committee-four", "committee", "district"),
    ("finance-two", "finance", "district"),
    ("supervisor-two", "supervisor", "district"),
)
VOTERS = ("committee", "committee-two", "committee-three")


@dataclass
class Office:
    """The people of an office, and what they do with cases."""

    AGREEMENT = AGREEMENT
    APPLICATION = APPLICATION
    FINDINGS = FINDINGS
    OBJECTION = OBJECTION
    PDF = PDF
    REFUSAL = REFUSAL
    REVIEW = REVIEW
    TERMS = TERMS
    VISIT = VISIT
    VOTERS = VOTERS
    YUAN = YUAN

    network: Any
    as_actor: Any
    as_system: Any
    fund: Any
    count: int = 0

    def at(self, who: str) -> Any:
        """That person at work."""
        return self.as_actor(self.network[who])

    def dossier(self, case: Any) -> Any:
        """The whole case."""
        return dossier_of(self.as_system(), case.id)

    def begin(
        self, name: str = "陈小华", *, born: str = "2019-05-01", consents: bool = True, notice: bool = True
    ):
        """An application that the worker fills in for a family, with consents and papers."""
        self.count += 1
        work = self.at("worker")
        person = register_person(
            work,
            unit_id=self.network.units["ward"].id,
            full_name=name,
            birth_date=born,
            confirmed=True,
        )
        case = begin_for_person(
            work,
            work.programs["subsidy"],
            person,
            self.network.units["ward"].id,
            submission=f"page-{self.count}",
        )
        if consents:
            for purpose in PURPOSES:
                if purpose.key != "notice" or notice:
                    give_consent(work, case, purpose, relation="guardian", how="desk")
        for paper in papers(APPLICATION):
            if paper.required:
                keep_document(work, case, kind=paper.key, upload=io.BytesIO(PDF), file_name="a.pdf")
        return case

    def move(self, case: Any, key: str, who: str, answers: Any = None, **more: Any):
        """One step by one person, undone as a whole when it is refused."""
        work = self.at(who)
        with work.session.begin_nested():
            return move(work, case, key, answers=answers, **more)

    def submitted(self, **begun: Any):
        """A case that was handed in."""
        case = self.begin(**begun)
        self.move(case, "submit", "worker", APPLICATION)
        return case

    def visited(self, **begun: Any):
        """A case with its visit recorded by a colleague."""
        case = self.submitted(**begun)
        self.move(case, "accept", "fund")
        self.move(case, "assign", "fund", worker_id=self.network["colleague"].id)
        self.move(case, "verify", "colleague", VISIT)
        return case

    def recommended(self, review: Any = None, **begun: Any):
        """A case with an amount recommended."""
        case = self.visited(**begun)
        bills = [{"bill_number": f"0440-{self.count}", "bill_total": 18642035}]
        self.move(case, "recommend", "supervisor", {**REVIEW, "bills": bills, **(review or {})})
        return case

    def vote(self, case: Any, who: str, vote: str = "yes", reason: str = "So."):
        """One vote."""
        work = self.at(who)
        return cast_vote(work, committee_file(work, case.id), vote, reason)

    def decided(self, vote: str = "yes", **begun: Any):
        """A case on which the committee decided."""
        case = self.recommended(**begun)
        for who in VOTERS:
            self.vote(case, who, vote)
        return case

    def approved(self, **begun: Any):
        """A case approved without a notice, for which nobody agreed to one."""
        case = self.decided(**{"notice": False, **begun})
        self.move(case, "approve", "coordinator")
        return case

    def ordered(self, **begun: Any):
        """A case whose payment is ordered."""
        case = self.approved(**begun)
        self.move(case, "sign-agreement", "colleague", AGREEMENT)
        self.move(case, "order-payment", "fund")
        return case


@pytest.fixture
def office(network, standard, as_actor, as_system):
    """A fund of 100,000 yuan with the terms of the example, and everybody who takes part."""
    work = as_system()
    for name, role, unit in MORE_PEOPLE:
        account = open_account(work, sign_in_name=name, name=name, password=None, language="en")
        give_unit_grant(work, account_id=account.id, role=role, unit_id=network.units[unit].id, reason="test")
        network.accounts[name] = account
    work = as_actor(network["finance"])
    fund = open_fund(
        work,
        key="care",
        names={"en": "Care fund", "zh_Hans": "关爱基金"},
        unit_id=network.units["district"].id,
    )
    receive(work, fund, 100_000 * YUAN, key="first", source="The district", note="")
    work = as_actor(network["chief"])
    set_terms(work, fund.id, date(2026, 3, 2), TERMS)
    set_hospital_account(
        work,
        network.units["hospital"].id,
        name="First hospital",
        bank="Bank of the District",
        account="4400123456789",
    )
    return Office(network, as_actor, as_system, fund)
