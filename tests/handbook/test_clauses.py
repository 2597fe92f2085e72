"""The standard in its files: numbered, in every language alike, its times those of the rules."""

from __future__ import annotations

from pathlib import Path

import pytest

from casework.duties.source import Source, StandardsError
from casework.handbook.clauses import handbook_of, read_handbook
from casework.handbook.review import check_handbook
from casework.i18n import LANGUAGES

RULES = "visit.call: {opens: a.b, met_by: c.d, within: 1 working day}\nvisit.again: {within: 3 months}\n"
EN = """# Visits
## Calls
### Call {#visit.call .shall}
A call shall be made within {within}.
### Again {#visit.again .may}
A further call may follow within {within}.
## Tone
### Calm {#visit.calm .should}
The caller should be *calm*.
### Fact {#visit.fact .statement}
A call is a call.
"""
ZH = """# 探访
## 电话
### 致电 {#visit.call .shall}
应在{within}内致电。
### 再次致电 {#visit.again .may}
可在{within}内再次致电。
## 语气
### 平和 {#visit.calm .should}
通话宜平和，能够适应对方。
### 事实 {#visit.fact .statement}
电话就是电话，可能很短。
"""


def folder(where: Path, en: str = EN, zh: str = ZH, rules: str = RULES, name: str = "07-visits.md") -> Source:
    for language, text in (("en", en), ("zh_Hans", zh)):
        (where / language).mkdir(parents=True, exist_ok=True)
        (where / language / name).write_text(text, "utf-8")
    (where / "rules.yaml").write_text(rules, "utf-8")
    return Source(where, "visit")


def problems(where: Path, **texts: str) -> list[tuple[str, str]]:
    with pytest.raises(StandardsError) as caught:
        read_handbook([folder(where, **texts)])
    return [
        (each.where.removeprefix("plugins/visit/standards/"), str(each.message))
        for each in caught.value.problems
    ]


def test_clauses_are_numbered_by_their_place(tmp_path):
    handbook = read_handbook([folder(tmp_path)])
    assert [(clause.number, clause.id) for clause in handbook] == [
        ("7.1.1", "visit.call"),
        ("7.1.2", "visit.again"),
        ("7.2.1", "visit.calm"),
        ("7.2.2", "visit.fact"),
    ]
    chapter, section = handbook.place("visit.calm")
    assert (chapter.number, section.number, section.titles["zh_Hans"]) == ("7", "7.2", "语气")


def test_the_number_in_the_text_is_read_from_the_rule(tmp_path):
    handbook = read_handbook([folder(tmp_path)])
    assert handbook.clause("visit.call").text("en") == "A call shall be made within 1 working day."
    assert handbook.clause("visit.call").text("zh_Hans") == "应在1个工作日内致电。"
    other = read_handbook([folder(tmp_path, rules=RULES.replace("1 working day", "48 hours"))])
    assert other.clause("visit.call").text("zh_Hans") == "应在48小时内致电。"


def test_a_sentence_is_commonmark_without_html(tmp_path):
    handbook = read_handbook([folder(tmp_path, en=EN.replace("*calm*", "*calm* <b onclick=x>"))])
    assert handbook.clause("visit.calm").html("en") == (
        "<p>The caller should be <em>calm</em> &lt;b onclick=x&gt;.</p>\n"
    )


def test_programs_add_sections_to_a_chapter_of_the_core(tmp_path):
    core = tmp_path / "core"
    for language, text in (
        ("en", "# Visits\n## Rules\n### One {#one .may}\nOne may.\n"),
        ("zh_Hans", "# 探访\n## 规则\n### 一 {#one .may}\n可一。\n"),
    ):
        (core / language).mkdir(parents=True)
        (core / language / "07-visits.md").write_text(text, "utf-8")
    handbook = read_handbook([Source(core), folder(tmp_path / "visit")])
    assert [clause.number for clause in handbook][:2] == ["7.1.1", "7.2.1"]
    assert len(handbook.chapters) == 1


