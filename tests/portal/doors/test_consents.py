"""Consents keep the words that were read, are given by whoever may, and end at once."""

from __future__ import annotations

from dataclasses import replace

import pytest
import sqlalchemy as sa

from casework.cases.model import Event
from casework.errors import Invalid, Missing
from casework.i18n import Message, Words
from casework.portal.accounts import account_for_phone, open_client_grant
from casework.portal.consents import (
    consented,
    consents_of,
    give_consent,
    text_of,
    what_stays,
    withdraw_consent,
)
from casework.portal.model import ConsentText
from casework.portal.rules import needs_guardian

from .conftest import PURPOSES

PROCESSING, PUBLICATION = PURPOSES


@pytest.fixture
def mother(case, visitor, as_actor):
    """Her Work, on her case."""
    account = account_for_phone(visitor(), "+8613800138000")
    open_client_grant(as_actor(account), account.id, case)
    return lambda: as_actor(account)


def happened(work, case) -> list[str]:
    return list(
        work.session.scalars(sa.select(Event.kind).where(Event.case_id == case.id).order_by(Event.id))
    )


def test_each_purpose_is_agreed_to_by_itself(mother, case):
    give_consent(mother(), case, PROCESSING, relation="self", how="portal")
    assert consented(mother(), case.id, "processing")
    assert not consented(mother(), case.id, "publication")
    assert happened(mother(), case) == ["consent.given"]


def test_the_words_are_kept_in_the_language_in_which_they_were_read(mother, case):
    consent = give_consent(mother(), case, PROCESSING, relation="self", how="portal")
    text = text_of(mother(), consent)
    assert (text.language, text.title, text.text) == ("en", "Use of your data", "We read what you tell us.")
    other = give_consent(
        replace(mother(), language="zh_Hans"), case, PUBLICATION, relation="self", how="portal"
    )
    assert text_of(mother(), other).language == "zh_Hans"


def test_agreeing_twice_is_one_consent(mother, case):
    first = give_consent(mother(), case, PROCESSING, relation="self", how="portal")
    assert give_consent(mother(), case, PROCESSING, relation="self", how="portal").id == first.id
    assert happened(mother(), case) == ["consent.given"]


def test_other_words_are_another_consent(mother, case):
    give_consent(mother(), case, PROCESSING, relation="self", how="portal")
    changed = replace(PROCESSING, text=Message("We read what you tell us and keep it for 15 years."))
    give_consent(mother(), case, changed, relation="self", how="portal")
    assert [bool(each.withdrawn_at) for each in consents_of(mother(), case.id)] == [True, False]


@pytest.mark.parametrize(
    ("born", "guardian"),
    [("2012-03-02", False), ("2012-03-03", True), ("2025-12-01", True), ("1950-01-01", False)],
)
def test_below_fourteen_a_guardian_agrees(born, guardian, new_case, as_actor, network):
    """Who is fourteen today agrees herself; one day less, and a guardian has to."""
    case, work = new_case("陈小雨", born), as_actor(network["worker"])
    if guardian:
        for relation in ("self", "helper"):
            with pytest.raises(Invalid) as refused:
                give_consent(work, case, PROCESSING, relation=relation, how="desk")
            assert [problem.where for problem in refused.value.problems] == ["relation"]
        assert not consented(work, case.id, "processing")
        give_consent(work, case, PROCESSING, relation="guardian", how="desk")
    else:
        give_consent(work, case, PROCESSING, relation="self", how="desk")
    assert consented(work, case.id, "processing")


def test_of_a_date_known_in_part_the_latest_day_counts(visitor):
    today = visitor().today
    assert needs_guardian(today.replace(year=2012, month=1, day=1), "year", today)
    assert not needs_guardian(today.replace(year=2011, month=1, day=1), "year", today)
    assert needs_guardian(today.replace(year=2012, day=1), "month", today)
    assert not needs_guardian(today.replace(year=2012, month=2, day=1), "month", today)
    assert not needs_guardian(None, "day", today)


def test_a_withdrawal_counts_from_its_moment(mother, case, clock):
    consent = give_consent(mother(), case, PROCESSING, relation="self", how="portal")
    withdraw_consent(mother(), case, consent.id)
    assert not consented(mother(), case.id, "processing")
    (kept,) = consents_of(mother(), case.id)
    assert (kept.withdrawn_at, kept.withdrawn_by) == (mother().now, mother().actor.id)
    clock.move(days=1)
    withdraw_consent(mother(), case, consent.id)
    assert consents_of(mother(), case.id)[0].withdrawn_at < mother().now
    assert happened(mother(), case) == ["consent.given", "consent.withdrawn"]
    give_consent(mother(), case, PROCESSING, relation="self", how="portal")
    assert consented(mother(), case.id, "processing")


def test_what_stops_and_what_is_kept_is_named():
    told = Words("en", [])(what_stays(PUBLICATION.title))
    assert "Publication" in told
    assert "vouchers" in told


def test_a_consent_of_another_case_is_not_there(mother, case, new_case, as_system):
    consent = give_consent(mother(), case, PROCESSING, relation="self", how="portal")
    other = new_case("另一人")
    with pytest.raises(Missing):
        withdraw_consent(mother(), other, consent.id)


def test_whoever_may_not_see_the_case_sees_no_consent(mother, case, as_actor, network):
    give_consent(mother(), case, PROCESSING, relation="self", how="portal")
    assert not consented(as_actor(network["other-coordinator"]), case.id, "processing")
    assert consents_of(as_actor(network["nurse"]), case.id) == []
    assert consented(as_actor(network["coordinator"]), case.id, "processing")


def test_words_once_agreed_to_are_never_changed(mother, case):
    give_consent(mother(), case, PROCESSING, relation="self", how="portal")
    for act in (sa.update(ConsentText).values(text="x"), sa.delete(ConsentText)):
        with (
            pytest.raises(sa.exc.ProgrammingError, match="permission denied"),
            mother().session.begin_nested(),
        ):
            mother().session.execute(act)


def test_a_relation_that_is_none_is_refused(mother, case):
    with pytest.raises(Invalid):
        give_consent(mother(), case, PROCESSING, relation="neighbour", how="portal")
