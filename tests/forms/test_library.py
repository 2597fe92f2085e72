from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from casework.cases.events import CORE_EVENTS
from casework.forms.evaluate import evaluate, initial_answers
from casework.forms.library import Library
from casework.resources import share

NOW = datetime(2026, 11, 22, 14, 30, tzinfo=ZoneInfo("Asia/Shanghai"))
CORE = Library({"": share("forms")})
FORM = """\
form: {key}
title: T
event: form.signed
compartment: case
items:
  - {{id: a, type: string, text: A, privacy: L1}}
"""


def test_the_shipped_forms_have_no_problems():
    assert list(CORE.problems()) == []


@pytest.mark.parametrize("form", list(CORE), ids=lambda form: form.key)
def test_the_shipped_forms_append_declared_events(form):
    declared = {kind.name: kind for kind in CORE_EVENTS}
    assert {form.event, *(further.event for further in form.also)} <= declared.keys()


@pytest.mark.parametrize("form", list(CORE), ids=lambda form: form.key)
def test_the_initial_answers_of_the_shipped_forms_are_valid(form):
    start = initial_answers(form, NOW)
    verdict = evaluate(form, start, now=NOW)
    assert verdict.answers == start
    assert not {problem.where for problem in verdict.problems} & start.keys()


def test_a_contact_note_needs_only_its_text():
    form = CORE["contact-note"]
    verdict = evaluate(form, {**initial_answers(form, NOW), "content": "Rang the daughter."}, now=NOW)
    assert verdict.problems == ()


def test_forms_of_programs_begin_with_the_key_of_the_program(tmp_path):
    (tmp_path / "visit.yaml").write_text(FORM.format(key="hospice.visit"))
    (tmp_path / "call.yaml").write_text(FORM.format(key="call"))
    (tmp_path / "broken.yaml").write_text("form: [")
    (tmp_path / "latin.yaml").write_bytes(b"form: caf\xe9")
    library = Library({"hospice": tmp_path})
    assert [form.key for form in library] == ["hospice.visit"]
    assert library["hospice.visit"] is library.version(library["hospice.visit"].version)
    says = "\n".join(str(problem) for problem in library.problems())
    assert "call.yaml:1: `form: call` must be 'hospice.call'" in says
    assert "broken.yaml:" in says
    assert "latin.yaml:1: not UTF-8" in says


def test_a_form_that_another_begins_with_must_exist(tmp_path):
    (tmp_path / "visit.yaml").write_text(
        FORM.format(key="visit").replace("items:", "begins_with: call\nitems:")
    )
    says = [str(problem) for problem in Library({"": tmp_path}).problems()]
    assert says == ["visit:1: `begins_with: call` is no form"]
