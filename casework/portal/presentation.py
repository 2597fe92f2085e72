"""How an application looks: its pages and how far each is filled in, times in words."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from casework.errors import Problem
from casework.forms.definition import Form, Item
from casework.forms.evaluate import evaluate, is_blank
from casework.i18n import Message, _, ngettext

DONE, STARTED, NOT_BEGUN, OPTIONAL = "done", "started", "not begun", "optional"

STATUS_TITLES: Mapping[str, tuple[Message, str]] = {
    DONE: (_("Done"), "green"),
    STARTED: (_("Begun"), "amber"),
    NOT_BEGUN: (_("Not begun"), "grey"),
    OPTIONAL: (_("If it applies"), "grey"),
}
"""How far a part is, in words, and the tone of its tag."""

A_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Section:
    """One page of the application: how far it is filled in, and what keeps it from being done."""

    item: Item
    status: str
    problems: Sequence[Problem]


def sections_of(
    form: Form, answers: Mapping[str, Any], *, now: datetime, roles: Collection[str]
) -> list[Section]:
    """The pages that ask anything, in order. One on which nothing is answered and nothing must be, is
    for those to whom it applies.
    """
    verdict = evaluate(form, answers, now=now, roles=roles)
    found = []
    for item in form.sections:
        if item.link_id not in verdict.enabled:
            continue
        problems = problems_on(form, item, verdict.problems)
        touched = any(not each.read_only and not is_blank(answers.get(each.link_id)) for each in item.walk())
        status = STARTED if touched and problems else NOT_BEGUN if problems else DONE if touched else OPTIONAL
        found.append(Section(item, status, problems))
    return found


def problems_on(form: Form, page: Item, problems: Iterable[Problem]) -> list[Problem]:
    """Those of the problems that lie on a page."""
    here = {item.link_id for item in page.walk()}
    return [problem for problem in problems if _first(form, problem.where) in here]


def _first(form: Form, where: str) -> str:
    """The link id that a place begins with; `happened_at` is the form's own question."""
    link_id = where.removesuffix("[]").split(".")[0]
    return form.happened or link_id if link_id == "happened_at" else link_id


def mark_of(answers: Mapping[str, Any], page: Item) -> str:
    """A mark by which it shows whether the answers of a page are still the same."""
    here = {item.link_id: answers[item.link_id] for item in page.walk() if item.link_id in answers}
    return hashlib.sha256(json.dumps(here, sort_keys=True).encode()).hexdigest()[:16]


def in_days(time: timedelta) -> Message:
    """A span of time as people say it: in days, and in weeks from a fortnight on."""
    if time < A_DAY:
        return _("less than a day")
    days = round(time / A_DAY)
    if days >= 14:  # noqa: PLR2004 - a fortnight
        return ngettext("about %(count)s week", "about %(count)s weeks", round(days / 7))
    return ngettext("about %(count)s day", "about %(count)s days", days)
