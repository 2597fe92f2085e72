"""What a program is: a value that the core asks the owner of a case for."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from casework.i18n import Message
from casework.programs.portal import Portal
from casework.programs.workflow import Workflow
from casework.security.policies import Policy

if TYPE_CHECKING:
    from casework.demo.stage import Happening, Stage
    from casework.funds.model import Payment
    from casework.work import Work


@dataclass(frozen=True)
class EventKind:
    """A kind of fact: its name such as `contact.recorded`, what people read, and its payload's keys."""

    name: str
    label: Message
    payload: tuple[str, ...] = ()


@dataclass(frozen=True)
class Link:
    """A page of a program in the navigation, for whoever has the permission somewhere."""

    title: Message
    route: str
    permission: str


@dataclass(frozen=True)
class Waiting:
    """Something that waits for the actor on a page of its own: shown, with the number, on the first page."""

    title: Message
    count: int
    route: str


@dataclass(frozen=True)
class Program:
    """A hospital program, complete.

    `key` begins its tables, forms and clauses; `code` stands in its case numbers. `package` is
    where its folders `forms`, `standards`, `locale`, `templates` and `migrations` lie, each used
    if it exists. `grants` adds permissions to roles: {(role, relation): {permission, ...}}, with
    the relations of casework/security/permissions.py; they may only name permissions of its own.
    `includeme` is the dotted name of a Pyramid includeme with its pages. `compartments` are walled
    rooms of its own; `policies` say who sees the rows of its tables, by table.

    `links` stand in the navigation, `case_links` (of routes made by add_case_route) on its cases; `waiting` counts what waits for the actor on the program's pages.
    `compartment` is the wall behind which its cases stand: `case` is open to whoever works with the
    cases of a unit, anything else only to the roles that `opens` names: (role, `unit` or `case`)
    -> compartments, added to those that the role opens anyway. `portal` lets patients and families
    apply on their own. `paid` is called, inside the transaction, whenever a payment of one of its
    cases changes its status.

    `demo` is its part of the invented district: it is given the district as it was founded, with its
    units, its staff and a crowd to take people from, and answers what happens there, each with its
    moment. The district plays it among what happens elsewhere, in the order of time, in one
    transaction; what it does it does by use cases. Production never asks for it.
    """

    key: str
    code: str
    title: Message
    package: str
    workflow: Workflow
    events: tuple[EventKind, ...] = ()
    grants: Mapping[tuple[str, str], frozenset[str]] = field(default_factory=dict)
    compartments: tuple[str, ...] = ()
    compartment: str = "case"
    opens: Mapping[tuple[str, str], frozenset[str]] = field(default_factory=dict)
    policies: Mapping[str, Policy] = field(default_factory=dict)
    portal: Portal | None = None
    paid: Callable[[Work, Payment], None] | None = None
    demo: Callable[[Stage], Iterable[Happening]] | None = None
    links: tuple[Link, ...] = ()
    case_links: tuple[Link, ...] = ()
    waiting: Callable[[Work], Sequence[Waiting]] | None = None
    includeme: str | None = None
    summary: Message | None = None

    @property
    def folder(self) -> Path:
        """Where the program's own files lie."""
        spec = importlib.util.find_spec(self.package)
        if spec is None or not spec.submodule_search_locations:
            raise LookupError(f"program {self.key!r}: package {self.package!r} is not a folder")
        return Path(next(iter(spec.submodule_search_locations)))

    def subfolder(self, name: str) -> Path | None:
        """The program's folder of that name, if it has one."""
        folder = self.folder / name
        return folder if folder.is_dir() else None
