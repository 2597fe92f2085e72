"""Whether the same help is asked for twice, or the sums cannot be right: checks 1, 2, 3 and 8.

Pure judgements over plain values; whoever calls looks up what came before, as the system, so that a clerk
learns that there is something and not what it is. The numbers are those of the list of checks that the
network keeps: (1) same person, illness and fund, (2) same bill, (3) more sources than costs, (8) identity
and age against the fund.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Literal

from casework.i18n import Message, _
from casework.people.codes import RESIDENT_ID
from casework.people.rules import age, id_number

from .assessment import written
from .facts import ZERO, Facts
from .terms import Terms

Severity = Literal["stops", "ask"]


@dataclass(frozen=True)
class Finding:
    """Something that has to be looked at. What `stops` keeps an award from being approved; what is to `ask`
    needs an answer in the review. `then` says what to do about it.
    """

    check: int
    severity: Severity
    text: Message
    then: Message


@dataclass(frozen=True)
class Earlier:
    """An earlier application of the same person to the same fund: for which illness, when it was made,
    whether it is still under way and what was awarded (yuan).
    """

    number: str
    disease: str
    applied_on: date
    under_way: bool
    awarded: Decimal


def same_help(terms: Terms, disease: str, applied_on: date, earlier: Iterable[Earlier]) -> list[Finding]:
    """Check 1: the fund helps once in a life, once in twelve months, or as often as there is need."""
    return [found for one in earlier if (found := _same_help(terms, disease, applied_on, one))]


def _same_help(terms: Terms, disease: str, applied_on: date, one: Earlier) -> Finding | None:
    same = one.disease == disease
    if same and one.under_way:
        return Finding(
            1,
            "stops",
            _("Application %(number)s for the same illness is under way.", number=one.number),
            _("Go on with one of the two and withdraw the other."),
        )
    if not one.awarded:
        return None
    granted = _("Application %(number)s for the same illness was granted.", number=one.number)
    if same and terms.once == "life":
        then = _("The terms of the fund allow no second award. Refuse, and name other help.")
        return Finding(1, "stops", granted, then)
    if same and terms.once == "year" and applied_on < _a_year_after(one.applied_on):
        then = _(
            "The fund helps once in twelve months. A new application may come from %(day)s on.",
            day=_a_year_after(one.applied_on),
        )
        return Finding(1, "stops", granted, then)
    return Finding(
        1,
        "ask",
        _("The fund helped before, on application %(number)s.", number=one.number),
        _("Make sure that these are other costs."),
    )


def bill_key(number: str) -> str:
    """A bill's number as it is compared: full width, case, spaces and dashes make no difference.

    The caller keeps a keyed hash of it and never the number itself.
    """
    return re.sub(r"[\s\-_/.]", "", unicodedata.normalize("NFKC", number)).upper()


def same_bills(bills: Iterable[str], elsewhere: Mapping[str, str]) -> list[Finding]:
    """Check 2: bills of this application used in another, or twice in this one.

    `bills` are the numbers as they were typed; `elsewhere` holds, by `bill_key`, the number of the other
    application.
    """
    found: list[Finding] = []
    seen: set[str] = set()
    for number in bills:
        key = bill_key(number)
        if not key:
            continue
        if key in seen:
            found.append(
                Finding(
                    2,
                    "ask",
                    _("The bill %(number)s stands here twice.", number=number),
                    _("Remove it once, and correct the costs."),
                )
            )
        elif key in elsewhere:
            found.append(
                Finding(
                    2,
                    "stops",
                    _(
                        "The bill %(number)s is part of application %(other)s, too.",
                        number=number,
                        other=elsewhere[key],
                    ),
                    _("Find out to whom the bill belongs, and take it out of the other application."),
                )
            )
        seen.add(key)
    return found


def sums(facts: Facts, award: Decimal = ZERO) -> list[Finding]:
    """Check 3: all sources together, with the award, never come to more than the costs."""
    paid = sum(facts.reimbursed.values(), ZERO)
    others = sum((one.amount for one in facts.awards if one.counts), ZERO)
    together = paid + others + award
    if together <= facts.total_cost:
        return []
    return [
        Finding(
            3,
            "stops",
            _(
                "Insurance, other aid and the award come to %(together)s yuan, the costs only to %(costs)s.",
                together=written(together),
                costs=written(facts.total_cost),
            ),
            _("Compare with the settlement sheet. Lower the award, or correct the costs."),
        )
    ]


def identity(number: str | None, born: date | None, terms: Terms, applied_on: date) -> list[Finding]:
    """Check 8: the resident identity number against its own check digit, the date of birth and the fund's ages.

    `number` is None when there is none, or when it is of another kind of document.
    """
    found: list[Finding] = []
    if number is None:
        found.append(
            Finding(
                8,
                "ask",
                _("There is no resident identity number."),
                _("Look at the document of the patient, and note who it was."),
            )
        )
    else:
        judged = id_number(RESIDENT_ID, number, applied_on)
        if isinstance(judged, Message):
            return [Finding(8, "stops", judged, _("Compare with the identity card and correct the person."))]
        found += [
            Finding(8, "ask", warning, _("Compare with the identity card.")) for warning in judged.warnings
        ]
        if born is not None and judged.birth_date != born:
            found.append(
                Finding(
                    8,
                    "stops",
                    _("The date of birth is another one than in the identity number."),
                    _("Compare with the identity card and correct the person."),
                )
            )
        born = born or judged.birth_date
    youngest, oldest = terms.ages
    if born is not None and not youngest <= age(born, applied_on) <= oldest:
        found.append(
            Finding(
                8,
                "stops",
                _(
                    "The patient is %(age)s years old; the fund is for the ages from %(youngest)s to %(oldest)s.",
                    age=age(born, applied_on),
                    youngest=youngest,
                    oldest=oldest,
                ),
                _("Refuse, and name a fund for this age."),
            )
        )
    return found


def _a_year_after(day: date) -> date:
    """The same day of the next year; after 29 February it is 1 March."""
    try:
        return day.replace(year=day.year + 1)
    except ValueError:
        return date(day.year + 1, 3, 1)
