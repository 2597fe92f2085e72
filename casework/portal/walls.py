"""Who sees the rows of this domain (see casework/security/visibility.py)."""

from __future__ import annotations

from collections.abc import Mapping

from casework.security.policies import SYSTEM, Policy, case_rows

_ANYBODY = "(select actor_id()) > 0"
_SYSTEM_ALONE = Policy(SYSTEM, SYSTEM, SYSTEM, SYSTEM)

POLICIES: Mapping[str, Policy] = {
    "portal_phones": Policy(SYSTEM, SYSTEM, SYSTEM),
    "phone_codes": _SYSTEM_ALONE,
    "access_codes": Policy(SYSTEM, SYSTEM, SYSTEM),
    "texts": _SYSTEM_ALONE,
    "consent_texts": Policy(_ANYBODY, _ANYBODY),
    "consents": case_rows("consents"),
    "portal_messages": case_rows("portal_messages"),
}
"""The policy of every table of this domain. Numbers, codes and texts are nobody's to read: the use
cases answer what may be told of them. Of the words of consents everybody who is signed in adds
and reads some, and nobody changes any."""
