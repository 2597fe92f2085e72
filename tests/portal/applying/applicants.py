"""People who apply, for the tests of the portal."""

from __future__ import annotations

import io
import secrets
from typing import Any

from PIL import Image

from casework.staff.usecases import open_account
from casework.testing.browsing import Browser

WHO = {
    "for_whom": "child",
    "full_name": "陈小雨",
    "birth_date": "2015-05-01",
    "id_type": "",
    "id_number": "",
}

ANSWERS = {
    "illness": {"disease": "Leukaemia", "treated": "yes", "where": "Ward 3"},
    "family": {"members.0.member_name": "陈母", "members.0.income": "3000"},
    "money": {"cost": "52000.50"},
    "more": {"note": "He likes to draw."},
}


def photo(colour: str = "red") -> bytes:
    """A small photo."""
    kept = io.BytesIO()
    Image.new("RGB", (640, 480), colour).save(kept, "JPEG")
    return kept.getvalue()


class Applicant:
    """Somebody on a phone without scripts, who does what the pages offer."""

    def __init__(self, browser: Browser, unit_id: int) -> None:
        self.browser, self.unit_id = browser, unit_id
        self.case_id = 0

    @property
    def home(self) -> str:
        return f"/my/applications/{self.case_id}"

    def beginning(self, **answers: str) -> Any:
        """The form of the second page, filled in, as the first one leads to it."""
        first = self.browser.get("/my/apply/trial").forms["form-main"]
        typed = {**WHO, "unit_id": str(self.unit_id), **answers}
        for name in ("for_whom", "unit_id"):
            first[name] = typed.pop(name)
        form = first.submit().forms["form-main"]
        for name, value in typed.items():
            form[name] = value
        return form

    def begin(self, **answers: str) -> Any:
        """Begin, and go on with what was begun."""
        answer = self.beginning(**answers).submit()
        self.case_id = int(answer.location.split("/")[-2])
        return answer

    def fill(self, page: str, **answers: str) -> Any:
        form = self.browser.get(f"{self.home}/pages/{page}").forms["form-main"]
        fields = dict(form.submit_fields())
        fields.update({**ANSWERS[page], **answers, "_action": "next"})
        return self.browser.post(f"{self.home}/pages/{page}", fields)

    def add_photo(self, paper: str, content: bytes | None = None, name: str = "a.jpg") -> Any:
        form = self.browser.get(f"{self.home}/papers/{paper}").forms["form-main"]
        files = [("photo[]", name, content if content is not None else photo())]
        return self.browser.post(
            f"{self.home}/papers/{paper}", form.submit_fields(), upload_files=files, expect_errors=True
        )

    def agree(self) -> Any:
        form = self.browser.get(f"{self.home}/consents").forms["form-main"]
        form["processing"] = True
        return form.submit()

    def do_everything(self, **answers: str) -> None:
        for page in ANSWERS:
            self.fill(page, **(answers if page == "illness" else {}))
        self.add_photo("id-card")
        self.add_photo("bill")
        self.agree()

    def hand_in(self) -> Any:
        return self.browser.get(f"{self.home}/check").forms["form-main"].submit()


def new_applicant(work: Any, browse: Any, unit_id: int) -> Applicant:
    """A portal account that has just signed in."""
    account = open_account(
        work,
        sign_in_name=f"portal-{secrets.token_hex(8)}",
        name="Mother",
        password=None,
        kind="portal",
        language="en",
    )
    applicant = Applicant(browse(account), unit_id)
    applicant.account = account
    return applicant
