"""Contact persons of a case, by the use cases and on the pages."""

from __future__ import annotations

import pytest

from casework.errors import Conflict, Invalid, Missing
from casework.people import contacts, queries

MOTHER = {"role": "next_of_kin", "relation": "5", "name": "黄彩云", "phone": "13800138000"}
SCRIPT = "<script>alert(1)</script>"


def test_a_contact_person_is_changed_and_the_trail_says_what(case, network, as_actor, trail) -> None:
    work = as_actor(network["worker"])
    contact = contacts.name_contact_person(work, case, **MOTHER)
    contacts.change_contact_person(work, contact, 1, **MOTHER | {"phone": "13900139000", "note": "by day"})
    contacts.change_contact_person(work, contact, 2, **MOTHER | {"phone": "13900139000", "note": "by day"})
    assert (contact.phone, contact.note, contact.version) == ("+8613900139000", "by day", 2)
    told = [(entry["action"], entry.get("fields")) for entry in trail(f"case:{case.id}")]
    assert told == [("contact person named", None), ("contact person changed", ["note", "phone"])]


def test_the_second_of_two_is_told_what_the_first_wrote(case, network, as_actor) -> None:
    work = as_actor(network["worker"])
    contact = contacts.name_contact_person(work, case, **MOTHER)
    contacts.change_contact_person(work, contact, 1, **MOTHER | {"note": "by day"})
    with pytest.raises(Conflict) as caught:
        contacts.change_contact_person(work, contact, 1, **MOTHER | {"note": "at night"})
    assert (caught.value.yours, caught.value.theirs) == ({"note": "at night"}, {"note": "by day"})
    with pytest.raises(Conflict):
        contacts.remove_contact_person(work, contact, 1, "moved away")


def test_a_registered_contact_person_has_name_and_number_of_their_own(
    case, network, as_actor, somebody
) -> None:
    wife = somebody("李四", phone="13700137000")
    work = as_actor(network["worker"])
    contact = contacts.name_contact_person(work, case, person=wife, **MOTHER)
    assert (contact.name, contact.phone) == ("", "")
    assert [each.phone for each in queries.case_people(work, case.id)] == ["+8613700137000"]


def test_removing_takes_a_reason_that_the_trail_keeps(case, network, as_actor, trail) -> None:
    work = as_actor(network["worker"])
    contact = contacts.name_contact_person(work, case, **MOTHER)
    with pytest.raises(Invalid):
        contacts.remove_contact_person(work, contact, 1, "  ")
    contacts.remove_contact_person(work, contact, 1, "She does not want to be called.")
    assert queries.case_people(work, case.id) == []
    entry = trail(f"case:{case.id}")[-1]
    assert (entry["action"], entry["reason"]) == (
        "contact person removed",
        "She does not want to be called.",
    )
    with pytest.raises(Missing):
        contacts.contact_person(work, case.id, contact.id)


def fill(form, **values) -> None:
    for name, value in values.items():
        form[name] = value


def card(page) -> str:
    return " ".join(page.html.find(id="people").get_text(" ", strip=True).split())


def test_the_worker_names_changes_and_removes_one_on_the_pages(browse, network, case) -> None:
    worker = browse(network["worker"])
    form = worker.get(f"/cases/{case.id}").click("Add a contact person").forms["form-main"]
    fill(form, **MOTHER, note="works nights", phone_message_safe=True)
    page = form.submit(status=303).follow()
    assert "The contact person was added." in page
    for text in (
        "黄彩云",
        "Parent",
        "Next of kin",
        "138 0013 8000",
        "A message may be left.",
        "works nights",
    ):
        assert text in card(page)
    form = page.click("Change", href="/people/").forms["form-main"]
    assert (form["relation"].value, form["phone_message_safe"].checked) == ("5", True)
    fill(form, phone_message_safe=False, role="carer")
    page = form.submit(status=303).follow()
    assert "Leave no message." in card(page)
    assert "Carer" in card(page)
    page = page.click("Change", href="/people/").click("Remove this contact person")
    form = page.forms["form-main"]
    page = form.submit(status=422)
    form = page.forms["form-main"]
    form["reason"] = "wrong number"
    page = form.submit(status=303).follow()
    assert "The contact person was removed." in page
    assert "黄彩云" not in card(page)


