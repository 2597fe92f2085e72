"""Every word that people read is found, translated, and translated in one way."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message
from jinja2 import Environment

from casework.packaging import catalogues
from casework.packaging.catalogues import ROOT, Source, problems, problems_of, sources
from casework.resources import PACKAGE
from casework.testing.english import english_left

SCRIPT = """
import gc, importlib, json, pkgutil, warnings
warnings.simplefilter("ignore")
import casework, casework_programs
from casework.i18n import Message

for package in (casework, casework_programs):
    for module in pkgutil.walk_packages(package.__path__, package.__name__ + "."):
        if not {"tests", "versions", "env", "testing"} & set(module.name.split(".")):
            importlib.import_module(module.name)
made = [each for each in gc.get_objects() if type(each) is Message]
print(json.dumps([[each.context, each.text] for each in made]))
"""


WRITTEN_OR_GIVEN = (ast.Constant, ast.Name, ast.Attribute)
"""What may stand in `_()`: words, or a text that a form or a rule brings along; never one put together."""

ATTRIBUTES = {"generous", "true"}
"""Values of attributes whose element begins in another template or macro."""


def listed() -> set[tuple[str | None, str]]:
    return {
        (message.context, message.id if isinstance(message.id, str) else message.id[0])
        for source in sources()
        for message in source.extracted()
        if message.id
    }


def files(pattern: str) -> list[Path]:
    found = [*PACKAGE.rglob(pattern), *(ROOT / "plugins").rglob(pattern)]
    return [path for path in found if not {"tests", "testing"} & set(path.relative_to(ROOT).parts)]


def test_no_message_is_untranslated_or_damaged_or_out_of_date():
    assert problems() == []


def test_every_form_and_every_source_of_words_is_read():
    places = {
        place for source in sources() for message in source.extracted() for place, _ in message.locations
    }
    speaking = [path for path in files("*.jinja2") if "_(" in path.read_text(encoding="utf-8")]
    forms = [*(ROOT / "forms").glob("*.yaml"), *(ROOT / "plugins").glob("*/forms/*.yaml")]
    missed = {path.relative_to(ROOT).as_posix() for path in [*speaking, *forms]} - places
    assert missed == set()


def test_messages_made_while_modules_are_imported_are_listed():
    done = subprocess.run([sys.executable, "-c", SCRIPT], capture_output=True, text=True, check=True)
    made = {(context, text) for context, text in ast.literal_eval(done.stdout.replace("null", "None"))}
    assert len(made) > 200
    assert made - listed() == set()


def test_python_never_puts_a_message_together():
    marked = {"_": 1, "ngettext": 2, "pgettext": 2}
    found = []
    for path in files("*.py"):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        names = {
            alias.asname or alias.name
            for node in ast.walk(tree)
            if isinstance(node, ast.ImportFrom) and node.module == "casework.i18n"
            for alias in node.names
        }
        for node in ast.walk(tree):
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Name)
                and node.func.id in names & set(marked)
            ):
                texts = node.args[: marked[node.func.id]]
                if not all(isinstance(text, WRITTEN_OR_GIVEN) for text in texts):
                    found.append(f"{path.relative_to(ROOT)}:{node.lineno}")
    assert found == []


@pytest.mark.parametrize("path", files("*.jinja2"), ids=lambda path: path.relative_to(ROOT).as_posix())
def test_templates_say_nothing_that_is_not_translated(path):
    tokens = Environment(autoescape=True).lex(path.read_text(encoding="utf-8"))
    texts = "".join(text if kind == "data" else "·" for _line, kind, text in tokens if kind != "whitespace")
    assert english_left(texts, ATTRIBUTES) == []


def say(source, translation, *, fuzzy=False):
    flags = ["fuzzy"] if fuzzy else []
    wanted = Message(source, locations=[("a.py", 1)])
    return list(problems_of(wanted, Message(source, translation, flags=flags), "zh"))


def test_a_good_translation_has_no_problem():
    assert say("%(name)s is <b>in</b>", "%(name)s<b>在</b>") == []
    assert say(("%(count)s day", "%(count)s days"), ("%(count)s 天",)) == []
    assert say("100%% of %%{count}", "%%{count} 的 100%%") == []


@pytest.mark.parametrize(
    ("source", "translation"),
    [
        ("Hello", ""),
        (("%(count)s day", "%(count)s days"), ("",)),
        ("%(name)s is in", "在"),
        ("%(name)s is in", "%(who)s在"),
        ("Saved at {time}", "已保存"),
        ("Half", "50%"),
        ("50% done", "完成一半"),
        ("<b>in</b>", "<i>在</i>"),
        ("&nbsp;in", "在"),
    ],
)
def test_what_is_missing_or_differs_is_a_problem(source, translation):
    assert len(say(source, translation)) >= 1


def test_a_guess_is_a_problem():
    assert "fuzzy" in say("Hello", "你好", fuzzy=True)[0]


@pytest.fixture
def two_sources(tmp_path, monkeypatch):
    """Two owners of words, each with one module; `write(name, text)` writes what it says."""
    monkeypatch.setattr(catalogues, "ROOT", tmp_path)
    found = []
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        found.append(Source(name, tmp_path / name / "locale", (tmp_path / name,)))
    monkeypatch.setattr(catalogues, "sources", lambda: iter(found))

    def write(name, text):
        (tmp_path / name / "said.py").write_text(text)

    return write


def translate(tmp_path, name, **translations):
    path = tmp_path / name / "locale" / "zh_Hans" / "LC_MESSAGES" / "casework.po"
    catalogue: Catalog = catalogues._read(path, "zh_Hans")
    for message in catalogue:
        if message.id:
            message.string = translations[message.id]
    catalogues._write(path, catalogue)


def test_a_word_said_in_two_ways_needs_a_context(two_sources, tmp_path):
    two_sources("one", '_("Close")')
    two_sources("two", '_("Close")')
    catalogues.update()
    translate(tmp_path, "one", Close="关闭")
    translate(tmp_path, "two", Close="结案")
    assert ["pgettext" in line for line in problems()] == [True]
    two_sources("two", 'pgettext("case", "Close")')
    catalogues.update()
    translate(tmp_path, "two", Close="结案")
    assert problems() == []


def test_words_that_changed_without_the_catalogues_are_told(two_sources, tmp_path):
    two_sources("one", '_("Close")')
    assert [line.endswith("run: make catalogues") for line in problems()] == [True]
    catalogues.update()
    translate(tmp_path, "one", Close="关闭")
    assert problems() == []
    two_sources("one", '_("Open")')
    assert len(problems()) == 2
    catalogues.update()
    assert problems() == [
        "one/locale/zh_Hans/LC_MESSAGES/casework.po: 'Open' (one/said.py) is not translated"
    ]


def test_what_a_reader_hears_is_looked_at_for_english():
    page = """
    <html lang="zh-Hans"><title>个案 - Casework</title><style>body { color: red }</style>
    <a href="/en" lang="en" hreflang="en">English version</a> <svg><title>Drawing</title></svg>
    <button aria-label="Hide it" data-target="thing">显示</button><input type="submit" value="Send">
    <p>CW-26-000123、MZ/T 094-2017、casework.review、ICD-10、chen@example.org<br>Still open</p>
    <textarea title="Your words">He said no</textarea>
    """
    assert english_left(page) == ["Hide", "it", "Send", "Still", "open", "Your", "words"]
    assert english_left("他叫 John，写道：All is well", names={"John", "All is well"}) == []
    assert english_left("返回Cases，casework.assign-worker", names={"assign"}) == ["Cases"]
    assert english_left("John wrote well", names={"John", "All is well"}) == ["wrote", "well"]
