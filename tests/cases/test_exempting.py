"""Exempting a case from a duty on its page."""

from __future__ import annotations

from datetime import date

import pytest
import sqlalchemy as sa

from casework.audit.model import AuditEntry
from casework.cases.usecases import move
from casework.duties.exemptions import exempt
from casework.duties.model import Duty
from casework.testing.referrals import refer_somebody

REASON = "He is abroad until April."


@pytest.fixture
def case(standard, network, as_actor):
    case = refer_somebody(as_actor(network["nurse"]), network.units["ward"].id)
    move(as_actor(network["coordinator"]), case, "assign", worker_id=network["worker"].id)
    return case


@pytest.fixture
def duty(case, as_system):
    """The soonest open duty of the case."""
    statement = sa.select(Duty).where(Duty.case_id == case.id, Duty.state == "open")
    return as_system().session.scalars(statement.order_by(Duty.due_at, Duty.id)).first()


def deadlines(page) -> str:
    return " ".join(page.html.find(id="deadlines").get_text(" ", strip=True).split())


def state(as_system, duty) -> str:
    work = as_system()
    work.session.refresh(duty)
    return duty.state


def test_a_supervisor_exempts_with_the_clause_before_her_eyes(browse, network, case, duty, as_system) -> None:
    supervisor = browse(network["supervisor"])
    page = supervisor.get(f"/cases/{case.id}").click("Exempt", href=f"/duties/{duty.id}/")
    assert page.html.find(class_="govuk-inset-text").get_text(strip=True)
    form = page.forms["form-main"]
    form["reason"], form["until"] = REASON, "2026-04-01"
    page = form.submit(status=303).follow()
    assert "The case is exempt from the duty now." in page
    assert f"by Supervisor: {REASON}" in deadlines(page)
    assert "2026" in deadlines(page)
    assert state(as_system, duty) == "exempt"
    entry = (
        as_system()
        .session.scalars(
            sa.select(AuditEntry)
            .where(AuditEntry.subject == f"case:{case.id}", AuditEntry.method == "")
            .order_by(AuditEntry.id.desc())
        )
        .first()
    )
    assert (entry.details["action"], entry.details["clause"], entry.details["until"]) == (
        "duty exempted",
        duty.clause,
        "2026-04-01",
    )
    seen = deadlines(browse(network["worker"]).get(f"/cases/{case.id}"))
    assert REASON in seen


def test_without_a_last_day_it_lasts_for_a_year(network, case, duty, as_actor, as_system, clock) -> None:
    exempt(as_actor(network["coordinator"]), duty, REASON)
    as_system().session.refresh(duty)
    assert duty.due_at.date() == date(2027, 3, 3)
    assert state(as_system, duty) == "exempt"


def test_what_was_typed_comes_back(browse, network, case, duty, as_system) -> None:
    path = f"/cases/{case.id}/duties/{duty.id}/exempt"
    form = browse(network["coordinator"]).get(path).forms["form-main"]
    form["until"] = "2020-01-01"
    page = form.submit(status=422)
    assert [link["href"] for link in page.html.select(".govuk-error-summary a")] == ["#reason", "#until"]
    form = page.forms["form-main"]
    assert form["until"].value == "2020-01-01"
    form["reason"], form["until"] = "<i>x", "soon"
    page = form.submit(status=422)
    assert page.forms["form-main"]["reason"].value == "<i>x"
    assert state(as_system, duty) == "open"


def test_a_decided_duty_and_one_of_another_case_are_not_exempted(
    browse, network, case, duty, as_actor, as_system
) -> None:
    other = refer_somebody(as_actor(network["nurse"]), network.units["ward"].id, name="单大华")
    coordinator = browse(network["coordinator"])
    coordinator.get(f"/cases/{other.id}/duties/{duty.id}/exempt", status=404)
    work = as_system()
    decided = work.session.scalars(sa.select(Duty).where(Duty.closed_at.is_not(None))).first()
    path = f"/cases/{decided.case_id}/duties/{decided.id}/exempt"
    assert "This duty is decided" in coordinator.get(path, status=409)


@pytest.mark.parametrize(
    ("name", "status"), [("worker", 403), ("nurse", 403), ("colleague", 404), ("other-supervisor", 404)]
)
def test_nobody_but_those_who_answer_for_the_unit_exempts(browse, network, case, duty, name, status) -> None:
    other = browse(network[name])
    other.get(f"/cases/{case.id}/duties/{duty.id}/exempt", status=status)
    if name == "worker":
        assert "/exempt" not in other.get(f"/cases/{case.id}")
