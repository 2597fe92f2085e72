"""An ordinary request for every route: where it goes, and what an honest form would send."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import func, select

from casework.duties.model import Edition
from casework.forms.library import library_of
from casework.forms.usecases import start_answers
from casework.handbook.clause_form import shown_values
from casework.handbook.clauses import handbook_of
from casework.staff.model import Account
from casework.testing.referrals import REFERRAL
from casework.testing.world import APPLICANT, GOAL, HAND_OVER, World
from casework.work import Work

MOVE_FIELDS: Mapping[str, Mapping[str, Any]] = {
    "suspend": {"cause": "elsewhere", "reason": "Surgery.", "until": "2026-03-20", "client_told": "yes"},
    "hand-over": HAND_OVER,
}
"""What a move asks besides its version, worker and reason."""

CONTACT = {"role": "carer", "relation": "5", "name": "闵阿婆", "phone": "13900139001"}
PERSON = {"full_name": "闵大山", "phone": "13900139000", "birth_date": "1960"}


@dataclass
class Request:
    """What is asked: parts of the address, its query, the fields of the form."""

    parts: dict[str, Any] = field(default_factory=dict)
    fields: dict[str, Any] = field(default_factory=dict)
    query: dict[str, str] = field(default_factory=dict)


@dataclass
class Asking:
    """Makes requests against one world in the name of one person."""

    world: World
    work: Work
    me: Account | None

    def request(self, route: str, variant: str, kind: str) -> Request:
        """The ordinary request for a route about a record of a kind."""
        asked = REQUESTS[route](self, kind)
        for name, value in (("move", variant), ("form_key", variant)):
            if variant and name in _VARIED.get(route, ()):
                asked.parts[name] = value
        if route == "case.move":
            asked.fields |= self._move_fields(variant, kind)
        if route in {"case.form", "case.form.draft"}:
            asked.fields |= self._form_fields(variant)
        return asked

    def _case(self, kind: str) -> Request:
        return Request({"case_id": self._any_case(kind).id})

    def _any_case(self, kind: str) -> Any:
        return (self.world.applications if kind in self.world.applications else self.world.cases)[kind]

    def _move_fields(self, move: str, kind: str) -> dict[str, Any]:
        worker = self.world.network["second-worker" if kind != "unit" else "worker"]
        fields = {"case_version": str(self._any_case(kind).version), "worker_id": str(worker.id)}
        return {"reason": "A reason."} | fields | dict(MOVE_FIELDS.get(move, {}))

    def _form_fields(self, form_key: str) -> dict[str, Any]:
        form = library_of(self.work)[form_key]
        fields = dict(start_answers(self.work, form))
        if form_key == "contact-note":
            fields["content"] = "Sat with him."
        if form_key == "plan":
            fields |= {"frequency": "weekly", "review_on": "2026-04-02", "agreement": "signed"}
        return {name: value for name, value in fields.items() if isinstance(value, str)}

    def _response(self, kind: str) -> Request:
        case = self.world.cases["own" if kind == "walled" else kind]
        return Request({"case_id": case.id, "response_id": self.world.responses[kind].id})

    def _amended(self, kind: str) -> Request:
        asked = self._response(kind)
        asked.fields = self._form_fields("contact-note") | {"_reason": "A slip.", "_version": "1"}
        return asked

    def _goal(self, kind: str, **fields: str) -> Request:
        goal = self.world.goals[kind]
        return Request({"case_id": goal.case_id, "goal_id": goal.id}, {"version": "1", **fields})

    def _contact(self, kind: str, **fields: str) -> Request:
        parts = {**self._case(kind).parts, "contact_id": self.world.contacts[kind].id}
        return Request(parts, {"version": "1", **fields})

    def _fund(self, kind: str, **fields: str) -> Request:
        return Request({"fund_id": self.world.funds[kind].id}, dict(fields))

    def _payment(self, kind: str, **fields: str) -> Request:
        return Request({"payment_id": self.world.payments[kind].id}, dict(fields))

    def _new_fund(self, _kind: str) -> Request:
        unit = str(self.world.network.units["hospital"].id)
        return Request(fields={"key": "new-fund", "name": "新基金", "name_en": "New fund", "unit_id": unit})

    def _person(self, kind: str, **fields: str) -> Request:
        person = self.world.persons[kind]
        return Request({"person_id": person.id}, {"version": str(person.version), **fields})

    def _application(self, kind: str, **parts: str) -> Request:
        """An application, or a case that is none."""
        return Request({"case_id": {**self.world.cases, **self.world.applications}[kind].id, **parts})

    def _page_of_application(self, kind: str) -> Request:
        asked = self._application(kind, page="who")
        asked.fields = {"applicant": "self", "_action": "later"}
        return asked

    def _paper(self, kind: str) -> Request:
        return self._application(kind, paper="identity-card")

    def _consent(self, kind: str) -> Request:
        return self._application(kind, purpose="notice")

    def _step(self, kind: str) -> Request:
        asked = self._application(kind, move="withdraw")
        asked.fields = {"case_version": "1", "reason": "It is over."}
        return asked

    def _begin(self, _kind: str) -> Request:
        unit = str(self.world.network.units["hospital"].id)
        typed = {**APPLICANT, "full_name": "霍小山", "unit_id": unit, "_submission": "begin"}
        return Request({"program": "subsidy"}, typed)

    def _begin_for(self, kind: str) -> Request:
        asked = self._person(kind)
        asked.parts["program"] = "subsidy"
        asked.fields = {"unit_id": str(self.world.network.units["hospital"].id), "_submission": "begin"}
        return asked

    def _referral(self, kind: str) -> Request:
        asked = self._person(kind)
        asked.fields = {
            "unit_id": str(self.world.network.units["ward"].id),
            "program": "casework",
            **{name: value for name, value in REFERRAL.items() if isinstance(value, str)},
            "reasons[]": "financial",
        }
        return asked

    def _left(self, numbers: Mapping[str, int], kind: str) -> str:
        """The number of what was left on an application; of another one where there is none."""
        return str(numbers.get(kind, numbers["applied"]))

    def _document(self, kind: str) -> Request:
        return Request({"uid": self.world.documents[kind].uid})

    def _clause(self, _kind: str) -> Request:
        clause = handbook_of(self.work.programs).clause("casework.first-contact-urgent")
        return Request({"clause_id": clause.id}, {"version": "1", **shown_values(clause)})

    def _account(self, kind: str, **fields: str) -> Request:
        accounts = {**self.world.accounts, "self": self.me or self.world.people["nurse"]}
        return Request({"account_id": accounts[kind].id}, {"version": str(accounts[kind].version), **fields})

    def _role(self, kind: str) -> Request:
        units = self.world.network.units
        asked = self._account(kind)
        unit = units["other" if kind == "foreign" else "hospital"].id
        asked.fields = {"role": "fund_officer", "unit_id": str(unit), "until": "", "reason": "Cover."}
        return asked

    def _grant(self, kind: str) -> Request:
        asked = self._account(kind)
        if kind == "self":
            from sqlalchemy import select

            from casework.staff.model import Grant

            mine = select(Grant.id).where(Grant.account_id == asked.parts["account_id"]).limit(1)
            asked.parts["grant_id"] = self.work.session.scalar(mine) or 0
        else:
            asked.parts["grant_id"] = self.world.grants[kind].id
        return asked

    def _member(self, _kind: str) -> Request:
        unit = str(self.world.network.units["hospital"].id)
        who = {"name": "Newly Come", "sign_in_name": "newly", "phone": "", "language": "en"}
        return Request({}, who | {"role": "worker", "unit_id": unit, "until": "", "reason": "New."})


def _plain(**fields: Any) -> Callable[[Asking, str], Request]:
    return lambda _asking, _kind: Request(fields=dict(fields))


def _query(**query: str) -> Callable[[Asking, str], Request]:
    return lambda _asking, _kind: Request(query=dict(query))


REQUESTS: Mapping[str, Callable[[Asking, str], Request]] = {
    "static": lambda _a, _k: Request({"path": "built/icons.svg"}),
    "healthz": _plain(),
    "readyz": _plain(),
    "sign_in": _plain(name="nobody", password="not the right one"),
    "sign_out": _plain(),
    "language": _plain(language="en", next="/"),
    "session.keep": _plain(),
    "account": _plain(),
    "account.name": _plain(name="New Name"),
    "account.password": _plain(old_password="x", new_password="short"),
    "account.device": lambda a, k: Request(fields={"device": a.world.devices[k]}),
    "account.devices": _plain(),
    "home": _plain(),
    "audit": _plain(),
    "search": _query(q="ou"),
    "search.suggestions": _query(q="ou"),
    "person": Asking._person,
    "person.edit": lambda a, k: a._person(k, full_name="区广才", phone="13800138001"),
    "person.reveal": lambda a, k: a._person(k, reason="The insurer asks."),
    "person.death": lambda a, k: a._person(k, died_on="2026-03-01"),
    "person.death.withdraw": lambda a, k: a._person(k, reason="The wrong bed."),
    "person.household.new": lambda a, k: a._person(k, full_name="闵小山", relation="2", since=""),
    "person.household.leave": lambda a, k: a._person(k, until="2026-03-02"),
    "cases": _plain(),
    "referrals": _plain(),
    "referral.search": _query(q="ou"),
    "referral.register": lambda a, _k: Request(
        fields={**PERSON, "unit_id": str(a.world.network.units["ward"].id)}
    ),
    "referral": Asking._referral,
    "referral.draft": Asking._referral,
    "case": Asking._case,
    "case.timeline": Asking._case,
    "case.evidence": Asking._case,
    "case.openings": Asking._case,
    "case.move": Asking._case,
    "case.person.new": lambda a, k: Request(a._case(k).parts, dict(CONTACT)),
    "case.person": lambda a, k: a._contact(k, **CONTACT),
    "case.person.remove": lambda a, k: a._contact(k, reason="Moved away."),
    "case.duty.exempt": lambda a, k: Request(
        {**a._case(k).parts, "duty_id": a.world.duties[k].id}, {"reason": "Abroad.", "until": ""}
    ),
    "case.contact": lambda a, k: Request(a._case(k).parts, {"content": "Sat with him."}),
    "case.form": Asking._case,
    "case.form.draft": Asking._case,
    "case.response": Asking._response,
    "case.response.amend": Asking._amended,
    "case.goal.new": lambda a, k: Request(a._case(k).parts, dict(GOAL)),
    "case.goal": lambda a, k: a._goal(k, **{**GOAL, "text": "Another"}),
    "case.goal.rate": lambda a, k: a._goal(k, rating="1", status="reached"),
    "form.shown": lambda _a, _k: Request({"form_key": "contact-note"}, {"content": "x"}),
    "drafts": _plain(),
    "draft.discard": lambda a, k: Request({"draft_id": a.world.drafts[k].id}),
    "document": Asking._document,
    "document.remove": Asking._document,
    "document.again": Asking._document,
    "case.document.new": lambda a, k: Request(a._case(k).parts, {"kind": "other", "title": "A paper"}),
    "my.sign_in": _plain(phone="13800138000"),
    "my.sign_in.code": _plain(code="123456"),
    "my.code": _plain(code="AAAAA-AAAAA"),
    "outbox": _plain(),
    "my.messages": lambda a, k: Request(a._case(k).parts, {"body": "Hello"}),
    "my.consent.withdraw": lambda a, k: Request(a._case(k).parts, {"consent": a._left(a.world.consents, k)}),
    "case.messages": lambda a, k: Request(a._case(k).parts, {"body": "Hello"}),
    "case.code": Asking._case,
    "case.code.revoke": lambda a, k: Request(a._case(k).parts, {"code": a._left(a.world.codes, k)}),
    "help": _plain(),
    "help.check": lambda _a, _k: Request({"program": "subsidy"}),
    "help.check.shown": lambda _a, _k: Request({"program": "subsidy"}),
    "my": _plain(),
    "application.begin": Asking._begin,
    "application": Asking._application,
    "application.step": Asking._step,
    "application.step.draft": Asking._step,
    "person.apply": Asking._begin_for,
    **{
        f"{family}.{page}": ask
        for family in ("application", "case.application")
        for page, ask in {
            "tasks": Asking._application,
            "page": Asking._page_of_application,
            "check": Asking._application,
            "over": Asking._application,
            "submit": Asking._application,
            "receipt": Asking._application,
            "papers": Asking._application,
            "paper": Asking._paper,
            "paper.promise": Asking._paper,
            "paper.remove": Asking._paper,
            "consents": Asking._application,
            "consent": Asking._consent,
        }.items()
    },
    "handbook": _plain(),
    "clause": lambda _a, _k: Request({"clause_id": "casework.contact-note"}),
    "books": _plain(language="en"),
    "book": lambda a, k: Request({"print_id": a.world.prints[k].id}),
    "editions": _plain(number="2027-1", in_force_on="2027-01-01", note=""),
    "edition": lambda a, _k: Request({"edition": a.work.session.scalar(select(func.min(Edition.id)))}),
    "edition.draft": _plain(),
    "edition.clause": Asking._clause,
    "edition.clause.preview": Asking._clause,
    "edition.effects": _plain(),
    **{f"edition.{act}": _plain(version="1") for act in ("propose", "take-back", "discard", "publish")},
    "compliance": _plain(),
    "compliance.clause": lambda _a, _k: Request({"clause_id": "casework.contact-note"}),
    "funds": _plain(),
    "funds.open": Asking._new_fund,
    "fund": Asking._fund,
    "fund.sheet": Asking._fund,
    "fund.receive": lambda a, k: a._fund(k, amount="5", source="A donor", note="", _submission="mark"),
    "payments": _plain(),
    "payment": Asking._payment,
    "payment.confirm": Asking._payment,
    "payment.send-back": lambda a, k: a._payment(k, reason="The account is closed."),
    "payment.slip": lambda a, k: a._payment(
        k, amount="1", payee_name="First hospital", slip_number="S1", paid_on="2026-03-02"
    ),
    "payment.account": Asking._payment,
    "subsidy.notices": _plain(),
    "subsidy.committee": _plain(),
    "subsidy.vote": lambda a, k: Request(a._case(k).parts, {"vote": "yes", "reason": ""}),
    "subsidy.arithmetic": Asking._case,
    "subsidy.terms": _plain(),
    "subsidy.terms.new": Asking._fund,
    "subsidy.account": lambda a, k: Request(
        {"unit_id": a.world.network.units["other" if k == "foreign" else "hospital"].id}
    ),
    "staff": _plain(),
    "staff.open": Asking._member,
    "staff.member": Asking._account,
    "staff.grants": Asking._role,
    "staff.grant.end": Asking._grant,
    "staff.disable": Asking._account,
    "staff.password": Asking._account,
}
"""By route; a new route gets its line here and its rows in matrix.txt."""

_VARIED = {
    "case.move": ("move",),
    "case.form": ("form_key",),
    "case.form.draft": ("form_key",),
}
