"""The coordinators' pages: the draft of the next edition, what it would have done, and who publishes it."""

from __future__ import annotations

import re

import pytest

from casework.handbook.drafting import open_draft
from casework.handbook.jobs import find_effects
from casework.handbook.standard import standard_of
from casework.handbook.usecases import put_in_force
from casework.testing.referrals import refer_somebody

CLAUSE = "casework.first-contact-urgent"
ADDRESS = f"/editions/draft/{CLAUSE}"


@pytest.fixture
def standard(work):
    return put_in_force(work)


@pytest.fixture
def desk(browse, network, standard):
    return browse(network["coordinator"])


@pytest.fixture
def second(browse, network, standard):
    return browse(network["other-coordinator"])


@pytest.fixture
def draft(desk, as_actor, network):
    """A draft that the coordinator has begun on the page."""
    form = form_to(desk.get("/editions"), "/editions")
    form["number"], form["in_force_on"], form["note"] = "2026-2", "2026-03-03", "Less waiting"
    form.submit(status=303)
    return open_draft(as_actor(network["coordinator"]))


def form_to(page, action):
    return next(form for form in page.forms.values() if form.action == action)


def lower(desk, amount="2", unit="hours", **typed):
    """The page's answer to a lower limit."""
    form = form_to(desk.get(ADDRESS), ADDRESS)
    form["within"], form["within_unit"] = amount, unit
    for name, value in typed.items():
        form[name] = value
    return form.submit(expect_errors=True)


def act(desk, name):
    return form_to(desk.get("/editions/draft"), f"/editions/{name}").submit(expect_errors=True)


@pytest.mark.parametrize("path", ["/editions", "/editions/draft", "/editions/effects", ADDRESS])
@pytest.mark.parametrize("name", ["worker", "nurse", "supervisor", "auditor", "purchaser", "admin"])
def test_only_coordinators_write_editions(browse, network, draft, path, name):
    assert browse(network[name]).get(path, expect_errors=True).status_int == 403


def test_the_handbook_leads_coordinators_to_the_editions(browse, network, desk):
    assert 'href="/editions"' in desk.get("/handbook").text
    assert 'href="/editions"' not in browse(network["worker"]).get("/handbook").text


def test_a_draft_that_cannot_be_begun_says_why_and_keeps_what_was_typed(desk):
    form = form_to(desk.get("/editions"), "/editions")
    form["number"], form["in_force_on"], form["note"] = "", "2026-03-02", "Less <waiting>"
    page = form.submit(status=422)
    assert "Give the edition a number" in page.text
    assert "from tomorrow at the earliest" in page.text
    assert "Less &lt;waiting&gt;" in page.text
    assert 'value="2026-03-02"' in page.text


def test_there_is_no_draft_page_without_a_draft(desk):
    for path in ("/editions/draft", "/editions/effects", ADDRESS):
        assert desk.get(path, expect_errors=True).status_int == 404


def test_the_draft_shows_each_clause_with_how_far_it_was_kept(draft, browse, as_actor, network, clock):
    refer_somebody(as_actor(network["nurse"]), network.units["hospital"].id, urgency="urgent")
    clock.move(days=3)
    row = row_of(browse(network["coordinator"]))
    assert "0 of 1" in row
    assert "0%" in row


def row_of(desk):
    return (
        desk.get("/editions/draft?chapter=6").html.find(id=CLAUSE).find_parent("tr").get_text(" ", strip=True)
    )


def test_a_clause_is_written_anew_and_marked(desk, draft):
    assert lower(desk).status_int == 303
    page = desk.get("/editions/draft")
    assert "changed" in row_of(desk)
    assert "within 2 hours" in row_of(desk)
    card = page.html.find("caption", string="What is different").find_parent("table").get_text(" ")
    assert "1 working day" in card
    assert "2小时" in card


def test_saving_what_was_not_touched_changes_nothing(desk, draft):
    for clause in (CLAUSE, "sees-own-record", "casework.separate-purposes", "casework.goal-before-service"):
        address = f"/editions/draft/{clause}"
        assert form_to(desk.get(address), address).submit().status_int == 303
    assert "Nothing yet" in desk.get("/editions/draft").text
    assert f'name="version" value="{draft.version}"' in desk.get("/editions/draft").text


def test_the_preview_reads_in_both_languages_and_keeps_nothing(desk, draft, as_actor, network):
    form = form_to(desk.get(ADDRESS), ADDRESS)
    form["within"], form["within_unit"] = "２", "hours"
    page = desk.post(f"{ADDRESS}/preview", form.submit_fields())
    read = page.html.find(id="preview").get_text(" ")
    assert "within 2 hours of the referral" in read
    assert "2小时" in read
    assert open_draft(as_actor(network["coordinator"])).files == {}
    form["within"] = "soon"
    page = desk.post(f"{ADDRESS}/preview", form.submit_fields())
    assert "within … of the referral" in page.html.find(id="preview").get_text(" ")


def test_what_has_to_be_mended_is_told_and_everything_typed_is_kept(desk, draft):
    page = lower(desk, "soon", sentence_en="A person may be seen <within> {within}.", target="101")
    assert page.status_int == 422
    assert "whole number of 1 to 9999" in page.text
    assert "whole number of 0 to 100" in page.text
    form = form_to(page, ADDRESS)
    assert form["sentence_en"].value.strip() == "A person may be seen <within> {within}."
    assert (form["within"].value, form["target"].value) == ("soon", "101")
    form["within"], form["target"] = "2", "90"
    page = form.submit(status=422)
    assert page.html.find(id="sentence_en-error")


