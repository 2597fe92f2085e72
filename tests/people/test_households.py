"""Who lives together, by the use cases and on the pages."""

from __future__ import annotations

from datetime import date

import pytest

from casework.errors import Forbidden, Invalid, Refused
from casework.people import households, queries
from casework.people.usecases import PossibleDuplicates

SON = {"full_name": "张小三", "relation": "2", "since": ""}


def mates(work, person) -> list[tuple[str, str]]:
    return [(mate.full_name, mate.relation) for mate in queries.household_of(work, person.id)]


def test_the_first_who_is_asked_about_is_the_head(network, as_actor, somebody, trail) -> None:
    head, wife = somebody("张三"), somebody("李四")
    nurse = as_actor(network["nurse"])
    households.live_together(nurse, head, wife, {"relation": "1", "since": "2020-05-01"})
    assert mates(nurse, wife) == [("张三", "0"), ("李四", "1")]
    households.register_housemate(nurse, wife, SON)
    assert mates(nurse, head) == [("张三", "0"), ("李四", "1"), ("张小三", "2")]
    assert [entry["action"] for entry in trail(f"person:{wife.id}")][-1] == "joined a household"


def test_whoever_lives_here_is_not_added_twice(network, as_actor, somebody) -> None:
    head, wife = somebody("张三"), somebody("李四")
    nurse = as_actor(network["nurse"])
    typed = {"relation": "1", "since": ""}
    households.live_together(nurse, head, wife, typed)
    for member in (head, wife):
        with pytest.raises(Invalid) as caught:
            households.live_together(nurse, head, member, typed)
        assert [problem.where for problem in caught.value.problems] == ["member"]


@pytest.mark.parametrize(
    ("change", "wrong"),
    [
        ({"full_name": " "}, {"full_name"}),
        ({"relation": "0"}, {"relation"}),
        ({"relation": "", "since": "soon"}, {"relation", "since"}),
        ({"since": "2026-03-03"}, {"since"}),
    ],
)
def test_a_housemate_that_is_not_well_described_is_not_registered(
    network, as_actor, somebody, change, wrong
) -> None:
    head = somebody("张三")
    nurse = as_actor(network["nurse"])
    with pytest.raises(Invalid) as caught:
        households.register_housemate(nurse, head, SON | change)
    assert {problem.where for problem in caught.value.problems} == wrong
    assert queries.search(nurse, "张小三").persons == []
    assert mates(nurse, head) == []


def test_somebody_alike_is_shown_before_a_name_is_registered(network, as_actor, somebody) -> None:
    head = somebody("张三")
    somebody("张小三")
    nurse = as_actor(network["nurse"])
    with pytest.raises(PossibleDuplicates):
        households.register_housemate(nurse, head, SON)
    households.register_housemate(nurse, head, SON, confirmed=True)
    assert [name for name, _relation in mates(nurse, head)] == ["张三", "张小三"]


def test_a_household_is_left_once_and_not_before_it_was_joined(network, as_actor, somebody, trail) -> None:
    head, wife = somebody("张三"), somebody("李四")
    nurse = as_actor(network["nurse"])
    households.live_together(nurse, head, wife, {"relation": "1", "since": "2026-01-10"})
    for day in (date(2026, 1, 9), date(2026, 3, 3)):
        with pytest.raises(Invalid):
            households.leave_household(nurse, wife, day)
    households.leave_household(nurse, wife, date(2026, 2, 1))
    assert mates(nurse, head) == [("张三", "0")]
    assert trail(f"person:{wife.id}")[-1]["action"] == "left a household"
    nurse = as_actor(network["nurse"])
    with pytest.raises(Refused):
        households.leave_household(nurse, wife, date(2026, 2, 2))


def test_a_household_is_founded_only_where_one_works(network, as_actor, as_system, somebody) -> None:
    head = somebody("张三")
    as_system()
    with pytest.raises(Forbidden):
        households.join_household(as_actor(network["other-nurse"]), head, relation="0")


def fill(form, **values) -> None:
    for name, value in values.items():
        form[name] = value


def card(page) -> str:
    return " ".join(page.html.find(id="household").get_text(" ", strip=True).split())