def test_somebody_registered_is_found_and_named(browse, network, case, somebody) -> None:
    wife = somebody("李四", phone="13700137000")
    worker = browse(network["worker"])
    page = worker.get(f"/cases/{case.id}/people/new")
    search = next(
        form for form in page.forms.values() if form.id != "form-main" and "/people/new" in form.action
    )
    search["q"] = "lisi"
    page = search.submit().click("This person")
    form = page.forms["form-main"]
    assert "name" not in form.fields
    page = form.submit(status=422)
    form = page.forms["form-main"]
    assert form["person_id"].value == str(wife.id)
    fill(form, relation="1", role="carer")
    page = form.submit(status=303).follow()
    assert "李四" in card(page)
    assert "137 0013 7000" in card(page)


def test_the_person_served_is_no_contact_person(browse, network, case) -> None:
    worker = browse(network["worker"])
    page = worker.get(f"/cases/{case.id}/people/new", {"q": "ou guangcai"})
    assert "This person" not in page
    form = worker.get(f"/cases/{case.id}/people/new", {"person": str(case.person_id)}).forms["form-main"]
    fill(form, relation="1", role="carer")
    page = form.submit(status=422)
    assert page.html.select_one(".govuk-error-summary a")["href"] == "#person"
    assert page.html.find(id="person") is not None


def test_what_was_typed_comes_back_with_every_problem(browse, network, case) -> None:
    form = browse(network["worker"]).get(f"/cases/{case.id}/people/new").forms["form-main"]
    fill(form, phone="12", note=SCRIPT)
    page = form.submit(status=422)
    problems = [link["href"] for link in page.html.select(".govuk-error-summary a")]
    assert sorted(problems) == ["#name", "#phone", "#relation", "#role"]
    assert page.forms["form-main"]["note"].value == SCRIPT
    assert SCRIPT not in page


def test_two_windows_are_told_of_each_other(browse, network, case, as_actor) -> None:
    contact = contacts.name_contact_person(as_actor(network["worker"]), case, **MOTHER)
    worker = browse(network["worker"])
    path = f"/cases/{case.id}/people/{contact.id}"
    one, two = (worker.get(path).forms["form-main"] for _each in range(2))
    leaving = worker.get(f"{path}/remove").forms["form-main"]
    one["note"] = "by day"
    one.submit(status=303)
    two["note"] = "at night"
    conflict = two.submit(status=409)
    assert "by day" in conflict
    assert "at night" in conflict
    leaving["reason"] = "gone"
    leaving.submit(status=409)


@pytest.mark.parametrize(
    ("name", "status"),
    [("coordinator", 403), ("supervisor", 403), ("nurse", 403), ("colleague", 404), ("other-worker", 404)],
)
def test_contact_persons_are_the_workers_alone(browse, network, case, as_actor, name, status) -> None:
    contact = contacts.name_contact_person(as_actor(network["worker"]), case, **MOTHER)
    other = browse(network[name])
    for path in ("new", f"{contact.id}", f"{contact.id}/remove"):
        other.get(f"/cases/{case.id}/people/{path}", status=status)
    if name in {"coordinator", "supervisor"}:
        page = other.get(f"/cases/{case.id}")
        assert "黄彩云" in page
        assert "Add a contact person" not in page


def test_a_contact_person_that_is_not_there_is_missing(browse, network, case, somebody) -> None:
    case_id, worker = case.id, browse(network["worker"])
    stranger = somebody("王五", by="other-nurse", unit="other-ward").id
    for path in ("999999", "999999/remove", f"new?person={stranger}", "new?person=999999"):
        worker.get(f"/cases/{case_id}/people/{path}", status=404)
    worker.get(f"/cases/{case_id}/people/new?person=x", status=400)
