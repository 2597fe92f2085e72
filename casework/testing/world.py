"""One record of each kind that access is judged by: one's own, a colleague's, another hospital's,
a closed one, one behind a wall. They are made the way people make them, as far as there is a way.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from io import BytesIO
from typing import Any

import sqlalchemy as sa

from casework.cases.dossier import Dossier
from casework.cases.model import Case, Event
from casework.cases.queries import dossier_of
from casework.cases.usecases import move
from casework.documents.model import Document
from casework.documents.usecases import issue_letter, keep_document
from casework.duties.model import Duty, Edition
from casework.forms.library import library_of
from casework.forms.model import Response
from casework.forms.usecases import keep_draft, sign, start_answers
from casework.funds.model import Fund, Payment
from casework.funds.paying import confirm_payment, order_payment
from casework.funds.rules import Payee
from casework.funds.usecases import commit, open_fund, receive
from casework.handbook.drafting import begin_draft
from casework.handbook.model import EditionDraft, HandbookPrint
from casework.people.contacts import name_contact_person
from casework.people.households import join_household
from casework.people.model import CasePerson, Person
from casework.people.usecases import change_person, record_death, register_person
from casework.plans.model import Goal
from casework.plans.usecases import set_goal
from casework.portal.applying import begin_application, begin_for_person, keep_page
from casework.portal.codes import desk_codes, give_desk_code
from casework.portal.consents import give_consent
from casework.portal.queries import application
from casework.security.model import SignInSession
from casework.staff.model import Account, Grant
from casework.staff.usecases import give_case_grant, give_unit_grant, open_account
from casework.testing.network import Network
from casework.testing.referrals import refer_somebody
from casework.work import Work

CASES = ("own", "unit", "foreign", "closed", "walled")
"""The kinds of cases: the worker's own, a colleague's in the same hospital, another hospital's, a
closed one of the worker's, and one of the same hospital whose whole file stands behind a wall."""

GOAL: Mapping[str, str] = {
    "text": "The bill of March is paid",
    "domain": "money",
    "baseline": "open",
    "target": "paid",
    "measure": "receipt",
    "due_on": "2026-04-01",
    "importance": "3",
    "difficulty": "1",
}

HAND_OVER: Mapping[str, Any] = {
    "situation": "The bill is half paid.",
    "open_tasks": "Apply for aid.",
    "risks": "None known.",
    "client_told": "not-yet",
    "told_when": "Tomorrow on the ward.",
}

PAYEE = Payee("First hospital", "Bank of the District", "6222020000000000001")

PAPER = b"%PDF-1.7\n1 0 obj\n<</Type /Catalog>>\nendobj\ntrailer\n<</Root 1 0 R>>\nstartxref\n9\n%%EOF\n"
"""The smallest PDF that is accepted."""

ID_NUMBERS = {"own": "440605188703150026", "unit": "440605188907120021"}
"""Of days long ago, so that they are nobody's."""


@dataclass
class World:
    """The records by kind. `people` are accounts by role, as the columns of the matrix name them."""

    network: Network
    people: dict[str, Account] = field(default_factory=dict)
    cases: dict[str, Case] = field(default_factory=dict)
    persons: dict[str, Person] = field(default_factory=dict)
    responses: dict[str, Response] = field(default_factory=dict)
    goals: dict[str, Goal] = field(default_factory=dict)
    drafts: dict[str, Response] = field(default_factory=dict)
    accounts: dict[str, Account] = field(default_factory=dict)
    grants: dict[str, Grant] = field(default_factory=dict)
    devices: dict[str, str] = field(default_factory=dict)
    contacts: dict[str, CasePerson] = field(default_factory=dict)
    duties: dict[str, Duty] = field(default_factory=dict)
    applications: dict[str, Case] = field(default_factory=dict)
    documents: dict[str, Document] = field(default_factory=dict)
    funds: dict[str, Fund] = field(default_factory=dict)
    payments: dict[str, Payment] = field(default_factory=dict)
    prints: dict[str, HandbookPrint] = field(default_factory=dict)
    consents: dict[str, int] = field(default_factory=dict)
    codes: dict[str, int] = field(default_factory=dict)


