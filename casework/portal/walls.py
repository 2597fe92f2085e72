"""Who sees the rows of this domain (see casework/security/visibility.py)."""

from __future__ import annotations

from collections.abc import Mapping

from casework.security.policies import Policy

POLICIES: Mapping[str, Policy] = {}
"""The policy of every table of this domain."""
