"""What becomes of a duty: the claims of the judgement, one by one."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from casework.duties.judge import Happening, InForce, Verdict, judge
from casework.duties.limits import Limit
from casework.duties.rules import Rule, RuleSet
from casework.testing.calendars import CHINA, ZONE

LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)
CONTACT = Rule(
    "contact",
    opens=("referral.received",),
    where={"urgency": ("urgent",)},
    met_by=("contact.recorded",),
    met_where={"outcome": ("done", "refused")},
    within=Limit.parse("1 working day"),
    pauses_in=("suspended",),
    cancelled_by=("case.declined",),
)


def at(text: str) -> datetime:
    return datetime.fromisoformat(f"2026-{text}").replace(tzinfo=ZONE)


class History(list[Happening]):
    """Happenings numbered as they are added."""

    def add(
        self, kind: str, when: str, recorded: str | None = None, *, ends: bool = False, **payload: object
    ) -> History:
        if "start" in payload:
            payload["from"] = payload.pop("start")
        self.append(Happening(len(self) + 1, kind, at(when), at(recorded or when), payload, ends))
        return self

    def move(self, kind: str, source: str, target: str, when: str, recorded: str | None = None) -> History:
        return self.add(kind, when, recorded, start=source, to=target, ends=target == "closed")

    def verdicts(self, *rules: Rule, now: str = "12-31 00:00") -> tuple[Verdict, ...]:
        rule_set = RuleSet({rule.clause: rule for rule in rules})
        return judge(self, [InForce(LONG_AGO, rule_set, 1)], CHINA, at(now))

    def only(self, *rules: Rule, now: str = "12-31 00:00") -> Verdict:
        (verdict,) = self.verdicts(*(rules or (CONTACT,)), now=now)
        return verdict


def referred(when: str = "11-16 09:00") -> History:
    return History().add("referral.received", when, urgency="urgent")


def test_an_answer_in_time_meets_it():
    verdict = referred().add("contact.recorded", "11-17 23:59", outcome="done").only()
    assert verdict == Verdict(
        clause="contact",
        edition=1,
        owner="worker",
        opened_by=1,
        opened_at=at("11-16 09:00"),
        due_at=at("11-17 23:59:59"),
        provisional=False,
        state="met",
        closed_by=2,
        closed_at=at("11-17 23:59"),
    )


def test_an_answer_after_the_last_second_is_late():
    assert referred().add("contact.recorded", "11-17 23:59:59.999", outcome="done").only().state == "met"
    assert referred().add("contact.recorded", "11-18 00:00", outcome="done").only().state == "late"


def test_what_the_rule_does_not_ask_for_opens_and_meets_nothing():
    assert History().add("referral.received", "11-16 09:00", urgency="routine").verdicts(CONTACT) == ()
    assert referred().add("contact.recorded", "11-17 10:00", outcome="no-answer").only().state == "open"
    assert referred().add("contact.recorded", "11-16 08:30", outcome="done").only().state == "open"


def test_times_count_to_the_minute():
    history = referred("11-16 09:00:40").add("contact.recorded", "11-16 09:00", outcome="done")
    assert history.only().state == "met"
    assert history.only().closed_at == history.only().opened_at


def test_it_stays_open_and_overdue_until_it_can_no_longer_be_answered():
    verdict = referred().only()
    assert verdict.state == "open"
    assert verdict.is_overdue(at("11-18 00:00"))
    assert not verdict.is_overdue(at("11-17 23:59:59.5"))


def test_what_happened_in_time_but_was_recorded_later_meets_it():
    history = referred().add("contact.recorded", "11-17 10:00", "11-25 10:00", outcome="done")
    assert history.only().state == "met"


def test_closing_with_open_duties_makes_them_missed_for_ever():
    history = referred().move("case.closed", "closing", "closed", "11-20 10:00")
    assert history.only().state == "missed"
    history.add("contact.recorded", "11-17 10:00", "11-21 10:00", outcome="done")
    history.move("case.reopened", "closed", "intake", "11-23 10:00").add(
        "contact.recorded", "11-23 11:00", outcome="done"
    )
    assert history.only().state == "missed"
    assert history.only().closed_by == 2


def test_a_closing_dated_back_ends_what_had_opened_since():
    history = referred("11-18 09:00").move("case.closed", "closing", "closed", "11-17 10:00", "11-19 10:00")
    assert history.only().state == "missed"
    assert history.only().closed_at == history.only().opened_at


def test_what_the_closing_opens_is_not_ended_by_it():
    follow_up = Rule(
        "follow-up", opens=("case.closed",), met_by=("follow-up.done",), within=Limit.parse("1 month")
    )
    history = referred().move("case.closed", "closing", "closed", "11-20 10:00")
    assert history.only(follow_up).state == "open"
    assert history.add("follow-up.done", "12-18 10:00").only(follow_up).state == "met"


def test_what_the_closing_answers_is_met_and_not_missed():
    signs = Rule(
        "signs", opens=("case.closing",), met_by=("case.closed",), within=Limit.parse("5 working days")
    )
    history = History().move("case.closing", "evaluation", "closing", "11-16 09:00")
    assert history.move("case.closed", "closing", "closed", "11-20 09:00").only(signs).state == "met"


def test_a_cancelling_event_lifts_what_is_not_yet_overdue_and_hides_no_breach():
    assert referred().add("case.declined", "11-16 15:00").only().state == "not_applicable"
    assert referred().add("case.declined", "11-19 15:00").only().state == "missed"


def test_death_lifts_open_duties_except_those_it_opens():
    after = Rule(
        "after-death", opens=("person.died",), met_by=("case.closed",), within=Limit.parse("5 working days")
    )
    history = referred().add("person.died", "11-17 10:00")
    assert [(v.clause, v.state) for v in history.verdicts(CONTACT, after)] == [
        ("contact", "not_applicable"),
        ("after-death", "open"),
    ]


def test_death_does_not_hide_what_was_overdue_before():
    assert referred().add("person.died", "11-20 10:00").only().state == "missed"


def test_a_rule_opens_nothing_after_an_event_that_rules_it_out():
    rule = Rule(
        "follow-up",
        opens=("case.closed",),
        met_by=("follow-up.done",),
        within=Limit.parse("1 month"),
        unless=("person.died",),
    )
    history = (
        History().add("person.died", "11-17 10:00").move("case.closed", "closing", "closed", "11-20 10:00")
    )
    assert history.verdicts(rule) == ()


def test_a_suspension_moves_the_deadline_and_no_date_is_shown_while_it_lasts():
    history = referred().move("case.suspended", "intake", "suspended", "11-17 10:00")
    assert history.only().due_at is None
    assert not history.only().is_overdue(at("12-01 00:00"))
    history.move("case.resumed", "suspended", "intake", "11-24 10:00")
    assert history.only().due_at == at("11-24 23:59:59")


def test_a_return_entered_late_ends_the_suspension_when_it_happened():
    history = referred().move("case.suspended", "intake", "suspended", "11-17 10:00")
    history.move("case.resumed", "suspended", "intake", "11-18 10:00", "11-26 10:00")
    assert history.only().due_at == at("11-18 23:59:59")


def test_a_suspension_after_the_deadline_does_not_heal():
    history = referred().move("case.suspended", "intake", "suspended", "11-18 10:00")
    assert history.only().due_at == at("11-17 23:59:59")


def test_suspensions_entered_late_and_overlapping_count_once():
    rule = Rule(
        "plan", opens=("assessment.signed",), met_by=("plan.agreed",), within=Limit.parse("5 working days"),
        pauses_in=("suspended",),
    )  # fmt: skip
    history = History().add("assessment.signed", "11-16 09:00")
    history.move("case.suspended", "planning", "suspended", "11-17 09:00")
    history.move("case.resumed", "suspended", "planning", "11-19 09:00")
    history.move("case.suspended", "planning", "suspended", "11-18 09:00", "11-20 09:00")
    history.move("case.resumed", "suspended", "planning", "11-20 09:00", "11-20 10:00")
    assert history.only(rule).due_at == at("11-26 23:59:59")  # the 18th, 19th and 20th are left out


def test_an_answer_is_judged_on_what_was_on_record_when_it_was_recorded():
    """A suspension entered afterwards neither heals a late answer nor, ended early, spoils a met one."""
    late = referred().add("contact.recorded", "11-19 10:00", outcome="done")
    late.move("case.suspended", "intake", "suspended", "11-16 10:00", "11-20 10:00")
    assert late.only().state == "late"
    met = referred().move("case.suspended", "intake", "suspended", "11-17 10:00")
    met.add("contact.recorded", "11-25 10:00", outcome="done")
    met.move("case.resumed", "suspended", "intake", "11-18 10:00", "11-26 10:00")
    assert met.only().state == "met"


def test_a_record_in_time_is_judged_by_when_it_was_recorded():
    rule = Rule("record", opens=("contact.recorded",), met_by=("recording",), within=Limit.parse("24 hours"))
    history = (
        History()
        .add("contact.recorded", "11-16 09:00", "11-17 09:00")
        .add("contact.recorded", "11-16 09:00", "11-17 09:01")
    )
    assert [(v.state, v.closed_by) for v in history.verdicts(rule)] == [("met", 1), ("late", 2)]


BEFORE = Rule(
    "consent", opens=("case.intervening",), met_by=("consent.signed",), within=Limit.parse("before")
)


def test_what_must_be_done_before_is_met_by_an_earlier_answer_of_the_same_episode():
    history = History().add("consent.signed", "11-16 09:00").add("case.intervening", "11-17 09:00")
    assert history.only(BEFORE).state == "met"
    assert history.only(BEFORE).closed_at == at("11-17 09:00")
    again = History().add("consent.signed", "11-16 09:00").add("case.intervening", "12-17 09:00", episode=2)
    assert again.only(BEFORE).state == "open"
    assert again.only(BEFORE).is_overdue(at("12-17 09:01"))


def test_what_must_be_done_before_is_late_when_done_after_and_met_when_only_entered_after():
    history = History().add("case.intervening", "11-17 09:00").add("consent.signed", "11-17 10:00")
    assert history.only(BEFORE).state == "late"
    history = (
        History().add("case.intervening", "11-17 09:00").add("consent.signed", "11-17 08:00", "11-17 10:00")
    )
    assert history.only(BEFORE).state == "met"


def test_an_opening_entered_late_finds_the_answers_that_are_on_record():
    history = History().add("contact.recorded", "11-17 10:00", outcome="done")
    history.add("referral.received", "11-16 09:00", "11-18 09:00", urgency="urgent")
    assert history.only().state == "met"
    assert history.only().closed_by == 1


def test_an_answer_recorded_in_the_same_moment_counts_whichever_came_first():
    rule = Rule("told", opens=("case.declined",), met_by=("referrer.informed",), within=Limit.parse("3 days"))
    history = History().add("referrer.informed", "11-16 09:00").add("case.declined", "11-16 09:00")
    assert history.only(rule).state == "met"
    earlier = (
        History().add("referrer.informed", "11-16 09:00").add("case.declined", "11-16 09:00", "11-16 09:05")
    )
    assert earlier.only(rule).state == "open"


def test_an_opening_entered_after_the_closing_it_preceded_is_missed():
    history = History().move("case.closed", "closing", "closed", "11-20 10:00")
    history.add("referral.received", "11-16 09:00", "11-21 09:00", urgency="urgent")
    assert history.only().state == "missed"


def test_a_repeated_duty_is_opened_anew_by_its_answer():
    rule = Rule(
        "weekly", opens=("high-risk.found",), met_by=("contact.recorded",), within=Limit.parse("7 days"),
        repeats=True, cancelled_by=("review.recorded",),
    )  # fmt: skip
    history = History().add("high-risk.found", "11-02 09:00").add("contact.recorded", "11-05 09:00")
    history.add("contact.recorded", "11-20 09:00").add("review.recorded", "11-21 09:00")
    assert [(v.opened_by, v.state) for v in history.verdicts(rule)] == [
        (1, "met"),
        (2, "late"),
        (3, "not_applicable"),
    ]


def test_an_answer_too_early_does_not_count():
    rule = Rule(
        "three-months", opens=("case.closed",), met_by=("follow-up.done",), within=Limit.parse("3 months"),
        not_before=Limit.parse("2 months"),
    )  # fmt: skip
    history = (
        History().move("case.closed", "closing", "closed", "03-02 10:00").add("follow-up.done", "04-01 10:00")
    )
    assert history.only(rule).state == "open"
    assert history.add("follow-up.done", "05-02 00:00").only(rule).state == "met"


def test_a_limit_after_another_event_has_no_date_until_that_has_happened():
    rule = Rule(
        "condolence", opens=("case.accepted",), met_by=("contact.recorded",),
        within=Limit.parse("7 days after patient.discharged"),
    )  # fmt: skip
    history = History().add("case.accepted", "11-02 09:00")
    assert history.only(rule).due_at is None
    assert history.add("patient.discharged", "11-09 09:00").only(rule).due_at == at("11-16 23:59:59")


def exempted(until: str, **payload: object) -> History:
    return referred().add(
        "duty.exempted", "11-16 12:00", clause="contact", until=at(until).isoformat(), **payload
    )


def test_an_exemption_is_shown_as_exempt_never_as_met_and_ends():
    history = exempted("11-20 23:59:59", opened_by=1)
    assert history.only(now="11-20 12:00").state == "exempt"
    assert history.only(now="11-21 00:00").state == "open"
    assert history.only().due_at == at("11-20 23:59:59")
    for when, state in (("11-17 10:00", "met"), ("11-19 10:00", "exempt"), ("11-21 10:00", "late")):
        answered = exempted("11-20 23:59:59", opened_by=1).add("contact.recorded", when, outcome="done")
        assert answered.only().state == state


def test_closing_during_an_exemption_leaves_it_exempt():
    history = exempted("11-20 23:59:59").move("case.closed", "closing", "closed", "11-20 10:00")
    assert history.only().state == "exempt"
    assert history.only().closed_by == 3


@pytest.mark.parametrize(("opened_by", "states"), [(None, ["exempt", "exempt"]), (1, ["exempt", "open"])])
def test_an_exemption_of_one_duty_or_of_all_of_its_kind(opened_by, states):
    history = exempted("11-30 23:59:59", opened_by=opened_by)
    history.add("referral.received", "11-18 09:00", urgency="urgent")
    assert [v.state for v in history.verdicts(CONTACT, now="11-20 00:00")] == states


def test_each_duty_is_judged_by_the_edition_in_force_when_it_arose():
    two_days = Rule.from_data("contact", {**CONTACT.as_data(), "within": "2 working days"})
    editions = [
        InForce(at("11-17 00:00"), RuleSet({"contact": two_days}), 2),
        InForce(at("11-10 00:00"), RuleSet({"contact": CONTACT}), 1),
    ]
    history = History()
    for when in ("11-09 09:00", "11-16 09:00", "11-17 09:00"):
        history.add("referral.received", when, urgency="urgent")
    verdicts = judge(history, editions, CHINA, at("12-31 00:00"))
    assert [(v.opened_by, v.edition, v.due_at) for v in verdicts] == [
        (2, 1, at("11-17 23:59:59")),
        (3, 2, at("11-19 23:59:59")),
    ]


def test_a_duty_into_an_unpublished_year_is_provisional():
    assert referred("12-31 09:00").only(now="12-31 10:00").provisional
    assert not referred().only().provisional


def test_the_order_of_record_is_the_order_of_numbers_not_of_clocks():
    """A server clock set back between two records loses nothing."""
    history = referred().add("contact.recorded", "11-16 09:30", "11-16 08:45", outcome="done")
    assert history.only(now="11-16 08:45").state == "met"


def test_what_if_is_the_same_judgement_with_other_rules():
    history = referred().add("contact.recorded", "11-17 10:00", outcome="done")
    strict = Rule.from_data("contact", {**CONTACT.as_data(), "within": "2 hours"})
    assert history.only(CONTACT).state == "met"
    assert history.only(strict).state == "late"


def test_a_long_case_is_judged_quickly():
    history = referred()
    for n in range(500):
        history.append(
            Happening(n + 2, "note.kept", at("11-16 10:00") + timedelta(hours=n), at("11-16 10:00"))
        )
    assert history.only().state == "open"
