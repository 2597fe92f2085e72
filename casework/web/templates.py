"""What templates may use besides their own variables: filters that write for the reader, icons, deadlines.

What depends on the reader asks `words_now()`, so one environment serves every language.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from types import CodeType
from typing import Any

from jinja2 import BytecodeCache, Environment
from jinja2.bccache import Bucket
from markupsafe import Markup

from casework.i18n import HTML_LANGUAGES, LANGUAGES, Message, Words, words_now
from casework.web.nearness import Nearness, elapsed, nearness, recorded_apart
from casework.web.static import FOLDER, static

SPRITE = "built/icons.svg"


class CompiledOnce(BytecodeCache):
    """Keeps what templates were compiled to while the process lives, however many applications it makes."""

    def __init__(self) -> None:
        self._kept: dict[tuple[str, str], CodeType | None] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        """Give the code of a template that was compiled from the same text before, if any."""
        bucket.code = self._kept.get((bucket.key, bucket.checksum))

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep the code of a template that has just been compiled."""
        self._kept[bucket.key, bucket.checksum] = bucket.code


def configure(environment: Environment) -> None:
    """Give an environment the filters and globals that the core's templates and macros use."""
    environment.filters |= {"say": say, "clock": clock}
    for name in ("day", "moment", "weekday", "number", "percent", "money", "names"):
        environment.filters[name] = _written(name)
    environment.globals |= {
        "static": static,
        "icon": icon,
        "nearness": near,
        "elapsed": elapsed,
        "recorded_apart": recorded_apart,
        "languages": LANGUAGES,
        "html_languages": HTML_LANGUAGES,
    }


def say(value: Any) -> Any:
    """A value as the reader reads it: a Message translated, a date or decimal written, text unchanged."""
    if isinstance(value, Message | datetime | date | Decimal):
        return words_now().write(value)
    return "" if value is None else value


def clock(moment: datetime) -> str:
    """The time of day on the clock of the place, such as 10:31."""
    return f"{words_now().local(moment):%H:%M}"


def near(moment: datetime, now: datetime) -> Nearness:
    """How near a deadline is, in the local days of the place."""
    return nearness(moment, now, words_now().zone)


def icon(name: str) -> Markup:
    """A drawing from the sprite, silent to screen readers; LookupError for a name that is not in it."""
    if name not in icon_names():
        raise LookupError(f"no icon {name!r}; casework/web/icons/names.txt lists those there are")
    return Markup(
        '<svg class="icon" width="18" height="18" aria-hidden="true" focusable="false"><use href="{}#{}"></use></svg>'
    ).format(static(SPRITE), name)


@lru_cache
def icon_names() -> frozenset[str]:
    """The names of the icons in the sprite that was built."""
    sprite = (FOLDER / SPRITE).read_text(encoding="utf-8")
    return frozenset(re.findall(r'<symbol id="([a-z0-9-]+)"', sprite))


def _written(method: str) -> Callable[..., str]:
    def write(value: Any, *arguments: Any) -> str:
        return str(getattr(words_now(), method)(value, *arguments))

    write.__doc__ = getattr(Words, method).__doc__
    return write
