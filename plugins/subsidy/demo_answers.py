"""What people of the invented district write into the forms of aid, made from what is told of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from casework.demo.crowd import DAYS_OF_A_YEAR, Crowd

FILE = Path(__file__).with_name("demo.yaml")
OF_AGE = 18
APPLICANTS = {"mother": "parent", "father": "parent", "spouse": "spouse", "child": "child"}
"""Who fills an application in, by what he or she is to the patient."""

Answers = dict[str, Any]


@lru_cache(maxsize=1)
def written() -> Mapping[str, Any]:
    """Everything in the file of stories."""
    return dict(yaml.safe_load(FILE.read_text("utf-8")))


def fen(yuan: Any) -> int:
    """An amount of yuan in fen."""
    return int(Decimal(str(yuan)) * 100)


@dataclass(frozen=True)
class Member:
    """Somebody of a household; `wage` and `transfer` are yuan in a month."""

    name: str
    relation: str
    born: date
    wage: float = 0
    transfer: float = 0

    @property
    def row(self) -> Answers:
        """The row of the application."""
        return {
            "member_name": self.name,
            "member_relation": self.relation,
            "member_birth": self.born.isoformat(),
            "income_wage": fen(self.wage),
            **({"income_transfer": fen(self.transfer)} if self.transfer else {}),
        }


class Told:
    """One application as it is told in the file, with the people in it."""

    def __init__(self, number: int, told: Mapping[str, Any], crowd: Crowd, today: date) -> None:
        self.number, self._told = number, told
        name, self.sex, years = told["patient"]
        self.patient = Member(name, "self", _born(name, years, today), *told.get("own", (0, 0)))
        self.household = [
            self.patient,
            *(
                Member(who, tie, _born(who, age, today), *income)
                for who, tie, age, *income in told["household"]
            ),
        ]
        named = told.get("applicant")
        self.applicant = next((one for one in self.household if one.name == named), self.patient)
        self.phone = str(crowd.phone())
        self.signer_number = crowd.id_number(self.applicant.born, "2")

    def says(self, key: str) -> Any:
        """What the file says; None for what it leaves out."""
        return self._told.get(key)

    @property
    def guardian(self) -> Member | None:
        """The parent who acts for a child; None for whoever is of age."""
        if self._told["patient"][2] >= OF_AGE:
            return None
        parents = [one for one in self.household if one.relation in ("mother", "father")]
        return self.applicant if self.applicant in parents else parents[-1]

    def facts(self) -> Answers:
        """What the application says first and the review confirms."""
        costs, (disease, name) = self.says("costs"), self.says("illness")
        return {
            "residence": "registered",
            "disease": disease,
            **({"transplant": "none"} if disease in ("leukaemia", "kidney-failure") else {}),
            **({"disease_name": name} if name else {}),
            "savings": fen(costs["savings"]),
            "securities": 0,
            "other_property": 0,
            "second_home": False,
            "total_cost": fen(costs["total"]),
            **{f"reimbursed_{layer}": fen(costs.get(layer, 0)) for layer in LAYERS},
            "unpaid_bill": fen(costs["unpaid"]),
            "bills": [{"bill_number": f"DEMO-{self.number:04}", "bill_total": fen(costs["total"])}],
            **({"awards": list(_awards(self.says("others")))} if self.says("others") else {}),
        }

    def application(self) -> Answers:
        """The application as it is handed in."""
        guardian, applicant = self.guardian, self.applicant
        who: Answers = {
            "applicant": APPLICANTS.get(applicant.relation, "self"),
            "minor": guardian is not None,
        }
        if not self.says("phone"):
            who |= {"applicant": "worker", "applicant_name": self.patient.name}
        elif applicant is not self.patient:
            who["applicant_name"] = applicant.name
        if guardian is not None:
            who |= {"guardian_name": guardian.name, "guardian_relation": guardian.relation}
        return {
            **who,
            "applicant_phone": self.phone,
            **self.facts(),
            "address": "佛山市南海区榕荫巷18号",
            "household": [member.row for member in self.household],
            "housing": "owned",
            "treatment": "under-way",
            "recognised": ["none"],
            "other_help": bool(self.says("others")),
            "pay_to": self.says("account") or "hospital",
            **({"account_holder": "patient"} if self.says("account") else {}),
            "story": self.says("story"),
            "declared": "yes",
        }

    def begun(self) -> Answers:
        """The first pages of the application, as far as a draft has come."""
        pages = (
            "applicant",
            "applicant_name",
            "applicant_phone",
            "minor",
            "residence",
            "address",
            "household",
        )
        return {key: value for key, value in self.application().items() if key in pages}

    def visit(self, day: date, second: str) -> Answers:
        """What two people saw."""
        return {
            "visited_on": day.isoformat(),
            "visit_place": "home",
            "second_person": second,
            "second_person_from": "ward",
            "spoke_with": ["patient", "family"],
            "originals_seen": ["identity-card", "household-register", "bills"],
            "household_agrees": True,
            "means_agree": not self.says("refusal"),
            **({"differences": self.says("refusal")[1]} if self.says("refusal") else {}),
            "findings": _nth("visits", self.number),
            "relation": False,
            "other_sources": ["medical-assistance"],
            "opinion": "not-support" if self.says("refusal") else "support",
            "opinion_why": "家访所见与申请一致。"
            if not self.says("refusal")
            else "收入或存款与基金条件不符。",
        }

    def review(self) -> Answers:
        """The confirmed facts, and what is recommended."""
        wish: Answers = {"recommendation": "grant"}
        if self.says("refusal"):
            wish = {"recommendation": "refuse"}
        elif self.says("less"):
            wish = {"recommendation": "grant-less", "recommended_amount": fen(self.says("less"))}
        left_out = ("transplant", "disease_name")
        return {
            **{key: value for key, value in self.facts().items() if key not in left_out},
            "patient_birth": self.patient.born.isoformat(),
            "household": [{**member.row, "member_counts": True} for member in self.household],
            "related": False,
            "duplicates_seen": "已逐项核对，不是同一笔费用。",
            **wish,
            "recommendation_why": self.says("refusal")[1]
            if self.says("refusal")
            else _nth("whys", self.number),
        }

    def agreement(self, day: date) -> Answers:
        """The agreement, signed by the patient or the guardian."""
        signer = self.guardian or self.patient
        own = {
            "payee_name": self.patient.name,
            "payee_bank": written()["bank"],
            "payee_account": f"9000{self.number:010}",
        }
        return {
            "agrees": "yes",
            "payee_kind": self.says("account") or "hospital",
            **(own if self.says("account") else {}),
            "signer": "guardian" if self.guardian else "self",
            "signer_name": signer.name,
            **({"signer_identity": self.signer_number} if self.guardian else {}),
            "signed_on": day.isoformat(),
        }


LAYERS = ("basic", "critical", "supplementary", "assistance")


def _awards(rows: Sequence[Sequence[Any]]) -> Iterator[Answers]:
    for source, amount, status in rows:
        yield {
            "award_from": source,
            "award_amount": fen(amount),
            "award_status": status,
            "award_same_costs": True,
        }


def _born(name: str, years: int, today: date) -> date:
    """A birthday that makes somebody so old for some months already; the same for the same name."""
    return today - timedelta(days=int(years * DAYS_OF_A_YEAR) + 180 + sum(map(ord, name)) % 180)


def _nth(key: str, number: int) -> str:
    texts: Sequence[str] = written()[key]
    return texts[number % len(texts)]
