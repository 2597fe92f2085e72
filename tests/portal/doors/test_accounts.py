"""An account of the portal sees what was opened to it, and nothing because of a name or a number."""

from __future__ import annotations

from dataclasses import replace

import pytest
import sqlalchemy as sa

from casework.cases.model import Case
from casework.cases.queries import dossier_of
from casework.errors import Missing
from casework.portal.accounts import account_for_phone, open_client_grant, open_portal_account, phones_of
from casework.portal.model import PortalPhone
from casework.staff.model import Grant

PHONE = "+8613800138000"


def cases_seen(work) -> list[int]:
    return list(work.session.scalars(sa.select(Case.id)))


def test_a_phone_finds_its_account_again(visitor, session):
    mother = account_for_phone(visitor(), PHONE)
    assert (mother.kind, mother.name, mother.password_hash) == ("portal", "", None)
    assert account_for_phone(visitor(), PHONE).id == mother.id
    assert account_for_phone(visitor(), "+8613900139000").id != mother.id


def test_the_number_is_kept_sealed(visitor, as_system):
    account_for_phone(visitor(), PHONE)
    link = as_system().session.scalars(sa.select(PortalPhone)).one()
    assert b"13800138000" not in link.phone
    assert link.phone_tail == "8000"
    assert visitor().session.scalars(sa.select(PortalPhone)).all() == []


def test_a_proved_phone_opens_no_case_of_the_person_who_has_the_same_number(
    new_case, visitor, as_actor, network
):
    case = new_case("陈母")
    worker = as_actor(network["worker"])
    dossier_of(worker, case.id).person.phone = PHONE
    worker.session.flush()
    account = account_for_phone(visitor(), PHONE)
    work = as_actor(account)
    assert cases_seen(work) == []
    with pytest.raises(Missing):
        dossier_of(work, case.id)


def test_mother_and_child_share_a_phone_and_each_case_is_opened_by_itself(new_case, visitor, as_actor):
    hers, his = new_case("陈母"), new_case("陈小雨")
    account = account_for_phone(visitor(), PHONE)
    open_client_grant(as_actor(account), account.id, hers)
    assert cases_seen(as_actor(account)) == [hers.id]
    open_client_grant(as_actor(account), account.id, his)
    assert sorted(cases_seen(as_actor(account))) == sorted([hers.id, his.id])


def test_namesakes_and_twins_see_each_their_own(new_case, visitor, as_actor):
    one, other = new_case("王芳", "2010-05-01"), new_case("王芳", "2010-05-01")
    first = account_for_phone(visitor(), PHONE)
    second = account_for_phone(visitor(), "+8613900139000")
    open_client_grant(as_actor(first), first.id, one)
    open_client_grant(as_actor(second), second.id, other)
    assert cases_seen(as_actor(first)) == [one.id]
    assert cases_seen(as_actor(second)) == [other.id]


def test_a_number_given_to_a_stranger_opens_nothing_to_him(case, visitor, as_actor, clock, settings):
    mother = account_for_phone(visitor(), PHONE)
    open_client_grant(as_actor(mother), mother.id, case)
    clock.move(days=settings.phone_link_days)
    assert account_for_phone(visitor(), PHONE).id == mother.id
    clock.move(days=settings.phone_link_days, seconds=1)
    stranger = account_for_phone(visitor(), PHONE)
    assert stranger.id != mother.id
    assert cases_seen(as_actor(stranger)) == []
    assert account_for_phone(visitor(), PHONE).id == stranger.id


def test_a_closed_account_is_not_found_again(visitor, session):
    account = account_for_phone(visitor(), PHONE)
    account.disabled_at = visitor().now
    session.flush()
    assert account_for_phone(visitor(), PHONE).id != account.id


def test_a_case_is_opened_once(case, visitor, as_actor, as_system):
    account = account_for_phone(visitor(), PHONE)
    for _again in range(2):
        open_client_grant(as_actor(account), account.id, case)
    grants = as_system().session.scalars(sa.select(Grant).where(Grant.account_id == account.id)).all()
    assert [(grant.role, grant.compartments) for grant in grants] == [("client", ["application", "released"])]


def test_staff_are_nobodys_client(case, network, as_actor):
    work = as_actor(network["coordinator"])
    with pytest.raises(Missing):
        open_client_grant(work, network["nurse"].id, case)


def test_texts_reach_the_clients_of_a_case_and_nobody_else(case, visitor, as_actor, network):
    mother = account_for_phone(visitor(), PHONE)
    account_for_phone(visitor(), "+8613900139000")
    open_client_grant(as_actor(mother), mother.id, case)
    work = as_actor(network["coordinator"])
    assert [(each.account_id, each.phone) for each in phones_of(work, case.id)] == [(mother.id, PHONE)]


def test_an_account_without_a_phone_is_reached_by_nobody(case, visitor, as_actor):
    account = open_portal_account(replace(visitor(), language="zh_Hans"))
    open_client_grant(as_actor(account), account.id, case)
    assert phones_of(as_actor(account), case.id) == []
    assert account.language == "zh_Hans"
