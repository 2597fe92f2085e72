"""What must hold of the texts of a standard before they can be used at all: languages agree, modal
verbs fit, rules have texts, and nothing points to what does not exist."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import zip_longest

from casework.duties.rules import RuleSet
from casework.handbook.findings import Finding
from casework.handbook.links import clauses_named, other_links, prose, terms_named
from casework.handbook.source import ChapterDraft, ClauseDraft, EntryDraft, SectionDraft
from casework.handbook.wording import KINDS, WITHIN, modals, says_can, says_must
from casework.i18n import Message, _

Drafts = Mapping[str, Sequence[ChapterDraft]]

_TRANSLATE = _("Write it there too, at the same place.")


def check(drafts: Drafts, rules: RuleSet | None) -> list[Finding]:
    """Every error of the texts of all languages together with the rules, if those could be read."""
    findings: list[Finding] = []
    for language, chapters in drafts.items():
        findings += _check_language(language, chapters, rules)
        findings += _check_links(chapters)
    first, *others = drafts
    for other in others:
        findings += _check_agreement(drafts[first], drafts[other], other)
    if rules is not None:
        findings += _check_rules(drafts, rules)
    return findings


def _check_language(
    language: str, chapters: Sequence[ChapterDraft], rules: RuleSet | None
) -> Iterator[Finding]:
    seen: dict[str, str] = {}
    for chapter in chapters:
        if not chapter.title:
            yield Finding(
                "structure",
                chapter.where,
                _("The chapter has no title."),
                _("Begin the chapter with its title, like “# Management”."),
            )
        for clause in chapter.clauses():
            if not clause.id:
                continue
            yield from _once(seen, clause)
            yield from _faults(language, clause, rules)
    defined: dict[str, str] = {}
    for chapter in chapters:
        for entry in chapter.entries:
            yield from _once(defined, entry)
            if not entry.text.strip():
                yield Finding(
                    "structure",
                    entry.where,
                    _("“%(head)s” stands here without a text.", head=entry.head),
                    _("Write its definition or title after it."),
                )
            if says_must(language, prose(entry.text)):
                yield _must(entry.where)


def _once(seen: dict[str, str], draft: ClauseDraft | EntryDraft) -> Iterator[Finding]:
    if draft.id in seen:
        yield Finding(
            "structure",
            draft.where,
            _("The id “%(id)s” stands at %(where)s already.", id=draft.id, where=seen[draft.id]),
            _("Give each its own id."),
        )
    seen.setdefault(draft.id, draft.where)


def _faults(language: str, clause: ClauseDraft, rules: RuleSet | None) -> Iterator[Finding]:
    text = clause.text.strip()
    if clause.kind not in KINDS:
        yield Finding(
            "structure",
            clause.where,
            _("“.%(kind)s” is no class.", kind=clause.kind),
            _("There are .shall, .should, .may and .statement."),
        )
        return
    if not clause.title or not text:
        yield Finding(
            "structure",
            clause.where,
            _("The title or the sentence is missing."),
            _("A clause has a title and a sentence."),
        )
        return
    words = prose(text)
    if says_must(language, words):
        yield _must(clause.where)
    if says_can(language, words):
        yield Finding(
            "modal-verb",
            clause.where,
            _("可以 and 不可 are no modal verbs of a standard."),
            _("Write 可 for what is permitted and 不应 for what is forbidden."),
        )
    found = [*dict.fromkeys(modals(language, words))]
    wanted = [] if clause.kind == "statement" else [clause.kind]
    if found != wanted:
        yield Finding(
            "modal-verb",
            clause.where,
            _(
                "The class is .%(kind)s, but the sentence says: %(found)s.",
                kind=clause.kind,
                found=", ".join(found) or "–",
            ),
            _("Make the two agree: shall 应, should 宜, may 可, a statement none of them."),
        )
    yield from _times(clause, text, rules)


def _times(clause: ClauseDraft, text: str, rules: RuleSet | None) -> Iterator[Finding]:
    """The number in the sentence is the rule's."""
    if rules is not None:
        rule = rules.get(clause.id)
        has_time = rule is not None and rule.within is not None and rule.within.unit != "before"
        if WITHIN in text and not has_time:
            yield Finding(
                "time",
                clause.where,
                _("{within} stands for the time of the rule, but the clause has no rule with a time."),
                _("Add “within” to its rule in rules.yaml, or take {within} out of the sentence."),
            )
        if has_time and WITHIN not in text:
            yield Finding(
                "time",
                clause.where,
                _("The clause has a rule with a time, but the sentence does not say it."),
                _("In the sentence, write {within} where the time belongs."),
            )
    rest = text.replace(WITHIN, "")
    if "{" in rest or "}" in rest:
        yield Finding(
            "time", clause.where, _("Only {within} may stand in braces."), _("Write out what else varies.")
        )


