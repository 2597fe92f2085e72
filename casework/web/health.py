"""Whether the service is up, for load balancers and monitors; it tells strangers nothing else."""

from __future__ import annotations

from datetime import datetime, timedelta

from pyramid.config import Configurator
from pyramid.request import Request
from pyramid.response import Response

from casework.jobs.queries import worker_seen
from casework.web.readiness import database_answers, is_migrated

HEARTBEAT_AT_LEAST = timedelta(seconds=60)


def includeme(config: Configurator) -> None:
    """Add the two addresses."""
    config.add_route("healthz", "/healthz")
    config.add_route("readyz", "/readyz")
    config.add_view(healthz, route_name="healthz", request_method="GET", permission="public")
    config.add_view(readyz, route_name="readyz", request_method="GET", permission="public")


def healthz(_request: Request) -> Response:
    """200 as long as the process answers; the database is not asked."""
    return Response("ok\n", content_type="text/plain")


def readyz(request: Request) -> Response:
    """200 if the database answers, has this version's schema, and a worker is alive.

    Else 503 with the name of the first thing that is missing.
    """
    missing = _missing(request)
    if missing is None:
        return Response("ok\n", content_type="text/plain")
    return Response(f"not ready: {missing}\n", status=503, content_type="text/plain")


def _missing(request: Request) -> str | None:
    now = database_answers(request.db)
    if now is None:
        return "database"
    if not is_migrated(request.db, request.registry["casework.programs"]):
        return "migrations"
    if _is_stale(worker_seen(request.db), now):
        return "worker"
    return None


def _is_stale(seen: datetime | None, now: datetime) -> bool:
    return seen is None or now - seen > HEARTBEAT_AT_LEAST
