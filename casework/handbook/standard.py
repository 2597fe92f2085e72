"""The standard that is in force: what people published last, or what the programs brought along."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import sqlalchemy as sa

from casework.duties.model import Edition
from casework.duties.source import Source, StandardsError
from casework.handbook.clauses import Handbook, handbook_of, numbered, read_drafts, sources_of
from casework.i18n import LANGUAGES
from casework.programs import Programs
from casework.work import Work

HELD = "standard in force"


BROUGHT_ALONG = ""
"""The mark of the standard as the programs brought it along."""


def edition_mark() -> sa.ColumnElement[str]:
    """Which published edition is in force at the moment `edition_at`: for queries to carry along."""
    wanted = _newest(Edition.hash).where(Edition.in_force_from <= sa.bindparam("edition_at"))
    return sa.func.coalesce(wanted.scalar_subquery(), BROUGHT_ALONG)


def standard_of(work: Work, mark: str | None = None) -> Handbook:
    """The standard in force now, in all languages.

    `mark` is what a query carried along (edition_mark); without one it is asked for, once in a session.
    The texts of an edition are read once by a process.
    """
    held: Handbook | None = work.session.info.get(HELD)
    if held is None:
        if mark is None:
            mark = work.session.scalar(sa.select(edition_mark()), {"edition_at": work.now}) or BROUGHT_ALONG
        held = work.session.info[HELD] = standard_with(work.programs, _files_by_mark(work, mark))
    return held


def _files_by_mark(work: Work, mark: str) -> Mapping[str, str]:
    if mark == BROUGHT_ALONG:
        return {}
    if mark not in _kept:
        _kept[mark] = work.session.scalars(sa.select(Edition.files).where(Edition.hash == mark)).one() or {}
    return _kept[mark]


_kept: dict[str, Mapping[str, str]] = {}


def newest_edition(work: Work) -> Edition | None:
    """The edition that people published last, also when it is not in force yet."""
    found: Edition | None = work.session.scalar(_newest(Edition))
    return found


def _newest(what: Any) -> sa.Select[*tuple[Any, ...]]:
    return (
        sa.select(what)
        .where(Edition.status == "in force", Edition.files.is_not(None))
        .order_by(Edition.in_force_from.desc(), Edition.id.desc())
        .limit(1)
    )


def files_of(edition: Edition | None) -> Mapping[str, str]:
    """The texts of an edition by the name of their file; none if it is what the programs brought along."""
    found: Mapping[str, Any] = (edition.files or {}) if edition is not None else {}
    return found


def standard_with(programs: Programs, files: Mapping[str, str]) -> Handbook:
    """The standard with these texts in place of the files of those names. StandardsError if it cannot be
    used.

    Files that an edition does not know, as those of a program that was enabled later, are taken
    from where they lie.
    """
    if not files:
        return handbook_of(programs)
    known = {source.name for source in sources_of(programs)}
    kept = {name: text for name, text in files.items() if _folder(name) in known}
    return _read_once(tuple(sources_of(programs)), tuple(sorted(kept.items())))


@lru_cache(maxsize=8)
def _read_once(sources: tuple[Source, ...], files: tuple[tuple[str, str], ...]) -> Handbook:
    drafts, rules, findings = read_drafts(sources, tuple(LANGUAGES), dict(files))
    if findings or rules is None:
        raise StandardsError([finding.as_problem() for finding in findings])
    return numbered(drafts, rules)


def all_files(programs: Programs, files: Mapping[str, str]) -> dict[str, str]:
    """Every file of the standard with its text: those given, and the others as they lie on disk."""
    found = {
        f"{source.name}/{path.relative_to(source.folder).as_posix()}": path.read_text(encoding="utf-8-sig")
        for source in sources_of(programs)
        for path in sorted([*source.folder.glob("rules.yaml"), *source.folder.glob("*/*.md")])
    }
    return {**found, **files}


def _folder(name: str) -> str:
    """The folder of standards that a file belongs to: `standards` or `plugins/<key>/standards`."""
    head, _standards, _rest = name.partition("standards/")
    return f"{head}standards"
