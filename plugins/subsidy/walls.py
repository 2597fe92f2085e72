"""Who sees the rows of aid (see casework/security/visibility.py)."""

from __future__ import annotations

from collections.abc import Mapping

from casework.security.policies import SYSTEM, Policy, case_rows, of_case, units

_OF_CASE = of_case("subsidy_notices")
_FUND_KEPT = (
    "exists (select 1 from funds kept where kept.id = subsidy_terms.fund_id"
    f" and kept.unit_id = {units('finance')})"
)
"""Terms are set by those who keep the fund, and not by every hospital that draws on it."""

POLICIES: Mapping[str, Policy] = {
    "subsidy_terms": Policy("true", _FUND_KEPT),
    "subsidy_hospital_accounts": Policy(f"unit_id = {units('finance')}", f"unit_id = {units('finance')}"),
    "subsidy_assessments": case_rows("subsidy_assessments", changed=False),
    "subsidy_bills": case_rows("subsidy_bills", changed=False, deleted=True),
    "subsidy_votes": case_rows("subsidy_votes", changed=False),
    "subsidy_notices": Policy(
        f"(shown_at <= (select actor_now()) and gone_at > (select actor_now())) or {SYSTEM} or {_OF_CASE}",
        _OF_CASE,
        None,
        f"{SYSTEM} or {_OF_CASE}",
    ),
}
"""The policy of every table of aid. What a fund promises is public; so is a notice while it is shown."""
