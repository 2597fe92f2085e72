"""What holds of the judgement whatever happened, in whatever order it was written down.

- Judging event by event, as the live engine does, and judging the whole at once agree.
- A duty that has arisen never disappears, and what is decided stays decided, however far a later
  record is dated back.
- Nothing is closed before it was opened; open means open; what is met was in time.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from casework.duties.judge import Happening, InForce, judge
from casework.duties.ledger import Held, changes
from casework.duties.limits import Limit
from casework.duties.rules import Rule, RuleSet
from casework.testing.calendars import CHINA

START = datetime(2026, 1, 5, 1, 0, tzinfo=UTC)
KINDS = ("a", "b", "c", "d")
STATES = ("intake", "suspended", "closed")
LIMITS = [
    Limit.parse(each)
    for each in ("5 hours", "2 days", "1 working day", "1 month", "3 days after c", "before")
]

kinds = st.lists(st.sampled_from(KINDS), max_size=2, unique=True).map(tuple)
some_kinds = st.lists(st.sampled_from(KINDS), min_size=1, max_size=2, unique=True).map(tuple)


@st.composite
def rule_sets(draw) -> RuleSet:
    rules = {}
    for clause in ("one", "two", "three"):
        within = draw(st.sampled_from(LIMITS))
        by_recording = within.unit != "before" and draw(st.booleans()) and draw(st.booleans())
        rules[clause] = Rule(
            clause,
            opens=draw(some_kinds),
            met_by=("recording",) if by_recording else draw(some_kinds),
            within=within,
            not_before=None if by_recording else draw(st.sampled_from([None, Limit.parse("1 day")])),
            pauses_in=draw(st.sampled_from([(), ("suspended",)])),
            unless=draw(st.sampled_from([(), ("d",)])),
            cancelled_by=draw(kinds),
            repeats=within.unit != "before" and not by_recording and draw(st.booleans()),
        )
    return RuleSet(rules)


@st.composite
def histories(draw) -> list[Happening]:
    """Up to a dozen events, some moves, ends, deaths and exemptions among them, many entered late."""
    recorded, state, episode, found = START, "intake", 1, []
    for number in range(1, draw(st.integers(1, 12)) + 1):
        recorded += draw(
            st.sampled_from([timedelta(0), timedelta(hours=3), timedelta(days=2), timedelta(hours=-1)])
        )
        happened = recorded - draw(st.sampled_from([timedelta(0), timedelta(hours=1), timedelta(days=3)]))
        kind = draw(st.sampled_from([*KINDS, *KINDS, "move", "move", "person.died", "duty.exempted"]))
        payload: dict[str, object] = {"episode": episode}
        ends = False
        if kind == "move":
            target = draw(st.sampled_from(STATES))
            payload |= {"from": state, "to": target}
            ends = target == "closed" and state != "closed"
            episode += state == "closed" and target != "closed"
            state = target
        elif kind == "duty.exempted":
            until = recorded + draw(st.sampled_from([timedelta(hours=1), timedelta(days=4)]))
            payload |= {
                "clause": draw(st.sampled_from(["one", "two"])),
                "opened_by": draw(st.sampled_from([None, 1, 2])),
                "until": until.isoformat(),
            }
        found.append(Happening(number, kind, happened, recorded, payload, ends))
    return found


@st.composite
def editions(draw) -> list[InForce]:
    first = InForce(START - timedelta(days=90), draw(rule_sets()), 1)
    return (
        [first, InForce(START + timedelta(days=4), draw(rule_sets()), 2)] if draw(st.booleans()) else [first]
    )


def decided(verdict) -> bool:
    return verdict.closed_by is not None


def key(verdict) -> tuple[str, int]:
    return verdict.clause, verdict.opened_by


def live(history, rules) -> dict[tuple[str, int], Held]:
    """What the table holds after the engine has run on every event."""
    held: dict[tuple[str, int], Held] = {}
    for count, happening in enumerate(history, 1):
        verdicts = judge(history[:count], rules, CHINA, happening.recorded_at)
        held |= {each: row for each, (_verdict, row) in changes(held, verdicts, worker_id=7).items()}
    return held


@settings(max_examples=150, deadline=None)
@given(histories(), editions())
def test_event_by_event_and_the_whole_at_once_agree(history, rules):
    held = live(history, rules)
    whole = judge(history, rules, CHINA, history[-1].recorded_at)
    assert {key(v): (v.state, v.due_at, v.provisional, v.closed_by, v.closed_at) for v in whole} == {
        each: (row.state, row.due_at, row.provisional, row.closed_by, row.closed_at)
        for each, row in held.items()
    }


@settings(max_examples=150, deadline=None)
@given(histories(), editions())
def test_no_duty_disappears_and_what_is_decided_stays_decided(history, rules):
    before = {}
    for count in range(1, len(history) + 1):
        after = {key(v): v for v in judge(history[:count], rules, CHINA, history[count - 1].recorded_at)}
        assert before.keys() <= after.keys()
        for each, verdict in before.items():
            if decided(verdict):
                assert after[each] == verdict
        before = after


@settings(max_examples=150, deadline=None)
@given(histories(), editions(), st.randoms(use_true_random=False))
def test_a_verdict_makes_sense_and_does_not_depend_on_the_order_of_reading(history, rules, random):
    now = history[-1].recorded_at
    verdicts = judge(history, rules, CHINA, now)
    shuffled = list(history)
    random.shuffle(shuffled)
    assert judge(shuffled, rules, CHINA, now) == verdicts
    by_id = {each.id: each for each in history}
    for verdict in verdicts:
        assert verdict.opened_at == by_id[verdict.opened_by].happened_at
        assert (verdict.closed_at is None) == (verdict.closed_by is None)
        assert verdict.state != "open" or not decided(verdict)
        assert verdict.state in {"open", "exempt"} or decided(verdict)
        if verdict.closed_at is not None:
            assert verdict.closed_at >= verdict.opened_at
        if verdict.state == "met" and verdict.due_at is not None:
            assert verdict.closed_at <= verdict.due_at + timedelta(seconds=1)
        if verdict.state == "late":
            assert verdict.due_at < verdict.closed_at


@settings(max_examples=100, deadline=None)
@given(histories(), editions())
def test_without_exemptions_time_alone_decides_nothing(history, rules):
    history = [each for each in history if each.kind != "duty.exempted"]
    assert judge(history, rules, CHINA, START) == judge(history, rules, CHINA, START + timedelta(days=999))


@settings(max_examples=100, deadline=None)
@given(histories(), editions())
def test_engine_run_twice_changes_nothing(history, rules):
    held = live(history, rules)
    assert changes(held, judge(history, rules, CHINA, history[-1].recorded_at), worker_id=7) == {}
