"""The catalogues of translations: compiled, brought up to date with the sources, and checked.

    python -m casework.packaging.catalogues compile | update | check

The core and each program have a folder `locale` with one template and one catalogue for each
language; all share the domain `casework`. English is the source and has no catalogue.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

from casework.i18n import DOMAIN, LANGUAGES, SOURCE_LANGUAGE
from casework.packaging.build_backend import compile_catalogues
from casework.resources import PACKAGE

ROOT = PACKAGE.parent
PLACE = re.compile(r"%\((\w+)\)[sd]|%%")
METHODS = [("**.py", "python"), ("**.jinja2", "jinja2"), ("**.yaml", "casework_form")]
OPTIONS = {"**.jinja2": {"newstyle_gettext": "true", "silent": "false", "encoding": "utf-8"}}
WORDLESS = {"tests", "testing", "standards", "static", "versions", "locale", "__pycache__"}
"""Folders without words of ours; standards are written in every language."""

DATES = ("POT-Creation", "PO-Revision", "Generated-By", "Last-Translator", "Language-Team", "Report-Msgid")


@dataclass(frozen=True)
class Source:
    """One owner of words: the folders that hold them and the folder of its catalogues."""

    name: str
    locale: Path
    folders: tuple[Path, ...]

    def extracted(self) -> Catalog:
        """Every message of the folders, each with the files that say it."""
        catalogue = Catalog(
            project="casework", domain=DOMAIN, charset="utf-8", fuzzy=False, copyright_holder="the authors"
        )
        catalogue.header_comment = f"# Words of {self.name}."
        for folder in self.folders:
            for file, _line, text, comments, context in extract_from_dir(
                folder,
                method_map=METHODS,
                options_map=OPTIONS,
                directory_filter=lambda path: Path(path).name not in WORDLESS,
            ):
                place = (folder / file).relative_to(ROOT).as_posix()
                catalogue.add(text, None, [(place, 0)], auto_comments=comments, context=context)
        return catalogue


def sources() -> Iterator[Source]:
    """The core, then every program of the tree."""
    yield Source("the core", ROOT / "locale", (ROOT / "casework", ROOT / "forms"))
    for plugin in sorted(ROOT.glob("plugins/*/plugin.py")):
        yield Source(f"the program {plugin.parent.name}", plugin.parent / "locale", (plugin.parent,))


def languages() -> list[str]:
    """The languages that need catalogues."""
    return [language for language in LANGUAGES if language != SOURCE_LANGUAGE]


def update() -> None:
    """Write the templates and bring every catalogue up to date; what is new waits untranslated."""
    for source in sources():
        template = source.extracted()
        if not len(template):
            continue
        _write(source.locale / f"{DOMAIN}.pot", template)
        for language in languages():
            path = _path(source, language)
            catalogue = (
                _read(path, language)
                if path.exists()
                else Catalog(locale=language, domain=DOMAIN, fuzzy=False)
            )
            catalogue.header_comment = f"# Words of {source.name}: {LANGUAGES[language]}."
            catalogue.update(template, no_fuzzy_matching=True, update_creation_date=False)
            catalogue.obsolete.clear()
            _write(path, catalogue)


def problems() -> list[str]:
    """What is untranslated, out of date or damaged, one sentence each; empty if nothing is."""
    found = []
    for source in sources():
        template = source.extracted()
        for language in languages() if len(template) else []:
            path = _path(source, language)
            if not path.exists():
                found.append(f"{path.relative_to(ROOT)} is missing; run: make catalogues")
                continue
            catalogue = _read(path, language)
            for message in template:
                if message.id:
                    found += _problems_of(message, catalogue.get(message.id, message.context), path)
    return found


def _problems_of(wanted: Message, given: Message | None, path: Path) -> Iterator[str]:
    text = wanted.id if isinstance(wanted.id, str) else wanted.id[0]
    where = f"{path.relative_to(ROOT)}: {text[:60]!r} ({wanted.locations[0][0]})"
    if given is None:
        yield f"{where} is not in the catalogue; run: make catalogues"
        return
    translations = [given.string] if isinstance(given.string, str) else list(given.string or [""])
    if not all(translations):
        yield f"{where} is not translated"
        return
    if given.fuzzy:
        yield f"{where} is marked as fuzzy: somebody has to read it"
    known = set(PLACE.findall(text if isinstance(wanted.id, str) else " ".join(wanted.id)))
    for translation in translations:
        places = set(PLACE.findall(translation))
        needed = known if isinstance(wanted.id, str) else known - {"count"}
        if places - known or needed - places:
            yield f"{where} has the places {sorted(places)} instead of {sorted(known)}"


def _path(source: Source, language: str) -> Path:
    return source.locale / language / "LC_MESSAGES" / f"{DOMAIN}.po"


def _read(path: Path, language: str) -> Catalog:
    with path.open("rb") as file:
        return read_po(file, locale=language, domain=DOMAIN)


def _write(path: Path, catalogue: Catalog) -> None:
    """Write without dates and line numbers, so that a file changes only if its words do."""
    output = BytesIO()
    write_po(output, catalogue, width=100, sort_output=True, include_lineno=False, ignore_obsolete=True)
    lines = output.getvalue().decode().splitlines(keepends=True)
    kept = (line for line in lines if not line.startswith(tuple(f'"{name}' for name in DATES)))
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(kept))


def main(action: str) -> int:
    """Carry out one action; answer the exit status."""
    if action == "update":
        update()
    elif action == "check" and (found := problems()):
        print("\n".join(found), f"{len(found)} problems", sep="\n")
        return 1
    compile_catalogues(ROOT)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
