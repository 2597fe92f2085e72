"""The means test: from confirmed facts and the terms of a fund to an award, line by line.

It supports a decision and makes none: people sign it (PIPL 24). Everything is Decimal and exact; the income
per head is rounded to fen, half up, and the award down to whole yuan, and nothing else is rounded.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import ROUND_FLOOR, ROUND_HALF_UP, Decimal

from casework.i18n import Message, _

from .assessment import REFUSALS, Assessment, Band, Line, written
from .facts import ZERO, Facts
from .terms import BANDS, Terms

__all__ = ["REFUSALS", "Assessment", "Band", "Facts", "Line", "means_test", "written"]

_FEN, _YUAN = Decimal("0.01"), Decimal(1)
_MONTHS = 12


def means_test(terms: Terms, facts: Facts) -> Assessment:
    """What the fund may give, and why not more."""
    return _Test(terms, facts).run()


@dataclass
class _Test:
    """One passage over the facts; every step leaves its line."""

    terms: Terms
    facts: Facts
    lines: list[Line] = field(default_factory=list)
    refusals: set[str] = field(default_factory=set)

    def run(self) -> Assessment:
        self.admission()
        per_head = self.income()
        band = self.band(per_head)
        out_of_pocket, need = self.need()
        raw = self.share(band, need)
        award = self.award(raw, need)
        refusal = next((code for code in REFUSALS if code in self.refusals), None)
        if refusal is not None:
            award = ZERO
            self.say("refusal", _("Nothing can be awarded"), _("The first reason counts."), REFUSALS[refusal])
        else:
            self.say(
                "left",
                _("Left to the family"),
                _("%(need)s − %(award)s", need=written(need), award=written(award)),
                _amount(need - award),
            )
        return Assessment(
            self.terms.hash, tuple(self.lines), band, per_head, out_of_pocket, need, award, refusal
        )

    def admission(self) -> None:
        """Whom the fund is for."""
        terms, facts = self.terms, self.facts
        here = not terms.residences or facts.residence in terms.residences
        if facts.residence == "permit":
            here = here and facts.permit_months >= terms.permit_months
        youngest, oldest = terms.ages
        for code, fits in (
            ("residence", here),
            ("age", youngest <= facts.age <= oldest),
            ("disease", not terms.diseases or facts.disease in terms.diseases),
        ):
            if not fits:
                self.refusals.add(code)

    def income(self) -> Decimal:
        """The income per head and month, rounded half up to fen."""
        household = self.facts.household
        total = sum((member.income for member in household), ZERO)
        per_head = (total / len(household)).quantize(_FEN, ROUND_HALF_UP)
        self.say(
            "income",
            _("Income of the household in a month"),
            Message(" + ".join(written(member.income) for member in household)),
            _amount(total),
        )
        self.say(
            "per-head",
            _("Income per head and month"),
            _("%(income)s ÷ %(heads)s people", income=written(total), heads=len(household)),
            _amount(per_head),
        )
        return per_head

    def band(self, per_head: Decimal) -> Band:
        """The band of income, and whether savings and property fit."""
        terms = self.terms
        band: Band
        values = {
            "income": written(per_head),
            "line": written(terms.line),
            "marginal": written(terms.marginal_line),
        }
        if per_head < terms.line:
            band, how = "A", _("%(income)s is less than the line, %(line)s", **values)
        elif per_head <= terms.marginal_line:
            band, how = "B", _("%(income)s lies from %(line)s to %(marginal)s", **values)
        else:
            band, how = self.unavoidable(per_head), _("%(income)s is more than %(marginal)s", **values)
        if band == "D":
            self.refusals.add("income")
        if not self.assets_fit():
            band = "D"
            self.refusals.add("assets")
        self.say("band", _("Band of income"), how, _("%(band)s: %(meaning)s", band=band, meaning=BANDS[band]))
        return band

    def unavoidable(self, per_head: Decimal) -> Band:
        """Above the marginal line: whether unavoidable spending takes so much that it is hardship."""
        facts, terms = self.facts, self.terms
        if facts.rigid is None:
            return "D"
        spent = sum(facts.rigid.values(), ZERO)
        earned = sum((member.income for member in facts.household), ZERO) * _MONTHS
        hardship = per_head < terms.disposable_income and spent > terms.rigid_ratio * earned
        self.say(
            "unavoidable",
            _("Unavoidable spending and income of 12 months"),
            _(
                "%(spent)s ÷ %(earned)s; more than %(least)s%% counts, with less than %(disposable)s per head",
                spent=written(spent),
                earned=written(earned),
                least=_percent(terms.rigid_ratio),
                disposable=written(terms.disposable_income),
            ),
            _("%(share)s%%", share=_percent((spent / earned).quantize(Decimal("0.0001"), ROUND_HALF_UP))),
        )
        return "C" if hardship else "D"

    def assets_fit(self) -> bool:
        """Whether savings and property are within the limit for each head."""
        facts, terms = self.facts, self.terms
        heads = len(facts.household)
        limit = terms.asset_multiple * terms.line * heads
        fits = facts.assets <= limit
        self.say(
            "assets",
            _("Savings and property"),
            _(
                "%(assets)s; the limit is %(multiple)s × %(line)s × %(heads)s people = %(limit)s",
                assets=written(facts.assets),
                multiple=_short(terms.asset_multiple),
                line=written(terms.line),
                heads=heads,
                limit=written(limit),
            ),
            _("Within the limit") if fits else _("Above the limit"),
        )
        if facts.second_home and not terms.second_home:
            self.say(
                "second-home",
                _("Second home"),
                _("The fund is not for owners of a second home."),
                _("Above the limit"),
            )
            return False
        return fits

    def need(self) -> tuple[Decimal, Decimal]:
        """What the family pays itself, and what of it no other aid covers."""
        facts = self.facts
        paid = [amount for amount in facts.reimbursed.values() if amount]
        out_of_pocket = max(ZERO, facts.total_cost - sum(paid, ZERO))
        others = [award.amount for award in facts.awards if award.counts]
        need = max(ZERO, out_of_pocket - sum(others, ZERO))
        self.say(
            "out-of-pocket",
            _("Costs, less what insurance and the government paid"),
            _less(facts.total_cost, paid),
            _amount(out_of_pocket),
        )
        self.say(
            "need",
            _("Less other aid for the same costs, promised or received"),
            _less(out_of_pocket, others),
            _amount(need),
        )
        return out_of_pocket, need

    def share(self, band: Band, need: Decimal) -> Decimal:
        """The share of what lies above the part that the family carries itself."""
        terms = self.terms
        base = max(ZERO, need - terms.deductible)
        rate = terms.rates.get(band, ZERO)
        self.say(
            "base",
            _("Less what the family carries itself"),
            _less(need, [terms.deductible]),
            _amount(base),
        )
        self.say(
            "share",
            _("The fund's share"),
            _("%(base)s × %(rate)s%% for band %(band)s", base=written(base), rate=_percent(rate), band=band),
            _amount(base * rate),
        )
        if need == 0:
            self.refusals.add("covered")
        return base * rate

    def award(self, raw: Decimal, need: Decimal) -> Decimal:
        """The least of the share and every bound, rounded down to whole yuan."""
        terms, facts = self.terms, self.facts
        year = max(ZERO, terms.cap_year - facts.paid_year)
        life = max(ZERO, terms.cap_life - facts.paid_life)
        budget = max(ZERO, facts.budget_left)
        self.say(
            "caps",
            _("The most that may be paid"),
            _(
                "%(application)s for one application; in a year %(cap_year)s − %(paid_year)s; "
                "in a life %(cap_life)s − %(paid_life)s",
                application=written(terms.cap_application),
                cap_year=written(terms.cap_year),
                paid_year=written(facts.paid_year),
                cap_life=written(terms.cap_life),
                paid_life=written(facts.paid_life),
            ),
            _amount(min(terms.cap_application, year, life)),
        )
        self.say(
            "budget",
            _("What the fund has left"),
            _("What the fund holds and has not promised."),
            _amount(budget),
        )
        award = min(raw, terms.cap_application, year, life, budget, need).quantize(_YUAN, ROUND_FLOOR)
        if award < terms.minimum or award == 0:
            floor = max(terms.minimum, _YUAN)
            bound = "cap-reached" if min(year, life) < floor else "no-money" if budget < floor else ""
            self.refusals.add(bound if bound and raw >= floor else "below-minimum")
        self.say(
            "award",
            _("Award"),
            _(
                "The least of these amounts, rounded down to whole yuan; at least %(least)s.",
                least=written(terms.minimum),
            ),
            _amount(award),
        )
        return award

    def say(self, key: str, label: Message, how: Message, result: Message) -> None:
        self.lines.append(Line(key, label, how, result))


def _amount(amount: Decimal) -> Message:
    return _("%(amount)s yuan", amount=written(amount))


def _less(first: Decimal, others: list[Decimal]) -> Message:
    return Message(" − ".join(written(amount) for amount in (first, *others)))


def _percent(share: Decimal) -> str:
    return _short(share * 100)


def _short(number: Decimal) -> str:
    return format(number.normalize(), "f")