def build_world(network: Network, as_actor: Callable[..., Work], as_system: Callable[[], Work]) -> World:
    """A worker's case that a colleague handed over, and the other kinds beside it."""
    world = World(network)
    _more_people(world, as_system())
    edition = _publish(as_system())
    writer = as_actor(network["other-coordinator"])
    begin_draft(writer, number="next", note="", in_force_on=writer.today + timedelta(days=30))
    names = {"own": "区广才", "unit": "单大华", "foreign": "仇文海", "closed": "任小玲", "walled": "解国强"}
    for kind, name in names.items():
        _open_case(world, kind, name, edition, as_actor, as_system)
    _hand_over(world, as_actor, as_system)
    _patient(world, as_system())
    _write_behind_the_wall(world, as_system())
    _hand_in(world, as_system())
    _draft_and_devices(world, as_actor)
    _apply(world, as_actor, as_system)
    for giver, kind in (("patient", "applied"), ("worker", "helped")):
        _agree(world, as_actor(world.people[giver]), kind)
    for kind in ("applied", "helped", "strange"):
        _give_code(world, as_system(), kind)
    work = as_system()
    world.persons |= {
        kind: work.session.get_one(Person, case.person_id) for kind, case in world.cases.items()
    }
    _live_and_die(world, work)
    _spend(world, work)
    _print(world, work)
    work.session.commit()
    # What is asked for later is asked of these as they stand now, whoever acts then.
    work.session.expunge_all()
    return world


def _more_people(world: World, work: Work) -> None:
    for name, role in (("second-nurse", "referrer"), ("second-worker", "worker")):
        account = open_account(work, sign_in_name=name, name=name, password=None, language="en")
        unit = world.network.units["hospital"].id
        give_unit_grant(work, account_id=account.id, role=role, unit_id=unit, reason="test")
        world.network.accounts[name] = account
    names = ("nurse", "worker", "supervisor", "coordinator", "fund", "committee", "finance", "mediator")
    world.people = {name: world.network[name] for name in (*names, "purchaser", "auditor", "admin")}
    world.people["former"] = world.network["colleague"]
    world.accounts = {"unit": world.network["second-nurse"], "foreign": world.network["other-nurse"]}
    for kind, account in world.accounts.items():
        statement = sa.select(Grant).where(Grant.account_id == account.id)
        world.grants[kind] = work.session.scalars(statement).one()


_STAFF = {
    "own": ("nurse", "coordinator", "colleague", "ward"),
    "unit": ("second-nurse", "coordinator", "second-worker", "ward"),
    "foreign": ("other-nurse", "other-coordinator", "other-worker", "other-ward"),
    "closed": ("nurse", "coordinator", "worker", "ward"),
    "walled": ("second-nurse", "coordinator", "second-worker", "ward"),
}


def _open_case(
    world: World,
    kind: str,
    name: str,
    edition: Edition,
    as_actor: Callable[..., Work],
    as_system: Callable[[], Work],
) -> None:
    nurse, coordinator, worker, ward = _STAFF[kind]
    network = world.network
    case = refer_somebody(as_actor(network[nurse]), network.units[ward].id, name)
    move(as_actor(network[coordinator]), case, "assign", worker_id=network[worker].id)
    work = as_actor(network[worker])
    case.state = "intervention"
    work.session.flush()
    note = library_of(work)["contact-note"]
    answers = {**start_answers(work, note), "content": f"canary of {kind}"}
    world.responses[kind] = sign(work, note, case, answers)
    dossier: Dossier = dossier_of(work, case.id)
    world.goals[kind] = set_goal(work, dossier, {**GOAL, "text": f"goal of {kind}"})
    world.contacts[kind] = name_contact_person(
        work, case, role="carer", relation="8", name=f"friend of {kind}"
    )
    world.duties[kind] = _owe(as_system(), case, edition, missed=kind == "closed")
    if kind == "closed":
        case.state, case.closed_at = "closed", work.now
        work.session.flush()
    if kind == "walled":
        system = as_system()
        case.compartment = "mediator"
        system.session.flush()
    world.cases[kind] = case


