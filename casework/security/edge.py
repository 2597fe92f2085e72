"""The outermost door: what is not a well-formed request of ours is answered before anything runs.

Refused here are bad encodings (400), too large or too many (413, 431, 400), unknown methods (405,
501), foreign hosts (400) and ambiguous fields (400). Whoever comes further may rely on this: every
text of a request is valid Unicode without NUL, a field that does not end in `[]` was posted once,
and `request.client_addr` is the visitor's.
"""

from __future__ import annotations

import ipaddress
import json
import re
import secrets
from collections.abc import Callable
from contextlib import suppress
from typing import Any
from urllib.parse import unquote_to_bytes, urlsplit

from pyramid.httpexceptions import (
    HTTPBadRequest,
    HTTPException,
    HTTPLengthRequired,
    HTTPMethodNotAllowed,
    HTTPNotImplemented,
    HTTPRequestEntityTooLarge,
    HTTPRequestHeaderFieldsTooLarge,
)
from pyramid.request import Request
from pyramid.response import Response
from pyramid.tweens import EXCVIEW

from casework.settings import Settings

METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
REFUSED_METHODS = frozenset({"TRACE", "CONNECT"})
WITH_BODY = frozenset({"POST", "PUT", "PATCH", "DELETE"})
PARAMETERS = 1000
FIELDS = 2000
HEADERS = 150
JSON_DEPTH = 50
NUMBER_LENGTH = 30
LENGTH_DIGITS = 15
PROBES = frozenset({"/healthz", "/readyz"})

_HOST = re.compile(r"(?:[a-z0-9](?:[a-z0-9._-]*[a-z0-9])?\.?|\[[0-9a-f:.]+\])(?::\d{1,5})?", re.IGNORECASE)
_BAD_PERCENT = re.compile(rb"%(?![0-9A-Fa-f]{2})")
_FORWARDED = ("HTTP_X_FORWARDED_FOR", "HTTP_X_FORWARDED_HOST", "HTTP_X_FORWARDED_PROTO", "HTTP_FORWARDED")
_OVERRIDE = ("HTTP_X_HTTP_METHOD_OVERRIDE", "HTTP_X_HTTP_METHOD", "HTTP_X_METHOD_OVERRIDE")


class MemoryRequest(Request):  # type: ignore[misc]
    """A request whose body stays in memory: what is typed about people reaches no temporary file."""

    request_body_tempfile_limit = 20 * 1024 * 1024


def includeme(config: Any) -> None:
    """Put the door around everything but the headers."""
    config.set_request_factory(MemoryRequest)
    config.add_tween(
        "casework.security.edge.edge_tween",
        under="casework.security.headers.headers_tween",
        over=["casework.audit.witness.outside", "pyramid_tm.tm_tween_factory", EXCVIEW],
    )
    config.add_settings({"retry.activate_hook": attempts})


def edge_tween(handler: Callable[[Request], Response], registry: Any) -> Callable[[Request], Response]:
    """Refuses what is malformed, and turns what nobody else caught into a page."""
    settings: Settings = registry["casework.settings"]

    def door(request: Request) -> Response:
        from casework.web.errors import last_resort, refuse

        _name_visitor(request.environ, settings)
        try:
            examine(request, settings)
        except HTTPException as fault:
            return refuse(request, fault)
        try:
            return handler(request)
        except Exception as failure:  # noqa: BLE001 - nobody else could answer
            return last_resort(request, failure)

    return door


def attempts(request: Request) -> int | None:
    """How often pyramid_retry may try: once if the body will be refused.

    To be able to repeat, it reads the whole body before anything else runs.
    """
    settings: Settings = request.registry["casework.settings"]
    try:
        _length(request.environ, settings)
    except HTTPException:
        return 1
    return None


def examine(request: Request, settings: Settings) -> None:
    """Raise the HTTP exception that answers a malformed request."""
    environ = request.environ
    method = environ["REQUEST_METHOD"]
    if method in REFUSED_METHODS:
        raise HTTPMethodNotAllowed(headers={"Allow": "GET, HEAD, POST"})
    if method not in METHODS:
        raise HTTPNotImplemented
    if sum(name.startswith("HTTP_") for name in environ) > HEADERS:
        raise HTTPRequestHeaderFieldsTooLarge
    path = _decoded(environ.get("PATH_INFO", "").encode("latin-1"), "path")
    if path.endswith("\n"):
        raise HTTPBadRequest("path")  # The patterns of routes overlook a line's end behind a number.
    if environ.get("SCRIPT_NAME"):
        _decoded(environ["SCRIPT_NAME"].encode("latin-1"), "path")
    _examine_host(environ, settings, path)
    _examine_query(environ.get("QUERY_STRING", ""))
    _length(environ, settings)
    if method in WITH_BODY:
        _examine_origin(environ)
        _examine_body(request)


def _name_visitor(environ: dict[str, Any], settings: Settings) -> None:
    """Settle who asks, by which scheme, and under which number, from what can be trusted."""
    environ["casework.request_id"] = secrets.token_hex(6)
    forwarded = [part.strip() for part in environ.get("HTTP_X_FORWARDED_FOR", "").split(",") if part.strip()]
    for name in (*_FORWARDED, *_OVERRIDE):
        environ.pop(name, None)
    if settings.trusted_proxies and forwarded:
        claimed = forwarded[-min(settings.trusted_proxies, len(forwarded))]
        with suppress(ValueError):
            environ["REMOTE_ADDR"] = str(ipaddress.ip_address(claimed))
    if settings.https:
        environ["wsgi.url_scheme"] = "https"


