"""The terms of a fund: who may be helped, by how much, and how long each step takes, as data.

A network sets them by a date from which they hold (terms.yaml is an example); a decision keeps the
hash of those that it was made under. Amounts in the data are yuan, written as text or whole numbers.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Literal

from casework.errors import Problem
from casework.i18n import Message, _, pgettext

Once = Literal["life", "year", "none"]
ONCE: Mapping[str, Message] = {
    "life": _("Once in a life for one illness"),
    "year": _("Once in twelve months for one illness"),
    "none": _("As often as there is need"),
}
BANDS: Mapping[str, Message] = {
    "A": pgettext("band of income", "Below the line of the minimum living allowance"),
    "B": pgettext("band of income", "Just above the line"),
    "C": pgettext("band of income", "Hardship through unavoidable spending"),
    "D": pgettext("band of income", "Above every limit"),
}
"""The bands of means. A: y < L (exclusive). B: L <= y <= factor x L (both inclusive). C: above that,
below the disposable income per head (exclusive), with a ratio of unavoidable spending above the
least one (exclusive). D: everybody else.
"""

DISEASES: Mapping[str, Message] = {
    "leukaemia": _("Leukaemia"),
    "congenital-heart": _("A heart defect, from birth"),
    "breast-cancer": _("Breast cancer"),
    "cervical-cancer": _("Cervical cancer"),
    "other-cancer": _("Another cancer"),
    "kidney-failure": _("Kidney failure, with dialysis or a transplant"),
    "serious-injury": _("A serious injury"),
    "other-serious": _("Another serious illness"),
}
RESIDENCES: Mapping[str, Message] = {
    "registered": _("Registered here"),
    "permit": _("Living here with a residence permit"),
    "elsewhere": _("At home elsewhere"),
}

_AMOUNT = re.compile(r"\d{1,12}(\.\d{1,2})?")
_NUMBER = re.compile(r"\d{1,4}(\.\d{1,6})?")


class TermsError(ValueError):
    """Terms that cannot be used; `problems` says which key is wrong and how to mend it."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__("\n".join(f"{problem.where}: {problem.message}" for problem in problems))
        self.problems = list(problems)


@dataclass(frozen=True)
class Terms:
    """What one fund promises from one day on.

    `line` is the minimum living allowance a person and month, `marginal_factor` how many times of it
    band B reaches, `disposable_income` the local one a head and month, `rigid_ratio` the ratio that band C
    must exceed. Assets may be `asset_multiple` lines for each member of the household. `rates` are
    shares between 0 and 1 by band; a band without one gets nothing. Caps bound what is paid for one
    application, in twelve months and in a life. `ages` are full years, both inclusive; `diseases` and
    `residences` are codes, empty for any; `permit_months` is how long a residence permit must be held.
    Days of notice and appeal are calendar days, `supplement_days` and `decision_days` working days.
    """

    line: Decimal
    marginal_factor: Decimal
    disposable_income: Decimal
    rigid_ratio: Decimal
    asset_multiple: Decimal
    second_home: bool
    deductible: Decimal
    rates: Mapping[str, Decimal]
    cap_application: Decimal
    cap_year: Decimal
    cap_life: Decimal
    minimum: Decimal
    once: Once
    ages: tuple[int, int]
    diseases: tuple[str, ...]
    residences: tuple[str, ...]
    permit_months: int
    committee_votes: int
    committee_yes: int
    notice_days: int
    appeal_days: int
    supplement_days: int
    decision_days: int

    @property
    def marginal_line(self) -> Decimal:
        """The greatest income per head of band B, inclusive."""
        return self.line * self.marginal_factor

    @property
    def hash(self) -> str:
        """What a decision names its terms by: the hash of their whole content."""
        content = json.dumps(self.as_data(), sort_keys=True, ensure_ascii=False, separators=(",", ":"))
        return hashlib.sha256(content.encode()).hexdigest()

    def as_data(self) -> dict[str, Any]:
        """The terms as JSON; `from_data` reads it back."""
        data: dict[str, Any] = {key: _plain(getattr(self, key)) for key in (*_AMOUNTS, *_SHARES)}
        data |= {key: getattr(self, key) for key in _COUNTS}
        data["rates"] = {band: _plain(rate) for band, rate in sorted(self.rates.items())}
        return data | {
            "second_home": self.second_home,
            "once": self.once,
            "ages": list(self.ages),
            "diseases": list(self.diseases),
            "residences": list(self.residences),
        }

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> Terms:
        """The terms in a mapping of YAML or JSON. TermsError lists every problem by its key."""
        reader = _Reader(data)
        values: dict[str, Any] = {key: reader.decimal(key, _AMOUNT, "1200.00") for key in _AMOUNTS}
        values |= {key: reader.decimal(key, _NUMBER, "1.5") for key in _SHARES}
        values |= {key: reader.count(key, data.get(key), least) for key, least in _COUNTS.items()}
        values |= {
            "rates": reader.rates(),
            "second_home": reader.flag("second_home"),
            "once": reader.choice("once", ONCE),
            "ages": reader.ages(),
            "diseases": reader.codes("diseases", DISEASES),
            "residences": reader.codes("residences", RESIDENCES),
        }
        reader.check(values)
        if reader.problems:
            raise TermsError(reader.problems)
        return cls(**values)


