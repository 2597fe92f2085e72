from __future__ import annotations

import pytest

from casework.errors import Invalid, Missing, Refused
from casework_programs.subsidy.committee import cast_vote, committee_file, waiting_cases
from casework_programs.subsidy.queries import votes_of
from casework_programs.subsidy.rules import outcome


def test_three_votes_decide_and_the_majority_counts(office):
    case = office.recommended()
    office.vote(case, "committee", "yes")
    office.vote(case, "committee-two", "no", "Another fund is there.")
    assert outcome(office.dossier(case)) is None
    office.vote(case, "committee-three", "yes")
    assert outcome(office.dossier(case)) == "passed"


def test_a_majority_against_it_ends_in_a_refusal_alone(office):
    case = office.decided("no", notice=False)
    assert outcome(office.dossier(case)) == "failed"
    with pytest.raises(Refused, match="voted against"):
        office.move(case, "approve", "coordinator")
    with pytest.raises(Refused, match="voted against"):
        office.move(case, "publish-notice", "fund")
    office.move(case, "reject", "coordinator", office.REFUSAL)
    assert office.dossier(case).case.state == "rejected"


def test_nothing_is_approved_before_the_last_vote(office):
    case = office.recommended(notice=False)
    office.vote(case, "committee")
    office.vote(case, "committee-two")
    with pytest.raises(Refused, match="has not decided"):
        office.move(case, "approve", "coordinator")


def test_who_takes_no_part_is_not_counted_and_another_member_votes(office):
    case = office.recommended()
    office.vote(case, "committee", "recused", "My cousin.")
    office.vote(case, "committee-two")
    office.vote(case, "committee-three")
    assert outcome(office.dossier(case)) is None
    office.vote(case, "committee-four")
    assert outcome(office.dossier(case)) == "passed"


def test_a_vote_sent_twice_counts_once_and_is_never_changed(office):
    case = office.recommended()
    first = office.vote(case, "committee")
    assert office.vote(case, "committee").id == first.id
    with pytest.raises(Refused, match="stays as it is"):
        office.vote(case, "committee", "no", "I changed my mind.")
    assert len(votes_of(office.as_system(), case.id, 1)) == 1


def test_after_the_decision_nobody_votes(office):
    case = office.decided()
    with pytest.raises(Missing):
        office.vote(case, "committee-four")


def test_a_vote_against_says_why(office):
    case = office.recommended()
    for vote, reason, where in (("", "", "vote"), ("no", "", "reason"), ("recused", " ", "reason")):
        with pytest.raises(Invalid) as caught:
            office.vote(case, "committee", vote, reason)
        assert [problem.where for problem in caught.value.problems] == [where]


def test_the_committee_sees_no_name(office):
    case = office.recommended()
    file = committee_file(office.at("committee"), case.id)
    assert (file.name, file.age) == ("陈某", 6)
    assert [each.case.id for each in waiting_cases(office.at("committee"))] == [case.id]


def test_what_was_voted_on_waits_no_longer(office):
    case = office.recommended()
    office.vote(case, "committee")
    assert waiting_cases(office.at("committee")) == []
    assert committee_file(office.at("committee"), case.id).cast.vote == "yes"


def test_no_file_of_another_state_or_another_role_is_shown(office):
    case = office.visited()
    with pytest.raises(Missing):
        committee_file(office.at("committee"), case.id)
    office.move(case, "recommend", "supervisor", office.REVIEW)
    with pytest.raises(Missing):
        committee_file(office.at("coordinator"), case.id)


def test_a_recommended_refusal_is_not_voted_on(office):
    case = office.recommended(review={"recommendation": "refuse"})
    assert waiting_cases(office.at("committee")) == []
    work = office.at("committee")
    with pytest.raises(Missing):
        cast_vote(work, committee_file(work, case.id), "yes", "So.")