def test_somebody_known_is_found_and_lives_here_until_moving_out(browse, network, somebody) -> None:
    head, wife = somebody("张三"), somebody("李四")
    nurse = browse(network["nurse"])
    page = nurse.get(f"/people/{head.id}").click("Add somebody", href="household")
    search = next(
        form
        for form in page.forms.values()
        if "household/new" in (form.action or "") and form.id != "form-main"
    )
    search["q"] = "lisi"
    page = search.submit().click("This person")
    assert "What they are to 张三" in page
    form = page.forms["form-main"]
    fill(form, relation="1", since="2026-01-10")
    page = form.submit(status=303).follow()
    assert "Entered as living here: 李四." in page
    assert "李四" in card(page)
    assert "Husband or wife" in card(page)
    page = page.click(href=f"/people/{wife.id}/household/leave")
    form = page.forms["form-main"]
    form["until"] = "2025-01-01"
    page = form.submit(status=422)
    form = page.forms["form-main"]
    assert form["until"].value == "2025-01-01"
    form["until"] = "2026-02-01"
    page = form.submit(status=303).follow()
    assert "Entered as moved out: 李四." in page
    assert "Nobody has been entered." in card(page)
    assert "李四" not in card(nurse.get(f"/people/{head.id}"))
    form.submit(status=409)


def test_a_name_alone_is_registered_after_a_look_at_who_is_alike(browse, network, somebody) -> None:
    head = somebody("张三")
    somebody("张小三")
    nurse = browse(network["nurse"])
    form = nurse.get(f"/people/{head.id}/household/new").forms["form-main"]
    fill(form, full_name="张小三", relation="2")
    page = form.submit(status=409)
    assert "This may be somebody who is known already." in page
    form = page.forms["form-main"]
    assert form["relation"].value == "2"
    form["confirmed"] = True
    page = form.submit(status=303).follow()
    assert "张小三" in card(page)


def test_what_was_typed_comes_back(browse, network, somebody) -> None:
    head = somebody("张三")
    form = browse(network["nurse"]).get(f"/people/{head.id}/household/new").forms["form-main"]
    fill(form, full_name="<1>", since="1")
    page = form.submit(status=422)
    problems = [link["href"] for link in page.html.select(".govuk-error-summary a")]
    assert set(problems) == {"#full_name", "#relation", "#since"}
    assert page.forms["form-main"]["full_name"].value == "<1>"


def test_the_page_is_for_whoever_may_change_both(browse, network, somebody, as_actor) -> None:
    head = somebody("张三").id
    stranger = somebody("王五", by="other-nurse", unit="other-ward").id
    nurse = browse(network["nurse"])
    nurse.get(f"/people/{head}/household/new?member={stranger}", status=404)
    nurse.get(f"/people/{head}/household/new?member=x", status=400)
    for name, status in (("supervisor", 403), ("fund", 403), ("other-nurse", 404), ("auditor", 404)):
        other = browse(network[name])
        for part in ("new", "leave"):
            other.get(f"/people/{head}/household/{part}", status=status)
    assert "Add somebody" not in browse(network["supervisor"]).get(f"/people/{head}")


def test_a_death_recorded_by_mistake_is_taken_back_on_its_page(browse, network, somebody, trail) -> None:
    person = somebody("张三")
    nurse = browse(network["nurse"])
    nurse.get(f"/people/{person.id}/death/withdraw", status=404)
    page = nurse.get(f"/people/{person.id}").click("Record a death")
    form = next(form for form in page.forms.values() if (form.action or "").endswith("/death"))
    page = form.submit(status=303).follow().click("Take back the death")
    form = page.forms["form-main"]
    page = form.submit(status=422)
    form = page.forms["form-main"]
    form["reason"] = "the man in the next bed"
    page = form.submit(status=303).follow()
    assert "was taken back" in page
    assert "Record a death" in page
    entry = trail(f"person:{person.id}")[-1]
    assert (entry["fields"], entry["reason"]) == (["died_on"], "the man in the next bed")
    form.submit(status=409)
    for name in ("supervisor", "fund"):
        browse(network[name]).get(f"/people/{person.id}/death/withdraw", status=403)
