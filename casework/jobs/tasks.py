"""What can be deferred: plain functions, named by a decorator and found in modules `jobs`."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from types import ModuleType
from typing import TypeVar

from casework.programs import Programs
from casework.resources import PACKAGE

Run = TypeVar("Run", bound=Callable[..., None])

_MARK = "__casework_task__"


class JobError(ValueError):
    """A task that cannot be registered; the message names it and says why."""


@dataclass(frozen=True)
class Task:
    """A function that takes `Work` and arguments that are JSON.

    `periodic` is a cron line in UTC (minute, hour, day, month, weekday). A run that fails is tried
    again `retries` times, after 4, 16, 64 ... seconds; then it is parked.
    """

    name: str
    run: Callable[..., None]
    periodic: str | None = None
    retries: int = 6


def job(name: str, *, periodic: str | None = None, retries: int | None = None) -> Callable[[Run], Run]:
    """Declare a function as the task `name`, such as `audit.seal`.

    A periodic task is tried again only twice, because its next turn comes anyway.
    """

    def declare(run: Run) -> Run:
        tries = retries if retries is not None else (2 if periodic else 6)
        setattr(run, _MARK, Task(name, run, periodic, tries))
        return run

    return declare


class Tasks(Mapping[str, Task]):
    """The tasks of one application by name."""

    def __init__(self, tasks: Iterable[Task]) -> None:
        self._by_name: dict[str, Task] = {}
        for task in tasks:
            if task.name in self._by_name:
                raise JobError(f"two tasks are named {task.name!r}")
            self._by_name[task.name] = task

    @classmethod
    def load(cls, programs: Programs) -> Tasks:
        """The tasks of the core's domains and of the enabled programs.

        Raises JobError if two have one name or a program's does not begin with its key.
        """
        tasks = [task for module in _core_modules() for task in declared_in(module)]
        for program in programs:
            if (program.folder / "jobs.py").exists():
                for task in declared_in(importlib.import_module(f"{program.package}.jobs")):
                    if not task.name.startswith(f"{program.key}."):
                        raise JobError(
                            f"the task {task.name!r} of program {program.key!r} must begin with its key"
                        )
                    tasks.append(task)
        return cls(tasks)

    def __getitem__(self, name: str) -> Task:
        return self._by_name[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._by_name)

    def __len__(self) -> int:
        return len(self._by_name)


def declared_in(module: ModuleType) -> list[Task]:
    """The tasks that a module itself declares, not those that it imported."""
    return [
        value.__dict__[_MARK]
        for value in vars(module).values()
        if _MARK in getattr(value, "__dict__", {}) and value.__module__ == module.__name__
    ]


def _core_modules() -> Iterator[ModuleType]:
    yield importlib.import_module("casework.jobs.housekeeping")
    for path in sorted(PACKAGE.glob("*/jobs.py")):
        yield importlib.import_module(f"casework.{path.parent.name}.jobs")
