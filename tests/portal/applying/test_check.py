from __future__ import annotations

import pytest
import sqlalchemy as sa

from casework.audit.model import AuditEntry
from casework.forms.model import Response


@pytest.fixture
def app(app):
    """A visitor who reads English."""
    app.set_cookie("language", "en")
    return app


def test_whoever_asks_without_an_account_gets_an_answer_that_is_kept_nowhere(app, network, as_system) -> None:
    page = app.get("/help").click("Can I get help?", href="/help/trial")
    form = page.forms["form-main"]
    form["ill"] = "yes"
    asked = form.submit("_action", 0, status=422)
    assert "What does it cost?" in asked.text
    form = asked.forms["form-main"]
    form["costs"] = "12345.67"
    answer = form.submit("_action", 0)
    assert answer.request.path == "/help/trial"
    assert "You can probably get help" in answer.text
    assert "Help is for whoever is ill." in answer.text
    assert "First hospital" in answer.text
    assert "no-store" in answer.headers["Cache-Control"]
    assert answer.html.find("a", href="/my/apply/trial")
    assert "Set-Cookie" not in answer.headers
    work = as_system()
    assert work.session.scalar(sa.select(sa.func.count()).select_from(Response)) == 0
    entries = work.session.execute(sa.select(AuditEntry.details, AuditEntry.subject)).all()
    assert "12345" not in str(entries)


def test_what_does_not_help_is_said_in_plain_words_too(app, network) -> None:
    form = app.get("/help/trial").forms["form-main"]
    form["ill"] = "no"
    answer = form.submit("_action", 0)
    assert "probably not" in answer.text
    assert "you may apply in any case" in answer.text


def test_a_question_shows_up_when_another_is_answered(app, network) -> None:
    token = app.get("/help/trial").html.find("input", {"name": "csrf_token"})["value"]
    fields = {"csrf_token": token, "ill": "yes"}
    assert "What does it cost?" in app.post("/help/trial/shown", fields).text


def test_what_is_answered_wrongly_has_to_be_mended(app, network) -> None:
    token = app.get("/help/trial").html.find("input", {"name": "csrf_token"})["value"]
    fields = {"csrf_token": token, "ill": "yes", "costs": "1e3"}
    page = app.post("/help/trial", fields, status=422)
    assert 'href="#costs"' in page.text
    assert 'value="1e3"' in page.text


def test_no_program_answers_for_another(app, network) -> None:
    for key in ("casework", "nothing"):
        assert app.get(f"/help/{key}", status=404)
    assert app.get("/my/apply/casework", status=303).location.startswith("http://localhost/my/sign-in")
