"""The checker of the standard: for every fault a bad sample, named with file, line and how to mend it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from casework.cli import casework
from casework.handbook.findings import Finding
from casework.handbook.review import check_handbook
from casework.i18n import Message
from casework.programs import Move, Program, Programs, State, Workflow

EN = """# Visits
## Calls
### Call {#visit.call .shall}
A call shall be made within {within}, as [§visit.calm] says.
### Calm {#visit.calm .should}
The caller should be calm with the [neighbour](#term-visit.neighbour).
## Doors
### Knock {#visit.knock .shall}
The visitor shall knock.
### Wait {#visit.wait .may}
The visitor may wait.
"""
ZH = """# 探访
## 电话
### 致电 {#visit.call .shall}
应按[§visit.calm]在{within}内致电。
### 平和 {#visit.calm .should}
与[邻居](#term-visit.neighbour)通话宜平和。
## 上门
### 敲门 {#visit.knock .shall}
探访人应敲门。
### 等候 {#visit.wait .may}
探访人可等候。
"""
TERMS_EN = "# Terms and definitions {.terms}\n\n**neighbour** {#visit.neighbour} Whoever lives next door.\n"
TERMS_ZH = "# 术语和定义 {.terms}\n\n**邻居** {#visit.neighbour} 住在隔壁的人。\n"
REFERENCES_EN = "# References {.references}\n\n**Doors 2020** On doors\n"
REFERENCES_ZH = "# 规范性引用文件 {.references}\n\n**Doors 2020** 论门\n"
RULES = """visit.call:
  opens: contact.recorded
  met_by: consent.signed
  within: 1 working day
  pauses_in: resting
  owner: worker
  sources: ["Doors 2020, 7"]
"""


class Plugin:
    """A program whose standard lies in a folder of the test."""

    def __init__(self, folder: Path, clause: str) -> None:
        rest = State("resting", Message("Resting"), "paused")
        move = Move("rest", Message("Rest"), ("resting",), "=", "contact.recorded", clause=clause)
        self._folder = folder
        self._workflow = Workflow("resting", (rest,), (move,))

    def casework_program(self) -> Program:
        """The program of visits."""
        folder = self._folder

        class Visits(Program):
            @property
            def folder(self) -> Path:
                return folder

        return Visits("visit", "VI", Message("Visits"), "visits", self._workflow)


FILES = {
    "en/07-visits.md": EN,
    "zh_Hans/07-visits.md": ZH,
    "en/03-terms.md": TERMS_EN,
    "zh_Hans/03-terms.md": TERMS_ZH,
    "en/02-references.md": REFERENCES_EN,
    "zh_Hans/02-references.md": REFERENCES_ZH,
    "rules.yaml": RULES,
}


@pytest.fixture(autouse=True)
def visits_alone(monkeypatch, tmp_path):
    """The core has no standard of its own in these tests."""
    empty = tmp_path / "core"
    empty.mkdir()
    monkeypatch.setattr("casework.handbook.clauses.share", lambda _name: empty)


@pytest.fixture
def visits(tmp_path) -> Programs:
    """The one program of these tests, with a sound standard on disk."""
    return Programs({"visit": Plugin(written(tmp_path / "visit", FILES), "visit.call")})


def written(folder: Path, files: dict[str, str]) -> Path:
    """The folder of the program, with its standard."""
    for name, text in files.items():
        path = folder / "standards" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    return folder


def found(programs: Programs, name: str = "", text: str = "") -> list[Finding]:
    """What is found when one file reads like that, without saving it."""
    return check_handbook(programs, {f"plugins/visit/standards/{name}": text} if name else {})


def test_nothing_is_found_in_a_sound_standard(visits):
    assert found(visits) == []


@pytest.mark.parametrize(
    ("check", "name", "text", "line", "level"),
    [
        ("modal-verb", "en/07-visits.md", EN.replace("shall knock", "should knock"), 8, "error"),
        ("modal-verb", "en/07-visits.md", EN.replace("shall knock", "must knock"), 8, "error"),
        ("modal-verb", "zh_Hans/07-visits.md", ZH.replace("应敲门", "必须敲门"), 8, "error"),
        ("modal-verb", "zh_Hans/07-visits.md", ZH.replace("可等候", "可以等候"), 10, "error"),
        ("modal-verb", "zh_Hans/03-terms.md", TERMS_ZH.replace("住在", "必须住在"), 3, "error"),
        (
            "one-requirement",
            "en/07-visits.md",
            EN.replace("shall knock", "shall knock and shall wait"),
            8,
            "error",
        ),
        (
            "one-requirement",
            "zh_Hans/07-visits.md",
            ZH.replace("应敲门", "应敲门，不应推门"),
            8,
            "error",
        ),
        ("one-requirement", "en/07-visits.md", EN.replace("knock.", "knock.\n\nTwice."), 8, "error"),
        ("dead-reference", "en/07-visits.md", EN.replace("[§visit.calm]", "[§visit.lost]"), 3, "error"),
        (
            "dead-reference",
            "en/07-visits.md",
            EN.replace("knock.", "[knock](https://a.example)."),
            8,
            "error",
        ),
        ("dead-reference", "en/03-terms.md", TERMS_EN.replace("next", "[§visit.lost]"), 3, "error"),
        ("undefined-term", "zh_Hans/07-visits.md", ZH.replace("#term-visit.n", "#term-visit.m"), 5, "error"),
        ("hanging-paragraph", "en/07-visits.md", EN.replace("## Calls", "Hanging.\n## Calls"), 2, "error"),
        ("hanging-paragraph", "en/07-visits.md", EN.replace("## Calls", "## Calls\nHanging."), 3, "error"),
        ("single-child", "en/07-visits.md", EN.partition("### Wait")[0], 8, "warning"),
        ("single-child", "en/07-visits.md", EN.partition("## Doors")[0], 2, "warning"),
        ("structure", "en/07-visits.md", EN + "## Empty\n", 12, "error"),
        ("structure", "en/03-terms.md", TERMS_EN.replace(" {#visit.neighbour}", ""), 3, "error"),
        ("structure", "en/03-terms.md", TERMS_EN.replace("#visit.n", "#n"), 3, "error"),
        ("structure", "en/03-terms.md", TERMS_EN + "\n**door** {#visit.neighbour} A door.\n", 5, "error"),
        ("structure", "en/03-terms.md", TERMS_EN + "\n**door** {#visit.door}\n", 5, "error"),
        ("structure", "en/03-terms.md", TERMS_EN + "\n## Doors\n", 5, "error"),
        ("structure", "en/03-terms.md", TERMS_EN.replace("{.terms}", "{.words}"), 1, "error"),
        (
            "unmeasured",
            "en/07-visits.md",
            EN.replace("shall knock", "shall knock within 2 days"),
            8,
            "warning",
        ),
        ("unmeasured", "en/07-visits.md", EN.replace("shall knock", "shall knock at once"), 8, "warning"),
        ("unmeasured", "zh_Hans/07-visits.md", ZH.replace("应敲门", "应在三天内敲门"), 8, "warning"),
        ("unmeasured", "zh_Hans/07-visits.md", ZH.replace("应敲门", "应立即敲门"), 8, "warning"),
        ("long-sentence", "zh_Hans/07-visits.md", ZH.replace("应敲门", "应" + "敲" * 80), 8, "warning"),
        ("time", "en/07-visits.md", EN.replace("within {within}", "soon"), 3, "error"),
        ("time", "en/07-visits.md", EN.replace("knock.", "knock within {within}."), 8, "error"),
        ("time", "en/07-visits.md", EN.replace("knock.", "knock within {days}."), 8, "error"),
        ("missing-language", "zh_Hans/07-visits.md", ZH.partition("### 等候")[0], 10, "error"),
        (
            "missing-language",
            "zh_Hans/07-visits.md",
            ZH.replace("visit.wait .may", "visit.w .may"),
            10,
            "error",
        ),
        ("missing-language", "zh_Hans/07-visits.md", ZH.partition("## 上门")[0], 7, "error"),
        ("missing-language", "en/03-terms.md", TERMS_EN + "\n**door** {#visit.door} A door.\n", 5, "error"),
        ("missing-language", "en/02-references.md", REFERENCES_EN.replace("Doors", "Windows"), 3, "error"),
        ("missing-language", "en/annex-a-forms.md", "# Forms {.normative}\n\nText.\n", 1, "error"),
        ("rules", "rules.yaml", RULES.replace("1 working day", "soon"), 4, "error"),
        ("rule-without-clause", "rules.yaml", RULES + "visit.lost: {within: 1 day}\n", None, "error"),
        ("unknown-event", "rules.yaml", RULES.replace("consent.signed", "consent.sung"), 3, "error"),
        ("unknown-state", "rules.yaml", RULES.replace("resting", "sleeping"), 5, "error"),
        ("unknown-role", "rules.yaml", RULES.replace("owner: worker", "owner: butler"), 6, "error"),
        (
            "unknown-answer",
            "rules.yaml",
            RULES.replace("  within", "  where:\n    mood: good\n  within"),
            5,
            "error",
        ),
        (
            "unknown-answer",
            "rules.yaml",
            RULES.replace("  within", "  where:\n    outcome: [done, sung]\n  within"),
            5,
            "error",
        ),
        ("unlisted-source", "rules.yaml", RULES.replace("Doors 2020", "Doors 2021"), 7, "warning"),
    ],
)
def test_a_fault_is_named_with_its_place_and_how_to_mend_it(visits, check, name, text, line, level):
    told = [each for each in found(visits, name, text) if each.check == check]
    assert [(each.line, each.level) for each in told] == [(line, level)] * len(told), told
    assert told, found(visits, name, text)
    assert all(str(each.what) and str(each.mend) for each in told)


def test_a_fault_in_a_draft_is_named_by_the_file_it_is_for(visits):
    (finding,) = found(visits, "en/07-visits.md", EN.replace("shall knock", "should knock"))
    assert (finding.file, finding.line) == ("plugins/visit/standards/en/07-visits.md", 8)
    assert finding.as_data()["check"] == "modal-verb"


def test_a_chapter_that_is_missing_in_one_language_is_found(tmp_path):
    folder = written(tmp_path / "visit", FILES)
    (folder / "standards/zh_Hans/07-visits.md").unlink()
    told = found(Programs({"visit": Plugin(folder, "visit.call")}))
    assert {each.check for each in told} == {"missing-language"}


def test_a_form_that_names_no_clause_is_found(tmp_path):
    folder = written(tmp_path / "visit", FILES)
    form = "form: visit.knock\ntitle: Knock\nevent: contact.recorded\ncompartment: case\nclause: visit.{}\nitems: []\n"
    (folder / "forms").mkdir()
    item = "items:\n  - {id: door, type: string, text: Which door?, privacy: L1}\n"
    (folder / "forms" / "knock.yaml").write_text(form.format("lost").replace("items: []\n", item), "utf-8")
    (finding,) = found(Programs({"visit": Plugin(folder, "visit.call")}))
    assert (finding.check, finding.where) == ("dead-reference", "plugins/visit/forms/knock.yaml")


def test_a_form_that_cannot_be_read_is_found(tmp_path):
    folder = written(tmp_path / "visit", FILES)
    (folder / "forms").mkdir()
    (folder / "forms" / "knock.yaml").write_text("form: visit.knock\ntitel: Knock\n", "utf-8")
    told = found(Programs({"visit": Plugin(folder, "visit.call")}))
    assert {each.check for each in told} == {"form"}
    assert {each.file for each in told} == {"plugins/visit/forms/knock.yaml"}


def test_a_move_that_names_no_clause_is_found(tmp_path):
    folder = written(tmp_path / "visit", FILES)
    (folder / "plugin.py").write_text('a\nb = "visit.lost"\n', "utf-8")
    (finding,) = found(Programs({"visit": Plugin(folder, "visit.lost")}))
    assert (finding.check, finding.where) == ("dead-reference", "plugins/visit/plugin.py:2")


@pytest.mark.parametrize(
    "sentence",
    [
        "The visitor shall knock at the door of daily life.",
        "The visitor shall knock with a child of eight years or older.",
        "The visitor shall not knock.",
        "The visitor shall knock in May.",
    ],
)
def test_what_only_sounds_like_a_fault_is_none(visits, sentence):
    assert found(visits, "en/07-visits.md", EN.replace("The visitor shall knock.", sentence)) == []


@pytest.mark.parametrize(
    "sentence",
    [
        "探访人应对邻居敲门。",
        "探访人应留下可追溯的记录。",
        "探访人应敲门，适应邻居的反应和应急预案。",
        "探访人应为年满八周岁的儿童敲门。",
    ],
)
def test_a_character_inside_another_word_is_no_modal_verb(visits, sentence):
    assert found(visits, "zh_Hans/07-visits.md", ZH.replace("探访人应敲门。", sentence)) == []


def test_a_clause_is_found_by_its_rule_even_where_a_sentence_has_no_limit_of_its_own(visits):
    """What people or a guard keep may have a time too: a rule without events."""
    changed = {
        "en/07-visits.md": EN.replace("shall knock.", "shall knock within {within}."),
        "zh_Hans/07-visits.md": ZH.replace("应敲门", "应在{within}内敲门"),
        "rules.yaml": RULES + "visit.knock: {within: 2 days}\n",
    }
    assert (
        check_handbook(visits, {f"plugins/visit/standards/{name}": text for name, text in changed.items()})
        == []
    )


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    name=st.sampled_from(sorted(FILES)),
    pieces=st.lists(
        st.sampled_from([*EN.splitlines(), *TERMS_ZH.splitlines(), *RULES.splitlines()]) | st.text()
    ),
)
def test_whatever_is_typed_is_read_or_told(visits, name, pieces):
    for finding in found(visits, name, "\n".join(pieces)):
        assert finding.file
        assert str(finding.what)
        assert str(finding.mend)


@pytest.mark.parametrize(
    "text", ["\ud800", "# \ud800\n", "[" * 10_000, "#" * 100_000, "**" * 50_000, "x" * 600_000]
)
@pytest.mark.parametrize("name", ["en/07-visits.md", "en/03-terms.md", "rules.yaml"])
def test_hostile_drafts_are_told_and_no_crash(visits, name, text):
    assert any(each.level == "error" for each in found(visits, name, text))


class TestCommand:
    """`casework check`; the standard that is checked is the one that the project ships."""

    @pytest.fixture
    def ini(self, tmp_path) -> Path:
        """A configuration with the one program."""
        file = tmp_path / "casework.ini"
        file.write_text("[app:main]\nuse = egg:casework\ncasework.programs = casework\n", "utf-8")
        return file

    def test_without_errors_it_ends_with_0(self, ini, monkeypatch):
        warning = Finding("long-sentence", "a.md:1", Message("Long."), Message("Cut it."), "warning")
        monkeypatch.setattr("casework.handbook.review.check_handbook", lambda _programs: [warning])
        done = CliRunner().invoke(casework, ["check", "-c", str(ini)])
        assert done.exit_code == 0, done.output
        assert done.output == "a.md:1: warning: Long. [long-sentence]\n    Cut it.\n0 errors, 1 warnings\n"

    def test_with_an_error_it_ends_with_1(self, ini, monkeypatch):
        error = Finding("modal-verb", "a.md", Message("No."), Message("Yes."))
        monkeypatch.setattr("casework.handbook.review.check_handbook", lambda _programs: [error])
        done = CliRunner().invoke(casework, ["check", "--json", "-c", str(ini)])
        assert done.exit_code == 1, done.output
        assert json.loads(done.output) == {
            "errors": 1,
            "warnings": 0,
            "findings": [
                {
                    "level": "error",
                    "check": "modal-verb",
                    "file": "a.md",
                    "line": None,
                    "what": "No.",
                    "mend": "Yes.",
                }
            ],
        }
