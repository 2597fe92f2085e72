"""The programs and adapters that a network has enabled: found by entry point, checked at the start."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

import pluggy

from casework.programs import hookspecs
from casework.programs.program import EventKind, Program

GROUP = "casework.programs"
ADAPTERS = "casework.adapters"
"""The entry points of plugins that are no programs and carry things out of the house, such as texts."""


class ProgramError(ValueError):
    """A program that cannot be used as it is; the message names it and says why."""


class Programs:
    """The enabled programs, and the hooks of these and of the adapters. One instance for each
    application, never a global."""

    def __init__(self, plugins: Mapping[str, Any], adapters: Mapping[str, Any] | None = None) -> None:
        manager = pluggy.PluginManager("casework")
        manager.add_hookspecs(hookspecs)
        self._by_key: dict[str, Program] = {}
        for name, plugin in sorted(plugins.items()):
            manager.register(plugin, name)
            try:
                program = plugin.casework_program()
            except AttributeError as error:
                raise ProgramError(f"program {name!r} answers no casework_program(): {error}") from error
            if program.key != name:
                raise ProgramError(f"program {name!r} calls itself {program.key!r}; the two must agree")
            foreign = {
                permission
                for permissions in program.grants.values()
                for permission in permissions
                if not permission.startswith(f"{name}:")
            }
            if foreign:
                raise ProgramError(f"program {name!r} grants {min(foreign)!r}, which is not its own")
            self._by_key[name] = program
        for name, adapter in sorted((adapters or {}).items()):
            manager.register(adapter, f"adapter {name}")
        try:
            manager.check_pending()
        except pluggy.PluginValidationError as error:
            raise ProgramError(f"a plugin implements a hook that does not exist: {error}") from error
        self.hook = manager.hook

    @classmethod
    def load(cls, enabled: Sequence[str], adapters: Sequence[str] = ()) -> Programs:
        """Load the enabled programs and adapters among the installed ones."""
        return cls(_installed(GROUP, enabled), _installed(ADAPTERS, adapters))

    def __iter__(self) -> Iterator[Program]:
        return iter(self._by_key.values())

    def __getitem__(self, key: str) -> Program:
        return self._by_key[key]

    def get(self, key: str) -> Program | None:
        """The program of that key, if it is enabled."""
        return self._by_key.get(key)

    def folders(self, name: str) -> list[Path]:
        """The folders of that name of all enabled programs."""
        return [folder for program in self if (folder := program.subfolder(name))]

    def events(self) -> dict[str, EventKind]:
        """The kinds of events that the enabled programs declare, by name."""
        return {kind.name: kind for program in self for kind in program.events}


def _installed(group: str, enabled: Sequence[str]) -> dict[str, Any]:
    """The named plugins among the installed ones of a group, by name."""
    installed = {entry.name: entry for entry in entry_points(group=group)}
    if missing := sorted(set(enabled) - installed.keys()):
        raise ProgramError(
            f"{group} names {missing[0]!r}, which is not installed; "
            f"installed are: {', '.join(sorted(installed)) or 'none'}"
        )
    return {name: installed[name].load() for name in enabled}