@pytest.mark.parametrize(
    ("change", "where", "part"),
    [
        ({"en": EN.replace("call shall", "call should")}, "en/07-visits.md:3", "The class is .shall"),
        ({"en": EN.replace("call shall", "call shall, and should,")}, "en/07-visits.md:3", "should"),
        ({"en": EN.replace("shall be made", "must be made")}, "en/07-visits.md:3", "not must"),
        ({"zh": ZH.replace("应在", "必须在")}, "zh_Hans/07-visits.md:3", "必须"),
        ({"zh": ZH.replace("可在", "可以在")}, "zh_Hans/07-visits.md:5", "可"),
        ({"zh": ZH.replace("可能", "应")}, "zh_Hans/07-visits.md:10", ".statement"),
        ({"en": EN.replace("{within}", "1 day", 1)}, "en/07-visits.md:3", "write {within}"),
        ({"en": EN.replace("a call.", "{within}.")}, "en/07-visits.md:10", "no rule with a time"),
        ({"en": EN.replace("a call.", "{when}.")}, "en/07-visits.md:10", "Only {within}"),
        ({"en": EN.replace(" {#visit.call .shall}", "")}, "en/07-visits.md:3", "Mark the clause"),
        (
            {"en": EN.replace("#visit.call .shall", "#call .shall")},
            "en/07-visits.md:3",
            "begins with its key",
        ),
        ({"en": EN.replace(".shall", ".must")}, "en/07-visits.md:3", "no class"),
        ({"en": EN.replace("#visit.again", "#visit.call")}, "en/07-visits.md:5", "stands at"),
        ({"en": EN.replace("## Calls\n", "")}, "en/07-visits.md:2", "in this order"),
        ({"en": EN.replace("# Visits\n", "", 1)}, "en/07-visits.md", "Begin the chapter"),
        ({"en": EN.replace("# Visits\n", "# Visits\nHanging.\n", 1)}, "en/07-visits.md:2", "before a clause"),
        ({"en": EN.replace("A call is a call.\n", "")}, "en/07-visits.md:10", "a title and a sentence"),
        ({"rules": RULES + "visit.lost: {within: 1 day}\n"}, "rules.yaml", "“visit.lost” has no clause"),
        ({"zh": ZH.partition("## 语气")[0]}, "en/07-visits.md:7", "missing in another language"),
        ({"zh": ZH.partition("### 事实")[0]}, "en/07-visits.md:10", "missing in another language"),
        ({"zh": ""}, "zh_Hans/07-visits.md", "Begin the chapter"),
        ({"name": "visits.md"}, "en/visits.md", "Name the file"),
    ],
)
def test_what_is_wrong_is_named_with_file_and_line(tmp_path, change, where, part):
    found = problems(tmp_path, **change)
    assert any(place == where and part in message for place, message in found), found


def test_a_chapter_missing_in_one_language_is_a_problem(tmp_path):
    source = folder(tmp_path)
    (tmp_path / "zh_Hans" / "07-visits.md").unlink()
    with pytest.raises(StandardsError, match="missing in another language"):
        read_handbook([source])


def test_clauses_out_of_order_are_named(tmp_path):
    calm = "### 平和 {#visit.calm .should}\n通话宜平和，能够适应对方。\n"
    fact = "### 事实 {#visit.fact .statement}\n电话就是电话，可能很短。\n"
    found = problems(tmp_path, zh=ZH.replace(calm + fact, fact + calm))
    assert "visit.fact .statement” in one language meets “visit.calm .should" in found[0][1]


