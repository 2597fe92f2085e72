"""The standard as a book: in three forms, tagged, with its fonts, the same bytes for the same edition."""

from __future__ import annotations

import io
import re
from dataclasses import replace
from datetime import UTC, date, datetime

import pikepdf
import pytest
from pypdf import PdfReader

from casework.documents.typesetting import TypesettingError
from casework.forms import library
from casework.handbook import printing
from casework.handbook.books import ask_for_book, books, pdf_of, set_book
from casework.handbook.clauses import handbook_of
from casework.handbook.diagram import draw
from casework.handbook.jobs import print_book
from casework.handbook.printing import Imprint, book
from casework.programs import Programs
from casework.resources import share
from casework.work import Actor, Work

IMPRINT = Imprint("2026-2", date(2026, 12, 1), {"zh_Hans": "测试区", "en": "Test district"})


@pytest.fixture(scope="module")
def small(programs):
    """The standard with two chapters: as much as shows how each part is printed."""
    whole = handbook_of(programs)
    return replace(
        whole,
        chapters=(whole.chapters[2], replace(whole.chapters[5], sections=whole.chapters[5].sections[8:10])),
    )


@pytest.fixture(autouse=True)
def few_forms(monkeypatch):
    """A form of each kind of question is enough to see how forms are printed."""
    monkeypatch.setattr(
        "casework.handbook.printing.library_of", lambda _work: Library({"": share("forms")}, "referral")
    )


class Library(library.Library):
    """The library with one form in it."""

    def __init__(self, folders, key):
        super().__init__(folders)
        self._by_key = {key: self._by_key[key]}


@pytest.fixture(scope="module")
def written_small(settings, small):
    """The small book in both languages, without the programs' chapters: title and HTML."""
    work = Work(None, Actor(1, ""), datetime(2026, 3, 2, tzinfo=UTC), Programs({}), settings, None)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(printing, "library_of", lambda _work: Library({"": share("forms")}, "referral"))
        return book(work, small, IMPRINT, "both")


@pytest.fixture(scope="module")
def chapters(tmp_path_factory):
    """Where the chapters of this module's books are kept."""
    return tmp_path_factory.mktemp("chapters")


@pytest.fixture(scope="module")
def bound(written_small, chapters):
    """The small book, set once: it takes the longest of all."""
    return set_book(*written_small, "both", chapters)


@pytest.fixture(scope="module")
def pages(bound):
    return PdfReader(io.BytesIO(bound))


def test_the_book_is_tagged_and_says_its_language_and_its_clauses(pages):
    root = pages.trailer["/Root"]
    assert root["/Lang"] == "zh-Hans"
    assert root["/MarkInfo"]["/Marked"]
    assert pages.outline
    whole = " ".join(page.extract_text() for page in pages.pages)
    for said in ("术语和定义", "Terms and definitions", "紧急转介", "First contact, urgent", "2026-2"):
        assert said in whole
    assert not {"/Author", "/Creator"} & set(pages.metadata)


def test_every_part_of_the_book_hangs_in_one_structure(bound):
    with pikepdf.open(io.BytesIO(bound)) as pdf:
        root = pdf.Root.StructTreeRoot
        (document,) = list(root.K)
        numbers = [int(each) for each in list(root.ParentTree.Nums)[::2]]
        used = [int(page.StructParents) for page in pdf.pages if "/StructParents" in page]
        used += [
            int(link.StructParent)
            for page in pdf.pages
            for link in page.get("/Annots", [])
            if "/StructParent" in link
        ]
        assert sorted(numbers) == sorted(set(numbers))
        assert set(used) <= set(numbers)
        assert all(child.P.objgen == document.objgen for child in document.K)
        targets = {str(name) for name in list(pdf.Root.Names.Dests.Names)[::2]}
        leads = [str(link.Dest) for page in pdf.pages for link in page.get("/Annots", []) if "/Dest" in link]
        assert leads
        assert set(leads) <= targets
        assert not any(
            "elsewhere" in str(link.get("/A", "")) for p in pdf.pages for link in p.get("/Annots", [])
        )


