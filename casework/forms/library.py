"""Where forms are found: the core's folder, and each program's folder `forms`.

A form lies in `<name>.yaml`. The core's keys are bare names such as `contact-note`; a program's begin with the
program's key and a dot, `hospice.visit` in `visit.yaml`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from pathlib import Path

from casework.forms.compiler import compile_form
from casework.forms.definition import Form
from casework.forms.source import FormErrors, FormProblem
from casework.programs import Programs
from casework.resources import share
from casework.work import Work


class Library:
    """All forms that compile, by key and by version; what does not compile is among the problems."""

    def __init__(self, folders: Mapping[str, Path]) -> None:
        """`folders` by the owner of their forms: a program's key, or "" for the core."""
        self._by_key: dict[str, Form] = {}
        self._problems: list[FormProblem] = []
        for owner, folder in folders.items():
            for file in sorted(folder.glob("*.yaml")):
                self._load(owner, file)
        self._problems += [
            FormProblem(form.key, 1, f"`begins_with: {form.begins_with}` is no form")
            for form in self._by_key.values()
            if form.begins_with is not None and form.begins_with not in self._by_key
        ]
        self._by_version = {form.version: form for form in self._by_key.values()}

    def _load(self, owner: str, file: Path) -> None:
        try:
            form = compile_form(file.read_text("utf-8"), str(file))
        except FormErrors as errors:
            self._problems += errors.problems
            return
        except UnicodeDecodeError as error:
            self._problems.append(FormProblem(str(file), 1, f"not UTF-8: {error.reason}; save it as UTF-8"))
            return
        expected = f"{owner}.{file.stem}" if owner else file.stem
        if form.key != expected:
            self._problems.append(
                FormProblem(
                    str(file), 1, f"`form: {form.key}` must be {expected!r}, after its file and program"
                )
            )
        else:
            self._by_key[form.key] = form

    def __getitem__(self, key: str) -> Form:
        return self._by_key[key]

    def get(self, key: str) -> Form | None:
        """The form of that key, if there is one."""
        return self._by_key.get(key)

    def __iter__(self) -> Iterator[Form]:
        return iter(self._by_key.values())

    def version(self, version: str) -> Form | None:
        """The form of that version, if it is still the present one."""
        return self._by_version.get(version)

    def problems(self) -> Sequence[FormProblem]:
        """Everything wrong in any of the files."""
        return self._problems


@lru_cache(maxsize=8)
def library_for(programs: Programs) -> Library:
    """The core's forms and those of the enabled programs, read once for each set of programs.

    FormErrors if any file is wrong: a service does not start with half of its forms.
    """
    folders = {"": share("forms")}
    folders |= {program.key: folder for program in programs if (folder := program.subfolder("forms"))}
    library = Library(folders)
    if library.problems():
        raise FormErrors(list(library.problems()))
    return library


def library_of(work: Work) -> Library:
    """The forms in use."""
    return library_for(work.programs)