def _hand_over(world: World, as_actor: Callable[..., Work], as_system: Callable[[], Work]) -> None:
    network = world.network
    move(
        as_actor(network["colleague"]),
        world.cases["own"],
        "hand-over",
        worker_id=network["worker"].id,
        answers=HAND_OVER,
    )
    work = as_actor(network["nurse"])
    for kind, number in ID_NUMBERS.items():
        person = work.session.get_one(Person, world.cases[kind].person_id)
        change_person(work, person, person.version, id_type="01", id_number=number)
    unit = network.units["hospital"].id
    world.persons["unit-alone"] = register_person(
        as_actor(network["second-nurse"]), unit_id=unit, full_name="万俟雪", confirmed=True
    )
    as_system()


def _patient(world: World, work: Work) -> None:
    case = world.cases["own"]
    patient = open_account(
        work, sign_in_name="patient", name="Patient", password=None, kind="portal", person_id=case.person_id
    )
    give_case_grant(work, account_id=patient.id, case_id=case.id, role="client", reason="own case")
    world.people["patient"] = patient


APPLICANT: Mapping[str, str] = {
    "for_whom": "self",
    "birth_date": "1960-01-01",
    "id_type": "",
    "id_number": "",
}


def _apply(world: World, as_actor: Callable[..., Work], as_system: Callable[[], Work]) -> None:
    """Applications that are being filled in: the patient's own, one that the worker fills in for
    somebody, and a stranger's at another hospital.
    """
    units = world.network.units
    stranger = open_account(
        as_system(), sign_in_name="stranger", name="Stranger", password=None, kind="portal", language="en"
    )
    for kind, account, unit in (
        ("applied", world.people["patient"], "hospital"),
        ("strange", stranger, "other"),
    ):
        work = as_actor(account)
        typed = {**APPLICANT, "full_name": f"区{kind}", "unit_id": str(units[unit].id)}
        case = begin_application(work, work.programs["subsidy"], typed, submission=kind)
        keep_page(work, application(work, case.id), application(work, case.id).form.sections[0], {}, "")
        world.applications[kind] = case
    work = as_actor(world.people["worker"])
    person = register_person(work, unit_id=units["hospital"].id, full_name="霍阿公", confirmed=True)
    case = begin_for_person(work, work.programs["subsidy"], person, units["hospital"].id, submission="x")
    keep_page(work, application(work, case.id), application(work, case.id).form.sections[0], {}, "")
    world.applications["helped"] = case


def _agree(world: World, work: Work, kind: str) -> None:
    """A purpose of an application is agreed to."""
    portal = work.programs["subsidy"].portal
    purpose = portal.purposes[0] if portal else None
    if purpose is not None:
        consent = give_consent(work, world.applications[kind], purpose, relation="guardian", how="portal")
        work.session.flush()
        world.consents[kind] = consent.id


def _give_code(world: World, work: Work, kind: str) -> None:
    """A paper with a code is given at the desk."""
    give_desk_code(work, world.applications[kind])
    (given,) = desk_codes(work, world.applications[kind])
    world.codes[kind] = given.id


def _write_behind_the_wall(world: World, work: Work) -> None:
    """A process note on the worker's own case; its event carries a word to look for."""
    case, note = world.cases["own"], world.responses["own"]
    walled = Response(
        case_id=case.id,
        compartment="process_note",
        form_key=note.form_key,
        form_hash=note.form_hash,
        status="signed",
        answers={**note.answers, "content": "canary of process"},
        author_id=world.people["worker"].id,
        signed_by=world.people["worker"].id,
        signed_at=work.now,
        happened_at=work.now,
        episode=1,
        created_at=work.now,
        updated_at=work.now,
        version=1,
    )
    work.session.add(walled)
    work.session.flush()
    work.session.add(
        Event(
            case_id=case.id,
            compartment="process_note",
            kind="contact.recorded",
            actor_id=world.people["worker"].id,
            happened_at=work.now,
            recorded_at=work.now,
            response_id=walled.id,
            payload={"episode": 1},
        )
    )
    work.session.flush()
    world.responses["walled"] = walled


def _hand_in(world: World, work: Work) -> None:
    """A paper on a case of each kind, one behind a wall, and a letter that could not be made."""
    for kind in ("own", "unit", "foreign", "walled"):
        case = world.cases["own" if kind == "walled" else kind]
        wall = "process_note" if kind == "walled" else "case"
        world.documents[kind] = keep_document(
            work, case, kind="income", upload=BytesIO(PAPER), file_name=f"{kind}.pdf", compartment=wall
        )
    letter = issue_letter(
        work,
        world.cases["own"],
        kind="notice",
        template="documents/letter.jinja2",
        values={"paragraphs": []},
        language="en",
        compartment="case",
    )
    letter.status, letter.problem = "failed", "No ink."
    work.session.flush()
    world.documents["letter"] = letter


