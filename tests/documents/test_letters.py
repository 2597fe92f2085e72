"""Letters: issued at once, set by a job, once for each reason, never changed."""

from __future__ import annotations

import hashlib
from io import BytesIO

import pytest
import sqlalchemy as sa
from pypdf import PdfReader
from sqlalchemy.exc import ProgrammingError

from casework.cases.model import Event
from casework.documents import letters
from casework.documents.jobs import make_letter
from casework.documents.model import Document
from casework.documents.queries import content_of
from casework.documents.typesetting import TypesettingError
from casework.documents.usecases import issue_letter, make_again, remove_document
from casework.errors import Missing, Refused
from casework.i18n import _

VALUES = {"paragraphs": ["您提交的临时救助申请已于 2026-03-02 受理。", "如对本通知有疑问，请致电询问。"]}


@pytest.fixture
def issue(case, as_actor, network):
    """`issue(...)`: the worker issues a letter."""

    def issued(**options) -> Document:
        given = {
            "kind": "accepted",
            "template": "documents/letter.jinja2",
            "values": VALUES,
            "language": "zh_Hans",
            "compartment": "case",
            "title": "受理通知书",
        }
        return issue_letter(as_actor(network["worker"]), case, **{**given, **options})

    return issued


def text_of(work, document) -> str:
    reader = PdfReader(BytesIO(content_of(work, document)))
    return "\n".join(page.extract_text() for page in reader.pages)


def test_a_letter_is_there_at_once_and_made_by_a_job(issue, as_system, case) -> None:
    letter = issue()
    assert (letter.status, letter.number) == ("making", f"{case.number}-L1")
    with pytest.raises(Missing):
        content_of(as_system(), letter)
    waiting = sa.text("select count(*) from procrastinate_jobs where queueing_lock = :key")
    assert as_system().session.scalar(waiting, {"key": f"documents.make_letter:{letter.id}"}) == 1
    work = as_system()
    make_letter(work, letter.id)
    assert letter.status == "made"
    content = content_of(work, letter)
    assert (letter.bytes, letter.sha256) == (len(content), hashlib.sha256(content).hexdigest())
    issued = work.session.scalars(sa.select(Event).where(Event.kind == "letter.issued")).one()
    assert issued.payload["document"] == letter.uid


def test_a_letter_says_who_writes_what_to_whom_and_when(issue, as_system, case) -> None:
    letter, work = issue(), as_system()
    make_letter(work, letter.id)
    text = text_of(work, letter)
    for part in ("第一医院", "受理通知书", *VALUES["paragraphs"], "2026年3月2日", letter.number, case.number):
        assert part in text, part


def test_a_letter_is_read_in_its_own_language(issue, as_system) -> None:
    letter, work = (
        issue(language="en", values={"paragraphs": ["Your claim was accepted."]}, title=""),
        as_system(),
    )
    make_letter(work, letter.id)
    text = text_of(work, letter)
    assert "First hospital" in text
    assert "March 2, 2026" in text
    assert letter.title == "Letter"


def test_a_letter_names_itself_in_its_own_language(issue, as_system) -> None:
    letter, work = issue(title="Tom & Jerry’s <notice>"), as_system()
    make_letter(work, letter.id)
    assert PdfReader(BytesIO(content_of(work, letter))).metadata.title == "Tom & Jerry’s <notice>"


def test_the_same_reason_brings_one_letter(issue) -> None:
    first = issue(key="7")
    assert issue(key="7") is first
    assert issue(key="8") is not first
    assert issue(key="7", kind="refused") is not first
    assert issue() is not issue()


def test_a_letter_made_twice_by_a_repeated_job_is_made_once(issue, as_system) -> None:
    letter, work = issue(), as_system()
    make_letter(work, letter.id)
    name = letter.store_name
    make_letter(work, letter.id)
    assert letter.store_name == name


def test_a_letter_made_anew_from_the_same_is_the_same(issue, as_system) -> None:
    letter, work = issue(), as_system()
    first, second = letters.write_letter(work, letter), letters.write_letter(work, letter)
    assert first == second


def test_what_is_typed_into_a_letter_stays_text(issue, as_system) -> None:
    typed = "<img src=x><script>alert(1)</script> {{ 7 * 7 }} & Co"
    letter, work = issue(values={"paragraphs": [typed]}), as_system()
    make_letter(work, letter.id)
    assert "{{ 7 * 7 }} & Co" in text_of(work, letter)


def test_a_letter_that_cannot_be_made_says_why_and_can_be_tried_again(issue, as_system, monkeypatch) -> None:
    letter, work = issue(values={"paragraphs": ["😀"]}), as_system()
    make_letter(work, letter.id)
    assert letter.status == "failed"
    assert "😀 (U+1F600)" in letter.problem
    make_again(work, letter)
    assert letter.status == "making"
    assert letter.problem is None

    def broken(*_arguments: object, **_options: object) -> bytes:
        raise TypesettingError(_("The PDF could not be made: %(problem)s", problem="no ink"))

    monkeypatch.setattr(letters, "typeset", broken)
    make_letter(work, letter.id)
    assert "no ink" in letter.problem


@pytest.mark.parametrize("template", ["documents/none.jinja2", "documents/new.jinja2"])
def test_a_template_that_does_not_fit_stops_its_letter_alone(template, issue, as_system) -> None:
    letter, work = issue(template=template), as_system()
    make_letter(work, letter.id)
    assert letter.status == "failed"


def test_only_a_failed_letter_is_made_again(issue, as_system) -> None:
    letter, work = issue(), as_system()
    make_again(work, letter)
    make_letter(work, letter.id)
    with pytest.raises(Refused):
        make_again(work, letter)


def test_an_issued_letter_stays_and_never_changes(issue, as_system) -> None:
    letter, work = issue(), as_system()
    make_letter(work, letter.id)
    with pytest.raises(Refused):
        remove_document(work, letter)
    work.session.flush()
    for column, value in {"status": "failed", "sha256": "0", "store_name": "a/b"}.items():
        with pytest.raises(ProgrammingError, match="never changed"), work.session.begin_nested():
            work.session.execute(sa.update(Document).where(Document.id == letter.id).values({column: value}))


def test_a_letter_in_a_language_that_is_not_shipped_is_a_programming_error(issue) -> None:
    with pytest.raises(LookupError):
        issue(language="tlh")
