"""The pages of goals."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pyramid.httpexceptions import HTTPSeeOther
from pyramid.request import Request
from pyramid.view import view_config

from casework.cases.dossier import Dossier
from casework.errors import Invalid
from casework.plans import usecases
from casework.plans.model import Goal
from casework.plans.queries import goal_of
from casework.plans.rules import DOMAINS, RATINGS, STATUSES, WEIGHTS
from casework.web.asked import mark, new_mark, version
from casework.web.mending import to_mend

FIELDS = ("text", "domain", "baseline", "target", "measure", "due_on", "importance", "difficulty")


def _page(context: Dossier, values: Mapping[str, Any], goal: Goal | None = None) -> dict[str, Any]:
    return {
        "case": context.case,
        "person": context.person,
        "goal": goal,
        "values": values,
        "problems": (),
        "domains": DOMAINS,
        "weights": WEIGHTS,
    }


def _typed(request: Request) -> dict[str, str]:
    return {name: request.POST.get(name, "") for name in FIELDS}


def _back(context: Dossier, request: Request) -> HTTPSeeOther:
    return HTTPSeeOther(request.route_path("case", case_id=context.case.id, _anchor="goals"))


def _goal(context: Dossier, request: Request) -> Goal:
    return goal_of(context, int(request.matchdict["goal_id"]))


def _new(context: Dossier, values: Mapping[str, Any], mark: str | None) -> dict[str, Any]:
    return _page(context, values) | {"mark": mark or new_mark()}


@view_config(
    route_name="case.goal.new", request_method="GET", permission="goal:write", renderer="plans/goal.jinja2"
)
def show_new(context: Dossier, request: Request) -> dict[str, Any]:
    """An empty goal, or what was typed before the session ended."""
    return _new(context, dict.fromkeys(FIELDS, "") | dict(request.held or {}), new_mark())


@view_config(
    route_name="case.goal.new", request_method="POST", permission="goal:write", renderer="plans/goal.jinja2"
)
def set_goal(context: Dossier, request: Request) -> Any:
    """Set the goal."""
    typed, sent = _typed(request), mark(request)
    try:
        usecases.set_goal(request.work, context, typed, sent)
    except Invalid as invalid:
        return to_mend(request, invalid, _new(context, typed, sent))
    return _back(context, request)


@view_config(
    route_name="case.goal", request_method="GET", permission="goal:write", renderer="plans/goal.jinja2"
)
def show_goal(context: Dossier, request: Request) -> dict[str, Any]:
    """A goal to be changed."""
    goal = _goal(context, request)
    kept = {name: getattr(goal, name) for name in (*FIELDS, "version")}
    return _page(context, kept | dict(request.held or {}), goal)


@view_config(
    route_name="case.goal", request_method="POST", permission="goal:write", renderer="plans/goal.jinja2"
)
def change_goal(context: Dossier, request: Request) -> Any:
    """Change the goal."""
    goal, typed = _goal(context, request), _typed(request)
    try:
        usecases.change_goal(request.work, context, goal, version(request), typed)
    except Invalid as invalid:
        return to_mend(request, invalid, _page(context, typed | {"version": request.POST["version"]}, goal))
    return _back(context, request)


def _rating_page(context: Dossier, goal: Goal, values: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "case": context.case,
        "person": context.person,
        "goal": goal,
        "values": values,
        "problems": (),
        "ratings": RATINGS,
        "statuses": STATUSES,
    }


@view_config(
    route_name="case.goal.rate", request_method="GET", permission="goal:write", renderer="plans/rating.jinja2"
)
def show_rating(context: Dossier, request: Request) -> dict[str, Any]:
    """How far a goal was reached."""
    goal = _goal(context, request)
    kept = {"rating": goal.rating, "status": goal.status, "version": goal.version}
    return _rating_page(context, goal, kept | dict(request.held or {}))


@view_config(
    route_name="case.goal.rate",
    request_method="POST",
    permission="goal:write",
    renderer="plans/rating.jinja2",
)
def rate_goal(context: Dossier, request: Request) -> Any:
    """Rate the goal."""
    goal = _goal(context, request)
    typed = {"rating": request.POST.get("rating", ""), "status": request.POST.get("status", "")}
    try:
        usecases.rate_goal(request.work, context, goal, version(request), **typed)
    except Invalid as invalid:
        seen = {"version": request.POST["version"]}
        return to_mend(request, invalid, _rating_page(context, goal, typed | seen))
    return _back(context, request)
