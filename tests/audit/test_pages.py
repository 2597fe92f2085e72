from __future__ import annotations

import sqlalchemy as sa

from casework.audit.model import KINDS, AuditEntry
from casework.audit.queries import KIND_NAMES, PAGE, Wanted, find_entries, find_openings
from casework.audit.trail import append, record


def entries(session):
    requests = sa.select(AuditEntry).where(AuditEntry.method != "")
    return session.scalars(requests.order_by(AuditEntry.id)).all()


def test_an_auditor_reads_the_trail_and_is_written_down(browse, network, session, as_system):
    record(as_system(), "setting", "setting:pace", old=1, new=2)
    page = browse(network["auditor"]).get("/audit")
    assert "setting:pace" in page
    last = entries(session)[-1]
    assert (last.kind, last.subject, last.actor_name) == ("read", "audit", network["auditor"].name)


def test_a_worker_may_not_read_the_trail_and_the_attempt_is_written_down(browse, network, session, as_system):
    browse(network["worker"]).get("/audit", status=403)
    as_system()
    (entry,) = entries(session)
    assert (entry.kind, entry.status, entry.actor_id) == ("refused", 403, network["worker"].id)


def test_the_trail_is_filtered_and_read_page_by_page(browse, network, as_system):
    work = as_system()
    for number in range(PAGE + 10):
        record(work, "export", f"setting:{number % 2}")
    browser = browse(network["auditor"])
    page = browser.get("/audit", {"subject": "setting:1"})
    assert "setting:0" not in page.html.find("main").text
    older = browser.get("/audit", {"kind": "export"}).html.find("a", rel="next")["href"]
    assert "kind=export" in older
    assert len(browser.get(older).html.select("tbody tr")) == 10


def test_what_is_no_kind_or_day_is_refused(browse, network):
    browser = browse(network["auditor"])
    browser.get("/audit", {"kind": "nonsense"}, status=400)
    browser.get("/audit", {"day": "yesterday"}, status=400)
    browser.get("/audit", {"before": "1 or 1"}, status=400)
    browser.get("/audit", {"person": "x' or '1'='1", "subject": "a%_b", "day": "2026-03-02"})


def test_every_kind_of_entry_has_a_name_that_people_read():
    assert set(KIND_NAMES) == set(KINDS)


def test_who_opened_a_case_is_told_to_whoever_may_not_read_the_trail(as_actor, network, session, clock):
    for subject, method in (("case:5", "GET"), ("case:51", "GET"), ("case:5", "")):
        append(
            session,
            recorded_at=clock.now(),
            actor_id=network["worker"].id,
            actor_name="Worker",
            kind="read",
            subject=subject,
            method=method,
            request_id="1",
            origin={},
            details={},
        )
    work = as_actor(network["supervisor"])
    assert find_entries(work, Wanted()).entries == []
    assert [entry.subject for entry in find_openings(work, 5).entries] == ["case:5"]
