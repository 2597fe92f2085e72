"""Drafts, signing and correcting, against the database."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from casework.cases.model import Case, Event
from casework.cases.usecases import refer
from casework.errors import Conflict, Forbidden, Invalid, Missing
from casework.forms import queries, usecases
from casework.forms.compiler import compile_form
from casework.forms.library import library_of
from casework.forms.model import FormDefinition
from casework.people.usecases import register_person

NOTE: dict[str, Any] = {"content": "Rang the daughter.", "type": "phone", "outcome": "done"}


@pytest.fixture
def nurse(network, as_actor):
    return as_actor(network["nurse"])


@pytest.fixture
def case(network, nurse) -> Case:
    person = register_person(nurse, unit_id=network.units["ward"].id, full_name="陈大文")
    answers = {
        **usecases.start_answers(nurse, library_of(nurse)["referral"]),
        "urgency": "routine",
        "reasons": ["financial"],
        "agrees": "yes",
    }
    return refer(
        nurse, program_key="casework", unit_id=network.units["ward"].id, person_id=person.id, answers=answers
    )


@pytest.fixture
def desk(network, case, as_actor):
    """The coordinator at work: she sees the case by her unit."""
    return as_actor(network["coordinator"])


@pytest.fixture
def note(desk):
    form = library_of(desk)["contact-note"]
    return form, {**usecases.start_answers(desk, form), **NOTE}


CALL_BACK = compile_form(
    """\
form: call-back
title: Call back
event: form.signed
compartment: case
begins_with: contact-note
items:
  - {id: content, type: text, text: What was said?, required: yes, privacy: L4}
  - {id: called_on, type: date, text: Called on, initial: today, privacy: L2}
  - {id: minutes, type: string, text: How long?, privacy: L2}