def test_terms_are_numbered_and_references_are_not(tmp_path):
    source = folder(tmp_path)
    write(tmp_path, "03-terms.md", "# {} {{.terms}}\n\n{}\n\n**{}** {{#visit.door}} {} [§visit.call]\n")
    write(tmp_path, "02-references.md", "# {} {{.references}}\n\n{}\n\n**ISO 1** {} {}\n")
    handbook = read_handbook([source])
    references, terms, _visits = handbook.chapters
    (reference,), (term,) = references.entries, terms.entries
    assert (reference.id, reference.number, reference.heads["en"]) == ("ISO 1", "", "ISO 1")
    assert (term.id, term.number, term.anchor) == ("visit.door", "3.1", "term-visit.door")
    assert terms.lead_html("zh_Hans") == "<p>b</p>\n"
    assert term.html("en", "/all") == '<p>d <a href="/all#visit.call">7.1.1</a></p>\n'
    assert handbook.texts()["term-visit.door"]["kind"] == "term"


def write(where: Path, name: str, pattern: str) -> None:
    """The same file in both languages, its words the letters a, b, c and d."""
    for language in ("en", "zh_Hans"):
        (where / language / name).write_text(pattern.format(*"abcd"), "utf-8")


def test_annexes_follow_the_chapters_and_have_letters(tmp_path):
    source = folder(tmp_path)
    write(tmp_path, "annex-b-scales.md", "# {} {{.informative}}\n\n{}\n")
    write(tmp_path, "annex-a-forms.md", "# {} {{.normative}}\n\n{}\n")
    write(tmp_path, "10-end.md", "# {}\n")
    chapters = read_handbook([source]).chapters
    assert [chapter.number for chapter in chapters] == ["7", "10", "A", "B"]
    assert [chapter.is_annex for chapter in chapters] == [False, False, True, True]
    assert chapters[2].leads["en"] == "b"


def test_a_sentence_names_a_clause_by_number_and_a_term_by_its_definition(tmp_path):
    en = EN.replace("a call.", "a [door](#term-visit.door) as in [§visit.again].")
    source = folder(tmp_path, en=en)
    write(tmp_path, "03-terms.md", "# {} {{.terms}}\n\n{}\n\n**{}** {{#visit.door}} {}\n")
    fact = read_handbook([source]).clause("visit.fact")
    assert fact.text("en") == "A call is a door as in 7.1.2."
    assert fact.html("en") == (
        '<p>A call is a <a href="#term-visit.door">door</a> as in <a href="#visit.again">7.1.2</a>.</p>\n'
    )
    assert 'href="/all#visit.again"' in fact.html("en", "/all")


def test_the_shipped_standard_has_no_faults(programs):
    findings = check_handbook(programs)
    assert [each for each in findings if each.level == "error"] == []
    assert [each for each in findings if not each.file.startswith("plugins/subsidy/")] == []


def test_the_shipped_standard_is_whole(programs):
    handbook = handbook_of(programs)
    assert set(LANGUAGES) == set(handbook.clause("record-within-24-hours").titles)
    clauses = {clause.id: clause for clause in handbook}
    assert len([each for each in clauses if each.startswith("casework.")]) >= 25
    assert len([each for each in clauses if "." not in each]) >= 60
    assert len([clause for clause in clauses.values() if clause.rule and clause.rule.opens]) >= 25
    assert [chapter.titles["en"] for chapter in handbook.chapters if not chapter.is_annex] == [
        "Scope",
        "References",
        "Terms and definitions",
        "General principles",
        "Organisation",
        "Management",
        "Evaluation",
        "Finance",
        "Training",
        "Improvement",
    ]
    assert [chapter.number for chapter in handbook.chapters if chapter.is_annex] == ["A", "B", "C", "D"]
    assert all(clause.rule for clause in clauses.values() if "{within}" in clause.sentences["en"])


def test_every_clause_behind_a_move_exists(programs):
    handbook = handbook_of(programs)
    named = {move.clause for program in programs for move in program.workflow.moves if move.clause}
    assert {clause for clause in named if handbook.get(clause) is None} == set()


def test_sources_are_cited_by_the_name_that_each_language_has(programs):
    handbook = handbook_of(programs)
    assert handbook.cited("Civil Code 1259", "en") == "Civil Code 1259"
    assert handbook.cited("Civil Code 1259", "zh_Hans") == "民法典 1259"
    assert handbook.cited("Civil Codex", "zh_Hans") == "Civil Codex"
