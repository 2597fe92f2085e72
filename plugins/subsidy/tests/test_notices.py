from __future__ import annotations

import pytest
import sqlalchemy as sa

from casework.errors import Refused
from casework_programs.subsidy.model import PublicNotice
from casework_programs.subsidy.notices import public_name, remove_past
from casework_programs.subsidy.queries import notice_of, public_notices


@pytest.mark.parametrize(
    ("name", "years", "shown"),
    [
        ("陈小华", 40, ("陈*华", None)),
        ("陈华", 18, ("陈*", None)),
        ("陈小华", 7, ("陈某", 7)),
        ("欧阳娜娜", 17, ("欧某", 17)),
        ("Anna Weber", 7, ("A.", 7)),
        ("Anna Weber", None, ("A. W.", None)),
    ],
)
def test_the_public_reads_no_name(name, years, shown):
    assert public_name(name, years) == shown


def test_a_notice_is_shown_for_its_days_and_then_gone(office, clock):
    case = office.decided()
    with pytest.raises(Refused, match="Publish the notice"):
        office.move(case, "approve", "coordinator")
    office.move(case, "publish-notice", "fund")
    with pytest.raises(Refused, match="runs until"):
        office.move(case, "approve", "coordinator")
    [notice] = public_notices(office.at("nurse"))
    assert (notice.name, notice.age, notice.amount) == ("陈某", 6, 979600)
    clock.move(days=7)
    assert len(public_notices(office.at("nurse"))) == 1
    clock.move(days=1)
    assert public_notices(office.at("nurse")) == []
    assert remove_past(office.as_system()) == 1
    assert notice_of(office.as_system(), case.id) is None
    office.move(case, "approve", "coordinator")


def test_whoever_is_no_part_of_it_sees_a_notice_only_while_it_is_shown(office, clock):
    case = office.decided()
    office.move(case, "publish-notice", "fund")
    clock.move(days=8)
    work = office.at("nurse")
    assert work.session.scalars(sa.select(PublicNotice)).all() == []


def test_without_the_separate_consent_nothing_is_shown_and_the_award_goes_on(office):
    case = office.decided(notice=False)
    with pytest.raises(Refused, match="has not agreed"):
        office.move(case, "publish-notice", "fund")
    office.move(case, "approve", "coordinator")
    assert public_notices(office.at("nurse")) == []
    assert [e.payload["because"] for e in office.dossier(case).events if e.kind == "notice.left-out"] == [
        "no-consent"
    ]


def test_an_objection_stops_the_approval_until_it_is_settled(office, clock):
    case = office.decided()
    office.move(case, "publish-notice", "fund")
    office.move(case, "object", "fund", office.OBJECTION)
    clock.move(days=9)
    with pytest.raises(Refused, match="not possible"):
        office.move(case, "approve", "coordinator")
    office.move(case, "settle-objection", "coordinator", {**office.FINDINGS, "consequence": "refuse"})
    with pytest.raises(Refused, match="found right"):
        office.move(case, "approve", "coordinator")


def test_what_is_refused_or_withdrawn_is_not_shown_any_more(office):
    case = office.decided()
    office.move(case, "publish-notice", "fund")
    office.move(case, "withdraw", "colleague", reason="They moved away.")
    assert public_notices(office.at("nurse")) == []
