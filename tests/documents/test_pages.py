"""Documents on the pages of a case: handed in, opened, taken off; and what their addresses give away."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from webtest import Upload

from casework.documents.jobs import make_letter
from casework.documents.model import Document
from casework.documents.queries import documents_of
from casework.documents.usecases import issue_letter, remove_document
from casework.documents.views import disposition

from .papers import REFUSED, pdf, photo


@pytest.fixture
def worker(browse, network):
    return browse(network["worker"])


def hand_in(browser, case, content, name="照片.jpg", title="低保证", status=303):
    form = browser.get(f"/cases/{case.id}/documents/new").forms["form-main"]
    form["kind"], form["title"] = "other", title
    form["file"] = Upload(name, content)
    return form.submit(status=status)


def papers_of(page) -> str:
    return page.html.find(id="papers").text


def test_a_photo_is_handed_in_looked_at_and_taken_off(worker, case, as_system) -> None:
    page = worker.get(f"/cases/{case.id}")
    assert "No photo, paper or letter yet" in papers_of(page)
    page = hand_in(worker, case, photo()).follow()
    assert "低保证" in papers_of(page)
    assert "照片.jpg" in papers_of(page)
    assert "Document added" in page.html.find(id="timeline").text
    assert "低保证" in page.html.find(id="timeline").text
    picture = page.click("低保证", href="/documents/", index=0)
    assert picture.content_type == "image/jpeg"
    assert picture.body.startswith(b"\xff\xd8\xff")
    page = page.click("Take off", href="/remove").forms["form-main"].submit(status=303).follow()
    assert "低保证" not in papers_of(page)
    assert documents_of(as_system(), case.id) == []


def test_what_is_wrong_with_a_file_is_told_beside_it_and_the_rest_stays(worker, case, as_system) -> None:
    page = hand_in(worker, case, REFUSED["svg_named.png"], "svg.png", "户口本", status=422)
    assert [link["href"] for link in page.html.select(".govuk-error-summary a")] == ["#file"]
    assert "take a photo of the paper" in page
    assert page.forms["form-main"]["title"].value == "户口本"
    form = worker.get(f"/cases/{case.id}/documents/new").forms["form-main"]
    page = form.submit(status=422)
    assert [link["href"] for link in page.html.select(".govuk-error-summary a")] == ["#title", "#file"]
    assert documents_of(as_system(), case.id) == []


def test_the_same_page_sent_twice_keeps_one(worker, case, as_system) -> None:
    form = worker.get(f"/cases/{case.id}/documents/new").forms["form-main"]
    form["kind"], form["title"], form["file"] = "other", "x", Upload("a.jpg", photo())
    form.submit(status=303)
    form.submit(status=303)
    assert len(documents_of(as_system(), case.id)) == 1


def test_a_photo_of_ten_megabytes_comes_through_the_door_and_a_form_of_that_size_does_not(
    worker, case
) -> None:
    large = photo((3000, 2500), kind="PNG") + b"\0" * 10_000_000
    hand_in(worker, case, large)
    hand_in(worker, case, b"\xff\xd8\xff" + b"\0" * 15_500_000, status=422)
    form = worker.get(f"/cases/{case.id}/goals/new")
    token = form.html.find("input", {"name": "csrf_token"})["value"]
    worker.post(f"/cases/{case.id}/goals/new", {"csrf_token": token, "text": "x" * 2_000_000}, status=413)


def test_a_document_can_do_nothing_where_it_is_shown(worker, keep) -> None:
    seen = worker.get(f"/documents/{keep(name='收入 证明;.png').uid}")
    assert seen.headers["Content-Security-Policy"].endswith("; sandbox")
    assert "default-src 'none'" in seen.headers["Content-Security-Policy"]
    assert seen.headers["X-Content-Type-Options"] == "nosniff"
    assert seen.headers["Cache-Control"] == "no-store"
    assert seen.headers["Content-Disposition"].startswith("inline; ")
    assert seen.headers["Content-Disposition"].endswith(
        "filename*=UTF-8''%E6%94%B6%E5%85%A5%20%E8%AF%81%E6%98%8E_.jpg"
    )
    saved = worker.get(f"/documents/{keep(pdf(), 'x.pdf').uid}")
    assert saved.content_type == "application/pdf"
    assert saved.headers["Content-Disposition"] == "attachment; filename=\"x.pdf\"; filename*=UTF-8''x.pdf"


@pytest.mark.parametrize("name", ['a"; filename="b.exe', "a\r\nX: y", "证.jpg", "a\\b.jpg", "%0d%0a"])
def test_a_name_does_not_break_out_of_its_header(name) -> None:
    header = disposition("attachment", name)
    assert header.isascii()
    assert header.isprintable()
    assert header.count('"') == 2


@pytest.mark.parametrize("name", ["nurse", "colleague", "other-worker", "admin", "finance", "committee"])
def test_who_may_not_see_a_case_is_not_told_that_its_documents_are_there(name, browse, network, keep) -> None:
    uid = keep().uid
    for path in (f"/documents/{uid}", f"/documents/{uid}/remove"):
        assert browse(network[name]).get(path, expect_errors=True).status_int in {403, 404}
    assert browse(network[name]).get(f"/documents/d{'0' * 32}", expect_errors=True).status_int in {403, 404}


def test_a_removed_document_is_gone_for_everybody(worker, keep, as_system) -> None:
    kept = keep()
    remove_document(as_system(), kept)
    as_system().session.flush()
    worker.get(f"/documents/{kept.uid}", status=404)


def test_reading_a_document_is_an_opening_of_its_case(worker, keep, case, as_system) -> None:
    kept = keep()
    worker.get(f"/documents/{kept.uid}")
    entry = (
        as_system()
        .session.execute(
            sa.text(
                "select kind, subject, details from audit_entries where route = 'document' order by id desc limit 1"
            )
        )
        .one()
    )
    assert (entry.kind, entry.subject) == ("read", f"case:{case.id}")
    assert entry.details["document"] == kept.uid


def test_a_failed_letter_is_told_on_the_case_and_made_again_from_there(
    worker, case, as_actor, network, as_system, session
) -> None:
    letter = issue_letter(
        as_actor(network["worker"]),
        case,
        kind="notice",
        template="documents/letter.jinja2",
        values={"paragraphs": ["😀"]},
        language="en",
        compartment="case",
        title="Notice",
    )
    assert "being made" in papers_of(worker.get(f"/cases/{case.id}"))
    make_letter(as_system(), letter.id)
    page = worker.get(f"/cases/{case.id}")
    assert "U+1F600" in papers_of(page)
    assert "failed" in papers_of(page)
    forms = [form for form in page.forms.values() if form.action.endswith("/again")]
    forms[0].submit(status=303)
    assert session.get(Document, letter.id).status == "making"


def test_a_small_photo_is_pointed_out(worker, case, keep) -> None:
    keep(photo((300, 200)))
    assert "This photo is small" in papers_of(worker.get(f"/cases/{case.id}"))
