from __future__ import annotations

import textwrap

import pytest

from casework.forms.compiler import compile_form, compile_source
from casework.forms.definition import Condition, Form
from casework.forms.source import FormErrors

HEAD = """\
form: visit
title: Visit
event: contact.recorded
compartment: case
"""


def form_with(items: str, head: str = HEAD) -> Form:
    return compile_form(head + "items:\n" + textwrap.indent(textwrap.dedent(items), "  "), "visit.yaml")


def problems_of(items: str, head: str = HEAD) -> list[str]:
    with pytest.raises(FormErrors) as caught:
        form_with(items, head)
    return [str(problem) for problem in caught.value.problems]


def test_a_form_compiles_to_frozen_values():
    form = form_with(
        """
        - id: mood
          type: choice
          text: Mood
          required: yes
          repeats: yes
          privacy: L4
          system: urn:moods
          options:
            - {code: no, label: "No, %", score: 1.5}
            - {code: 01, label: One, system: urn:other}
        - id: why
          type: text
          text: Why?
          privacy: L5
          see: [worker]
          enable_when: {any: [mood = no, mood missing]}
        """
    )
    mood, why = form.items
    assert (form.key, form.event, form.compartment, form.paged) == (
        "visit",
        "contact.recorded",
        "case",
        False,
    )
    assert [(o.code, o.score, o.system) for o in mood.options] == [
        ("no", "1.5", "urn:moods"),
        ("01", None, "urn:other"),
    ]
    assert why.enable_when == (Condition("mood", "=", "no"), Condition("mood", "missing"))
    assert why.enable_any
    assert why.see == {"worker"}
    with pytest.raises(AttributeError):
        mood.text = "changed"  # type: ignore[misc]


def test_the_version_follows_the_content_and_not_the_comments():
    items = "- {id: a, type: string, text: A, privacy: L1}"
    assert form_with(items).version == form_with(f"# a remark\n{items}").version
    assert form_with(items).version != form_with(items.replace("text: A", "text: B")).version


def test_a_stored_source_compiles_to_the_same_form():
    form = form_with(
        "- {id: a, type: date, text: '日期 \U0001f600', privacy: L1, max: today, initial: today}"
    )
    again = compile_source(form.source, "visit")
    assert again == form
    assert again.version == form.version


@pytest.mark.parametrize(
    ("items", "expected"),
    [
        ("- {type: string, text: A, privacy: L1}", "visit.yaml:6: `id:` must be"),
        ("- {id: Big, type: string, text: A, privacy: L1}", "visit.yaml:6: `id:` must be"),
        (
            "- {id: csrf_token, type: string, text: A, privacy: L1}",
            "visit.yaml:6: the id 'csrf_token' is used by",
        ),
        (
            "- {id: a, type: string, text: A, privacy: L1}\n- {id: a, type: text, text: B, privacy: L1}",
            "visit.yaml:7: the id 'a' is taken on line 6",
        ),
        (
            "- {id: a, type: strin, text: A, privacy: L1}",
            "visit.yaml:6: 'strin' is no type; choose one of section",
        ),
        ("- {id: a, text: A, privacy: L1}", "visit.yaml:6: an item needs `type:`"),
        (
            "- {id: a, type: string, text: A, privacy: L1, colour: red}",
            "visit.yaml:6: an item of type string has no key",
        ),
        (
            "- {id: a, type: display, text: A, required: yes}",
            "visit.yaml:6: an item of type display has no key 'required'",
        ),
        (
            "- id: a\n  type: string\n  text: A\n  text: B\n  privacy: L1",
            "visit.yaml:9: the key 'text' is written twice",
        ),
        ("- {id: a, type: string, privacy: L1}", "visit.yaml:6: `text:` is missing"),
        ("- {id: a, type: string, text: A}", "visit.yaml:6: every question needs `privacy:`"),
        (
            "- id: a\n  type: string\n  text: A\n  privacy: high",
            "visit.yaml:9: every question needs `privacy:`",
        ),
        (
            "- {id: a, type: string, text: A, privacy: L1, required: maybe}",
            "visit.yaml:6: `required:` is yes or no",
        ),
        ("- {id: a, type: string, text: [A], privacy: L1}", "visit.yaml:6: a single value belongs here"),
        ("- {id: a, type: choice, text: A, privacy: L1}", "visit.yaml:6: a choice needs `options:`"),
        (
            "- id: a\n  type: choice\n  text: A\n  privacy: L1\n  options:\n    - {label: X}",
            "visit.yaml:11: `code:` must be a code",
        ),
        (
            "- id: a\n  type: choice\n  text: A\n  privacy: L1\n  options:\n    - {code: x, label: X}\n    - {code: x, label: Y}",
            "visit.yaml:12: the code 'x' is used twice",
        ),
        (
            "- {id: a, type: choice, text: A, privacy: L1, initial: y, options: [{code: x, label: X}]}",
            "visit.yaml:6: initial 'y' is none of the options",
        ),
        (
            "- {id: a, type: integer, text: A, privacy: L1, initial: 1.5}",
            "visit.yaml:6: '1.5' does not fit the type integer",
        ),
        (
            "- {id: a, type: date, text: A, privacy: L1, initial: 2026-02-30}",
            "visit.yaml:6: '2026-02-30' does not fit",
        ),
        (
            "- {id: a, type: date, text: A, privacy: L1, max: now}",
            "visit.yaml:6: 'now' does not fit the type date",
        ),
        (
            "- {id: a, type: string, text: A, privacy: L1, max_length: 0}",
            "visit.yaml:6: max_length is a whole number",
        ),
        (
            "- {id: a, type: string, text: A, privacy: L1, read_only: yes}",
            "visit.yaml:6: 'a' is read only and has no",
        ),
        ("- {id: g, type: group, text: G, items: []}", "visit.yaml:6: `items:` is a list"),
        (
            "- {id: g, type: group, text: G, items: [{id: s, type: section, text: S, items: [{id: a, type: string, text: A, privacy: L1}]}]}",
            "visit.yaml:6: a section stands at the top",
        ),
        (
            "- {id: g, type: group, text: G, repeats: yes, items: [{id: h, type: group, text: H, repeats: yes, items: [{id: a, type: string, text: A, privacy: L1}]}]}",
            "visit.yaml:6: the repeating group 'g' may not hold another",
        ),
        (
            "- {id: g, type: group, text: G, repeats: yes, items: [{id: a, type: string, text: A, privacy: L1, initial: x}]}",
            "visit.yaml:6: an item inside the repeating group 'g' has no initial value",
        ),
        (
            "- {id: s, type: section, text: S, items: [{id: a, type: string, text: A, privacy: L1}]}\n- {id: b, type: string, text: B, privacy: L1}",
            "visit.yaml:6: either every item at the top is a section",
        ),
        (
            "- !!python/object:os.system {id: a}",
            "visit.yaml:6: tags (tag:yaml.org,2002:python/object:os.system)",
        ),
        ("- &x {id: a, type: string, text: A, privacy: L1}\n- *x", "visit.yaml:7: aliases"),
        ("- {id: a, type: string", "not YAML"),
        ("- just words", "visit.yaml:6: an item needs `type:`"),
    ],
)
def test_each_fault_is_named_with_its_line(items, expected):
    assert any(problem.startswith(expected) or expected in problem for problem in problems_of(items))


