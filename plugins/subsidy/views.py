"""The pages of aid: the arithmetic of a case, the committee's votes, and the public notices."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from pyramid.config import Configurator
from pyramid.httpexceptions import HTTPSeeOther
from pyramid.request import Request
from pyramid.view import view_config, view_defaults

from casework.audit.trail import record
from casework.cases.dossier import Dossier
from casework.errors import Invalid, Missing
from casework.funds.queries import fund
from casework.funds.rules import in_capitals
from casework.i18n import _
from casework.security.permissions import PUBLIC
from casework.web.mending import to_mend
from casework.web.notices import tell

from . import committee
from .assessment import REFUSALS, Assessment
from .committee import VOTES, CommitteeFile, committee_file
from .deciding import first_look
from .queries import PROGRAM, assessment_of, public_notices, terms_behind, votes_of
from .rules import outcome

CASE = "/{case_id:[1-9][0-9]{0,17}}"
NOT_INDEXED = "noindex, noarchive, nosnippet"


def includeme(config: Configurator) -> None:
    """The addresses of these pages; the public notices have a short one, for posters."""
    config.add_case_route("subsidy.arithmetic", "/arithmetic")
    config.add_route("subsidy.committee", "/committee")
    config.add_route("subsidy.vote", f"/committee{CASE}", factory=asked_file)
    config.route_prefix = None
    config.add_route("subsidy.notices", "/notices")
    config.scan(__name__)


def asked_file(request: Request) -> CommitteeFile:
    """The case that the address names, as far as the committee sees it."""
    return committee_file(request.work, int(request.matchdict["case_id"]))


@view_config(
    route_name="subsidy.arithmetic",
    request_method="GET",
    permission="subsidy:arithmetic",
    renderer="subsidy/arithmetic.jinja2",
)
def show_arithmetic(context: Dossier, request: Request) -> dict[str, Any]:
    """The frozen means test line by line; before the review, a first look at what was written."""
    work, case = request.work, context.case
    if case.program != PROGRAM:
        raise Missing
    frozen = assessment_of(work, case.id)
    page: dict[str, Any] = {"case": case, "person": context.person, "frozen": frozen}
    if frozen is not None:
        assessment = Assessment.from_data(frozen.result)
        return page | {
            "assessment": assessment,
            "award": frozen.award,
            "capitals": in_capitals(frozen.award),
            "fund": fund(work, frozen.fund_id),
            "findings": (),
            "refusal": REFUSALS.get(assessment.refusal or ""),
            "votes": votes_of(work, case.id, frozen.round),
            "outcome": outcome(context),
            "vote_titles": VOTES,
            "terms_hash": frozen.terms_hash[:12],
        }
    if context.signed("subsidy.application") is None:
        return page | {"assessment": None}
    worked = first_look(work, context)
    return page | {
        "assessment": worked.assessment,
        "award": worked.assessment.award_fen,
        "capitals": in_capitals(worked.assessment.award_fen),
        "fund": worked.chosen.fund,
        "findings": worked.findings,
        "refusal": REFUSALS.get(worked.assessment.refusal or ""),
        "votes": (),
        "outcome": None,
        "vote_titles": VOTES,
        "terms_hash": worked.chosen.row.hash[:12],
    }


@view_config(
    route_name="subsidy.committee",
    request_method="GET",
    permission="subsidy:vote",
    renderer="subsidy/committee.jinja2",
)
def list_waiting(_context: Any, request: Request) -> dict[str, Any]:
    """The cases that wait for the member's vote."""
    return {"files": committee.waiting_cases(request.work)}


@view_defaults(route_name="subsidy.vote", permission="subsidy:vote", renderer="subsidy/vote.jinja2")
class VoteViews:
    """One case as a member of the committee sees it, and the vote."""

    def __init__(self, context: CommitteeFile, request: Request) -> None:
        self.file, self.request = context, request

    @view_config(request_method="GET")
    def show(self) -> dict[str, Any]:
        """The masked file; who opened it is recorded."""
        record(self.request.work, "read", f"case:{self.file.case.id}", what="committee file")
        return self._page(dict(self.request.held or {}))

    @view_config(request_method="POST")
    def vote(self) -> Any:
        """Vote, once."""
        typed = {name: self.request.POST.get(name, "") for name in ("vote", "reason")}
        try:
            committee.cast_vote(self.request.work, self.file, typed["vote"], typed["reason"])
        except Invalid as invalid:
            return to_mend(self.request, invalid, self._page(typed))
        tell(self.request, _("Your vote is recorded."))
        return HTTPSeeOther(self.request.route_path("subsidy.committee"))

    def _page(self, typed: dict[str, Any]) -> dict[str, Any]:
        terms = terms_behind(self.request.work, self.file.frozen)
        return {
            "file": self.file,
            "values": {"vote": "", "reason": "", **typed},
            "votes": VOTES,
            "needed": (terms.committee_yes, terms.committee_votes),
            "capitals": in_capitals(self.file.frozen.award),
            "problems": (),
        }


@view_config(
    route_name="subsidy.notices",
    request_method="GET",
    permission=PUBLIC,
    renderer="subsidy/notices.jinja2",
    http_cache=0,
)
def show_notices(_context: Any, request: Request) -> dict[str, Any]:
    """What is shown in public now; no machine is to keep it."""
    request.response.headers["X-Robots-Tag"] = NOT_INDEXED
    zone = request.work.zone
    return {
        "shown": public_notices(request.work),
        "last_day": lambda notice: (notice.gone_at - timedelta(seconds=1)).astimezone(zone).date(),
    }