@pytest.mark.parametrize(
    "sent",
    [
        {"within": "2 hours\n  opens: contact.recorded"},
        {"within": "1", "within_unit": "hours\n  owner: nurse"},
        {"owner": "worker\n  target: 1%"},
        {"target": "1%\n  owner: nurse"},
    ],
)
def test_a_forged_field_writes_no_line_into_the_rules(desk, draft, as_actor, network, sent):
    fields = dict(form_to(desk.get(ADDRESS), ADDRESS).submit_fields())
    assert desk.post(ADDRESS, {**fields, **sent}, status=422)
    assert open_draft(as_actor(network["coordinator"])).files == {}


def test_the_second_of_two_writers_sees_both_texts(desk, second, draft):
    form = form_to(second.get(ADDRESS), ADDRESS)
    lower(desk, "3")
    form["within"], form["within_unit"] = "4", "hours"
    page = form.submit(status=409)
    assert "Theirs, saved: Time" in page.text
    again = form_to(page, ADDRESS)
    assert again["within"].value == "4"
    again.submit(status=303)
    assert "within 4 hours" in row_of(desk)


def test_it_is_asked_whom_a_draft_would_have_hit(draft, browse, as_actor, as_system, network, clock):
    refer_somebody(as_actor(network["nurse"]), network.units["hospital"].id, urgency="urgent")
    clock.move(hours=4)
    desk = browse(network["coordinator"])
    assert "no case would have fared otherwise" in desk.get("/editions/effects").text
    lower(desk)
    page = desk.get("/editions/effects")
    page = form_to(page, "/editions/effects").submit().follow()
    assert "The cases are being judged" in page.text
    find_effects(as_system(), draft.id)
    assert "Of 1 duty 1 would newly be late, 0 newly in time." in desk.get("/editions/effects").text
    lower(desk, "3")
    assert "A rule was changed since" in desk.get("/editions/effects").text
    lower(desk, "2")  # The answer is that of the same rules again.
    assert "1 would newly be late" in desk.get("/editions/effects").text


def test_an_answer_that_never_comes_can_be_asked_for_again(desk, draft, clock):
    lower(desk)
    form_to(desk.get("/editions/effects"), "/editions/effects").submit()
    clock.move(minutes=11)
    assert form_to(desk.get("/editions/effects"), "/editions/effects")


def test_who_wrote_it_is_told_that_somebody_else_publishes(desk, second, draft):
    lower(desk)
    act(desk, "propose")
    page = desk.get("/editions/draft")
    assert "Two people publish" in page.text
    assert "/editions/publish" not in [form.action for form in page.forms.values()]
    fields = dict(form_to(page, "/editions/take-back").submit_fields())
    assert desk.post("/editions/publish", fields, status=403)
    assert desk.get(ADDRESS, status=409)
    page = act(second, "publish").follow()
    assert "Edition 2026-2" in page.text
    assert re.search("[0-9a-f]{64}", page.text)


def test_a_published_edition_says_what_it_changed(desk, second, draft, browse, network, clock):
    lower(desk)
    act(desk, "propose")
    page = act(second, "publish").follow()
    for text in ("1 working day", "2 hours", "2小时", "Less waiting", "First contact, urgent"):
        assert text in page.text
    assert "Compared with: As the programs brought it along" in page.text
    listed = desk.get("/editions")
    assert "Edition 2026-2" in listed.text
    assert "not in force yet" in listed.text
    clock.move(days=1)
    assert "not in force yet" not in browse(network["coordinator"]).get("/editions").text


def test_nothing_different_cannot_be_proposed(desk, draft):
    page = act(desk, "propose")
    assert page.status_int == 409
    assert "Nothing is different" in page.text


def test_a_draft_that_changed_meanwhile_is_not_published(desk, second, draft):
    lower(desk)
    act(desk, "propose")
    form = form_to(second.get("/editions/draft"), "/editions/publish")
    act(desk, "take-back")
    lower(desk, "3")
    act(desk, "propose")
    page = form.submit(status=409)
    assert "Somebody changed the draft meanwhile" in page.text


def test_a_draft_is_taken_back_and_thrown_away(desk, draft, as_actor, network):
    lower(desk)
    act(desk, "propose")
    act(desk, "take-back")
    assert desk.get(ADDRESS).status_int == 200
    act(desk, "discard")
    assert open_draft(as_actor(network["coordinator"])) is None
    assert "Begin the next edition" in desk.get("/editions").text
    assert standard_of(as_actor(network["coordinator"])).clause(CLAUSE).rule.within.unit == "working days"


@pytest.mark.parametrize("number", ["0", "999999", "999999999999999999"])
def test_an_unknown_edition_is_not_found(desk, number):
    assert desk.get(f"/editions/{number}", expect_errors=True).status_int == 404


def test_remarks_of_the_checker_stand_beside_their_clause(desk, draft):
    long = (
        "紧急转介的服务对象应在{within}内得到接待，" + "接待人员向其说明服务的内容和办法，" * 6 + "不收费。"
    )
    assert lower(desk, sentence_zh_Hans=long).status_int == 303
    row = row_of(desk)
    assert "To look at again: The sentence has" in row


@pytest.mark.parametrize("clause", ["nothing", "casework.%00", "..%2F..%2Fetc", "%F0%9F%98%80"])
def test_an_unknown_clause_is_not_found(desk, draft, clause):
    assert desk.get(f"/editions/draft/{clause}", expect_errors=True).status_int in {400, 404}


def test_a_chapter_that_is_none_is_a_mistake(desk, draft):
    assert desk.get("/editions/draft?chapter=99", expect_errors=True).status_int == 400
