"""What an actor may do: one table, role x relation -> permissions, closed by default.

Read a line aloud: "a worker, on a case given to her, may read the case, record a contact ...".
Relations: `unit` the role is held at a unit that reaches the thing; `case` the role is held on this
very case; `own` the thing is the actor's own (a referral she made, her account). What is not in the
table is refused. Programs add lines for permissions of their own (`Program.grants`); hooks can
refuse what the table permits, and never permit what it does not.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Protocol

from casework.work import Work

PUBLIC = "public"
"""The permission of pages for everybody: sign-in, language, health."""

PERMISSIONS: Mapping[str, str] = {
    "account:own": "see and change one's own account, devices and language",
    "home:read": "see the first page after signing in",
    "day:read": "see one's own duties and tasks",
    "case:list": "list the cases that one may see",
    "case:read": "open a case: state, people, timeline, documents",
    "case:status": "see the state of a case and what was released",
    "case:audit": "see who opened a case",
    "case:people": "name, change and remove the contact persons of a case",
    "referral:create": "refer a person",
    "referral:list": "see the state of one's own referrals",
    "person:search": "look for a person before registering one",
    "person:read": "see a person's data",
    "person:write": "register and change a person",
    "person:reveal": "see an identity number in full, which is recorded",
    "form:read": "read what was written on a case",
    "form:write": "write a form on a case; one that belongs to a move is written by whoever makes the move",
    "contact:record": "record a contact",
    "document:read": "open the documents of a case",
    "document:add": "hand in a photo or paper for a case, and have a failed letter made again",
    "document:remove": "take a wrong document off a case",
    "goal:write": "set, change and rate goals",
    "duty:exempt": "exempt a case from a duty, with a reason and an end",
    "application:begin": "ask for help with an application of one's own",
    "application:own": "fill in, hand in and follow an application of one's own",
    "application:help": "begin an application for somebody who cannot do so alone",
    "application:fill": "fill in an application for somebody who cannot",
    "fund:read": "see what funds hold, and their ledger",
    "fund:open": "open a fund",
    "fund:receive": "record money that came into a fund",
    "payment:read": "see the payments that were ordered",
    "payment:confirm": "confirm an order of somebody else, or send it back",
    "payment:record": "record that the bank paid",
    "message:write": "read and answer the messages of an applicant",
    "portal:give-code": "give a patient or family a code on paper that opens their case to them",
    "handbook:read": "read the standard",
    "evidence:print": "have the evidence sheet of a case made as PDF",
    "compliance:read": "see how far the standard was kept",
    "standard:write": "write the next edition of the standard",
    "standard:publish": "publish an edition that somebody else proposed",
    "staff:read": "see who works where, and their roles",
    "staff:manage": "open accounts, give and end roles",
    "audit:read": "read the audit trail",
}
"""Every permission of the core, with what it lets one do."""

_SIGNED_IN = frozenset({"account:own", "home:read", "handbook:read"})
_ON_A_CASE = frozenset({"case:read", "form:read", "document:read", "person:read"})

TABLE: Mapping[tuple[str, str], frozenset[str]] = {
    ("anyone", "own"): _SIGNED_IN,
    ("applicant", "own"): frozenset({"application:begin"}),
    ("referrer", "unit"): frozenset(
        {"day:read", "referral:create", "referral:list", "person:search", "person:read", "person:write"}
    ),
    ("referrer", "own"): frozenset({"case:status"}),
    ("worker", "unit"): frozenset(
        {
            "application:help",
            "day:read",
            "case:list",
            "referral:create",
            "referral:list",
            "person:search",
            "person:read",
            "person:write",
        }
    ),
    ("worker", "case"): _ON_A_CASE
    | {
        "form:write",
        "contact:record",
        "document:add",
        "document:remove",
        "goal:write",
        "message:write",
        "portal:give-code",
        "case:people",
        "person:write",
        "person:reveal",
        "case:status",
        "application:fill",
    },
    ("former_worker", "case"): _ON_A_CASE,
    ("supervisor", "unit"): _ON_A_CASE
    | {
        "day:read",
        "case:list",
        "case:audit",
        "person:search",
        "person:reveal",
        "duty:exempt",
        "staff:read",
        "referral:list",
        "evidence:print",
        "compliance:read",
    },
    ("coordinator", "unit"): _ON_A_CASE
    | {
        "compliance:read",
        "evidence:print",
        "standard:write",
        "standard:publish",
        "day:read",
        "case:list",
        "case:audit",
        "referral:create",
        "referral:list",
        "message:write",
        "portal:give-code",
        "person:search",
        "person:write",
        "person:reveal",
        "document:add",
        "duty:exempt",
        "staff:read",
        "fund:read",
        "payment:read",
    },
    ("fund_officer", "unit"): frozenset(
        {
            "person:search",
            "person:read",
            "document:read",
            "document:add",
            "document:remove",
            "message:write",
        }
    )
    | {"day:read", "case:list", "fund:read", "payment:read"}
    | _ON_A_CASE,
    ("finance", "unit"): frozenset(
        {"fund:read", "fund:open", "fund:receive", "payment:read", "payment:confirm", "payment:record"}
    ),
    ("purchaser", "unit"): frozenset({"compliance:read"}),
    ("auditor", "unit"): frozenset({"audit:read", "staff:read", "compliance:read"}),
    ("administrator", "unit"): frozenset({"staff:read", "staff:manage", "audit:read"}),
    ("client", "case"): frozenset({"case:status", "document:read", "application:own"}),
}
"""Role and relation, and what they permit."""


class Related(Protocol):
    """A thing that knows by which roles and relations an actor is tied to it."""

    def relations(self, work: Work) -> Iterable[tuple[str, str]]:
        """Pairs of role and relation."""
        ...


class Place:
    """No thing in particular: lists and pages that hold whatever the actor may see."""

    def relations(self, work: Work) -> Iterable[tuple[str, str]]:
        """Every role held at any unit."""
        return {(grant.role, "unit") for grant in work.actor.grants}


def permitted(work: Work, context: Related) -> frozenset[str]:
    """All permissions of the actor on a thing."""
    if work.actor.kind == "visitor":
        return frozenset()
    names: set[str] = set(TABLE["anyone", "own"])
    if work.actor.kind == "portal":
        names |= TABLE["applicant", "own"]
    for tie in context.relations(work):
        names |= TABLE.get(tie, frozenset())
        for program in work.programs:
            names |= program.grants.get(tie, frozenset())
    return frozenset(names)


def permits(work: Work, permission: str, context: Related) -> bool:
    """Whether the actor has one permission on a thing."""
    return permission == PUBLIC or permission in permitted(work, context)
