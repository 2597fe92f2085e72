"""What somebody may do ends when it is ended, also for who is signed in at that moment."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
import sqlalchemy as sa

from casework.clock import MovableClock
from casework.staff.model import Account, Grant
from casework.testing.browsing import Browser
from casework.testing.world import World
from casework.work import Work

Browse = Callable[..., Browser]


def end(work: Work, *which: sa.ColumnElement[bool]) -> None:
    work.session.execute(sa.update(Grant).where(*which).values(valid_until=work.now))
    work.session.commit()


def test_a_role_that_ended_opens_nothing_from_the_next_request_on(
    world: World, browse: Browse, as_system: Callable[[], Work]
) -> None:
    supervisor, case = world.people["supervisor"], world.cases["own"]
    browser = browse(supervisor)
    page = browser.get(f"/people/{world.persons['own'].id}")
    form = next(form for form in page.forms.values() if form.action.endswith("/reveal"))
    end(as_system(), Grant.account_id == supervisor.id)
    browser.get(f"/cases/{case.id}", status=404)
    browser.get(f"/people/{world.persons['own'].id}", status=404)
    form["reason"] = "The insurer asks."
    form.submit(status=404)
    browser.get("/cases", status=403)
    assert "/cases" not in {link["href"] for link in browser.get("/").html.find_all("a", href=True)}


def test_a_case_that_was_taken_away_is_gone_from_the_next_request_on(
    world: World, browse: Browse, as_system: Callable[[], Work]
) -> None:
    worker, case = world.people["worker"], world.cases["own"]
    browser = browse(worker)
    form = browser.get(f"/cases/{case.id}/forms/contact-note").forms["form-main"]
    end(as_system(), Grant.account_id == worker.id, Grant.case_id == case.id)
    form["content"] = "Too late."
    form.submit("_action", "sign", status=404)
    browser.get(f"/cases/{case.id}", status=404)
    browser.get(f"/cases/{case.id}/responses/{world.responses['own'].id}", status=404)


def test_a_role_ends_by_itself_at_its_hour(
    world: World, browse: Browse, as_system: Callable[[], Work], clock: MovableClock
) -> None:
    colleague, case = world.people["former"], world.cases["own"]
    browser = browse(colleague)
    browser.get(f"/cases/{case.id}", status=200)
    work = as_system()
    work.session.execute(
        sa.update(Grant)
        .where(Grant.account_id == colleague.id, Grant.case_id == case.id, Grant.role == "former_worker")
        .values(valid_until=work.now + timedelta(minutes=5))
    )
    work.session.commit()
    clock.move(minutes=4, seconds=59)
    browser.get(f"/cases/{case.id}", status=200)
    clock.move(seconds=1)
    browser.get(f"/cases/{case.id}", status=404)


def test_a_role_does_not_begin_before_its_hour(
    world: World, browse: Browse, as_system: Callable[[], Work]
) -> None:
    work, supervisor = as_system(), world.people["supervisor"]
    later = work.now + timedelta(minutes=5)
    work.session.execute(sa.update(Grant).where(Grant.account_id == supervisor.id).values(valid_from=later))
    work.session.commit()
    browse(supervisor).get(f"/cases/{world.cases['own'].id}", status=404)


@pytest.mark.parametrize("path", ["/", "/account", "/cases"])
def test_a_closed_account_is_out_at_once(
    world: World, browse: Browse, as_system: Callable[[], Work], path: str
) -> None:
    worker = world.people["worker"]
    browser = browse(worker)
    browser.get(path, status=200)
    work = as_system()
    work.session.execute(sa.update(Account).where(Account.id == worker.id).values(disabled_at=work.now))
    work.session.commit()
    assert "/sign-in" in browser.get(path, status=303).location


def test_who_works_elsewhere_now_finds_nobody_of_before(
    world: World, browse: Browse, as_system: Callable[[], Work]
) -> None:
    """A nurse who went to another hospital keeps neither the people nor the cases that she referred."""
    nurse, person = world.people["nurse"], world.persons["own"]
    work = as_system()
    other = world.network.units["other"].id
    work.session.execute(sa.update(Grant).where(Grant.account_id == nurse.id).values(unit_id=other))
    work.session.commit()
    browser = browse(nurse)
    assert person.full_name not in browser.get("/search", {"q": person.full_name}).html.find("main").text
    assert person.full_name not in browser.get("/referrals")
    browser.get(f"/people/{person.id}", status=404)
    browser.get(f"/refer/{person.id}", status=404)
    browser.get(f"/cases/{world.cases['own'].id}", status=404)