_AMOUNTS = (
    "line",
    "disposable_income",
    "deductible",
    "cap_application",
    "cap_year",
    "cap_life",
    "minimum",
)
_SHARES = ("marginal_factor", "rigid_ratio", "asset_multiple")
_COUNTS: Mapping[str, int] = {
    "permit_months": 0,
    "committee_votes": 3,
    "committee_yes": 2,
    "notice_days": 1,
    "appeal_days": 1,
    "supplement_days": 1,
    "decision_days": 1,
}
"""Keys of whole numbers, each with the least that is allowed."""

_KEYS = {*_AMOUNTS, *_SHARES, *_COUNTS, "rates", "second_home", "once", "ages", "diseases", "residences"}
_OLDEST, _MOST = 150, 9999


def _plain(number: Decimal) -> str:
    """One way to write a number, so that 1200 and 1200.00 are the same terms."""
    return format(number.normalize(), "f")


class _Reader:
    """Reads one mapping, and goes on after a problem so that all are found at once."""

    def __init__(self, data: Mapping[str, Any]) -> None:
        self.data = data
        self.problems: list[Problem] = [
            Problem(str(key), _("The terms have no “%(key)s”. Remove it.", key=str(key)))
            for key in data
            if key not in _KEYS
        ]

    def decimal(self, key: str, shape: re.Pattern[str], example: str) -> Decimal:
        return self.number(key, self.data.get(key), shape, example)

    def number(self, key: str, value: Any, shape: re.Pattern[str], example: str) -> Decimal:
        text = str(value) if isinstance(value, (str, int, Decimal)) and not isinstance(value, bool) else ""
        if not shape.fullmatch(text):
            self.wrong(key, _("Write a number such as %(example)s, in quotes.", example=example))
            return Decimal(1)
        return Decimal(text)

    def count(self, key: str, value: Any, least: int) -> int:
        if type(value) is not int or not least <= value <= _MOST:
            self.wrong(key, _("Write a whole number, at least %(least)s.", least=least))
            return least
        return value

    def flag(self, key: str) -> bool:
        if type(self.data.get(key)) is not bool:
            self.wrong(key, _("Write true or false."))
        return self.data.get(key) is True

    def choice(self, key: str, known: Mapping[str, Message]) -> str:
        found = self.data.get(key)
        if not isinstance(found, str) or found not in known:
            self.wrong(key, _("Write one of: %(known)s.", known=", ".join(known)))
            return next(iter(known))
        return found

    def codes(self, key: str, known: Mapping[str, Message]) -> tuple[str, ...]:
        found = self.data.get(key)
        if not isinstance(found, (list, tuple)) or not all(isinstance(code, str) for code in found):
            self.wrong(key, _("Write a list of codes; an empty one means any."))
            return ()
        for code in found:
            if code not in known:
                self.wrong(
                    key,
                    _(
                        "“%(code)s” is not known; there are: %(known)s.",
                        code=code,
                        known=", ".join(known),
                    ),
                )
        return tuple(found)

    def ages(self) -> tuple[int, int]:
        found = self.data.get("ages")
        youngest, oldest = 1, 0
        match found:
            case [low, high]:
                youngest, oldest = self.count("ages", low, 0), self.count("ages", high, 0)
        if youngest > oldest or oldest > _OLDEST:
            self.wrong("ages", _("Write the least and the greatest age in full years, such as [0, 18]."))
        return youngest, oldest

    def rates(self) -> dict[str, Decimal]:
        found = self.data.get("rates")
        if not isinstance(found, Mapping) or not found:
            self.wrong("rates", _("Write a share for each band that is helped, such as {A: “0.8”}."))
            return {}
        rates: dict[str, Decimal] = {}
        for band, value in found.items():
            if band not in ("A", "B", "C"):
                self.wrong(f"rates.{band}", _("Only the bands A, B and C have a share."))
                continue
            rates[band] = self.number(f"rates.{band}", value, _NUMBER, "0.6")
            if not 0 <= rates[band] <= 1:
                self.wrong(f"rates.{band}", _("A share lies between 0 and 1."))
        return rates

    def check(self, values: Mapping[str, Any]) -> None:
        """What only the values together can tell."""
        if values["line"] <= 0:
            self.wrong("line", _("The line is more than 0."))
        if values["marginal_factor"] < 1:
            self.wrong("marginal_factor", _("The factor is at least 1."))
        if not values["cap_application"] <= values["cap_year"] <= values["cap_life"]:
            self.wrong(
                "cap_year", _("The caps grow: that of an application, then of a year, then of a life.")
            )
        if values["minimum"] > values["cap_application"]:
            self.wrong("minimum", _("The least award is above the most for one application."))
        if values["committee_votes"] % 2 == 0:
            self.wrong("committee_votes", _("A committee has an odd number of votes."))
        if not values["committee_votes"] / 2 < values["committee_yes"] <= values["committee_votes"]:
            self.wrong("committee_yes", _("A majority of the votes decides, and never more than there are."))

    def wrong(self, key: str, message: Message) -> None:
        self.problems.append(Problem(key, message))
