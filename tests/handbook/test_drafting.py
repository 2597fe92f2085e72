"""The next edition is written, weighed and published by two people; duties keep the edition they arose under."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
import sqlalchemy as sa

from casework.duties.model import Duty, Edition
from casework.errors import Conflict, Forbidden, Invalid, Refused
from casework.forms.library import library_of
from casework.forms.usecases import sign
from casework.handbook.drafting import (
    begin_draft,
    change_clause,
    discard,
    findings_in,
    open_draft,
    propose,
    publish,
    standard_in,
)
from casework.handbook.editing import sentence_in
from casework.handbook.effects import effects
from casework.handbook.jobs import find_effects
from casework.handbook.standard import all_files, standard_of, standard_with
from casework.handbook.usecases import put_in_force
from casework.testing.referrals import refer_somebody

CLAUSE = "casework.first-contact-urgent"
TOMORROW = date(2026, 3, 3)


@pytest.fixture
def standard(work):
    return put_in_force(work)


@pytest.fixture
def coordinator(as_actor, network, standard):
    return as_actor(network["coordinator"])


def begin(work, **values):
    return begin_draft(
        work, **{"number": "2026-2", "note": "Less waiting", "in_force_on": TOMORROW, **values}
    )


def change(work, draft, clause=CLAUSE, *, within="1 hour", **typed):
    files = all_files(work.programs, draft.files)
    titles, sentences = {}, {}
    for language in ("zh_Hans", "en"):
        name = f"plugins/casework/standards/{language}/06-management.md"
        titles[language], sentences[language] = sentence_in(files[name], clause)
    change_clause(
        work,
        draft,
        clause,
        titles={**titles, **typed.get("titles", {})},
        sentences={**sentences, **typed.get("sentences", {})},
        rule={"within": within},
        seen_version=typed.get("seen_version", draft.version),
    )


def test_a_limit_is_lowered_and_the_sentences_follow(coordinator):
    draft = begin(coordinator)
    change(coordinator, draft, within="2 hours")
    clause = standard_in(coordinator, draft).clause(CLAUSE)
    assert "2 hours" in clause.text("en")
    assert "2小时" in clause.text("zh_Hans")
    assert "1 working day" in standard_of(coordinator).clause(CLAUSE).text("en")  # Not in force.
    assert not [found for found in findings_in(coordinator, draft) if found.level == "error"]


def test_what_cannot_be_used_is_told_beside_its_field_and_changes_nothing(coordinator):
    draft = begin(coordinator)
    with pytest.raises(Invalid) as told:
        change(coordinator, draft, within="soon")
    assert {problem.where for problem in told.value.problems} == {"within"}
    with pytest.raises(Invalid) as told:
        change(coordinator, draft, sentences={"en": "A person may be seen within {within}."})
    assert "sentence_en" in {problem.where for problem in told.value.problems}
    with pytest.raises(Invalid) as told:
        change(coordinator, draft, sentences={"zh_Hans": " "})
    assert {problem.where for problem in told.value.problems} == {"sentence_zh_Hans"}
    assert draft.files == {}


def test_only_one_draft_is_open_at_a_time(coordinator):
    draft = begin(coordinator)
    with pytest.raises(Refused):
        begin(coordinator, number="2026-3")
    discard(coordinator, draft, draft.version)
    assert open_draft(coordinator) is None
    assert begin(coordinator, number="2026-3")


@pytest.mark.parametrize(
    ("typed", "where"),
    [
        ({"number": ""}, "number"),
        ({"in_force_on": None}, "in_force_on"),
        ({"in_force_on": date(2026, 3, 2)}, "in_force_on"),
    ],
)
def test_a_draft_needs_a_number_and_a_day_to_come(coordinator, typed, where):
    with pytest.raises(Invalid) as told:
        begin(coordinator, **typed)
    assert {problem.where for problem in told.value.problems} == {where}


def test_the_second_of_two_writers_is_told(coordinator):
    draft = begin(coordinator)
    change(coordinator, draft, within="3 hours", seen_version=1)
    with pytest.raises(Conflict):
        change(coordinator, draft, within="4 hours", seen_version=1)


def test_two_people_publish(coordinator, as_actor, network):
    draft = begin(coordinator)
    with pytest.raises(Refused):
        propose(coordinator, draft, draft.version)  # Nothing is different yet.
    change(coordinator, draft)
    propose(coordinator, draft, draft.version)
    with pytest.raises(Forbidden):
        publish(coordinator, draft, draft.version)
    second = as_actor(network["other-coordinator"])
    edition = publish(second, draft, draft.version)
    assert (edition.number, edition.proposed_by, edition.published_by) == (
        "2026-2",
        network["coordinator"].id,
        network["other-coordinator"].id,
    )


def test_a_published_edition_never_changes(coordinator, as_actor, network):
    edition = published(coordinator, as_actor, network)
    for change_ in (
        sa.update(Edition).where(Edition.id == edition.id).values(note="other"),
        sa.delete(Edition).where(Edition.id == edition.id),
    ):
        with pytest.raises(sa.exc.ProgrammingError), coordinator.session.begin_nested():
            coordinator.session.execute(change_)


def published(coordinator, as_actor, network, **typed):
    draft = begin(coordinator, **typed)
    change(coordinator, draft, within=typed.pop("within", "1 hour"))
    propose(coordinator, draft, draft.version)
    return publish(as_actor(network["other-coordinator"]), draft, draft.version)


def test_next_day_s_duties_follow_the_new_edition_and_old_ones_keep_theirs(
    coordinator, as_actor, network, clock, standard
):
    hospital = network.units["hospital"].id
    refer_somebody(as_actor(network["nurse"]), hospital, urgency="urgent")
    edition = published(coordinator, as_actor, network)
    clock.move(hours=1)
    refer_somebody(as_actor(network["nurse"]), hospital, "欧阳静", urgency="urgent")
    clock.move(days=1)
    nurse = as_actor(network["nurse"])
    last = refer_somebody(nurse, hospital, "冼一", urgency="urgent", referred_at="2026-03-03T11:00+08:00")
    assert standard_of(nurse).clause(CLAUSE).rule.within.amount == 1
    supervisor = as_actor(network["supervisor"])
    duties = supervisor.session.scalars(sa.select(Duty).where(Duty.clause == CLAUSE).order_by(Duty.id)).all()
    assert [duty.edition_id for duty in duties] == [standard, standard, edition.id]
    assert duties[-1].case_id == last.id
    assert duties[-1].due_at - duties[-1].opened_at <= timedelta(hours=1, minutes=1)


def test_the_same_start_adds_no_edition_after_one_was_published(coordinator, as_actor, network, as_system):
    published(coordinator, as_actor, network)
    work = as_system()
    before = work.session.scalar(sa.select(sa.func.count(Edition.id)))
    put_in_force(work)
    assert work.session.scalar(sa.select(sa.func.count(Edition.id))) == before


def test_an_earlier_text_can_be_published_again(coordinator, as_actor, network, clock):
    published(coordinator, as_actor, network)
    clock.move(days=1)
    writer = as_actor(network["coordinator"])
    draft = begin(writer, number="2026-3", in_force_on=date(2026, 3, 4))
    change(writer, draft, within="1 working day")
    propose(writer, draft, draft.version)
    publish(as_actor(network["other-coordinator"]), draft, draft.version)
    clock.move(days=1)
    assert standard_of(as_actor(network["coordinator"])).clause(CLAUSE).rule.within.unit == "working days"


def test_it_is_seen_whom_a_lower_limit_would_have_hit(as_actor, network, clock, coordinator, as_system):
    hospital = network.units["hospital"].id
    cases = [
        refer_somebody(as_actor(network["coordinator"]), hospital, name, urgency="urgent")
        for name in ("区广才", "欧阳静", "冼一")
    ]
    for hours, case in zip((1, 3), cases, strict=False):
        clock.move(hours=hours)
        worker = as_system()
        sign(
            worker,
            library_of(worker)["contact-note"],
            case,
            {"began_at": f"{worker.now.astimezone(worker.zone):%Y-%m-%dT%H:%M}+08:00", **CONTACT},
        )
    writer = as_actor(network["coordinator"])
    draft = begin(writer)
    change(writer, draft, within="2 hours")
    work = as_system()
    (found,) = effects(work, standard_with(work.programs, {}).rules, standard_in(work, draft).rules)
    assert (found.clause, found.before, found.after) == (CLAUSE, 3, 3)
    assert (found.newly_late, found.newly_kept) == (2, 0)  # Seen after four hours; not seen yet.
    find_effects(work, draft.id)
    assert draft.effects["effects"][0]["newly_late"] == 2


CONTACT = {"type": "ward", "outcome": "done", "content": "Sat with him."}
