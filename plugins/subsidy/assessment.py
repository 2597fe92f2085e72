"""What a means test came to: the award or why there is none, and every line of the arithmetic."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Literal

from casework.i18n import Message, _

Band = Literal["A", "B", "C", "D"]

REFUSALS: Mapping[str, Message] = {
    "residence": _("The fund is for people who live here"),
    "age": _("The fund is for another age"),
    "disease": _("The fund is not for this illness"),
    "assets": _("Savings or property are above the limit"),
    "income": _("The income of the household is above the line"),
    "covered": _("Insurance and other aid cover the costs"),
    "cap-reached": _("The most that may be paid has been paid"),
    "no-money": _("The fund has no money left"),
    "below-minimum": _("What could be paid lies below the least amount"),
}
"""Why nothing can be awarded, by codes of the question `reason` of subsidy.refusal; the first that holds counts."""


@dataclass(frozen=True)
class Line:
    """One step: what is worked out, how, and what came of it; all three are for the applicant to read."""

    key: str
    label: Message
    how: Message
    result: Message


@dataclass(frozen=True)
class Assessment:
    """What the facts give under the terms whose hash it keeps; amounts are yuan.

    `refusal` is a code of REFUSALS, or None when `award` may be given. `need` is what the family has
    to find itself; `left_to_family` what remains of it after the award.
    """

    terms: str
    lines: tuple[Line, ...]
    band: Band
    income_per_head: Decimal
    out_of_pocket: Decimal
    need: Decimal
    award: Decimal
    refusal: str | None

    @property
    def award_fen(self) -> int:
        """The award as ledgers keep it."""
        return int(self.award * 100)

    @property
    def left_to_family(self) -> Decimal:
        """What the family still carries."""
        return self.need - self.award

    def as_data(self) -> dict[str, Any]:
        """The assessment as JSON, frozen with the decision; `from_data` reads it back."""
        return {
            "terms": self.terms,
            "lines": [
                {"key": line.key, **{part: _frozen(getattr(line, part)) for part in _PARTS}}
                for line in self.lines
            ],
            "band": self.band,
            **{key: str(getattr(self, key)) for key in _AMOUNTS},
            "refusal": self.refusal,
        }

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> Assessment:
        """The assessment that `as_data` wrote."""
        return cls(
            terms=data["terms"],
            lines=tuple(
                Line(line["key"], *(_thawed(line[part]) for part in _PARTS)) for line in data["lines"]
            ),
            band=data["band"],
            refusal=data["refusal"],
            **{key: Decimal(data[key]) for key in _AMOUNTS},
        )


_PARTS = ("label", "how", "result")
_AMOUNTS = ("income_per_head", "out_of_pocket", "need", "award")


def written(amount: Decimal) -> str:
    """An amount as lines of arithmetic write it, with every digit that it has: 9,796.098."""
    places = max(2, -int(amount.normalize().as_tuple().exponent))
    return f"{amount:,.{places}f}"


def _frozen(value: Any) -> Any:
    """A message as JSON: its text, and what fills its places."""
    if not isinstance(value, Message):
        return value
    values = {name: _frozen(each) for name, each in value.values.items()}
    return {"text": value.text, "values": values, "context": value.context}


def _thawed(data: Any) -> Any:
    if not isinstance(data, Mapping):
        return data
    values = {name: _thawed(each) for name, each in data["values"].items()}
    return Message(data["text"], values, context=data["context"])
