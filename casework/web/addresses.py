"""What is known about addresses of this service."""

from __future__ import annotations

from urllib.parse import quote, urlsplit

from pyramid.interfaces import IRoutesMapper
from pyramid.registry import Registry
from pyramid.request import Request

LONGEST = 2000
_KEPT = "/?&=%:@+,;~!$'()*#"


def methods(registry: Registry, route_name: str) -> frozenset[str]:
    """The methods that the views of a route were registered for."""
    found: set[str] = set()
    for entry in registry.introspector.get_category("views") or ():
        view = entry["introspectable"]
        if view["route_name"] == route_name:
            given = view["request_methods"] or ()
            found.update([given] if isinstance(given, str) else given)
    return frozenset(found | ({"HEAD"} if "GET" in found else set()))


def page_of(request: Request) -> str:
    """The page to return to after a post.

    Its own address if that can be read, else the page on which the form stood, else the first page.
    """
    route = request.registry.getUtility(IRoutesMapper)(request)["route"]
    if route is not None and "GET" in methods(request.registry, route.name):
        return str(request.path)
    try:
        before = urlsplit(request.referer or "")
    except ValueError:
        return "/"
    return local(before.path) if before.netloc == request.host else "/"


def sign_in_page(path: str) -> str:
    """Where whoever asked for an address signs in: patients and families have a page of their own."""
    return "/my/sign-in" if path == "/my" or path.startswith("/my/") else "/sign-in"


def local(address: str | None, otherwise: str = "/") -> str:
    """The address if it is a path of this very site, else `otherwise`.

    Never another site, a scheme, or a header of its own (RFC 3986, 4.2).
    """
    if not address or len(address) > LONGEST or not address.startswith("/") or address[1:2] == "/":
        return otherwise
    if "\\" in address or not address.isprintable() or " " in address:
        return otherwise
    return quote(address, safe=_KEPT)
