"""One clause is changed in its file, and nothing else."""

from __future__ import annotations

import pytest

from casework.handbook.editing import file_of, rules_file_of, sentence_in, with_rule, with_sentence

CHAPTER = """# Management
<!-- a remark -->
## Records
### First record {#first-record .shall}
A contact shall be recorded within {within}.

### Access {#access .may}
The client may read the record.
"""

RULES = """# A remark.

first-record:
  opens: contact.recorded
  met_by: recording
  within: 24 hours  # by the law
  target: 95%

access:
  sources: ["PIPL 45"]
"""


def test_a_sentence_is_changed_and_its_neighbours_stay():
    changed = with_sentence(CHAPTER, "first-record", "The record", "It shall be written within {within}.")
    assert sentence_in(changed, "first-record") == ("The record", "It shall be written within {within}.")
    assert sentence_in(changed, "access") == sentence_in(CHAPTER, "access")
    assert "<!-- a remark -->" in changed
    assert changed.count("{#") == 2
    assert with_sentence(changed, "first-record", *sentence_in(changed, "first-record")) == changed


@pytest.mark.parametrize("typed", ["One.\n\n# Chapter\nTwo.", "One.\n### Other {#other .shall}\nTwo."])
def test_what_is_typed_cannot_become_a_heading(typed):
    changed = with_sentence(CHAPTER, "first-record", "T {#x .shall}", typed)
    assert [line for line in changed.splitlines() if line.startswith("#")] == [
        "# Management",
        "## Records",
        "### T #x .shall {#first-record .shall}",
        "### Access {#access .may}",
    ]


def test_a_value_of_a_rule_is_changed_added_and_taken_away():
    changed = with_rule(RULES, "first-record", {"within": "12 hours", "owner": "coordinator", "target": ""})
    assert "  within: 12 hours\n" in changed
    assert "  owner: coordinator\n" in changed
    assert "target" not in changed
    assert changed.startswith("# A remark.")
    assert 'access:\n  sources: ["PIPL 45"]\n' in changed


def test_only_what_coordinators_change_is_changed():
    with pytest.raises(LookupError):
        with_rule(RULES, "first-record", {"opens": "case.closed"})
    with pytest.raises(LookupError):
        with_rule(RULES, "nothing", {"within": "1 day"})
    with pytest.raises(LookupError):
        with_sentence(CHAPTER, "nothing", "T", "S")


def test_a_clause_is_found_in_the_file_of_its_language():
    files = {"standards/en/06-management.md": CHAPTER, "standards/zh_Hans/06-management.md": "# 管理\n"}
    assert file_of(files, "en", "access") == "standards/en/06-management.md"
    assert file_of(files, "zh_Hans", "access") is None
    assert rules_file_of("access") == "standards/rules.yaml"
    assert rules_file_of("casework.reopen") == "plugins/casework/standards/rules.yaml"
