from __future__ import annotations

from datetime import date

import pytest
import sqlalchemy as sa

from casework.cases.model import Event
from casework.cases.queries import dossier_of
from casework.errors import Conflict, Invalid, Missing, Refused
from casework.plans.model import Goal
from casework.plans.queries import goal_of
from casework.plans.usecases import change_goal, rate_goal, set_goal
from casework.testing.referrals import refer_somebody


@pytest.fixture
def desk(case, network, as_actor):
    """`desk()`: the worker with the case as it is now."""

    def open_case():
        work = as_actor(network["worker"])
        return work, dossier_of(work, case.id)

    return open_case


@pytest.fixture
def goal(desk, typed):
    work, dossier = desk()
    goal = set_goal(work, dossier, typed)
    work.session.flush()
    return goal


def told(work, case) -> list[tuple[str, dict]]:
    events = work.session.scalars(
        sa.select(Event).where(Event.case_id == case.id, Event.kind.startswith("goal.")).order_by(Event.id)
    )
    return [(event.kind, event.payload) for event in events]


def test_a_goal_is_set_in_the_present_episode_and_told(desk, goal, case, network) -> None:
    work, dossier = desk()
    assert dossier.goals == [goal]
    assert (goal.status, goal.rating, goal.baseline_rating, goal.episode) == ("open", None, -1, 1)
    assert (goal.due_on, goal.set_by) == (date(2026, 4, 30), network["worker"].id)
    assert told(work, case) == [("goal.set", {"episode": 1, "goal": goal.text})]


def test_a_goal_that_is_not_whole_is_not_set(desk, typed) -> None:
    work, dossier = desk()
    with pytest.raises(Invalid):
        set_goal(work, dossier, typed | {"measure": ""})
    assert desk()[1].goals == []


@pytest.mark.parametrize("state", ["referred", "screening", "suspended", "closed", "void"])
def test_goals_are_kept_only_while_a_case_is_served(desk, goal, case, typed, as_system, state) -> None:
    as_system()
    case.state = state
    as_system().session.flush()
    work, dossier = desk()
    for act in (
        lambda: set_goal(work, dossier, typed),
        lambda: change_goal(work, dossier, goal, goal.version, typed),
        lambda: rate_goal(work, dossier, goal, goal.version, rating="1", status="reached"),
    ):
        with pytest.raises(Refused) as caught:
            act()
        assert "Goals are kept while the case is served" in str(caught.value.refusals[0].reason)


def test_a_changed_goal_is_told(desk, goal, case, typed) -> None:
    work, dossier = desk()
    change_goal(work, dossier, goal, 1, typed | {"target": "Climbs stairs"})
    assert (goal.target, goal.version) == ("Climbs stairs", 2)
    assert [kind for kind, _payload in told(work, case)] == ["goal.set", "goal.changed"]


def test_two_who_change_a_goal_see_both_texts(desk, goal, typed) -> None:
    work, dossier = desk()
    change_goal(work, dossier, goal, 1, typed | {"target": "Climbs stairs", "domain": "health"})
    with pytest.raises(Conflict) as caught:
        change_goal(work, dossier, goal, 1, typed | {"target": "Walks 50 m"})
    shown = {
        name: (str(caught.value.yours[name]), str(caught.value.theirs[name])) for name in caught.value.yours
    }
    assert shown == {
        "target": ("Walks 50 m", "Climbs stairs"),
        "domain": ("Care and discharge", "Coping with the illness"),
    }
    assert (goal.target, goal.version) == ("Climbs stairs", 2)


def test_the_same_change_sent_twice_is_made_once(desk, goal, case, typed) -> None:
    work, dossier = desk()
    for _time in range(2):
        change_goal(work, dossier, goal, 1, typed | {"target": "Climbs\r\nstairs"})
        rate_goal(work, dossier, goal, 2, rating="1", status="partly")
    assert goal.version == 3
    assert [kind for kind, _payload in told(work, case)] == ["goal.set", "goal.changed", "goal.rated"]


def test_a_goal_is_rated(desk, goal, case, clock) -> None:
    work, dossier = desk()
    rate_goal(work, dossier, goal, 1, rating="-2", status="partly")
    assert (goal.rating, goal.status, goal.rated_at) == (-2, "partly", clock.now())
    assert told(work, case)[-1] == ("goal.rated", {"episode": 1, "goal": goal.text, "rating": -2})


def test_a_dropped_goal_has_no_rating(desk, goal) -> None:
    work, dossier = desk()
    rate_goal(work, dossier, goal, 1, rating="", status="dropped")
    assert (goal.rating, goal.status) == (None, "dropped")


@pytest.mark.parametrize(
    ("rating", "status", "where"),
    [
        ("", "open", {"rating"}),
        ("3", "reached", {"rating"}),
        ("1.0", "reached", {"rating"}),
        ("", "", {"rating", "status"}),
        ("1", "won", {"status"}),
    ],
)
def test_a_rating_is_one_of_five(desk, goal, rating, status, where) -> None:
    work, dossier = desk()
    with pytest.raises(Invalid) as caught:
        rate_goal(work, dossier, goal, 1, rating=rating, status=status)
    assert {problem.where for problem in caught.value.problems} == where


def test_the_goal_of_another_case_is_not_there(desk, goal, network, as_actor, as_system, typed) -> None:
    other = refer_somebody(as_actor(network["nurse"]), network.units["ward"].id, "单大华")
    as_system()
    other.state = "planning"
    dossier = dossier_of(as_system(), other.id)
    with pytest.raises(Missing):
        goal_of(dossier, goal.id)
    with pytest.raises(Missing):
        change_goal(as_system(), dossier, goal, goal.version, typed)


def test_goals_of_an_earlier_episode_are_history(desk, goal, case, as_system) -> None:
    as_system()
    case.episode = 2
    as_system().session.flush()
    _work, dossier = desk()
    assert dossier.goals == []
    with pytest.raises(Missing):
        goal_of(dossier, goal.id)


def test_whoever_does_not_see_the_case_sees_no_goal(goal, network, as_actor) -> None:
    for name in ("nurse", "colleague", "fund", "admin", "other-worker", "other-supervisor"):
        assert as_actor(network[name]).session.scalars(sa.select(Goal)).all() == []
    assert as_actor(network["supervisor"]).session.scalars(sa.select(Goal)).all() == [goal]
