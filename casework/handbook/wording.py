"""How a sentence of the standard may be worded, in each language.

The modal verbs are those of GB/T 1.1-2020, annex C: a requirement says 应 or shall, a recommendation
宜 or should, a permission 可 or may, a statement none of them. 必须 and must are no words of a standard.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

KINDS = ("shall", "should", "may", "statement")
WITHIN = "{within}"
LONGEST = 80
"""So many Han characters a sentence has at most before it is hard to follow."""

_MODALS: Mapping[str, Mapping[str, re.Pattern[str]]] = {
    "en": {
        "shall": re.compile(r"\bshall\b", re.IGNORECASE),
        "should": re.compile(r"\bshould\b", re.IGNORECASE),
        "may": re.compile(r"\bmay\b|^May\b|\b[Nn]eed not\b"),
    },
    "zh_Hans": {"shall": re.compile("应|不得"), "should": re.compile("宜"), "may": re.compile("可|不必")},
}
_FOREIGN = {"en": re.compile(r"\bmust\b", re.IGNORECASE), "zh_Hans": re.compile("必须|严禁")}
_INNOCENT = {
    "en": re.compile(r"(?!)"),
    "zh_Hans": re.compile(
        "应[急答用聘付邀变激征届酬诉]|应收(?=款|账)|应对(?=方案|措施|预案|能力)|应办事项|[反适相供回响效顺对照呼感]应|适宜|事宜|便宜|[许认]可|可[能靠行见及疑信比]|可追溯|可持续|可衡量|不可|可以"
    ),
}
"""Words that hold the character of a modal verb and are none; 可以 is checked by its own rule."""

_CAN = {"en": re.compile(r"(?!)"), "zh_Hans": re.compile("可以|不可")}

_COUNTED = {
    "en": re.compile(
        r"\b(?:\d+|an?|one|two|three|four|five|six|seven|eight|nine|ten|twelve|fifteen|thirty)[ -]"
        r"(?:working )?(?:minute|hour|day|week|month|quarter|year)s?\b(?! or older)"
        r"|\b(?:immediately|at once|without delay|promptly|daily(?! life)|weekly|monthly|quarterly|yearly|annually"
        r"|(?:every|each|per) (?:day|week|month|quarter|year)|(?:on the |the )?same day)\b",
        re.IGNORECASE,
    ),
    "zh_Hans": re.compile(
        r"[0-9〇零一二两三四五六七八九十百半]+ ?个?(?:分钟|小时|工作日|天|日|周(?!岁)|星期|月|季度|年)"
        r"|立即|立刻|及时|定期|当[日天]|每个?(?:[日天周月年]|季度)"
    ),
}
"""Words of time that somebody could measure."""

_HAN = re.compile(r"[\u3400-\u9fff\U00020000-\U0003ffff]")


def modals(language: str, sentence: str) -> list[str]:
    """The class of every modal verb in a sentence, one for each time it is used."""
    text = _INNOCENT[language].sub("", sentence)
    return [kind for kind, pattern in _MODALS[language].items() for _found in pattern.finditer(text)]


def says_must(language: str, sentence: str) -> bool:
    """Whether it uses a word that belongs to laws and orders, not to a standard."""
    return _FOREIGN[language].search(sentence) is not None


def says_can(language: str, sentence: str) -> bool:
    """Whether it permits or forbids with a word that means being able."""
    return _CAN[language].search(sentence) is not None


def time_named(language: str, sentence: str) -> str | None:
    """The first words in a sentence that somebody could measure by the clock."""
    found = _COUNTED[language].search(sentence.replace(WITHIN, ""))
    return found[0] if found else None


def han_characters(sentence: str) -> int:
    """How many Han characters a sentence has."""
    return len(_HAN.findall(sentence))
