from __future__ import annotations

import sqlalchemy as sa

from casework.cases.model import Event
from casework.documents.queries import documents_of

from .applicants import photo


def test_a_paper_is_several_photos_that_can_be_taken_away_again(applicant, as_system) -> None:
    applicant.begin()
    assert applicant.add_photo("id-card").status_int == 303
    page = applicant.add_photo("id-card", photo("blue"), "反面.jpg").follow()
    assert "Photo 2" in page.text
    assert "反面.jpg" in page.text
    assert applicant.browser.get(page.html.find("a", string="Photo 1")["href"]).content_type == "image/jpeg"
    remove = next(form for form in page.forms.values() if form.action.endswith("/remove"))
    page = remove.submit().follow()
    assert "Photo 2" not in page.text
    assert len(documents_of(as_system(), applicant.case_id)) == 1


def test_which_papers_are_asked_for_follows_from_the_answers(applicant) -> None:
    applicant.begin()
    assert "Bill" not in applicant.browser.get(f"{applicant.home}/papers").text
    applicant.browser.get(f"{applicant.home}/papers/bill", status=404)
    applicant.fill("illness")
    assert "Bill" in applicant.browser.get(f"{applicant.home}/papers").text


def test_what_is_no_photo_is_refused_in_words_and_the_good_ones_are_kept(applicant, as_system) -> None:
    applicant.begin()
    path = f"{applicant.home}/papers/id-card"
    form = applicant.browser.get(path).forms["form-main"]
    files = [("photo[]", "a.jpg", photo()), ("photo[]", "b.jpg", b"<svg onload=alert(1)>")]
    page = applicant.browser.post(path, form.submit_fields(), upload_files=files, status=422)
    assert 'href="#photo[]"' in page.text
    assert "<svg onload" not in page.text
    assert len(documents_of(as_system(), applicant.case_id)) == 1


def test_sending_without_a_photo_says_what_to_do(applicant) -> None:
    applicant.begin()
    form = applicant.browser.get(f"{applicant.home}/papers/id-card").forms["form-main"]
    assert "Choose a photo first." in form.submit(status=422).text


def test_the_same_photo_sent_twice_by_one_page_is_kept_once(applicant, as_system) -> None:
    applicant.begin()
    path = f"{applicant.home}/papers/id-card"
    form = applicant.browser.get(path).forms["form-main"]
    for _click in range(2):
        applicant.browser.post(path, form.submit_fields(), upload_files=[("photo[]", "a.jpg", photo())])
    assert len(documents_of(as_system(), applicant.case_id)) == 1


def test_what_cannot_be_photographed_is_brought_to_the_desk(applicant, as_system) -> None:
    applicant.begin()
    for page in ("illness", "family", "money", "more"):
        applicant.fill(page)
    page = applicant.browser.get(f"{applicant.home}/papers/id-card")
    promise = next(form for form in page.forms.values() if form.action.endswith("/desk"))
    assert "You bring it" in promise.submit().follow().text
    promise.submit()
    statement = sa.select(Event).where(Event.kind == "paper.promised")
    (event,) = as_system().session.scalars(statement).all()
    assert event.payload["paper"] == "id-card"
    assert event.compartment == "application"
    applicant.add_photo("bill")
    applicant.agree()
    assert applicant.hand_in().location.endswith("/receipt")


def test_papers_stay_as_they_were_handed_in(applicant) -> None:
    applicant.begin()
    applicant.do_everything()
    form = applicant.browser.get(f"{applicant.home}/papers/id-card")
    remove = next(each for each in form.forms.values() if each.action.endswith("/remove"))
    applicant.hand_in()
    remove.submit(status=409)
    page = applicant.browser.get(f"{applicant.home}/papers/id-card")
    assert "form-main" not in page.forms
    assert "Remove" not in page.text


def test_what_is_agreed_to_is_asked_before_and_apart(applicant, as_system) -> None:
    applicant.begin()
    page = applicant.browser.get(f"{applicant.home}/consents")
    form = page.forms["form-main"]
    assert not form["processing"].checked
    assert "We read what you tell us." in page.text
    assert "Without this the aid cannot be given" in form.submit(status=422).text
    form["processing"] = True
    apart = form.submit()
    assert apart.location.endswith("/consents/publishing")
    form = apart.follow().forms["form-main"]
    assert "Choose an answer." in form.submit(status=422).text
    form["agree"] = "no"
    assert form.submit().location.endswith("/tasks")


def test_a_child_does_not_agree_alone(applicant, as_system) -> None:
    applicant.begin(for_whom="self")
    form = applicant.browser.get(f"{applicant.home}/consents").forms["form-main"]
    form["processing"] = True
    asked = form.submit(status=422)
    assert "younger than 14" in asked.text
    form = asked.forms["form-main"]
    form["relation"] = "guardian"
    assert form.submit().status_int == 303


def test_somebody_who_helps_says_so(applicant) -> None:
    applicant.begin(for_whom="other", birth_date="1950-01-01")
    form = applicant.browser.get(f"{applicant.home}/consents").forms["form-main"]
    form["processing"] = True
    assert "Choose who agrees." in form.submit(status=422).text
    form["relation"] = "helper"
    assert form.submit().status_int == 303
