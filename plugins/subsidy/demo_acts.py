"""What people of the invented district do in one application for aid, each act at its moment."""

from __future__ import annotations

import io
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from casework.cases.model import Case
from casework.cases.queries import dossier_of
from casework.demo.cast import houses
from casework.demo.stage import Stage
from casework.demo.story import House
from casework.documents.usecases import keep_document
from casework.duties.batches import judge_waiting
from casework.forms.usecases import keep_draft
from casework.funds.model import Payment
from casework.funds.paying import confirm_payment, record_slip
from casework.funds.queries import paid_for, payments_of
from casework.people.codes import RESIDENT_ID
from casework.people.usecases import register_person
from casework.portal.accounts import account_for_phone
from casework.portal.applying import begin_application, begin_for_person, hand_in, move_as_client
from casework.portal.consents import Relation, give_consent
from casework.portal.messages import mark_read, write_message
from casework.portal.queries import application
from casework.work import Work

from .committee import cast_vote, committee_file
from .demo_answers import Answers, Told, fen
from .demo_papers import drawn
from .eligibility import PURPOSES, papers
from .queries import assessment_of
from .usecases import expire_idle

VOTERS = ("committee1", "committee2", "committee3", "committee4")
CHANGES_CLOCKS = frozenset({"assign", "ask-supplement", "answer-supplement", "object", "settle-objection"})
"""Moves before which the duties of a case are judged; see casework/duties/batches.py."""