def test_a_changed_clause_costs_its_chapter_and_the_rest_is_taken_from_before(written_small, bound, chapters):
    title, html = written_small
    before = set(chapters.iterdir())
    assert set_book(title, html, "both", chapters) == bound
    assert set(chapters.iterdir()) == before
    changed = html.replace("within 1 working day", "within 2 working days", 1)
    assert changed != html
    set_book(title, changed, "both", chapters)
    assert len(set(chapters.iterdir()) - before) == 1


def test_contents_lead_to_the_page_that_they_name(pages):
    named = {}
    for place, page in enumerate(pages.pages):
        for link in page.get("/Annots") or ():
            target = link.get_object().get("/Dest")
            if isinstance(target, str):
                named.setdefault(target, place)
    found = {name: pages.get_destination_page_number(each) for name, each in pages.named_destinations.items()}
    contents = re.sub(r"\s+", " ", pages.pages[named["chapter-6"]].extract_text())
    printed = re.search(r"Management[ .]*(\d+)", contents)
    assert printed
    assert int(printed[1]) == found["chapter-6"] + 1


@pytest.mark.parametrize(
    ("language", "says", "leaves_out"),
    [
        ("zh_Hans", "紧急转介的首次接触", "First contact, urgent"),
        ("en", "First contact, urgent", "紧急转介的首次接触"),
        ("both", "First contact, urgent", "nothing"),
    ],
)
def test_each_form_of_the_book_has_its_languages_and_is_the_same_each_time(
    as_system, small, language, says, leaves_out
):
    one = book(as_system(), small, IMPRINT, language)
    assert says in one[1]
    assert leaves_out not in one[1]
    assert book(as_system(), small, IMPRINT, language) == one


def test_a_draft_says_so_on_every_page(as_system, small):
    _title, html = book(as_system(), small, replace(IMPRINT, in_force_on=None, draft=True), "zh_Hans")
    assert '<body class="draft">' in html


def test_a_character_without_a_glyph_is_an_error_and_no_box(as_system, small):
    title, html = book(as_system(), small, replace(IMPRINT, issuer={"en": "\U0001f9ff"}), "en")
    with pytest.raises(TypesettingError, match="U\\+1F9FF"):
        set_book(title, html, "en")


def test_every_workflow_is_drawn_with_all_its_states_and_the_same_each_time(programs):
    for program in programs:
        drawn = draw(program.workflow, str, 'a "label"')
        assert drawn.svg == draw(program.workflow, str, 'a "label"').svg
        assert drawn.svg.count("<rect x=") >= len(program.workflow.states)
        assert [move.key for _number, move in drawn.moves] == [move.key for move in program.workflow.moves]


def test_a_book_is_made_once_for_all_who_ask(as_system, as_actor, network, small, monkeypatch):
    made = []

    def set_once(title, _html, language, _chapters):
        made.append((title, language))
        return b"%PDF"

    monkeypatch.setattr("casework.handbook.books.standard_with", lambda _programs, _files: small)
    monkeypatch.setattr("casework.handbook.books.set_book", set_once)
    asked = ask_for_book(as_actor(network["worker"]), "en")
    assert ask_for_book(as_actor(network["nurse"]), "en").id == asked.id
    print_book(as_system(), asked.id)
    again = ask_for_book(as_actor(network["nurse"]), "en")
    print_book(as_system(), again.id)
    assert len(made) == 1
    assert pdf_of(as_actor(network["nurse"]), again.id, drafts=False) == b"%PDF"
    assert [each.id for each in books(as_actor(network["nurse"]), drafts=False)][:2] == [again.id, asked.id]


def test_what_cannot_be_set_is_told_on_the_page(as_system, as_actor, network, small, browse, monkeypatch):
    from casework.i18n import _

    def refuse(*_arguments):
        raise TypesettingError(_("No installed font has the character %(character)s.", character="X"))

    monkeypatch.setattr("casework.handbook.books.set_book", refuse)
    asked = ask_for_book(as_actor(network["worker"]), "en")
    print_book(as_system(), asked.id)
    page = browse(network["worker"]).get("/handbook/books")
    assert "X" in page.html.find(id="books").text
    browse(network["worker"]).get(f"/handbook/books/{asked.id}.pdf", status=404)