def _must(where: str) -> Finding:
    return Finding(
        "modal-verb",
        where,
        _("A standard says shall (应), not must (必须)."),
        _("Write shall or 应 for a requirement, shall not or 不应 for a prohibition."),
    )


def _check_links(chapters: Sequence[ChapterDraft]) -> Iterator[Finding]:
    """Whatever a text points to exists."""
    clauses = {clause.id for chapter in chapters for clause in chapter.clauses()}
    terms = {entry.id for chapter in chapters if chapter.kind == "terms" for entry in chapter.entries}
    for where, text in _texts(chapters):
        for id_ in clauses_named(text):
            if id_ not in clauses:
                yield Finding(
                    "dead-reference",
                    where,
                    _("[§%(id)s] points to no clause.", id=id_),
                    _("Write the id of a clause, such as it stands after “#” in its heading."),
                )
        for id_ in terms_named(text):
            if id_ not in terms:
                yield Finding(
                    "undefined-term",
                    where,
                    _("The term “%(id)s” is used but not defined.", id=id_),
                    _("Define it in the chapter of terms, like “**client** {#client} …”."),
                )
        for target in other_links(text):
            yield Finding(
                "dead-reference",
                where,
                _("“%(target)s” is neither a clause nor a term.", target=target),
                _("Point to a clause with [§id] or to a term with [words](#term-id)."),
            )


def _texts(chapters: Sequence[ChapterDraft]) -> Iterator[tuple[str, str]]:
    for chapter in chapters:
        yield chapter.where, chapter.lead
        yield from ((clause.where, clause.text) for clause in chapter.clauses())
        yield from ((entry.where, entry.text) for entry in chapter.entries)


def _check_agreement(
    first: Sequence[ChapterDraft], second: Sequence[ChapterDraft], language: str
) -> Iterator[Finding]:
    """Chapters, sections, clauses and entries stand in the same order in both languages."""
    for one, other in zip_longest(first, second):
        if one is None or other is None or one.number != other.number:
            where = (other or one).where
            what = _("This chapter is missing in another language, or in %(one)s.", one=language)
            yield Finding("missing-language", where, what, _TRANSLATE)
            return
        if one.kind != other.kind:
            what = _(
                "The chapter is marked “%(one)s” in one language and “%(other)s” in another.",
                one=one.kind,
                other=other.kind,
            )
            yield Finding("missing-language", other.where, what, _("Give it the same mark."))
        for entry, match in zip_longest(one.entries, other.entries):
            if entry is None or match is None:
                what = _("This entry is missing in another language.")
                yield Finding("missing-language", (match or entry).where, what, _TRANSLATE)
                break
            if entry.id != match.id:
                yield _out_of_order(match.where, entry.id, match.id)
                break
        for section, twin in zip_longest(one.sections, other.sections):
            if section is None or twin is None:
                what = _("This section is missing in another language.")
                yield Finding("missing-language", (twin or section).where, what, _TRANSLATE)
                break
            yield from _check_section(section, twin)


def _check_section(section: SectionDraft, twin: SectionDraft) -> Iterator[Finding]:
    for clause, copy in zip_longest(section.clauses, twin.clauses):
        if clause is None or copy is None:
            what = _("This clause is missing in another language.")
            yield Finding("missing-language", (copy or clause).where, what, _TRANSLATE)
            return
        if (clause.id, clause.kind) != (copy.id, copy.kind):
            yield _out_of_order(copy.where, f"{clause.id} .{clause.kind}", f"{copy.id} .{copy.kind}")
            return


def _out_of_order(where: str, one: str, other: str) -> Finding:
    what: Message = _("Here “%(one)s” in one language meets “%(other)s” in another.", one=one, other=other)
    return Finding("missing-language", where, what, _("Keep the same order, ids and classes."))


def _check_rules(drafts: Drafts, rules: RuleSet) -> Iterator[Finding]:
    """Every rule has its clause."""
    ids = {clause.id for chapters in drafts.values() for chapter in chapters for clause in chapter.clauses()}
    for rule in rules:
        if rule.clause not in ids:
            name = f"plugins/{rule.program}/standards" if rule.program else "standards"
            yield Finding(
                "rule-without-clause",
                f"{name}/rules.yaml",
                _("The rule “%(id)s” has no clause.", id=rule.clause),
                _("Write the clause in every language, or take the rule away."),
            )
