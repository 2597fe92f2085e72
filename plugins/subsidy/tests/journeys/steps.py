"""What people do on the way to aid, on pages that they know by their words."""

from __future__ import annotations

import io
import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PIL import Image
from playwright.sync_api import expect

from casework.cases.model import Case
from casework.documents.usecases import keep_document
from casework.forms.usecases import keep_draft
from casework.i18n import pgettext
from casework.portal.applying import begin_application, hand_in
from casework.portal.consents import give_consent
from casework.portal.queries import application
from casework_programs.subsidy.eligibility import PURPOSES, papers

PHONE = "+8613800138000"
CHILD = "陈小华"
WHO = {"for_whom": "child", "full_name": CHILD, "birth_date": "2019-05-01", "id_type": "", "id_number": ""}

FORM = "subsidy.application"
HOUSEHOLD = (
    {
        "member_name": "陈国华",
        "member_relation": "father",
        "member_birth": "1988-03-02",
        "income_wage": "4200",
    },
    {"member_name": "李秀英", "member_relation": "mother", "member_birth": "1989-07-12", "income_wage": "0"},
    {
        "member_name": "黄凤",
        "member_relation": "grandparent",
        "member_birth": "1955-01-20",
        "income_wage": "0",
        "income_transfer": "1150",
    },
    {"member_name": CHILD, "member_relation": "self", "member_birth": "2019-05-01", "income_wage": "0"},
)
PAGES: tuple[dict[str, Any], ...] = (
    {
        "applicant": "parent",
        "applicant_name": "李秀英",
        "applicant_phone": "13800138000",
        "minor": True,
        "guardian_name": "李秀英",
        "guardian_relation": "mother",
    },
    {"residence": "registered", "address": "桂城街道南桂东路12号"},
    {"household": HOUSEHOLD},
    {
        "housing": "owned",
        "savings": "38,000",
        "securities": "0",
        "other_property": "0",
        "second_home": False,
    },
    {"disease": "leukaemia", "treatment": "under-way", "transplant": "none"},
    {
        "total_cost": "186420.35",
        "reimbursed_basic": "98733.10",
        "reimbursed_critical": "21560.42",
        "reimbursed_supplementary": "0",
        "reimbursed_assistance": "14800",
        "unpaid_bill": "21326.83",
    },
    {"bills": ({"bill_number": "0440-2026-17", "bill_total": "186420.35"},)},
    {},
    {
        "recognised": ["none"],
        "other_help": True,
        "awards": (
            {
                "award_from": "小天使基金",
                "award_amount": "30000",
                "award_status": "approved",
                "award_same_costs": True,
            },
        ),
    },
    {"pay_to": "hospital"},
    {"story": "孩子想回学校。", "declared": "yes"},
)
"""The answers on the pages of the application: the worked example, which comes to 9,796 yuan."""


def photo() -> bytes:
    """A photo of a paper held on its side, which tells where it was taken."""
    image = Image.new("RGB", (1600, 1200), "white")
    image.paste((40, 60, 110), (100, 100, 700, 240))
    image.paste((170, 170, 170), (100, 320, 1500, 360))
    exif = Image.Exif()
    exif[0x0112] = 6
    exif[0x8825] = {1: "N", 2: (23.0, 2.0, 17.2), 3: "E", 4: (113.0, 6.0, 54.0)}
    written = io.BytesIO()
    image.save(written, "JPEG", exif=exif)
    return written.getvalue()


def titles(reader: Any) -> list[str]:
    """The titles of the pages of the application, in the reader's words."""
    return [reader.say(section.text) for section in reader.library[FORM].sections]


def fill(reader: Any, form: str, answers: dict[str, Any]) -> None:
    """Answer what one page asks; a tuple is a group that repeats, of which each row is asked for in turn."""
    for key, value in answers.items():
        if not isinstance(value, tuple):
            reader.answer(form, **{key: value})
            continue
        title = reader.say(reader.library[form].item(key).text)
        for number, row in enumerate(value, 1):
            name = reader.say("%(title)s: %(number)s", title=title, number=number)
            here = reader.main.get_by_role("group", name=name, exact=True)
            if number > 1 and not here.count():
                reader.press("One more row", reader.main.locator(f"#{key}"))
            reader.answer(form, here, **row)


def sign_in_by_phone(reader: Any, look: bool = False) -> None:
    """Have a code sent, read it, and sign in with it."""
    if look:
        reader.look("aid-phone")
    reader.type("Your mobile number", "138 0013 8000")
    reader.press("Send me a code")
    if look:
        reader.look("aid-phone-code")
    with reader.page.context.expect_page() as opened:
        reader.follow("Read the text on the outbox page (opens a new window)")
    text = opened.value.get_by_role("main").inner_text()
    opened.value.close()
    reader.type(pgettext("text message", "Code"), re.findall(r"\b[0-9]{6}\b", text)[0])
    reader.press("Sign in", reader.main)


def ask_first(reader: Any, look: bool = False) -> None:
    """Ask "Can I get help?", and go on to apply."""
    reader.answer(
        "subsidy.check",
        patient_age="6",
        residence="registered",
        disease="leukaemia",
        insured=True,
        bill_left="21326",
        people="4",
        income="5350",
        savings="38000",
        helped_before=False,
    )
    reader.press("See the answer")
    expect(reader.page.get_by_role("heading", level=1)).to_have_text(reader.say("You can probably get help"))
    if look:
        reader.look("aid-check-answer")
    reader.follow("Apply")