class Applied:
    """One application for aid on the stage: who takes part in it, and what each of them does."""

    def __init__(self, stage: Stage, told: Told, phone: str, identity: str) -> None:
        """`phone` is that of whoever applies on the portal, empty for those who come to the desk."""
        self.stage, self.told, self.phone, self.identity = stage, told, phone, identity
        self._case: Case | None = None
        unit = str(told.says("unit"))
        self.house: House = next(each for each in houses() if each.key == unit)
        self.client = f"applicant {told.number}"
        # At the first hospital whoever helped at the desk does not make the visit.
        self.desk = self.house.worker
        self.visitor = str(told.says("worker") or ("colleague" if unit == "NH1" else self.house.worker))
        self.officer, self.payer = ("fund", "fund2") if told.number % 2 else ("fund2", "fund")

    @property
    def case(self) -> Case:
        """The case, which the beginning has opened."""
        if self._case is None:
            raise LookupError(f"application {self.told.number} has not begun")
        return self._case

    def _applying(self, now: datetime) -> Work:
        """Whoever fills in, at work: the applicant, signed in anew, or the worker at the desk."""
        if not self.phone:
            return self.stage.work(self.desk, now)
        self.stage.admit(self.client, account_for_phone(self.stage.work("", now), self.phone))
        return self.stage.work(self.client, now)

    def _move(self, who: str, now: datetime, key: str, **given: Any) -> None:
        work = self.stage.work(who, now)
        if key in CHANGES_CLOCKS:
            judge_waiting(work, self.case)
        self.stage.move(work, self.case, key, **given)

    def _own_move(self, now: datetime, key: str, **given: Any) -> None:
        """A step of the applicant's, or of the worker's who helps."""
        work = self._applying(now)
        judge_waiting(work, self.case)
        if self.phone:
            move_as_client(work, application(work, self.case.id), key, **given)
        else:
            self.stage.move(work, self.case, key, **given)

    def begin(self, now: datetime) -> None:
        """The application is begun, and some of it filled in."""
        work, unit = self._applying(now), self.stage.units[str(self.told.says("unit"))]
        patient, program, page = self.told.patient, work.programs["subsidy"], f"demo-aid-{self.told.number}"
        if self.phone:
            typed = {
                "for_whom": "self" if self.told.applicant is patient else "child",
                "unit_id": str(unit.id),
                "full_name": patient.name,
                "birth_date": patient.born.isoformat(),
                "id_type": RESIDENT_ID,
                "id_number": self.identity,
            }
            self._case = begin_application(work, program, typed, submission=page)
        else:
            person = register_person(
                work,
                unit_id=unit.id,
                confirmed=True,
                full_name=patient.name,
                sex=self.told.sex,
                birth_date=patient.born.isoformat(),
                phone=self.told.phone,
                id_type=RESIDENT_ID,
                id_number=self.identity,
            )
            self._case = begin_for_person(work, program, person, unit.id, submission=page)
        keep_draft(work, application(work, self.case.id).form, self.case, self.told.begun())

    def submit(self, now: datetime) -> None:
        """Consents are given, papers photographed, and all is handed in."""
        work, told = self._applying(now), self.told
        agrees: Relation = "self" if told.guardian is None else "guardian"
        for purpose in PURPOSES:
            if purpose.key == "notice" and told.says("notice") is False:
                continue
            if purpose.key != "texts" or self.phone:
                give_consent(
                    work, self.case, purpose, relation=agrees, how="portal" if self.phone else "desk"
                )
        answers = told.application()
        form, kind = ("JPEG", "jpg") if told.says("photos") else ("PDF", "pdf")
        for paper in papers(answers):
            if paper.required:
                keep_document(
                    work,
                    self.case,
                    kind=paper.key,
                    upload=io.BytesIO(drawn(paper.key, form)),
                    file_name=f"{paper.key}.{kind}",
                    title=paper.title,
                )
        filled = application(work, self.case.id)
        keep_draft(work, filled.form, self.case, answers, seen_version=1)
        hand_in(work, filled)

    def ask_supplement(self, now: datetime) -> None:
        """Everything that is missing is asked for at once."""
        asked = self.told.says("missing") or self.told.says("asked")
        rows = [{"missing_kind": kind, "missing_what": what} for kind, what in asked]
        self._move(self.officer, now, "ask-supplement", answers={"missing": rows})

    def answer_supplement(self, now: datetime) -> None:
        """It is sent."""
        self._own_move(now, "answer-supplement", answers={"added": "已补拍上传。", "cannot_get": False})

    def accept(self, now: datetime) -> None:
        """The fund officer accepts the application."""
        self._move(self.officer, now, "accept")

    def assign(self, now: datetime) -> None:
        """The coordinator chooses who makes the visit."""
        visitor = self.stage.accounts[self.visitor].id
        self._move(self.house.coordinator, now, "assign", worker_id=visitor)
        self.desk = self.visitor

    def verify(self, now: datetime) -> None:
        """The worker was there, with somebody from the ward."""
        day = now.astimezone(self.stage.zone).date()
        self._move(self.visitor, now, "verify", answers=self.told.visit(day, "梁晓彤"))

    def recommend(self, now: datetime) -> None:
        """The supervisor recommends an amount."""
        self._move(self.house.supervisor, now, "recommend", answers=self.told.review())

    def vote(self, place: int, vote: str, now: datetime) -> None:
        """One of the committee votes."""
        work = self.stage.work(VOTERS[(self.told.number + place) % len(VOTERS)], now)
        reason = "" if vote == "yes" else "收入证明只有两个月，建议补充后再议。"
        cast_vote(work, committee_file(work, self.case.id), vote, reason)

    def publish(self, now: datetime) -> None:
        """The notice is published."""
        self._move(self.officer, now, "publish-notice")

    def object(self, now: datetime) -> None:
        """Somebody objects."""
        answers = {
            "objected_on": now.astimezone(self.stage.zone).date().isoformat(),
            "objection_way": "phone",
            "objector_named": False,
            "objection_about": ["income"],
            "objection_text": self.told.says("objection"),
        }
        self._move(self.officer, now, "object", answers=answers)

    def approve(self, now: datetime) -> None:
        """The coordinator approves, and the money is promised."""
        self._move(self.house.coordinator, now, "approve")

    def reject(self, now: datetime) -> None:
        """The coordinator refuses, and says why and what can still be done."""
        reason, explanation, bring, other_help = self.told.says("refusal")
        answers = {"reason": reason, "explanation": explanation, "bring": bring, "other_help": other_help}
        self._move(self.house.coordinator, now, "reject", answers=answers)

    def appeal(self, now: datetime) -> None:
        """The applicant asks for another look."""
        why = self.told.says("appeal")
        self._own_move(now, "appeal", answers={"appeal_why": why, "appeal_new": False})

    def uphold(self, now: datetime) -> None:
        """Another coordinator lets the refusal stand."""
        _reason, explanation, _bring, other_help = self.told.says("refusal")
        answers = {"result": "uphold", "explanation": explanation, "other_help": other_help}
        self._move("chief", now, "decide-appeal-uphold", answers=answers)

    def sign(self, now: datetime) -> None:
        """The agreement is signed."""
        day = now.astimezone(self.stage.zone).date()
        self._own_move(now, "sign-agreement", answers=self.told.agreement(day))

    def order(self, now: datetime) -> None:
        """The other fund officer orders the payment."""
        self._move(self.payer, now, "order-payment")

    def _payment(self, work: Work) -> Payment:
        return payments_of(work, self.case.id)[-1]

    def confirm(self, now: datetime) -> None:
        """One of those who keep the books confirms it."""
        work = self.stage.work("finance", now)
        confirm_payment(work, self._payment(work))

    def slip(self, now: datetime) -> None:
        """The other one records the bank's slip."""
        work = self.stage.work("finance2", now)
        payment = self._payment(work)
        record_slip(
            work,
            payment,
            amount=payment.amount,
            payee_name=payment.payee_name,
            slip_number=f"DEMO-{self.told.number:06}",
            paid_on=work.today,
        )

    def settle(self, now: datetime) -> None:
        """The hospital's receipt is compared with what was paid."""
        work = self.stage.work(self.officer, now)
        returned = fen(self.told.says("returned") or 0)
        self.stage.move(work, self.case, "settle", answers=self._settlement(work, returned))

    def _settlement(self, work: Work, returned: int | None) -> Answers:
        """What was used and what came back; all of it for None."""
        frozen = assessment_of(work, self.case.id)
        paid = paid_for(work, frozen.fund_id, self.case.id) if frozen is not None else 0
        returned = paid if returned is None else returned
        return {
            "settled_on": work.today.isoformat(),
            "receipt_number": f"SJ-{self.told.number:04}",
            "used_amount": paid - returned,
            "returned_amount": returned,
        }

    def follow_up(self, now: datetime) -> None:
        """The worker asks whether it helped."""
        work = self.stage.work(self.visitor, now)
        answers: Mapping[str, Any] = {
            "followed_up_on": work.today.isoformat(),
            "way": "phone",
            "treatment_now": "goes-on",
            "reached_bill": True,
            "needs_more": False,
            "follow_up_note": "治疗按计划进行，家属情绪平稳。",
        }
        self.stage.sign(work, self.case, "subsidy.follow-up", answers)

    def close(self, now: datetime) -> None:
        """The fund officer closes the application."""
        self.stage.end(self.stage.work(self.officer, now), self.case, "close", "其余事项均已办结。")

    def withdraw(self, now: datetime) -> None:
        """The applicant needs it no more."""
        self._own_move(now, "withdraw", reason=self.told.says("withdrawn"))

    def expire(self, now: datetime) -> None:
        """Nobody went on with it: the system ends it, as it does every day."""
        expire_idle(self.stage.work("", now))

    def revoke(self, now: datetime) -> None:
        """The coordinator takes the award back."""
        self._closing(self.house.coordinator, now, "revoke", self.told.says("revoked"))

    def claim_back(self, now: datetime) -> None:
        """The coordinator asks the money back."""
        self._move(self.house.coordinator, now, "claim-back", reason=self.told.says("claimed_back"))

    def _closing(self, who: str, now: datetime, key: str, reason: str) -> None:
        work = self.stage.work(who, now)
        judge_waiting(work, self.case)
        self.stage.move(work, self.case, key, reason=reason)

    def write(self, by: str, text: str, now: datetime) -> None:
        """The applicant writes to the office, or the office to the applicant."""
        work = self._applying(now) if by == "client" else self.stage.work(self.officer, now)
        mark_read(work, self.case.id)
        write_message(work, dossier_of(work, self.case.id), text)
