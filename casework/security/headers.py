"""Headers that every answer carries, also errors and static files."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from pyramid.request import Request
from pyramid.response import Response
from pyramid.tweens import INGRESS

CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self';"
    " connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)

HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}

VARY = ("Cookie", "Accept-Language", "HX-Request")
TWO_YEARS = 2 * 365 * 24 * 3600


def includeme(config: Any) -> None:
    """Put the headers around everything."""
    config.add_tween("casework.security.headers.headers_tween", under=INGRESS)


def headers_tween(handler: Callable[[Request], Response], registry: Any) -> Callable[[Request], Response]:
    """Adds the headers; nothing that is private is stored by browsers or proxies.

    A view may narrow what its answer can do by directives of its own, such as `sandbox`.
    """
    https = registry["casework.settings"].https

    def answer(request: Request) -> Response:
        response = handler(request)
        narrower = response.headers.get("Content-Security-Policy")
        response.headers.update(HEADERS)
        if narrower:
            response.headers["Content-Security-Policy"] = f"{CONTENT_SECURITY_POLICY}; {narrower}"
        if https:
            response.headers["Strict-Transport-Security"] = f"max-age={TWO_YEARS}"
        if not (_is_static(request) and response.status_int in {200, 304}):
            response.headers["Cache-Control"] = "no-store"
        response.vary = tuple(dict.fromkeys([*(response.vary or ()), *VARY]))
        if "casework.request_id" in request.environ:
            response.headers["X-Request-Id"] = request.environ["casework.request_id"]
        return response

    return answer


def _is_static(request: Request) -> bool:
    return bool(request.environ.get("PATH_INFO", "").startswith("/static/"))