def _examine_host(environ: dict[str, Any], settings: Settings, path: str) -> None:
    host = environ.get("HTTP_HOST", "")
    if not _HOST.fullmatch(host):
        raise HTTPBadRequest("host")
    if settings.hosts and path not in PROBES:
        full = host.lower()
        bare = re.sub(r":\d+$", "", full).rstrip(".")
        if not {full, bare} & {known.lower() for known in settings.hosts}:
            raise HTTPBadRequest("host")


def _examine_query(query: str) -> None:
    if query.count("&") >= PARAMETERS:
        raise HTTPBadRequest("too many parameters")
    _encoded(query.encode("latin-1", "replace"), "query")


def _length(environ: dict[str, Any], settings: Settings) -> int:
    """The length of the body, judged before a byte of it is read."""
    if environ.get("HTTP_TRANSFER_ENCODING") and not environ.get("CONTENT_LENGTH"):
        raise HTTPLengthRequired
    text = environ.get("CONTENT_LENGTH") or "0"
    if not (text.isascii() and text.isdigit()):
        raise HTTPBadRequest("length")
    most = settings.max_body_kb
    if environ.get("CONTENT_TYPE", "").lower().startswith("multipart/form-data"):
        most += settings.upload_mb * 1024  # A file comes along.
    if len(text) > LENGTH_DIGITS or int(text) > most * 1024:
        raise HTTPRequestEntityTooLarge
    return int(text)


def _examine_origin(environ: dict[str, Any]) -> None:
    """A browser says where a post comes from; another site's is refused besides the token."""
    if environ.get("HTTP_SEC_FETCH_SITE", "same-origin") not in {"same-origin", "none"}:
        raise HTTPBadRequest("origin")
    origin = environ.get("HTTP_ORIGIN")
    if origin is None:
        return
    try:
        place = urlsplit(origin).netloc
    except ValueError:
        place = ""
    if place.lower() != environ["HTTP_HOST"].lower():
        raise HTTPBadRequest("origin")


def _examine_body(request: Request) -> None:
    kind = (request.content_type or "").lower()
    if not request.content_length:
        return
    if kind == "application/json" or kind.endswith("+json"):
        _examine_json(request.body)
    elif kind == "application/x-www-form-urlencoded":
        if request.body.count(b"&") >= FIELDS:
            raise HTTPBadRequest("too many fields")
        _encoded(request.body, "form")
        _examine_fields(request)
    elif kind == "multipart/form-data":
        if request.body.lower().count(b"content-disposition") > FIELDS:
            raise HTTPBadRequest("too many fields")
        _examine_fields(request)


def _examine_fields(request: Request) -> None:
    try:
        fields = list(request.POST.items())
    except (ValueError, LookupError, OSError) as fault:
        raise HTTPBadRequest("form") from fault
    if len(fields) > FIELDS:
        raise HTTPBadRequest("too many fields")
    seen: set[str] = set()
    in_address = set(request.GET)
    for name, value in fields:
        if name is None:  # A part without a name.
            raise HTTPBadRequest("form")
        text = value if isinstance(value, str) else getattr(value, "filename", "") or ""
        _clean(name, "form")
        _clean(text, "form")
        if name in in_address or (name in seen and not name.endswith("[]")):
            raise HTTPBadRequest("repeated field")
        seen.add(name)


def _examine_json(body: bytes) -> None:
    def refuse(_text: str) -> Any:
        raise HTTPBadRequest("number")

    def whole(text: str) -> int:
        return refuse(text) if len(text) > NUMBER_LENGTH else int(text)

    def fraction(text: str) -> float:
        return refuse(text) if len(text) > NUMBER_LENGTH or float(text) in _INFINITE else float(text)

    def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        fields = dict(pairs)
        if len(fields) < len(pairs):
            raise HTTPBadRequest("repeated field")
        return fields

    try:
        value = json.loads(
            body.decode(),
            object_pairs_hook=once,
            parse_int=whole,
            parse_float=fraction,
            parse_constant=refuse,
        )
    except (ValueError, RecursionError) as fault:
        raise HTTPBadRequest("json") from fault
    _examine_json_value(value, 0)


_INFINITE = frozenset({float("inf"), float("-inf")})


def _examine_json_value(value: Any, depth: int) -> None:
    if depth > JSON_DEPTH:
        raise HTTPBadRequest("json")
    if isinstance(value, str):
        _clean(value, "json")
    elif isinstance(value, list):
        for each in value:
            _examine_json_value(each, depth + 1)
    elif isinstance(value, dict):
        for name, each in value.items():
            _clean(name, "json")
            _examine_json_value(each, depth + 1)


def _encoded(raw: bytes, where: str) -> None:
    """Percent-encoded UTF-8 without NUL."""
    if _BAD_PERCENT.search(raw):
        raise HTTPBadRequest(where)
    _decoded(unquote_to_bytes(raw), where)


def _decoded(raw: bytes, where: str) -> str:
    try:
        text = raw.decode()
    except UnicodeDecodeError as fault:
        raise HTTPBadRequest(where) from fault
    _clean(text, where)
    return text


def _clean(text: str, where: str) -> None:
    if "\x00" in text or any("\ud800" <= letter <= "\udfff" for letter in text if letter > "\ud7ff"):
        raise HTTPBadRequest(where)
