"""What must hold of the texts of a standard: languages agree, modal verbs fit, rules have texts."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import zip_longest

from casework.duties.rules import RuleSet
from casework.errors import Problem
from casework.handbook.source import ChapterDraft, ClauseDraft
from casework.i18n import Message, _

WITHIN = "{within}"
KINDS = ("shall", "should", "may", "statement")

Drafts = Mapping[str, Sequence[ChapterDraft]]

_MODALS: Mapping[str, Mapping[str, re.Pattern[str]]] = {
    "en": {
        "shall": re.compile(r"\bshall\b", re.IGNORECASE),
        "should": re.compile(r"\bshould\b", re.IGNORECASE),
        "may": re.compile(r"\b(may|need not)\b", re.IGNORECASE),
    },
    "zh_Hans": {"shall": re.compile("应|不得"), "should": re.compile("宜"), "may": re.compile("可|不必")},
}
_FOREIGN = {"en": re.compile(r"\bmust\b", re.IGNORECASE), "zh_Hans": re.compile("必须|严禁")}
_INNOCENT = {
    "en": re.compile(r"(?!)"),
    "zh_Hans": re.compile(
        "应[急对答用聘付邀变激征届酬]|应办事项|[反适相供回响效顺对照呼感]应|适宜|事宜|便宜|[许认]可|可[能靠行见及]|不可|可以"
    ),
}
"""Words that hold the character of a modal verb and are none; 可以 is checked by its own rule."""

_CAN = re.compile("可以|不可")


def check(drafts: Drafts, rules: RuleSet | None) -> list[Problem]:
    """Every problem of the texts of all languages together with the rules, if those could be read."""
    problems: list[Problem] = []
    for language, chapters in drafts.items():
        problems += _check_language(language, chapters, rules)
    first, *others = drafts
    for other in others:
        problems += _check_agreement(drafts[first], drafts[other], other)
    if rules is not None:
        problems += _check_rules(drafts, rules)
    return problems


def _check_language(
    language: str, chapters: Sequence[ChapterDraft], rules: RuleSet | None
) -> Iterator[Problem]:
    seen: dict[str, str] = {}
    for chapter in chapters:
        if not chapter.title:
            yield Problem(chapter.where, _("Begin the chapter with its title, like “# Management”."))
        for clause in chapter.clauses():
            if not clause.id:
                continue
            if clause.id in seen:
                yield Problem(
                    clause.where,
                    _("The id “%(id)s” stands at %(where)s already.", id=clause.id, where=seen[clause.id]),
                )
            seen[clause.id] = clause.where
            for message in _faults(language, clause, rules):
                yield Problem(clause.where, message)


def _faults(language: str, clause: ClauseDraft, rules: RuleSet | None) -> Iterator[Message]:
    text = clause.text.strip()
    if clause.kind not in KINDS:
        yield _("“.%(kind)s” is no class; there are .shall, .should, .may and .statement.", kind=clause.kind)
        return
    if not clause.title or not text:
        yield _("A clause has a title and a sentence.")
        return
    if _FOREIGN[language].search(text):
        yield _("A standard says shall (应), not must (必须).")
    if language == "zh_Hans" and _CAN.search(text):
        yield _("Write 可 for what is permitted and 不应 for what is forbidden.")
    plain = _INNOCENT[language].sub("", text)
    found = [kind for kind, pattern in _MODALS[language].items() if pattern.search(plain)]
    wanted = [] if clause.kind == "statement" else [clause.kind]
    if found != wanted:
        yield _(
            "The class is .%(kind)s, but the sentence says: %(found)s. Make the two agree.",
            kind=clause.kind,
            found=", ".join(found) or "–",
        )
    if rules is not None:
        rule = rules.get(clause.id)
        has_time = rule is not None and rule.within is not None and rule.within.unit != "before"
        if WITHIN in text and not has_time:
            yield _("{within} stands for the time of the rule, but the clause has no rule with a time.")
        if has_time and WITHIN not in text:
            yield _("The clause has a rule with a time; write {within} where the time belongs.")
    if text.replace(WITHIN, "").count("{") or "}" in text.replace(WITHIN, ""):
        yield _("Only {within} may stand in braces.")


def _check_agreement(
    first: Sequence[ChapterDraft], second: Sequence[ChapterDraft], language: str
) -> Iterator[Problem]:
    """Chapters, sections and clauses stand in the same order in both languages."""
    message = _("Here “%(one)s” in one language meets “%(other)s” in another. Keep the same order.")
    for one, other in zip_longest(first, second):
        if one is None or other is None or one.number != other.number:
            where = (other or one).where
            yield Problem(
                where, _("This chapter is missing in another language, or in %(one)s.", one=language)
            )
            return
        for section, twin in zip_longest(one.sections, other.sections):
            if section is None or twin is None:
                yield Problem((twin or section).where, _("This section is missing in another language."))
                break
            for clause, copy in zip_longest(section.clauses, twin.clauses):
                if clause is None or copy is None:
                    yield Problem((copy or clause).where, _("This clause is missing in another language."))
                    break
                if (clause.id, clause.kind) != (copy.id, copy.kind):
                    ids = {"one": f"{clause.id} .{clause.kind}", "other": f"{copy.id} .{copy.kind}"}
                    yield Problem(copy.where, _(message.text, **ids))
                    break


def _check_rules(drafts: Drafts, rules: RuleSet) -> Iterator[Problem]:
    """Every rule has its clause."""
    ids = {clause.id for chapters in drafts.values() for chapter in chapters for clause in chapter.clauses()}
    for rule in rules:
        if rule.clause not in ids:
            name = f"plugins/{rule.program}/standards" if rule.program else "standards"
            yield Problem(f"{name}/rules.yaml", _("The rule “%(id)s” has no clause.", id=rule.clause))
