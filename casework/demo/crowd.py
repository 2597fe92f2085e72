"""The invented people who are served, and those they live with.

No identity number here can be anybody's: all begin with 999999, which is the number of no place.
No telephone number can ring: no subscriber's number begins with 0 behind its area code.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random
from typing import Any

from casework.i18n import Message
from casework.people import rules
from casework.people.codes import RESIDENT_ID

NO_PLACE = "999999"
OLD = 60
YOUNG = 16
DAYS_OF_A_YEAR = 365.25

SURNAMES = (
    "陈梁黄何李林刘吴周张罗谭关潘区冼麦邓叶钟陆卢郭苏马温甘莫孔招简庞霍岑曾仇单解欧阳司徒"
    "杨许冯谢叶蔡彭袁程傅崔江余杜方石熊孟秦白邱侯邵龙万段雷钱汤尹黎易常武乔贺赖龚文"
)
DOUBLE = {"欧": "欧阳", "司": "司徒"}
SINGLE = [each for each in dict.fromkeys(SURNAMES) if each not in "阳徒"]
MALE = "伟强志明国华建文俊杰海波永康家豪子轩宇航德贵锦荣炳坤润生启泰柏森耀辉景然嘉诚浩"
FEMALE = "丽芳秀英玉兰淑贞美玲慧敏雪梅婉仪思琪欣怡静雯晓彤若兰素心月娥凤仙佩珊桂香㛃"
FOREIGN = (
    ("Marisol Quintaval", "2"),
    ("Anders Holmqvarn", "1"),
    ("Priya Chandavar", "2"),
    ("Tomas Belgarde", "1"),
    ("Ifeoma Adelunwa", "2"),
    ("Joao Silvareno", "1"),
    ("Nadia Verkhova", "2"),
    ("Daniel Oakhurst", "1"),
)
STREETS = ("映湖路", "桂澜里", "荷塘街", "松风路", "榕荫巷", "樵湖大道", "河畔新村", "梅园东街", "春晖苑")

KIN = {
    "wife": ("妻子", "2", "1", 0),
    "husband": ("丈夫", "1", "1", 0),
    "son": ("儿子", "1", "2", -29),
    "daughter": ("女儿", "2", "3", -27),
    "mother": ("母亲", "2", "5", 26),
    "father": ("父亲", "1", "5", 28),
    "sister": ("妹妹", "2", "7", -4),
}
"""How they are called, sex, relation (GB/T 4761) to the person served, and how many years older."""


@dataclass(frozen=True)
class Somebody:
    """What is registered of one person; `given` is as typed into the form."""

    name: str
    sex: str
    born: date
    given: dict[str, Any] = field(hash=False)

    def age(self, on: date) -> int:
        """Completed years on a day."""
        return rules.age(self.born, on)


@dataclass
class Family:
    """Who is served, who is closest, who else lives there, and their numbers once registered."""

    patient: Somebody
    kin: Somebody
    kin_key: str
    registered: int
    address: str
    foreign: bool
    person_id: int = 0
    kin_id: int = 0

    @property
    def kin_called(self) -> str:
        """How the closest person is called."""
        return self.kin.name if self.foreign else KIN[self.kin_key][0]

    @property
    def relation(self) -> str:
        """What the closest person is to the one served."""
        return KIN[self.kin_key][2]

    def called(self, on: date) -> str:
        """How the person served is addressed."""
        name, age = self.patient.name, self.patient.age(on)
        if self.foreign:
            return name
        surname = name[:2] if name[:2] in DOUBLE.values() else name[:1]
        if age < YOUNG:
            return f"小{name[-1]}"
        if self.patient.sex == "1":
            return surname + ("伯" if age >= OLD else "先生")
        return surname + ("婆婆" if age >= OLD else "女士")


class Crowd:
    """Makes people, each once."""

    def __init__(self, random: Random, today: date) -> None:
        self._random, self._today = random, today
        self._names: set[str] = set()
        self._orders: dict[date, int] = {}
        self._phones = iter(range(10_001, 99_999, 7))
        self._foreign = iter(FOREIGN)

    def family(
        self, *, ages: tuple[int, int], sex: str, kin: list[str], members: int, foreign: bool
    ) -> Family:
        """A person of that age and sex and the people around; `members` of them are registered."""
        random = self._random
        name = ""
        if foreign:
            name, sex = next(self._foreign)
        barred = {"1": "husband", "2": "wife"}[sex or "1"] if sex else ""
        key = random.choice([each for each in kin if each != barred])
        sex = sex or {"wife": "1", "husband": "2"}.get(key) or random.choice("12")
        born = self._birthday(random.randint(*ages))
        address = f"佛山市南海区{random.choice(STREETS)}{random.randint(1, 199)}号{random.randint(101, 909)}"
        patient = self._somebody(name or self._name(sex), sex, born, address, foreign=foreign)
        _word, kin_sex, _relation, older = KIN[key]
        kin_born = born - timedelta(days=int(older * DAYS_OF_A_YEAR) + random.randint(-900, 900))
        surname = patient.name[:1] if key in ("son", "daughter", "sister", "father") else ""
        kin_name = self._stranger(name, kin_sex) if foreign else self._name(kin_sex, surname)
        closest = self._somebody(kin_name, kin_sex, kin_born, address, foreign=foreign)
        return Family(patient, closest, key, members, address, foreign)

    def _birthday(self, age: int) -> date:
        return self._today - timedelta(days=int(age * DAYS_OF_A_YEAR) + self._random.randint(5, 350))

    def another(self, family: Family) -> Somebody:
        """A grandchild or child who lives there too."""
        sex = self._random.choice("12")
        young = self._today - timedelta(days=self._random.randint(900, 5000))
        return self._somebody(self._name(sex, family.patient.name[:1]), sex, young, family.address)

    def _name(self, sex: str, surname: str = "") -> str:
        while True:
            first = surname or self._random.choice(SINGLE)
            letters = MALE if sex == "1" else FEMALE
            length = 1 if self._random.random() < 0.2 else 2  # noqa: PLR2004 - of five names one is short
            name = DOUBLE.get(first, first) + "".join(self._random.sample(letters, length))
            if name not in self._names:
                self._names.add(name)
                return name

    @staticmethod
    def _stranger(name: str, sex: str) -> str:
        return f"{'Elena' if sex == '2' else 'Martin'} {name.rsplit(maxsplit=1)[-1]}"

    def _somebody(self, name: str, sex: str, born: date, address: str, *, foreign: bool = False) -> Somebody:
        given: dict[str, Any] = {
            "full_name": name,
            "sex": sex,
            "birth_date": born.isoformat(),
            "phone": self.phone(),
            "phone_message_safe": self._random.random() < 0.7,  # noqa: PLR2004
            "spoken": "en"
            if foreign
            else self._random.choice(("yue", "yue", "yue", "cmn", "cmn", "hak", "nan")),
            "address": address,
        }
        chance = self._random.random()
        if foreign:
            given |= {"id_type": "03", "id_number": f"X0000{self._random.randint(1000, 9999)}"}
        elif chance < 0.85:  # noqa: PLR2004 - not everybody has the card at hand
            given |= {"id_type": RESIDENT_ID, "id_number": self.id_number(born, sex)}
        return Somebody(name, sex, born, given)

    def phone(self) -> str:
        """A number that cannot ring."""
        return f"0757-0{next(self._phones):07d}"

    def id_number(self, born: date, sex: str) -> str:
        """A number of 18 characters that is right by its arithmetic and belongs to no place."""
        order = self._orders.get(born, 0) + 2
        self._orders[born] = order
        digits = f"{NO_PLACE}{born:%Y%m%d}{order + (sex == '1'):03d}"
        return next(digits + last for last in _checks() if not isinstance(_judged(digits + last), Message))


def _checks() -> Iterator[str]:
    yield from "0123456789X"


def _judged(number: str) -> object:
    return rules.id_number(RESIDENT_ID, number, date.max)
