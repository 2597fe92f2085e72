"""rules.yaml: read, kept and hashed; every problem named with its line."""

from __future__ import annotations

from pathlib import Path

import pytest

from casework.cases.events import CORE_EVENTS
from casework.duties.limits import Limit
from casework.duties.rules import Rule, RuleSet
from casework.duties.source import Source, StandardsError, read_rules
from casework.handbook.clauses import sources_of

WHOLE = """
visit.first-contact:
  opens: [referral.received, case.reopened]
  where: {urgency: urgent}
  met_by: contact.recorded
  met_where: {outcome: [done, refused]}
  within: 1 working day
  not_before: 2 hours
  pauses_in: suspended
  unless: person.died
  cancelled_by: case.declined
  repeats: true
  owner: coordinator
  target: 95%
  sources: ["MZ/T 094-2017"]
"""


def source(folder: Path, text: str | bytes, program: str | None = "visit") -> Source:
    content = text.encode() if isinstance(text, str) else text
    (folder / "rules.yaml").write_bytes(content)
    return Source(folder, program)


def problems(folder: Path, text: str | bytes, program: str | None = "visit") -> list[tuple[str, str]]:
    with pytest.raises(StandardsError) as caught:
        read_rules([source(folder, text, program)])
    return [
        (each.where.removeprefix("plugins/visit/standards/"), str(each.message))
        for each in caught.value.problems
    ]


def test_every_line_of_a_rule_is_read(tmp_path):
    (rule,) = read_rules([source(tmp_path, WHOLE)])
    assert rule == Rule(
        "visit.first-contact",
        opens=("referral.received", "case.reopened"),
        where={"urgency": ("urgent",)},
        met_by=("contact.recorded",),
        met_where={"outcome": ("done", "refused")},
        within=Limit(1, "working days"),
        not_before=Limit(2, "hours"),
        pauses_in=("suspended",),
        unless=("person.died",),
        cancelled_by=("case.declined",),
        repeats=True,
        owner="coordinator",
        target=95,
        sources=("MZ/T 094-2017",),
    )
    assert rule.program == "visit"


def test_an_edition_reads_back_what_was_read(tmp_path):
    rules = read_rules([source(tmp_path, WHOLE)])
    again = RuleSet.from_data(rules.as_data())
    assert again == rules
    assert again.hash == rules.hash


def test_the_hash_is_of_the_rules_and_not_of_how_they_are_written(tmp_path):
    first = read_rules([source(tmp_path, "visit.a: {within: 6 months}\nvisit.b: {within: 1 day}\n")])
    second = read_rules(
        [source(tmp_path, "# a remark\nvisit.b:\n  within: 1 day\nvisit.a:\n  within: 6 months\n")]
    )
    third = read_rules([source(tmp_path, "visit.a: {within: 6 months}\nvisit.b: {within: 2 days}\n")])
    assert first.hash == second.hash != third.hash


def test_a_limit_without_events_is_for_guards(tmp_path):
    rules = read_rules([source(tmp_path, "visit.reopen: {within: 6 months}\n")])
    assert rules.limit("visit.reopen") == Limit(6, "months")
    with pytest.raises(LookupError):
        rules.limit("visit.other")


def test_all_problems_are_listed_with_their_lines(tmp_path):
    text = """first-contact:
  opens: Referral
  within: soon
  whithin: 1 day
visit.review:
  opens: plan.agreed
  target: 95
  within: 1 day
  within: 2 days
visit.mixed:
  opens: plan.agreed
  met_by: [recording, plan.agreed]
  within: 24 hours
visit.none:
  opens: plan.agreed
  met_by: review.recorded
"""
    found = problems(tmp_path, text)
    assert [where for where, _message in found] == [
        "rules.yaml:1",
        "rules.yaml:2",
        "rules.yaml:3",
        "rules.yaml:4",
        "rules.yaml:1",
        "rules.yaml:9",
        "rules.yaml:7",
        "rules.yaml:5",
        "rules.yaml:12",
        "rules.yaml:10",
        "rules.yaml:14",
    ]
    assert "“whithin”" in found[3][1]
    assert "“soon” is no time limit" in found[2][1]
    assert "“95%”" in found[6][1]


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("visit.a: [", "This is not YAML"),
        (b"visit.a: \xff", "not UTF-8"),
        ("- visit.a", "name: value"),
        ("visit.a: 3", "name: value"),
        ("visit.a: {within: [1 day]}", "one word or phrase"),
        ("visit.a: {within: 1 day, repeats: perhaps}", "true or false"),
        ("visit.a: {within: 1 day, not_before: before}", "plain time"),
        ("visit.a: {within: before, opens: a.b, met_by: c.d, repeats: true}", "cannot repeat"),
        ("? [a]\n: {within: 1 day}", "not a clause id"),
        ("visit.a: {within: 1 day, sources: &x [*x]}", "one word or phrase"),
    ],
)
def test_what_is_no_rule_is_a_problem_and_no_crash(tmp_path, text, part):
    assert any(part in message for _where, message in problems(tmp_path, text))


def test_a_programs_clause_begins_with_its_key_and_the_cores_has_no_dot(tmp_path):
    assert problems(tmp_path, "visit.a: {within: 1 day}", None)
    assert problems(tmp_path, "a: {within: 1 day}")
    assert problems(tmp_path, "other.a: {within: 1 day}")


def test_the_rules_name_only_events_and_states_that_are_declared(programs):
    rules = read_rules(sources_of(programs))
    assert rules.undeclared({kind.name for kind in CORE_EVENTS} | set(programs.events())) == []
    states = {state.key for program in programs for state in program.workflow.states}
    assert {state for rule in rules for state in rule.pauses_in} <= states


def test_an_undeclared_event_is_found():
    rules = RuleSet(
        {"a": Rule("a", opens=("x.y",), met_by=("recording",), within=Limit.parse("2 days after z.z"))}
    )
    assert rules.undeclared(["x.y"]) == [("a", "z.z")]
