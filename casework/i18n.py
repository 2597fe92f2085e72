"""Words, dates, numbers and money in the reader's language.

`_` marks a message; it is translated only where it is shown, by the `Words` of the reader.
Messages are written in English with %(name)s for what varies, the same in Python, in templates
and in the texts of forms. All catalogues (the core's and each program's) share one domain.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from babel import Locale, dates, numbers
from babel.support import NullTranslations, Translations

DOMAIN = "casework"
SOURCE_LANGUAGE = "en"
LANGUAGES: Mapping[str, str] = {"zh_Hans": "简体中文", "en": "English"}
"""The shipped languages, each with its name in itself."""

HTML_LANGUAGES: Mapping[str, str] = {"zh_Hans": "zh-Hans", "en": "en"}


@dataclass(frozen=True)
class Message:
    """A sentence to be translated when it is shown.

    `text` is the English source, `values` fill its %(name)s places, `plural` and `count` choose
    the form, `context` tells apart two meanings of one English word.
    """

    text: str
    values: Mapping[str, Any] = field(default_factory=dict, hash=False)
    plural: str | None = None
    count: int = 0
    context: str | None = None

    def __str__(self) -> str:
        text = self.plural if self.plural and self.count != 1 else self.text
        return text % self.values if self.values else text


def _(text: str, **values: Any) -> Message:
    """Mark a sentence for translation: ``_("Due on %(day)s", day=due)``."""
    return Message(text, values)


def ngettext(singular: str, plural: str, count: int, **values: Any) -> Message:
    """Mark a sentence with a count; %(count)s is filled in."""
    return Message(singular, {"count": count, **values}, plural, count)


def pgettext(context: str, text: str, **values: Any) -> Message:
    """Mark a sentence whose English means two things; `context` says which is meant."""
    return Message(text, values, context=context)


def negotiate(*wishes: str | None, default: str = "zh_Hans") -> str:
    """The shipped language that best fits the wishes, in order: account, cookie, browser header.

    Any wish may be absent, malformed or hostile; what is not understood is passed over.
    Chinese without a script, or of a region that writes simplified characters, is zh_Hans.
    """
    for wish in wishes:
        for tag in _tags(wish):
            parts = tag.replace("_", "-").lower().split("-")
            if parts[0] == "zh":
                return "zh_Hans"
            if parts[0] == "en":
                return "en"
    return default


def _tags(wish: str | None) -> Iterable[str]:
    """The language tags of an Accept-Language value, best first; at most eight are looked at."""
    weighted = []
    for position, part in enumerate((wish or "")[:256].split(",")[:8]):
        tag, _semicolon, quality = part.strip().partition(";q=")
        try:
            weight = float(quality) if quality else 1.0
        except ValueError:
            continue
        if tag and weight > 0:
            weighted.append((-weight, position, tag))
    return [tag for _weight, _position, tag in sorted(weighted)]


class Words:
    """One language: translates messages and writes dates, numbers and money for its readers.

    Arguments of a message that are themselves messages, dates or decimals are written in the
    same language.
    """

    def __init__(self, language: str, folders: Sequence[Path], zone: str = "Asia/Shanghai") -> None:
        self.language = language
        self.html_language = HTML_LANGUAGES[language]
        self.locale = Locale.parse(language)
        self.zone = ZoneInfo(zone)
        self._catalogue = _catalogue(language, tuple(folders))

    def __call__(self, message: Message | str | None) -> str:
        """The text of a message in this language; a plain string is looked up as it is."""
        if message is None:
            return ""
        if isinstance(message, str):
            return self.gettext(message)
        if message.plural is not None:
            text = self.ngettext(message.text, message.plural, message.count)
        elif message.context is not None:
            text = self.pgettext(message.context, message.text)
        else:
            text = str(self._catalogue.gettext(message.text))
        if not message.values:
            return text
        return text % {name: self.write(value) for name, value in message.values.items()}

    def gettext(self, text: str) -> str:
        """For templates: the translation of an English sentence."""
        return str(self._catalogue.gettext(text)) if text else ""

    def ngettext(self, singular: str, plural: str, count: int) -> str:
        """For templates: the translation of a sentence with a count."""
        return str(self._catalogue.ngettext(singular, plural, count))

    def pgettext(self, context: str, text: str) -> str:
        """For templates: the translation of a sentence in a context."""
        return str(self._catalogue.pgettext(context, text))

    def write(self, value: Any) -> Any:
        """A value as this language writes it inside a sentence."""
        if isinstance(value, Message):
            return self(value)
        if isinstance(value, datetime):
            return self.moment(value)
        if isinstance(value, date):
            return self.day(value)
        if isinstance(value, Decimal):
            return self.number(value)
        return value

    def local(self, moment: datetime) -> datetime:
        """The same moment on the clock of the place."""
        return moment.astimezone(self.zone)

    def day(self, day: date | datetime, style: str = "medium") -> str:
        """A date, by default like "2026年11月22日" and "Nov 22, 2026"."""
        if isinstance(day, datetime):
            day = self.local(day).date()
        return dates.format_date(day, format=style, locale=self.locale)

    def moment(self, moment: datetime, style: str = "medium") -> str:
        """A date and a time of day, without seconds."""
        local = self.local(moment)
        clock = dates.format_time(local, format="HH:mm", locale=self.locale)
        return f"{self.day(local.date(), style)} {clock}"

    def weekday(self, day: date) -> str:
        """The name of the day in the week."""
        return dates.format_date(day, format="EEEE", locale=self.locale)

    def number(self, value: Decimal | float) -> str:
        """A number with the separators of the language."""
        return numbers.format_decimal(value, locale=self.locale)

    def percent(self, share: Decimal | float) -> str:
        """A share between 0 and 1 as a percentage."""
        return numbers.format_percent(share, locale=self.locale)

    def money(self, fen: int, currency: str = "CNY") -> str:
        """An amount given in the smallest unit (fen) as money."""
        return numbers.format_currency(Decimal(fen) / 100, currency, locale=self.locale)

    def names(self, names: Mapping[str, str]) -> str:
        """The name, among names by language, that this reader reads; else any there is."""
        return names.get(self.language) or names.get("zh_Hans") or next(iter(names.values()), "")


@lru_cache(maxsize=32)
def _catalogue(language: str, folders: tuple[Path, ...]) -> NullTranslations:
    """All compiled catalogues of one language merged; the source language needs none."""
    merged: NullTranslations | None = None
    for folder in folders:
        found = Translations.load(folder, [language], DOMAIN)
        if isinstance(found, Translations):
            merged = found if merged is None else merged.merge(found)  # type: ignore[attr-defined]
    return merged or NullTranslations()


_reading: ContextVar[Words] = ContextVar("reading")


def reading(words: Words) -> None:
    """From here on, in this thread or task, templates are read in this language."""
    _reading.set(words)


def words_now() -> Words:
    """The words of whoever reads at this moment; LookupError when nobody was named."""
    return _reading.get()
