from __future__ import annotations

import io

from casework.forms.library import Library
from casework.forms.messages import extract
from casework.resources import share

SOURCE = b"""form: visit
title: Visit
help: >
  Two lines
  are enough.
event: contact.recorded
compartment: case
items:
  - id: a
    prefix: 3a
    type: choice
    text: "How?"
    privacy: L1
    options:
      - {code: x,
         label: Well, help: Not low}
      - code: y
        label: \xe4\xbd\x8e
  - id: g
    type: group
    text: Group
    items:
      - {id: n, type: integer, text: Minutes, unit: minutes, privacy: L1}
"""


def test_every_text_that_people_read_is_found_with_its_line():
    found = [
        (line, text, comments) for line, _name, text, comments in extract(io.BytesIO(SOURCE), {}, [], {})
    ]
    assert found == [
        (2, "Visit", ["form: visit"]),
        (3, "Two lines are enough.", ["form: visit"]),
        (10, "3a", ["id: a"]),
        (12, "How?", ["id: a"]),
        (16, "Well", ["id: a"]),
        (16, "Not low", ["id: a"]),
        (18, "低", ["id: a"]),
        (21, "Group", ["id: g"]),
        (23, "Minutes", ["id: n"]),
        (23, "minutes", ["id: n"]),
    ]


def test_no_text_of_a_compiled_form_is_missed():
    for file in share("forms").glob("*.yaml"):
        found = {text for _line, _name, text, _comments in extract(io.BytesIO(file.read_bytes()), {}, [], {})}
        form = Library({"": file.parent})[file.stem]
        shown = {form.title, form.help}
        for item in form.walk():
            shown |= {item.text, item.help, item.prefix, item.unit}
            shown |= {text for option in item.options for text in (option.label, option.help)}
        assert shown - {None} == found