def begin(reader: Any, hospital: str, look: bool = False) -> None:
    """Say for whom, where, and who the child is."""
    if look:
        reader.look("aid-begin")
    reader.choose("For whom do you ask?", "For my child")
    reader.select("At which hospital?", hospital)
    reader.press("Continue")
    if look:
        reader.look("aid-begin-who")
    reader.type("Name of the patient", CHILD)
    reader.type("Date of birth", WHO["birth_date"])
    reader.press("Continue")
    expect(reader.page.get_by_role("heading", level=1)).to_have_text(reader.say("What there is to do"))


def agree(reader: Any, look: bool = False) -> None:
    """Agree to everything that is asked, each by itself, and come back to the list of what to do."""
    expect(reader.page.get_by_role("heading", level=1)).to_have_text(reader.say("What you agree to"))
    if look:
        reader.look("aid-consents")
    reader.main.get_by_label(reader.say("I agree")).check()
    reader.press("Continue")
    for number, purpose in enumerate(purpose for purpose in PURPOSES if purpose.separate):
        expect(reader.page.get_by_role("heading", level=1)).to_have_text(reader.say(purpose.title))
        if look and number in (0, 3):
            reader.look(f"aid-consent-{purpose.key}")
        reader.choose("Do you agree?", "Yes, I agree")
        reader.press("Continue")
    expect(reader.page.get_by_role("heading", level=1)).to_have_text(reader.say("What there is to do"))


def send_photos(reader: Any, look: bool = False) -> None:
    """Photograph every paper, the first one on two photos, and go on to what is agreed to."""
    expected = papers({"minor": True, "other_help": True})
    reader.follow(expected[0].title)
    for number, paper in enumerate(expected):
        expect(reader.page.get_by_role("heading", level=1)).to_contain_text(reader.say(paper.title))
        if look and number == 0:
            reader.look("aid-paper")
        files = [
            {"name": f"IMG_{number}{copy}.jpg", "mimeType": "image/jpeg", "buffer": photo()}
            for copy in range(2 if number == 0 else 1)
        ]
        reader.main.locator("input[type=file]").set_input_files(files)
        reader.press("Send the photo")
        expect(reader.main).to_contain_text(reader.say("Photo %(number)s", number=len(files)))
        if look and number == 0:
            reader.look("aid-paper-photos")
        reader.follow("Continue")
    expect(reader.page.get_by_role("heading", level=1)).to_have_text(reader.say("Papers"))
    if look:
        reader.look("aid-papers")
    two = reader.words.ngettext("%(num)s photo", "%(num)s photos", 2) % {"num": 2}
    expect(reader.main).to_contain_text(two)
    reader.follow("Continue")


def make_move(reader: Any, title: str, form: str = "", look: str = "", **answers: Any) -> None:
    """Follow a next step on the page of the case, answer what it asks, and make it."""
    reader.follow(title)
    if form:
        fill(reader, form, answers)
    if look:
        reader.look(look)
    reader.press(title)
    expect(reader.main).to_contain_text(reader.say("Done: %(move)s.", move=reader.say(title)))


def save_letter(reader: Any, title: str, name: str) -> bytes:
    """The letter of that title as it is downloaded. LOOK_AT=folder keeps it."""
    with reader.page.expect_download() as saved:
        reader.link(title, reader.main.locator("#letters")).click()
    content = Path(saved.value.path()).read_bytes()
    if folder := os.environ.get("LOOK_AT"):
        (Path(folder) / f"{name}-{reader.words.language}.pdf").write_bytes(content)
    return content


@dataclass
class Family:
    """A mother with an account, and her application."""

    service: Any
    visit: Any
    account: Any
    case_id: int = 0

    @property
    def home(self) -> str:
        """Her own page of the application."""
        return f"/my/applications/{self.case_id}"

    @property
    def case(self) -> str:
        """The page of the case at the office."""
        return f"/cases/{self.case_id}"

    def of(self, office: Any) -> Any:
        """The case, for those who carry it on without a browser."""
        return office.as_system().session.get_one(Case, self.case_id)

    def apply(self, work: Any, who: dict[str, str], answers: dict[str, Any]) -> None:
        """Hand in an application with all papers and consents, as the pages do."""
        case = begin_application(work, work.programs["subsidy"], who, submission="page")
        self.case_id = case.id
        for purpose in PURPOSES:
            give_consent(work, case, purpose, relation="guardian", how="portal")
        for paper in papers(answers):
            if paper.required:
                keep_document(
                    work,
                    case,
                    kind=paper.key,
                    upload=io.BytesIO(photo()),
                    file_name="a.jpg",
                    title=paper.title,
                )
        own = application(work, case.id)
        keep_draft(work, own.form, case, answers, None)
        hand_in(work, own)

    def look_in(self, path: str = "") -> Any:
        """She looks at her page, on her phone."""
        return self.visit(self.home + path, "phone", self.service.sign_in(self.account))
