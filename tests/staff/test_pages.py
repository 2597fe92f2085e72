from __future__ import annotations

import pytest
import sqlalchemy as sa

from casework.security.passwords import is_right
from casework.staff.model import Account, Grant


def problems(page) -> list[str]:
    return [link["href"] for link in page.html.select(".govuk-error-summary a")]


def fill(form, **values) -> None:
    for name, value in values.items():
        form[name] = value


def grant_of(work, account) -> Grant:
    return work.session.scalar(sa.select(Grant).where(Grant.account_id == account.id).order_by(Grant.id))


def test_an_administrator_opens_an_account_and_sees_its_password_once(browse, network, session) -> None:
    admin = browse(network["admin"])
    form = admin.get("/staff").click("Open an account").forms["form-main"]
    fill(form, name="李娜", sign_in_name="lina", role="worker", reason="joined the team")
    form["unit_id"] = str(network.units["hospital"].id)
    page = form.submit(status=200)
    password = page.html.find("output").text
    account = session.scalar(sa.select(Account).where(Account.sign_in_name == "lina"))
    assert is_right(account.password_hash, password)
    assert page.headers["Cache-Control"] == "no-store"
    member = page.click("To this person's page")
    assert "joined the team" in member
    assert "First hospital" in member
    assert password not in member
    assert "李娜" in admin.get("/staff", {"q": "LINA"})


def test_what_was_typed_about_a_new_member_comes_back_with_every_problem(browse, network) -> None:
    form = browse(network["admin"]).get("/staff/new").forms["form-main"]
    fill(form, name="<b>Li</b>", sign_in_name="worker", until="2020-01-01", reason="cover")
    page = form.submit(status=422)
    assert problems(page) == ["#sign_in_name", "#role", "#unit_id", "#until"]
    again = page.forms["form-main"]
    assert (again["name"].value, again["reason"].value) == ("<b>Li</b>", "cover")
    assert "<b>Li" not in page.text
    assert page.html.find(id="until")["aria-invalid"] == "true"


def test_a_role_is_given_shown_with_its_giver_and_ended(browse, network) -> None:
    admin, nurse = browse(network["admin"]), network["nurse"]
    form = admin.get(f"/staff/{nurse.id}").click("Give a role").forms["form-main"]
    fill(form, role="supervisor", unit_id=str(network.units["ward"].id), reason="cover", until="2026-03-08")
    page = form.submit(status=303).follow()
    row = page.html.find("th", string="Supervisor").parent.text
    assert "Ward 1" in row
    assert "cover" in row
    assert "Admin" in row
    assert "2026" in row
    ending = admin.get(page.html.find("th", string="Supervisor").parent.find("a")["href"])
    page = ending.forms["form-main"].submit(status=303).follow()
    row = page.html.find("th", string="Supervisor").parent
    assert "ended" in row.text
    assert row.find("a") is None


def test_a_role_that_is_not_well_described_is_shown_again(browse, network) -> None:
    form = browse(network["admin"]).get(f"/staff/{network['nurse'].id}/grants").forms["form-main"]
    form["until"] = "2026-02-30"
    page = form.submit(status=422)
    assert problems(page) == ["#role", "#unit_id", "#until", "#reason"]


def test_an_account_is_closed_after_a_question(browse, network) -> None:
    admin, nurse = browse(network["admin"]), network["nurse"]
    theirs = browse(nurse)
    theirs.get("/account")
    page = admin.get(f"/staff/{nurse.id}").click("Close this account")
    page = page.forms["form-main"].submit(status=303).follow()
    assert "This account was closed" in page
    assert "Give a role" not in page
    assert theirs.get("/account", status=303).location.endswith("/sign-in?next=%2Faccount")


def test_a_closing_that_was_overtaken_is_a_conflict(browse, network, session) -> None:
    nurse = network["nurse"]
    page = browse(network["admin"]).get(f"/staff/{nurse.id}/disable")
    session.get(Account, nurse.id).version += 1
    page.forms["form-main"].submit(status=409)
    assert session.get(Account, nurse.id).disabled_at is None


def test_the_last_administrator_is_told_why_not(browse, network, as_system, session) -> None:
    from casework.staff.usecases import give_unit_grant

    give_unit_grant(
        as_system(),
        account_id=network["finance"].id,
        role="administrator",
        unit_id=network.units["district"].id,
        reason="cover",
        until=as_system().now.replace(year=2027),
    )
    page = browse(network["finance"]).get(f"/staff/{network['admin'].id}/disable")
    assert "last administrator" in page.forms["form-main"].submit(status=409)


@pytest.mark.parametrize("name", ["supervisor", "coordinator", "auditor"])
def test_who_may_read_sees_staff_and_changes_nothing(browse, network, as_system, name) -> None:
    reader, nurse = browse(network[name]), network["nurse"]
    page = reader.get("/staff")
    assert "Open an account" not in page
    page = page.click("Nurse", index=-1)
    assert "Ward nurse" in page
    assert "Give a role" not in page
    grant = grant_of(as_system(), nurse)
    for path in (
        "/staff/new",
        f"/staff/{nurse.id}/grants",
        f"/staff/{nurse.id}/disable",
        f"/staff/{nurse.id}/grants/{grant.id}/end",
    ):
        reader.get(path, status=403)
        reader.post(
            path, {"csrf_token": page.html.find("meta", {"name": "csrf-token"})["content"]}, status=403
        )


@pytest.mark.parametrize("name", ["worker", "nurse", "fund", "finance", "mediator"])
def test_staff_is_closed_to_other_roles(browse, network, name) -> None:
    browse(network[name]).get("/staff", status=403)
    browse(network[name]).get(f"/staff/{network['worker'].id}", status=403)


def test_whoever_works_out_of_reach_is_not_there(browse, network, local_admin, as_system) -> None:
    admin, far = browse(local_admin), network["other-worker"]
    assert "Other-Worker" not in admin.get("/staff")
    grant = grant_of(as_system(), far)
    near = network["nurse"]
    for path in (
        f"/staff/{far.id}",
        f"/staff/{far.id}/grants",
        f"/staff/{far.id}/disable",
        f"/staff/{far.id}/grants/{grant.id}/end",
        f"/staff/{near.id}/grants/{grant.id}/end",
        "/staff/1",
        "/staff/999999999999999999",
    ):
        admin.get(path, status=404)


def test_a_unit_out_of_reach_is_refused(browse, network, local_admin) -> None:
    form = browse(local_admin).get(f"/staff/{network['nurse'].id}/grants").forms["form-main"]
    assert "Second hospital" not in form.text
    fill(form, role="supervisor", reason="x")
    form["unit_id"].force_value(str(network.units["other"].id))
    form.submit(status=403)


def test_the_list_is_filtered_and_refuses_what_is_no_filter(browse, network) -> None:
    admin = browse(network["admin"])
    page = admin.get("/staff", {"role": "worker", "unit": str(network.units["other"].id)})
    assert [cell.text for cell in page.html.select("tbody th")] == ["Other-Worker"]
    admin.get("/staff", {"role": "king"}, status=400)
    admin.get("/staff", {"unit": "999"}, status=400)
    admin.get("/staff", {"before": "x"}, status=400)
    assert "Nobody fits" in admin.get("/staff", {"q": "%_"})
