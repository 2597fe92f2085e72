"""Types one text into every field of every form that there is, and reads every page that shows it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urljoin, urlsplit

from webtest.forms import Checkbox, Hidden, Radio, Select

from casework.testing.browsing import Browser
from casework.testing.world import World

FIT = {
    "birth_date": "1960",
    "phone": "13900139000",
    "id_number": "",
    "due_on": "2026-04-01",
    "until": "2026-03-20",
    "next_on": "2026-03-20",
    "review_on": "2026-04-02",
    "minutes": "10",
    "travel_minutes": "1",
    "sign_in_name": "hostile",
    "died_on": "2026-03-01",
}
"""Fields that take no free text, and what they take."""

SHORT, SHORT_FIELDS = 40, {"full_name", "name", "mrn", "other_names"}
"""Names are cut to so many characters."""


def fill(form: Any, text: str, **chosen: str) -> Any:
    """Write the text wherever text goes, and choose the first of every choice that is open."""
    for name, fields in form.fields.items():
        if not name or name == "_action":
            continue
        for field in fields:
            if isinstance(field, Hidden) or name == "language":
                continue
            if isinstance(field, Radio | Select):
                options = [option[0] for option in field.options if option[0]]
                if not field.value and options:
                    field.force_value(chosen.get(name, options[0]))
            elif isinstance(field, Checkbox):
                continue
            elif name in FIT:
                field.value = FIT[name]
            elif not field.value or not field.value.startswith("2026-"):
                field.value = text[:SHORT] if name in SHORT_FIELDS else text
        if name in chosen:
            fields[0].force_value(chosen[name])
    return form


def main_form(page: Any) -> Any:
    """The form of a page that is not in its frame."""
    if "form-main" in page.forms:
        return page.forms["form-main"]
    return next(f for f in page.forms.values() if f.action in {"", page.request.path})


class Hostile:
    """Everybody types the same text."""

    def __init__(self, world: World, browse: Callable[..., Browser], text: str) -> None:
        self.world, self.text = world, text
        self.of = {
            name: browse(world.people[name])
            for name in ("nurse", "worker", "supervisor", "coordinator", "admin", "auditor")
        }
        self.answers: list[tuple[str, int]] = []

    def send(self, page: Any, action: str = "", **chosen: str) -> Any:
        """Send the main form of a page with the text in all its fields; the answer, kept for judgement."""
        form = fill(main_form(page), self.text, **chosen)
        answer = (
            form.submit("_action", action, expect_errors=True) if action else form.submit(expect_errors=True)
        )
        self.answers.append((form.action or page.request.path, answer.status_int))
        return answer

    def type_everywhere(self) -> None:
        """Through the forms of the whole journey, whatever each answers."""
        case, person = self.world.cases["own"].id, self.world.persons["own"].id
        ward = str(self.world.network.units["ward"].id)
        nurse, worker = self.of["nurse"], self.of["worker"]
        for browser in self.of.values():
            self.send_to(browser, "/account/name", name=self.text[:SHORT])
        page = nurse.get("/refer/new")
        registered = self.send(page, unit_id=ward, confirmed="yes")
        if registered.status_int == 303:
            page = registered.follow()
            form = main_form(page)
            form.set("reasons[]", True, index=0)
            self.send(page, unit_id=ward, urgency="urgent")
        self.send(nurse.get(f"/people/{person}/edit"))
        self.send_to(worker, f"/cases/{case}/contacts", content=self.text)
        page = worker.get(f"/cases/{case}/forms/contact-note")
        self.send(page, "sign", type="ward", outcome="done")
        for form_key in ("psychosocial", "plan", "review", "consent"):
            self.keep(worker, f"/cases/{case}/forms/{form_key}")
        for kind in ("new", str(self.world.goals["own"].id)):
            self.send(worker.get(f"/cases/{case}/goals/{kind}"))
        response = self.world.responses["own"].id
        self.send(worker.get(f"/cases/{case}/responses/{response}/amend"), "sign")
        self.send_to(self.of["supervisor"], f"/people/{person}/reveal", reason=self.text)
        admin = self.of["admin"]
        self.send(admin.get("/staff/new"), unit_id=ward, role="worker")
        account = self.world.accounts["unit"].id
        self.send(admin.get(f"/staff/{account}/grants"), unit_id=ward, role="worker")
        self.send(worker.get(f"/cases/{case}/moves/suspend"), client_told="yes")
        self.send(worker.get(f"/cases/{case}/moves/resume", expect_errors=True))
        colleague = str(self.world.network["second-worker"].id)
        page = worker.get(f"/cases/{case}/moves/hand-over", expect_errors=True)
        asked = self.send(page, worker_id=colleague, client_told="not-yet")
        if asked.status_int == 422:
            self.send(asked, worker_id=colleague, client_told="not-yet")

    def keep(self, browser: Browser, path: str) -> None:
        """Keep a draft with the text in it, section by section."""
        page = browser.get(path)
        for _section in range(12):
            form = fill(main_form(page), self.text)
            buttons = {button.get("value") for button in page.html.find_all("button")}
            answer = browser.press(form, "next" if "next" in buttons else "later", status="*")
            self.answers.append((path, answer.status_int))
            if answer.status_int != 303 or "next" not in buttons:
                return
            page = answer.follow()

    def send_to(self, browser: Browser, path: str, **fields: str) -> Any:
        """Post to an address whose form stands on another page."""
        token = browser.get("/account").html.find("input", {"name": "csrf_token"})["value"]
        answer = browser.post(path, {**fields, "csrf_token": token}, expect_errors=True)
        self.answers.append((path, answer.status_int))
        return answer

    def read_everything(self, most: int = 40) -> Iterator[tuple[str, Any]]:
        """Every page that each person comes to by links, and some that answer what was typed."""
        case, person = self.world.cases["own"].id, self.world.persons["own"].id
        for name, browser in self.of.items():
            first = ["/", "/cases", "/referrals", "/drafts", "/account", "/staff", "/audit"]
            first += [f"/cases/{case}", f"/people/{person}", f"/cases/{case}/openings"]
            waiting, seen = list(first), set(first)
            while waiting and len(seen) < most + len(first):
                path = waiting.pop(0)
                page = browser.get(path, expect_errors=True)
                yield f"{name} {path}", page
                if page.status_int == 303 or "html" not in page.content_type:
                    continue
                for link in page.html.find_all("a", href=True):
                    target = urlsplit(urljoin(page.request.url, link["href"]))
                    where = target.path + (f"?{target.query}" if target.query else "")
                    local = target.netloc == "localhost" and not where.startswith(("/static", "/handbook"))
                    if local and where not in seen:
                        seen.add(where)
                        waiting.append(where)
            for path in ("/search", "/search/suggestions", "/refer", "/staff", "/audit", "/refer/new"):
                query = {"q": self.text, "person": self.text, "name": self.text}
                yield f"{name} {path} echo", browser.get(path, query, expect_errors=True)
