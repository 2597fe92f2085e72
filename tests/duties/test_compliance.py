"""Shares of the standard that were kept, and what of them is shown to whom."""

from __future__ import annotations

from datetime import date

import pytest

from casework.duties.compliance import (
    Period,
    Share,
    added_up,
    before,
    compliance,
    following,
    suppressed,
    unkept,
)
from casework.handbook.usecases import put_in_force
from casework.testing.referrals import refer_somebody

MARCH = Period(date(2026, 3, 1), date(2026, 3, 1))
CLAUSE = "casework.first-contact-urgent"


@pytest.fixture
def missed(work, network, as_actor, clock):
    """Three urgent referrals of the first hospital and one of the second, which nobody answered."""
    put_in_force(work)
    for nurse, unit, count in (("nurse", "hospital", 3), ("other-nurse", "other", 1)):
        for number in range(count):
            refer_somebody(
                as_actor(network[nurse]), network.units[unit].id, f"区{number}才", urgency="urgent"
            )
    clock.move(days=4)


def test_duties_that_were_due_are_counted_once(missed, as_actor, network):
    work = as_actor(network["coordinator"])
    units = work.actor.units("coordinator")
    (cell,) = compliance(work, MARCH, units=units, clause=CLAUSE)
    assert (cell.share.kept, cell.share.of, cell.share.percent) == (0, 3, 0)
    assert compliance(work, Period(date(2026, 4, 1), date(2026, 6, 1)), units=units, clause=CLAUSE) == []
    assert compliance(work, MARCH, units=units, program="subsidy", clause=CLAUSE) == []


def test_one_s_own_units_are_counted_and_the_cases_behind_are_one_s_own(missed, as_actor, network):
    for name, count in (("coordinator", 3), ("other-coordinator", 1)):
        work = as_actor(network[name])
        units = work.actor.units("coordinator")
        assert len(unkept(work, MARCH, CLAUSE, units)) == count
        everywhere = frozenset(unit.id for unit in network.units.values())
        assert len(unkept(work, MARCH, CLAUSE, everywhere)) == count


def test_a_purchaser_sees_no_figure_of_few_and_no_case(missed, as_actor, network, browse):
    page = browse(network["purchaser"]).get(f"/compliance/{CLAUSE}?first=2026-03&last=2026-03")
    assert "少于 5" in page.text or "fewer than 5" in page.text
    assert "区0才" not in page.text
    page = browse(network["coordinator"]).get(f"/compliance/{CLAUSE}?first=2026-03&last=2026-03")
    assert "区0才" in page.text


def test_a_hidden_figure_is_not_found_by_taking_the_others_from_the_sum():
    shown = suppressed({"a": Share(1, 3), "b": Share(20, 30), "c": Share(5, 8)})
    assert [key for key, share in shown.items() if share.hidden] == ["a", "c"]
    assert shown["a"].percent is None
    assert (shown["a"].kept, shown["a"].of) == (0, 0)
    assert suppressed({"a": Share(0, 0), "b": Share(6, 9)})["b"].percent == 66


def test_months_follow_each_other_over_the_year():
    assert following(date(2026, 12, 1)) == date(2027, 1, 1)
    assert before(date(2026, 1, 1), 1) == date(2025, 12, 1)
    assert before(date(2026, 3, 1), 14) == date(2025, 1, 1)
    assert [month.month for month in Period(date(2025, 11, 1), date(2026, 2, 1)).months()] == [11, 12, 1, 2]
    assert added_up([("a", Share(1, 2)), ("a", Share(1, 1, 1))]) == {"a": Share(2, 3, 1)}
