"""The pages of people as a browser without scripts sees them."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest

from casework.people import usecases
from casework.people.model import Person
from casework.testing.browsing import Browser
from casework.testing.network import Network
from casework.work import Work

Browse = Callable[..., Browser]

NUMBER = "440605188703150026"
SCRIPT = "<script>alert(1)</script>"


@pytest.fixture
def register(network: Network, as_actor: Callable[..., Work]) -> Callable[..., Person]:
    def register(name: str, unit: str = "ward", by: str = "nurse", **given: Any) -> Person:
        work = as_actor(network[by])
        return usecases.register_person(
            work, unit_id=network.units[unit].id, full_name=name, confirmed=True, **given
        )

    return register


def test_the_search_page_finds_and_masks(
    network: Network, browse: Browse, register: Callable[..., Person]
) -> None:
    person = register("单大华", phone="13800138000", id_type="01", id_number=NUMBER)
    browser = browse(network["nurse"])
    assert "单大华" not in browser.get("/search")
    page = browser.get("/search", {"q": "shan dahua"})
    assert f"/people/{person.id}" in page
    for text in ("单大华", "********0026", "**********8000", "Ward 1", "1887"):
        assert text in page
    for hidden in (NUMBER, "13800138000"):
        assert hidden not in page
    assert "单大华" in browser.get("/search/suggestions", {"q": "sdh"})


def test_nobody_finds_or_opens_a_person_of_another_hospital(
    network: Network, browse: Browse, register: Callable[..., Person]
) -> None:
    person = register("单大华", id_type="01", id_number=NUMBER)
    stranger = browse(network["other-nurse"])
    for text in ("单大华", NUMBER, "sdh"):
        assert "Nobody found" in stranger.get("/search", {"q": text})
    nobody = stranger.get("/people/99999999999", status=404)
    foreign = stranger.get(f"/people/{person.id}", status=404)
    assert plain(foreign) == plain(nobody)
    for part in ("edit", "death"):
        stranger.get(f"/people/{person.id}/{part}", status=404)


def plain(page: Any) -> list[str]:
    """The words of a page's main part without the incident's number."""
    words = page.html.find("main").get_text(" ", strip=True).split()
    return [word for word in words if not re.fullmatch("[0-9a-f]{12}", word)]


@pytest.mark.parametrize(
    "number", ["0", "-1", "abc", "9223372036854775808", "1%20OR%201", "%D9%A3", "1/edit/x"]
)
def test_an_address_that_names_nobody_is_not_there(network: Network, browse: Browse, number: str) -> None:
    browse(network["nurse"]).get(f"/people/{number}", status=404)


@pytest.mark.parametrize(
    "text", ["%", "_", "\\", SCRIPT, "' or 1=1 --", "張" * 5000, "\u202e", "=cmd|' /C'!A0", "{{7*7}}"]
)
def test_a_hostile_search_is_answered_with_an_empty_page(network: Network, browse: Browse, text: str) -> None:
    browser = browse(network["nurse"])
    for address in ("/search", "/search/suggestions"):
        page = browser.get(address, {"q": text})
        assert "found-people" not in page
        assert SCRIPT not in page
        assert "49" not in page.html.get_text()


def test_the_person_page_shows_what_is_known_and_hides_the_number(
    network: Network, browse: Browse, register: Callable[..., Person]
) -> None:
    person = register(
        f"单大华 {SCRIPT}",
        phone="13800138000",
        id_type="01",
        id_number=NUMBER,
        address="=1+1",
        spoken="yue",
        interpreter=True,
    )
    page = browse(network["nurse"]).get(f"/people/{person.id}")
    for text in (
        "138 0013 8000",
        "********0026",
        "=1+1",
        "Cantonese",
        "Needs an interpreter",
        "Leave no message.",
    ):
        assert text in page
    assert NUMBER not in page
    assert SCRIPT not in page
    assert "单大华" not in page.html.find("title").get_text()
    assert "/reveal" not in page


def test_the_number_is_shown_once_for_a_reason(
    network: Network, browse: Browse, register: Callable[..., Person]
) -> None:
    person = register("单大华", id_type="01", id_number=NUMBER)
    browser = browse(network["coordinator"])
    page = browser.get(f"/people/{person.id}")
    form = next(form for form in page.forms.values() if form.action.endswith("/reveal"))
    refused = form.submit(status=422)
    assert NUMBER not in refused
    form["reason"] = "bank transfer"
    shown = form.submit(status=200)
    assert NUMBER in shown
    assert "no-store" in shown.headers["Cache-Control"]
    assert NUMBER not in browser.get(f"/people/{person.id}")
    browse(network["nurse"]).post(f"/people/{person.id}/reveal", {"reason": "x"}, status=(400, 403))


def test_a_change_is_saved_or_shown_again_with_what_is_wrong(
    network: Network, browse: Browse, register: Callable[..., Person]
) -> None:
    person = register("单大华", id_type="01", id_number=NUMBER, birth_date="1887")
    browser = browse(network["nurse"])
    page = browser.get(f"/people/{person.id}/edit")
    assert NUMBER not in page
    wrong = submit(page, form=edit_form(page), status=422, full_name=SCRIPT + "\u200b", phone="12")
    assert "This is not a phone number" in wrong
    assert SCRIPT not in wrong
    saved = submit(
        wrong, form=edit_form(wrong), full_name="单小华", phone="13800138000", phone_message_safe=True
    )
    assert "单小华" in saved
    assert "A message may be left." in saved
    assert "********0026" in saved


def submit(page: Any, *, form: int, status: int = 303, **values: Any) -> Any:
    """Fill a form and send it; a redirect is followed."""
    for name, value in values.items():
        page.forms[form][name] = value
    answer = page.forms[form].submit(status=status)
    return answer.follow() if status == 303 else answer


def edit_form(page: Any) -> int:
    return next(
        number
        for number in page.forms
        if isinstance(number, int) and page.forms[number].action.endswith("/edit")
    )


def test_the_second_of_two_editors_gets_a_page_with_both_texts(
    network: Network, browse: Browse, register: Callable[..., Person]
) -> None:
    person = register("单大华")
    browser = browse(network["nurse"])
    one, two = (browser.get(f"/people/{person.id}/edit") for _each in range(2))
    submit(one, form=edit_form(one), address="一号")
    late = submit(two, form=edit_form(two), status=409, address=f"二号{SCRIPT}")
    assert "一号" in late
    assert "二号" in late
    assert SCRIPT not in late
    assert "一号" in browser.get(f"/people/{person.id}")


def test_columns_that_are_no_fields_are_not_set_by_a_form(
    network: Network, browse: Browse, register: Callable[..., Person], session: Any
) -> None:
    person = register("单大华", id_type="01", id_number=NUMBER)
    columns = [column.name for column in Person.__table__.columns]
    before = {name: getattr(person, name) for name in columns}
    browser = browse(network["nurse"])
    page = browser.get(f"/people/{person.id}/edit")
    form = page.forms[edit_form(page)]
    taken = {name for name in columns if name in form.fields}
    extra = [(name, "7") for name in columns if name not in taken]
    browser.post(form.action, [*form.submit_fields(), *extra], status=303)
    session.expire_all()
    session.act_as(network["nurse"].id, session.info["now"])
    after = {name: getattr(person, name) for name in columns}
    changed = {name for name in columns if before[name] != after[name]}
    assert changed <= {"version", "updated_at"}


def test_a_death_is_recorded_from_its_page(
    network: Network, browse: Browse, register: Callable[..., Person]
) -> None:
    person = register("单大华")
    browser = browse(network["worker"])
    page = browser.get(f"/people/{person.id}/death")
    form = next(
        number
        for number in page.forms
        if isinstance(number, int) and page.forms[number].action.endswith("/death")
    )
    submit(page, form=form, status=422, died_on="2099-01-01")
    submit(page, form=form, status=422, died_on="yesterday")
    assert "Died" in submit(page, form=form, died_on="2026-03-01")
    browser.get(f"/people/{person.id}/death", status=404)


def test_visitors_are_sent_to_sign_in(app: Browser) -> None:
    for address in ("/search?q=x", "/people/1", "/people/1/edit"):
        assert app.get(address, status=(303, 404)).status_int in (303, 404)


@pytest.mark.parametrize(
    ("name", "has"), [("nurse", True), ("worker", True), ("fund", True), ("auditor", False), ("admin", False)]
)
def test_the_search_box_is_for_whoever_may_search(
    network: Network, browse: Browse, name: str, has: bool
) -> None:
    page = browse(network[name]).get("/account")
    assert (page.html.find(id="top-search") is not None) is has