"""
)


def kinds(desk, case):
    return desk.session.scalars(
        sa.select(Event.kind).where(Event.case_id == case.id).order_by(Event.id)
    ).all()


def test_the_referral_is_signed_with_its_event(nurse, case):
    signed = queries.latest_signed(nurse, case, "referral")
    assert signed.compartment == "referral"
    assert signed.answers["reasons"] == ["financial"]
    event = nurse.session.scalars(sa.select(Event).where(Event.response_id == signed.id)).one()
    assert event.kind == "referral.received"
    assert event.payload["urgency"] == "routine"


def test_a_draft_keeps_what_was_typed_right_or_wrong(desk, case, note):
    form, _answers = note
    typed = {"minutes": "about ten", "next_on": {"year": "2026", "month": "13", "day": ""}}
    draft = usecases.keep_draft(desk, form, case, typed)
    assert queries.draft_for(desk, case, form.key).answers == typed
    assert [line.draft.id for line in queries.my_drafts(desk)] == [draft.id]
    assert queries.my_drafts(desk)[0].person_name == "陈大文"


def test_a_draft_is_one_for_each_case_and_form_and_grows_a_version(desk, case, note):
    form, answers = note
    first = usecases.keep_draft(desk, form, case, {"content": "a"})
    again = usecases.keep_draft(desk, form, case, answers, seen_version=first.version)
    assert (again.id, again.version, again.answers) == (first.id, 2, answers)


def test_the_same_text_saved_twice_is_no_conflict(desk, case, note):
    form, answers = note
    usecases.keep_draft(desk, form, case, answers)
    assert usecases.keep_draft(desk, form, case, answers).version == 1


def test_a_draft_changed_in_another_window_is_not_overwritten(desk, case, note):
    form, _answers = note
    usecases.keep_draft(desk, form, case, {"content": "one"})
    with pytest.raises(Conflict) as caught:
        usecases.keep_draft(desk, form, case, {"content": "two"})
    assert caught.value.yours == {"content": "two"}
    assert caught.value.theirs == {"content": "one"}
    assert queries.draft_for(desk, case, form.key).answers == {"content": "one"}


def test_a_draft_before_there_is_a_case_is_one_for_each_form(nurse):
    form = library_of(nurse)["referral"]
    draft = usecases.keep_draft(nurse, form, None, {"urgency": "urgent"})
    assert queries.draft_for(nurse, None, "referral").id == draft.id
    with pytest.raises(Conflict):
        usecases.keep_draft(nurse, form, None, {"urgency": "routine"})
    usecases.discard_draft(nurse, draft)
    assert queries.draft_for(nurse, None, "referral") is None


def test_nobody_else_sees_a_draft(desk, case, note, network, as_actor):
    form, answers = note
    number = usecases.keep_draft(desk, form, case, answers).id
    desk.session.expire_all()
    supervisor = as_actor(network["supervisor"])
    assert queries.my_drafts(supervisor) == []
    with pytest.raises(Missing):
        queries.own_draft(supervisor, number)


def test_signing_pins_the_form_ends_the_draft_and_appends_the_event(desk, case, note):
    form, answers = note
    usecases.keep_draft(desk, form, case, answers)
    signed = usecases.sign(desk, form, case, answers, seen_version=1)
    assert (signed.status, signed.form_hash, signed.signed_by) == ("signed", form.version, desk.actor.id)
    assert queries.draft_for(desk, case, form.key) is None
    definition = desk.session.get(FormDefinition, form.version)
    assert definition.source["form"] == "contact-note"
    event = desk.session.scalars(sa.select(Event).where(Event.response_id == signed.id)).one()
    assert (event.kind, event.compartment) == ("contact.recorded", "case")
    assert event.payload == {"episode": 1, "type": "phone", "outcome": "done"}


def test_signing_says_everything_that_has_to_be_mended(desk, case, note):
    form, _answers = note
    with pytest.raises(Invalid) as caught:
        usecases.sign(desk, form, case, {"minutes": "ten"})
    assert {p.where for p in caught.value.problems} == {"content", "began_at", "minutes", "type", "outcome"}
    assert queries.latest_signed(desk, case, form.key) is None


def test_forged_fields_do_not_survive_signing(desk, case, note):
    form, answers = note
    signed = usecases.sign(
        desk, form, case, {**answers, "risk_high": True, "status": "draft", "author_id": 1}
    )
    assert "risk_high" not in signed.answers
    assert "author_id" not in signed.answers
    assert "high-risk.found" not in kinds(desk, case)


def test_a_danger_that_was_found_is_an_event_of_its_own(desk, case, note):
    form, answers = note
    usecases.sign(desk, form, case, {**answers, "risk_change": "higher", "risk_high": True})
    assert kinds(desk, case)[-2:] == ["contact.recorded", "high-risk.found"]


def test_the_event_happens_when_the_form_says(desk, case, note):
    form, answers = note
    earlier = (desk.now - timedelta(minutes=5)).astimezone(desk.zone).isoformat(timespec="minutes")
    signed = usecases.sign(desk, form, case, {**answers, "began_at": earlier})
    assert signed.happened_at == desk.now - timedelta(minutes=5)
    assert signed.signed_at == desk.now


def test_a_page_sent_twice_signs_once(desk, case, note):
    form, answers = note
    one = usecases.sign(desk, form, case, answers, submission="page-1")
    assert usecases.sign(desk, form, case, answers, submission="page-1") is one
    assert kinds(desk, case).count("contact.recorded") == 1
    with pytest.raises(Conflict):
        usecases.sign(desk, form, case, {**answers, "content": "Other."}, submission="page-1")
    with pytest.raises(Conflict):
        usecases.keep_draft(desk, form, case, {**answers, "content": "Late."}, submission="page-1")


def test_a_draft_changed_elsewhere_is_not_signed_over(desk, case, note):
    form, answers = note
    usecases.keep_draft(desk, form, case, {"content": "one"})
    usecases.keep_draft(desk, form, case, {"content": "two"}, seen_version=1)
    with pytest.raises(Conflict):
        usecases.sign(desk, form, case, answers, seen_version=1)


def test_correcting_makes_a_new_response_and_keeps_the_old_one(desk, case, note):
    form, answers = note
    old = usecases.sign(desk, form, case, answers)
    new = usecases.amend(desk, old, {**answers, "content": "Rang the son."}, "Wrong person", old.version)
    desk.session.expire_all()
    assert (old.status, old.answers["content"]) == ("amended", "Rang the daughter.")
    assert (new.status, new.supersedes_id, new.reason) == ("signed", old.id, "Wrong person")
    assert queries.latest_signed(desk, case, form.key).id == new.id
    assert [r.id for r in queries.responses_of(desk, case) if r.form_key == form.key] == [new.id]
    assert [e.response.id for e in queries.editions(desk, old)] == [old.id, new.id]
    assert [e.response.id for e in queries.editions(desk, new)] == [old.id, new.id]
    event = desk.session.scalars(sa.select(Event).where(Event.response_id == new.id)).one()
    assert (event.kind, event.payload["reason"]) == ("response.amended", "Wrong person")


def test_the_second_of_two_corrections_sees_both_texts(desk, case, note):
    form, answers = note
    old = usecases.sign(desk, form, case, answers)
    usecases.amend(desk, old, {**answers, "content": "One."}, "slip", 1)
    with pytest.raises(Conflict) as caught:
        usecases.amend(desk, old, {**answers, "content": "Two."}, "slip", 1)
    assert (caught.value.yours["content"], caught.value.theirs["content"]) == ("Two.", "One.")
    assert caught.value.by == "Coordinator"


@pytest.mark.parametrize(
    ("change", "reason"),
    [({"content": "New."}, "  "), ({}, "why"), ({"content": ""}, "why"), ({"content": "x"}, "r" * 1001)],
)
def test_a_correction_needs_a_reason_and_a_difference(desk, case, note, change, reason):
    form, answers = note
    old = usecases.sign(desk, form, case, answers)
    with pytest.raises(Invalid):
        usecases.amend(desk, old, {**answers, **change}, reason, 1)
    assert old.status == "signed"


def test_a_response_stays_readable_under_the_form_it_was_made_with(desk, case, note, monkeypatch):
    form, answers = note
    signed = usecases.sign(desk, form, case, answers)
    monkeypatch.setattr(
        queries, "library_of", lambda _work: type("Empty", (), {"version": lambda *_: None})()
    )
    again = queries.form_of(desk, signed)
    assert again == form


def test_only_ones_own_drafts_are_discarded(desk, case, note, network, as_actor):
    form, answers = note
    signed = usecases.sign(desk, form, case, answers)
    with pytest.raises(Forbidden):
        usecases.discard_draft(desk, signed)


def test_text_of_every_kind_survives_a_draft(desk, case, note):
    form, _answers = note
    texts = [
        "<script>alert(1)</script>",
        "𬭚㛃䶮·阿卜杜 \U0001f469\u200d\U0001f467",
        "'; drop table responses; --",
        "\\u0000 %s {{ 7*7 }}",
    ]
    draft = usecases.keep_draft(desk, form, case, {"content": "\n".join(texts)})
    desk.session.expire(draft)
    assert draft.answers["content"].split("\n") == texts


def test_a_form_begins_with_what_was_signed_under_another(desk, case, note):
    form, answers = note
    today = {"called_on": desk.today.isoformat()}
    assert usecases.first_answers(desk, CALL_BACK, None) == today
    assert usecases.first_answers(desk, CALL_BACK, case) == today
    usecases.sign(desk, form, case, answers)
    assert usecases.first_answers(desk, CALL_BACK, case) == {**today, "content": "Rang the daughter."}
