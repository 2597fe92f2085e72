"""Pyramid's question "may this request do that here?", answered from the permission table."""

from __future__ import annotations

from typing import Any

from pyramid.request import Request
from pyramid.security import Allowed, Denied

from casework.security.permissions import PUBLIC, Place, permits


class TablePolicy:
    """Permissions from casework/security/permissions.py. The default permission "nobody" is in no
    line of the table, so a page whose author named none is closed to everyone."""

    def identity(self, request: Request) -> Any:
        """The acting person, or None for a visitor."""
        actor = request.work.actor
        return actor if actor.kind != "visitor" else None

    def authenticated_userid(self, request: Request) -> str | None:
        """The account's number as text."""
        identity = self.identity(request)
        return str(identity.id) if identity else None

    def permits(self, request: Request, context: Any, permission: str) -> Allowed | Denied:
        """Whether the table has a line for one of the actor's ties to the context."""
        if permission == PUBLIC:
            return Allowed("public")
        related = context if hasattr(context, "relations") else Place()
        if permits(request.work, permission, related):
            return Allowed(permission)
        return Denied(permission)

    def remember(self, _request: Request, _userid: str, **_options: Any) -> list[tuple[str, str]]:
        """Sessions are kept by casework/security/sessions.py, not by the policy."""
        return []

    def forget(self, _request: Request, **_options: Any) -> list[tuple[str, str]]:
        """See remember."""
        return []
