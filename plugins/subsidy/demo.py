"""Aid in the invented district: funds and their terms, and applications in every state.

What is told of each application stands in demo.yaml. Nobody has two parts in one: whoever helps at
the desk, visits, recommends, votes, approves, orders, confirms and records are different people.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import yaml

from casework.demo.places import HOSPITALS
from casework.demo.stage import ONE_DAY, Happening, Stage
from casework.funds.model import Fund
from casework.funds.usecases import open_fund, receive
from casework.portal.demonstration import DEMO_PHONES

from .demo_acts import Applied
from .demo_answers import Told, fen, written
from .usecases import set_hospital_account, set_terms

TERMS = Path(__file__).with_name("terms.yaml")
FIRST_DAY = 395
NOTICE = 9
"""Days between a notice and its approval: those of the terms, and some for a weekend."""

Step = tuple[int, Any]
"""How many days after the one before, and the act."""


def happenings(stage: Stage) -> Iterator[Happening]:
    """Everything that happens with aid in the district, in no particular order."""
    books = _Books(stage)
    yield Happening(_moment(stage, FIRST_DAY, 10), books.open)
    for days, changed in written()["terms"]:
        yield Happening(_moment(stage, days, 11), partial(books.set_terms, changed))
    for key, fund in written()["funds"].items():
        for place, (days, yuan, source, note) in enumerate(fund["received"]):
            receipt = partial(books.receive, key, f"{key}:{place}", fen(yuan), source, note)
            yield Happening(_moment(stage, days, 14), receipt)
    for applied in _applied(stage):
        steps = list(_with_messages(applied, _course(applied)))
        last = stage.today - applied.told.says("days") * ONE_DAY
        moments = stage.times([gap for gap, _act in steps], last)
        for moment, (_gap, act) in zip(moments, steps, strict=True):
            yield Happening(moment, act)


def _moment(stage: Stage, days_ago: int, hour: int) -> datetime:
    return stage.moment(stage.today - timedelta(days=days_ago), hour)


class _Books:
    """The funds of the district, as those who keep them set them up."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self.funds: dict[str, Fund] = {}

    def open(self, now: datetime) -> None:
        """The funds are opened, and it is said where the bills of hospitals are paid to."""
        for key, fund in written()["funds"].items():
            work = self.stage.work("finance", now)
            self.funds[key] = open_fund(work, key=key, names=fund["names"], unit_id=self.stage.units["NH"].id)
        work = self.stage.work("chief", now)
        for number, (code, (name, *_rest)) in enumerate(HOSPITALS.items(), 1):
            set_hospital_account(
                work,
                self.stage.units[code].id,
                name=name,
                bank=written()["bank"],
                account=f"9000{number:010}",
            )

    def set_terms(self, changed: dict[str, Any], now: datetime) -> None:
        """The terms of every fund are set, or set anew, from that day on."""
        example = yaml.safe_load(TERMS.read_text("utf-8"))
        for key, fund in written()["funds"].items():
            work = self.stage.work("chief", now)
            set_terms(work, self.funds[key].id, work.today, {**example, **fund["terms"], **changed})

    def receive(self, fund: str, key: str, amount: int, source: str, note: str, now: datetime) -> None:
        """Money comes in."""
        work = self.stage.work("finance", now)
        receive(work, self.funds[fund], amount, key=f"demo:{key}", source=source, note=note)


def _applied(stage: Stage) -> Iterator[Applied]:
    """Every application, with the phone and the identity number of those whom it is about."""
    identities: dict[str, str] = {}
    phones = iter(DEMO_PHONES)
    for number, story in enumerate(written()["applications"], 1):
        told = Told(number, story, stage.crowd, stage.today)
        name = told.patient.name
        if name not in identities:
            identities[name] = stage.crowd.id_number(told.patient.born, told.sex)
        yield Applied(stage, told, next(phones) if told.says("phone") else "", identities[name])


ROAD: tuple[tuple[str, int, str], ...] = (
    ("submit", 1, "submitted"),
    ("accept", 2, "accepted"),
    ("assign", 1, "verification"),
    ("verify", 4, "first_review"),
    ("recommend", 2, "committee"),
    ("publish", 1, "notice"),
    ("approve", NOTICE, "approved"),
    ("sign", 2, "agreement"),
    ("order", 2, "disbursing"),
    ("slip", 2, "paid"),
    ("settle", 14, "settled"),
    ("close", 1, "closed"),
)
"""The act, the days before it, and the state that it leads to."""

BRANCHES: dict[str, tuple[str, tuple[tuple[str, int], ...]]] = {
    "draft": ("draft", ()),
    "expired": ("draft", (("expire", 32),)),
    "withdrawn": ("submitted", (("withdraw", 4),)),
    "supplement": ("submitted", (("ask_supplement", 2),)),
    "rejected": ("committee", (("reject", 2),)),
    "appeal": ("committee", (("reject", 2), ("appeal", 5))),
    "objection": ("notice", (("object", 3),)),
    "revoked": ("approved", (("revoke", 6),)),
    "clawback": ("paid", (("claim_back", 16),)),
}
"""Where the states beside the road leave it, and by which acts."""

REFUSED_FOR_GOOD = ("committee", (("reject", 2), ("appeal", 6), ("uphold", 9), ("close", 2)))


def _course(applied: Applied) -> Iterator[Step]:
    """The steps of an application up to its state."""
    told = applied.told
    state = told.says("state")
    leaves, branch = REFUSED_FOR_GOOD if told.says("refused") else BRANCHES.get(state, (state, ()))
    yield 0, applied.begin
    for name, days, reached in ROAD if leaves != "draft" else ():
        yield from _before(applied, name)
        if not (name == "publish" and told.says("notice") is False):
            yield days, getattr(applied, name)
        if reached == leaves:
            break
    yield from _after(applied, leaves)
    for name, days in branch:
        yield days, getattr(applied, name)


def _before(applied: Applied, name: str) -> Iterator[Step]:
    """What has to happen before a step of the road."""
    if name == "accept" and applied.told.says("asked"):
        yield from ((2, applied.ask_supplement), (3, applied.answer_supplement))
    elif name == "publish":
        yield from _votes(applied, ["yes", "yes", "yes" if applied.told.number % 3 else "no"])
    elif name == "slip":
        yield 1, applied.confirm
    elif name == "close":
        yield 16, applied.follow_up


def _after(applied: Applied, leaves: str) -> Iterator[Step]:
    """What happened since, in the state in which the application stands."""
    if leaves == "committee":
        yield from _votes(applied, applied.told.says("votes") or [])
    elif leaves == "disbursing" and applied.told.says("confirmed"):
        yield 1, applied.confirm


def _votes(applied: Applied, votes: list[str]) -> Iterator[Step]:
    for place, vote in enumerate(votes):
        yield 1, partial(applied.vote, place, vote)


def _with_messages(applied: Applied, steps: Iterator[Step]) -> Iterator[Step]:
    """The steps, and after some of them what was written on the same day."""
    messages = applied.told.says("messages") or ()
    for days, act in steps:
        yield days, act
        for after, by, text in messages:
            if after == getattr(act, "__name__", ""):
                yield 0, partial(applied.write, by, text)