def _publish(work: Work) -> Edition:
    """An edition that asks for nothing any more."""
    edition = Edition(
        hash="of tests", rules={}, status="withdrawn", in_force_from=work.now, published_at=work.now
    )
    work.session.add(edition)
    work.session.flush()
    return edition


def _owe(work: Work, case: Case, edition: Edition, *, missed: bool) -> Duty:
    first = sa.select(Event).where(Event.case_id == case.id).order_by(Event.id).limit(1)
    event = work.session.scalars(first).one()
    duty = Duty(
        case_id=case.id,
        unit_id=case.unit_id,
        compartment="case",
        clause="casework.contact-note",
        edition_id=edition.id,
        opened_by=event.id,
        opened_at=event.happened_at,
        due_at=work.now,
        first_due_at=work.now,
        provisional=False,
        state="missed" if missed else "open",
        owner_role="worker",
        owner_id=case.worker_id,
        closed_by=event.id if missed else None,
        closed_at=work.now if missed else None,
        updated_at=work.now,
    )
    work.session.add(duty)
    work.session.flush()
    return duty


def _live_and_die(world: World, work: Work) -> None:
    """Everybody has a household; one more person of the hospital is dead."""
    for person in world.persons.values():
        join_household(work, person, relation="0")
    unit = world.network.units["hospital"].id
    dead = register_person(work, unit_id=unit, full_name="东方晓", confirmed=True)
    record_death(work, dead, work.today)
    world.persons["dead"] = dead


def _spend(world: World, work: Work) -> None:
    """Each hospital has a fund and an order of a payment; one of the first is confirmed."""
    units = world.network.units
    for kind, unit in (("own", "hospital"), ("foreign", "other")):
        fund = open_fund(work, key=kind, names={"en": f"Fund of {kind}"}, unit_id=units[unit].id)
        receive(work, fund, 1000, key=f"received {kind}", source="The district", note="")
        world.funds[kind] = fund
    for kind in ("own", "unit", "foreign"):
        fund, case = world.funds["foreign" if kind == "foreign" else "own"], world.cases[kind]
        commit(work, fund.id, case, 100, key=f"committed {kind}")
        world.payments[kind] = order_payment(
            work, fund_id=fund.id, case=case, amount=100, payee=PAYEE, key=f"ordered {kind}"
        )
    checker = replace(work.actor, id=world.network["coordinator"].id)
    confirm_payment(replace(work, actor=checker), world.payments["unit"])


def _print(world: World, work: Work) -> None:
    """The standard as a book, and its next edition, which is discarded, as another."""
    draft = EditionDraft(
        number="9", in_force_on=work.today, files={}, status="discarded", begun_by=work.actor.id,
        begun_at=work.now, changed_by=work.actor.id, changed_at=work.now, version=1,
    )  # fmt: skip
    work.session.add(draft)
    work.session.flush()
    for kind, draft_id in (("edition", None), ("draft", draft.id)):
        world.prints[kind] = HandbookPrint(
            language="en", edition_id=None, draft_id=draft_id, content=kind, status="made", pdf=PAPER,
            size=len(PAPER), asked_by=work.actor.id, asked_at=work.now, made_at=work.now,
        )  # fmt: skip
        work.session.add(world.prints[kind])
    work.session.flush()


def _draft_and_devices(world: World, as_actor: Callable[..., Work]) -> None:
    for kind, name in (("own", "worker"), ("foreign", "other-worker")):
        work = as_actor(world.network[name])
        case = world.cases[kind]
        draft = keep_draft(work, library_of(work)["psychosocial"], case, {"problem": "Half a"})
        world.drafts[kind] = draft
        device = SignInSession(
            id=f"{'0' * 40}{kind}",
            account_id=world.network[name].id,
            csrf_token="x",
            created_at=work.now,
            seen_at=work.now,
            expires_at=work.now.replace(year=2100),
            browser="b",
            user_agent="test",
            address="192.0.2.9",
        )
        work.session.add(device)
        work.session.flush()
        world.devices[kind] = device.id
