"""One case as it will be told: who, where, by whom, and the words that are still to be used."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from pathlib import Path
from random import Random
from typing import Any

import yaml

from casework.cases.model import Case
from casework.demo.crowd import Family

ADULT = 18
FILE = Path(__file__).with_name("stories.yaml")


@lru_cache(maxsize=1)
def written() -> Mapping[str, Any]:
    """Everything in the file of stories."""
    return dict(yaml.safe_load(FILE.read_text("utf-8")))


@dataclass(frozen=True)
class House:
    """A place where cases are opened and the people who carry them."""

    key: str
    nurses: Mapping[str, str]
    worker: str
    coordinator: str
    supervisor: str


@dataclass
class Story:
    """One case of the demo. `slow` cases are those in which something comes too late."""

    number: int
    plot: str
    unit: str
    house: House
    worker: str
    urgency: str
    family: Family
    random: Random
    slow: bool = False
    high_risk: bool = False
    dies: bool = False
    shares: bool = False
    agency: tuple[str, str, str] = ("", "", "")
    colleague: str = ""
    case: Case | None = None
    _left: dict[str, list[str]] = field(default_factory=dict)

    @property
    def nurse(self) -> str:
        """Who refers from this unit."""
        return self.house.nurses[self.unit]

    @property
    def told(self) -> Mapping[str, Any]:
        """The texts of this plot."""
        texts: Mapping[str, Any] = written()["stories"][self.plot]
        return texts

    @property
    def is_english(self) -> bool:
        """Whether it is written in English."""
        return self.told.get("language") == "en"

    @property
    def opened(self) -> Case:
        """The case, which the referral has opened."""
        if self.case is None:
            raise LookupError(f"story {self.number} has not begun")
        return self.case

    def says(self, text: str, on: date) -> str:
        """A text with the people of this story in it."""
        family = self.family
        him = {"1": "他", "2": "她"}
        return text.format(
            p=family.called(on), k=family.kin_called, t=him[family.patient.sex], u=him[family.kin.sex]
        )

    def text(self, key: str, on: date) -> str:
        """The next text of a kind; all are used before one comes again."""
        texts = self.told[key]
        return self.says(texts if isinstance(texts, str) else self._next(key, texts), on)

    def spare(self, key: str, on: date) -> str:
        """The next of the texts that fit every plot, as "endings" or "reasons.accept"."""
        texts: Any = written()
        for part in key.split("."):
            texts = texts[part]
        return self.says(texts if isinstance(texts, str) else self._next(key, texts), on)

    def _next(self, key: str, texts: Sequence[str]) -> str:
        left = self._left.setdefault(key, [])
        if not left:
            mixed = self.random.sample(range(len(texts)), len(texts))
            half = len(texts) // 2
            # Half of them, then the others, each in their order: what is told first happens first.
            left += [texts[place] for place in (*sorted(mixed[:half]), *sorted(mixed[half:]))]
        return left.pop(0)

    def choice(self, key: str) -> Any:
        """One of the entries of a list that fits every plot."""
        texts: Any = written()
        for part in key.split("."):
            texts = texts[part]
        return self.random.choice(texts)
