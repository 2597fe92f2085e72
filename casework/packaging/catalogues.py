"""The catalogues of translations: compiled, brought up to date with the sources, and checked.

    python -m casework.packaging.catalogues compile | update | check

The core and each program have a folder `locale` with one template and one catalogue for each
language, so that a program in a wheel of its own is complete; all share the domain `casework`,
and `casework.i18n.Words` merges them. English is the source and has no catalogue.
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
PLACE = re.compile(r"%\(\w+\)[sd]|%%|\{\w+\}")
LONE_PERCENT = re.compile(r"%(?!\(\w+\)[sd]|%)(?<!%%)")
MARKUP = re.compile(r"</?[a-z][^>]*>|&\w+;")
METHODS = [("**.py", "python"), ("**.jinja2", "jinja2")]
FORMS = "casework.forms.messages:extract"
OPTIONS = {
    "**.jinja2": {"newstyle_gettext": "true", "trimmed": "true", "silent": "false", "encoding": "utf-8"}
}
WORDLESS = {"tests", "testing", "standards", "static", "versions", "locale", "__pycache__"}
"""Folders without words of ours; standards are written in every language."""

COUNTS = {"%(count)s", "%(num)s"}
"""A form for one need not say the number."""

DATES = (
    "Project-Id",
    "POT-Creation",
    "PO-Revision",
    "Generated-By",
    "Last-Translator",
    "Language-Team",
    "Report-Msgid",
)


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
                method_map=[*METHODS, ("**.yaml" if folder.name == "forms" else "forms/**.yaml", FORMS)],
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
    """What is untranslated, out of date, damaged or said in two ways, one sentence each; empty if nothing is."""
    found: list[str] = []
    for language in languages():
        said: dict[Key, tuple[list[str], Path]] = {}
        for source in sources():
            template, path = source.extracted(), _path(source, language)
            if not len(template):
                continue
            if not path.exists():
                found.append(f"{path.relative_to(ROOT)} is missing; run: make catalogues")
                continue
            catalogue = _read(path, language)
            for listed in (_read(source.locale / f"{DOMAIN}.pot", None), catalogue):
                found += _out_of_date(template, listed, source, path)
            for message in template:
                given = catalogue.get(message.id, message.context)
                if not message.id or given is None:
                    continue
                found += problems_of(message, given, path.relative_to(ROOT).as_posix())
                texts, other = said.setdefault(_key(message), (_strings(given), path))
                if texts != _strings(given):
                    found.append(
                        f"{path.relative_to(ROOT)}: {_text(message)[:60]!r} is {_strings(given)} here and {texts} in "
                        f"{other.relative_to(ROOT)}; give one of the two a context (pgettext)"
                    )
    return sorted(set(found))


Key = tuple[str | None, str]


def _key(message: Message) -> Key:
    return message.context, _text(message)


def _text(message: Message) -> str:
    return message.id if isinstance(message.id, str) else message.id[0]


def _strings(message: Message) -> list[str]:
    return [message.string] if isinstance(message.string, str) else list(message.string or [""])


def _out_of_date(template: Catalog, listed: Catalog, source: Source, path: Path) -> Iterator[str]:
    """The messages that the sources have and a list has not, or the other way round."""
    there = {_key(message): isinstance(message.id, str) for message in listed if message.id}
    said = {_key(message): isinstance(message.id, str) for message in template if message.id}
    for _context, text in sorted({key for key, _plain in said.items() ^ there.items()}, key=str):
        yield f"{path.relative_to(ROOT)}: {text[:60]!r} is not as in {source.name}; run: make catalogues"


def problems_of(wanted: Message, given: Message, where: str) -> Iterator[str]:
    """What is wrong with one translation of a message."""
    source = wanted.id if isinstance(wanted.id, str) else " ".join(wanted.id)
    where = f"{where}: {_text(wanted)[:60]!r} ({wanted.locations[0][0] if wanted.locations else ''})"
    if LONE_PERCENT.search(source):
        yield f"{where} has a lone %, which filling in its places cannot read; write %%"
    if not all(_strings(given)):
        yield f"{where} is not translated"
        return
    if given.fuzzy:
        yield f"{where} is marked as fuzzy: somebody has to read it"
    for translation in _strings(given):
        for what, pattern in (("places", PLACE), ("markup", MARKUP)):
            known, found = set(pattern.findall(source)), set(pattern.findall(translation))
            may_lack = COUNTS if not isinstance(wanted.id, str) else set()
            if found - known or known - found - may_lack:
                yield f"{where} has the {what} {sorted(found)} instead of {sorted(known)}"
        if LONE_PERCENT.search(translation):
            yield f"{where} is translated with a lone %; write %%"


def _path(source: Source, language: str) -> Path:
    return source.locale / language / "LC_MESSAGES" / f"{DOMAIN}.po"


def _read(path: Path, language: str | None) -> Catalog:
    """One list from its file; a template has no language, and one that is missing lists nothing."""
    if not path.exists():
        return Catalog(domain=DOMAIN)
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
    found = problems() if action in {"update", "check"} else []
    if found:
        print("\n".join(found), f"{len(found)} problems", sep="\n")
    if action == "check" and found:
        return 1
    compile_catalogues(ROOT)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
