from __future__ import annotations

from pathlib import Path

from casework.duties.rules import Rule
from casework.duties.source import Source, read_rules
from casework.forms.compiler import compile_form
from casework.handbook.clauses import read_handbook
from casework.security.roles import ROLES
from casework_programs.subsidy.plugin import WORKFLOW

FOLDER = Path(__file__).parents[1]
SOURCE = Source(FOLDER / "standards", "subsidy")
HANDBOOK = read_handbook([SOURCE])
RULES = read_rules([SOURCE])


def test_both_languages_say_the_same_clauses_with_fitting_modal_verbs():
    clauses = list(HANDBOOK)
    assert len(clauses) >= 12
    assert all(clause.id.startswith("subsidy.") for clause in clauses)
    assert all({"zh_Hans", "en"} <= clause.sentences.keys() for clause in clauses)


def test_enough_clauses_are_watched_by_a_rule():
    assert len([rule for rule in RULES if rule.opens]) >= 9


def test_duties_belong_to_roles_that_there_are():
    assert {rule.owner for rule in RULES} <= ROLES.keys()


def test_clocks_pause_in_states_of_the_program():
    pausing = {state for rule in RULES for state in rule.pauses_in}
    assert pausing <= {state.key for state in WORKFLOW.states}


def test_every_clause_behind_a_form_or_a_move_exists():
    ids = {clause.id for clause in HANDBOOK}
    forms = [compile_form(file.read_text(), file.name) for file in (FOLDER / "forms").glob("*.yaml")]
    assert {form.clause for form in forms if form.clause} <= ids
    assert {move.clause for move in WORKFLOW.moves if move.clause} <= ids


def test_a_decision_waits_for_the_end_of_the_notice():
    rule: Rule = RULES.rules["subsidy.decision-after-notice"]
    assert rule.not_before == RULES.limit("subsidy.notice-period")
