"""The confirmed facts that the means test reads: a household, what it has, what the illness costs.

Amounts are yuan as Decimal; what a first review says in fen is read by `facts_of`. Facts are frozen
with the decision as plain data.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Literal

from casework.errors import Invalid, Problem
from casework.i18n import _
from casework.people.rules import age

AwardStatus = Literal["applied", "approved", "paid"]
LAYERS = ("basic", "critical", "supplementary", "assistance")
"""Who pays for treatment before a fund does, in the order in which they pay."""

RIGID = ("living", "medical", "education", "rehabilitation")
"""The kinds of spending that a family cannot avoid."""

ZERO = Decimal(0)


@dataclass(frozen=True)
class Member:
    """Somebody who lives with the patient, or the patient; income a month, the mean of 12 months.

    `holdings` is what rent, interest and dividends bring. Who does not count as a member of the
    household (`counts` is false) has neither head nor income.
    """

    name: str
    counts: bool = True
    wage: Decimal = ZERO
    business: Decimal = ZERO
    holdings: Decimal = ZERO
    transfer: Decimal = ZERO

    @property
    def income(self) -> Decimal:
        """All that comes in; a business that loses money counts as nothing."""
        return self.wage + max(self.business, ZERO) + self.holdings + self.transfer


@dataclass(frozen=True)
class Award:
    """Other aid or a donation; only what was approved or paid for the same costs lowers the need."""

    source: str
    amount: Decimal
    status: AwardStatus
    same_costs: bool = True

    @property
    def counts(self) -> bool:
        """Whether it lowers the need."""
        return self.same_costs and self.status in ("approved", "paid")


@dataclass(frozen=True)
class Facts:
    """What a decision rests on. `age` is the patient's in full years on the day of the application.

    `reimbursed` is by layer, `rigid` the unavoidable spending of 12 months by kind, None if it was
    not looked at. `paid_year` and `paid_life` are what the fund paid to the patient before, in twelve
    months and ever; `budget_left` is what the fund can still promise. ValueError when nobody counts
    as a member of the household, or an amount is negative.
    """

    members: tuple[Member, ...]
    age: int
    disease: str
    residence: str
    permit_months: int
    savings: Decimal
    securities: Decimal
    other_property: Decimal
    second_home: bool
    total_cost: Decimal
    reimbursed: Mapping[str, Decimal]
    awards: tuple[Award, ...]
    rigid: Mapping[str, Decimal] | None
    paid_year: Decimal
    paid_life: Decimal
    budget_left: Decimal

    def __post_init__(self) -> None:
        if not self.household:
            raise ValueError("nobody counts as a member of the household")
        amounts = [
            *(amount for m in self.members for amount in (m.wage, m.holdings, m.transfer)),
            *(self.savings, self.securities, self.other_property, self.total_cost),
            *self.reimbursed.values(),
            *(award.amount for award in self.awards),
            *(self.rigid or {}).values(),
            *(self.paid_year, self.paid_life),
        ]
        if any(amount < 0 for amount in amounts):
            raise ValueError("an amount is negative")

    @property
    def household(self) -> tuple[Member, ...]:
        """The members who count."""
        return tuple(member for member in self.members if member.counts)

    @property
    def assets(self) -> Decimal:
        """Everything that could be spent or sold; the home that the family lives in is left out."""
        return self.savings + self.securities + self.other_property

    def as_data(self) -> dict[str, Any]:
        """The facts as JSON; `from_data` reads it back."""
        plain: dict[str, Any] = _plain(asdict(self))
        return plain

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> Facts:
        """The facts that `as_data` wrote."""
        rigid = data["rigid"]
        plain: dict[str, Any] = {key: data[key] for key in _PLAIN}
        plain |= {key: Decimal(data[key]) for key in _AMOUNTS}
        return cls(
            members=tuple(
                Member(m["name"], m["counts"], *(Decimal(m[key]) for key in _INCOMES.values()))
                for m in data["members"]
            ),
            awards=tuple(
                Award(a["source"], Decimal(a["amount"]), a["status"], a["same_costs"]) for a in data["awards"]
            ),
            reimbursed={layer: Decimal(amount) for layer, amount in data["reimbursed"].items()},
            rigid=None if rigid is None else {kind: Decimal(amount) for kind, amount in rigid.items()},
            **plain,
        )


_INCOMES: Mapping[str, str] = {
    "income_wage": "wage",
    "income_business": "business",
    "income_property": "holdings",
    "income_transfer": "transfer",
}
"""The questions of the review about income, each with what it is called here."""

_PLAIN = ("age", "disease", "residence", "permit_months", "second_home")
_AMOUNTS = (
    "savings",
    "securities",
    "other_property",
    "total_cost",
    "paid_year",
    "paid_life",
    "budget_left",
)


def facts_of(
    review: Mapping[str, Any], *, applied_on: date, paid_year: int, paid_life: int, budget_left: int
) -> Facts:
    """The facts in the answers of a signed subsidy.review; the amounts besides are fen.

    Invalid when nobody is marked as a member of the household.
    """
    members = tuple(
        Member(
            str(row.get("member_name", "")),
            bool(row.get("member_counts")),
            *(_yuan(row.get(question)) for question in _INCOMES),
        )
        for row in review.get("household", ())
    )
    if not any(member.counts for member in members):
        raise Invalid(
            [
                Problem(
                    "household", _("Nobody counts as a member of the household. Mark at least the patient.")
                )
            ]
        )
    spent = {kind: review.get(f"spent_{kind}") for kind in RIGID}
    known = any(amount is not None for amount in spent.values())
    return Facts(
        members=members,
        age=age(date.fromisoformat(review["patient_birth"]), applied_on),
        disease=review["disease"],
        residence=review["residence"],
        permit_months=review.get("residence_months", 0),
        savings=_yuan(review["savings"]),
        securities=_yuan(review["securities"]),
        other_property=_yuan(review["other_property"]),
        second_home=review["second_home"],
        total_cost=_yuan(review["total_cost"]),
        reimbursed={layer: _yuan(review[f"reimbursed_{layer}"]) for layer in LAYERS},
        awards=tuple(_awards(review.get("awards", ()))),
        rigid={kind: _yuan(amount) for kind, amount in spent.items()} if known else None,
        paid_year=_yuan(paid_year),
        paid_life=_yuan(paid_life),
        budget_left=_yuan(budget_left),
    )


def _awards(rows: Iterable[Mapping[str, Any]]) -> Iterable[Award]:
    for row in rows:
        yield Award(
            row["award_from"], _yuan(row["award_amount"]), row["award_status"], row["award_same_costs"]
        )


def _yuan(fen: int | None) -> Decimal:
    return Decimal(fen or 0) / 100


def _plain(value: Any) -> Any:
    """Decimals as text, tuples as lists, all the way down."""
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, Mapping):
        return {key: _plain(each) for key, each in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(each) for each in value]
    return value