CONDITIONED = """
- {id: n, type: integer, text: N, privacy: L1}
- {id: g, type: group, text: G, repeats: yes, items: [{id: r, type: string, text: R, privacy: L1}]}
- {id: c, type: choice, text: C, privacy: L1, options: [{code: x, label: X}]}
- id: a
  type: string
  text: A
  privacy: L1
  enable_when: %s
- {id: later, type: string, text: L, privacy: L1}
"""


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ("nowhere exists", "asks 'nowhere', which this form does not have"),
        ("later exists", "asks 'later', which comes later; move it up"),
        ("a exists", "asks 'a', itself"),
        ("g exists", "which is a group and has no answer"),
        ("r exists", "'r' is answered once in each row of 'g'"),
        ("c = y", "'y' is no option of 'c'; it has x"),
        ("c > x", "> compares numbers and dates"),
        ("n = many", "'many' does not fit the type integer"),
        ("n ~ 1", "'~' is no comparison"),
        ("n", "write a condition as"),
        ("n exists 1", "write a condition as"),
        ("{all: [n exists], any: [n exists]}", "either `all:` or `any:`"),
        ("{some: [n exists]}", "has no key 'some'"),
    ],
)
def test_a_condition_that_cannot_be_judged_is_named_with_its_line(condition, expected):
    (line,) = {p.split(" ")[0] for p in problems_of(CONDITIONED % condition) if expected in p}
    assert line == "visit.yaml:14:"


def test_every_problem_is_listed_at_once():
    found = problems_of(
        "- {id: a, type: string, text: A}\n- {id: b, type: nothing, text: B}\n- {id: c, type: choice, text: C, privacy: L9}",
        HEAD.replace("title: Visit\n", "") + "paged: yes\n",
    )
    assert len(found) >= 5


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("happened: a\n", "'a' is no date or datetime item"),
        ("payload: [a]\n", "an event carries no free text"),
        ("payload: [z]\n", "which is no question of this form"),
        ("also: {event: high-risk.found}\n", "`when:` is missing"),
        ("also: [{event: high-risk.found, when: z exists}]\n", "asks 'z'"),
        ("colour: red\n", "a form has no key 'colour'"),
    ],
)
def test_what_the_form_says_about_its_items_must_be_true(line, expected):
    found = problems_of("- {id: a, type: string, text: A, privacy: L1}", HEAD + line)
    assert any(p.startswith("visit.yaml:5: ") and expected in p for p in found)


@pytest.mark.parametrize(
    "text", ["", "- a", "just words", "\t", "a: b: c", "\x00", "form: [", "? {a: b}\n: c"]
)
def test_what_is_no_form_at_all_is_an_error_too(text):
    with pytest.raises(FormErrors):
        compile_form(text)
