"""Serves the built styles, scripts and icons under addresses that change with their content.

`/static/built/app.css?v=3f1c09a2b7de` may be kept for ever; the same path without the right version
is served too, but kept only for minutes. Only files that lie in the folder when they are asked
for are served: a path is looked up, never opened as it came.
"""

from __future__ import annotations

import hashlib
import mimetypes
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from pyramid.httpexceptions import HTTPNotFound
from pyramid.response import FileResponse

if TYPE_CHECKING:
    from pyramid.config import Configurator
    from pyramid.request import Request
    from pyramid.response import Response

FOLDER = Path(__file__).with_name("static")
FOR_EVER = 365 * 24 * 3600
MINUTES = 300

TYPES = {
    ".js": "text/javascript",
    ".css": "text/css",
    ".svg": "image/svg+xml",
    ".txt": "text/plain",
    ".html": "text/html",
}


@dataclass(frozen=True)
class Asset:
    """One file: where it is, the version in its address, and when it was looked at."""

    file: Path
    version: str
    stamp: tuple[int, int]


class Assets:
    """The static files by their path below the folder, each with the version of its content."""

    def __init__(self, folder: Path = FOLDER, prefix: str = "/static") -> None:
        self.folder = folder.resolve()
        self.prefix = prefix
        self._known: dict[str, Asset] = {}

    def find(self, path: str) -> Asset | None:
        """The asset at a path such as "built/app.css", or None."""
        parts = path.split("/")
        if not all(parts) or any(part.startswith(".") or "\\" in part or "\0" in part for part in parts):
            return None
        file = self.folder.joinpath(*parts)
        try:
            state = file.stat()
        except (OSError, ValueError):
            self._known.pop(path, None)
            return None
        if not file.is_file() or not file.resolve().is_relative_to(self.folder):
            return None
        stamp = (state.st_mtime_ns, state.st_size)
        known = self._known.get(path)
        if known is None or known.stamp != stamp:
            digest = hashlib.sha256(file.read_bytes()).hexdigest()
            known = self._known[path] = Asset(file, digest[:12], stamp)
        return known

    def address(self, path: str) -> str:
        """The address of an asset; LookupError when it was never built."""
        asset = self.find(path)
        if asset is None:
            raise LookupError(f"no static file {path!r}; `npm run build` makes those in static/built")
        return f"{self.prefix}/{quote(path)}?v={asset.version}"


ASSETS = Assets()


def static(path: str) -> str:
    """For templates: the address of `static("built/app.css")`."""
    return ASSETS.address(path)


def serve(request: Request) -> Response:
    """One static file, compressed where the visitor takes that and a compressed copy lies beside it."""
    asset = ASSETS.find("/".join(request.matchdict["path"]))
    if asset is None:
        raise HTTPNotFound
    small = asset.file.with_name(asset.file.name + ".gz")
    asked = "Accept-Encoding" in request.headers
    packed = asked and small.is_file() and bool(request.accept_encoding.acceptable_offers(["gzip"]))
    response: Any = FileResponse(
        small if packed else asset.file,
        request=request,
        content_type=TYPES.get(asset.file.suffix)
        or mimetypes.guess_type(asset.file.name)[0]
        or "application/octet-stream",
    )
    if packed:
        response.content_encoding = "gzip"
    response.charset = "utf-8" if response.content_type.startswith("text/") else None
    response.vary = ("Accept-Encoding",)
    response.etag = f"{asset.version}{'-gz' if packed else ''}"
    if request.params.get("v") == asset.version:
        response.cache_control = f"public, max-age={FOR_EVER}, immutable"
    else:
        response.cache_control = f"public, max-age={MINUTES}"
    response.conditional_response = True
    return response


def includeme(config: Configurator) -> None:
    """Serve the folder to everybody."""
    config.add_route("static", "/static/*path")
    config.add_view(serve, route_name="static", request_method="GET", permission="public")
