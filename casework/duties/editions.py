"""Editions in the database: registering the rules that come with the programs, and loading them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from casework.duties.judge import InForce
from casework.duties.model import Edition
from casework.duties.rules import RuleSet, canonical_hash

FROM_THE_BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)
"""The first edition holds for all that went before it."""

Stamp = Sequence[tuple[int, str, str]]
"""Of each edition: its id, the moment from which it is in force, its hash."""


@dataclass(frozen=True)
class Imprint:
    """What people say of an edition that they publish: its number, why, its files, and the two who did it."""

    number: str
    files: Mapping[str, str]
    note: str = ""
    proposed_by: int | None = None
    published_by: int | None = None


def register_edition(
    session: Session,
    now: datetime,
    rules: RuleSet,
    texts: Mapping[str, Any] | None = None,
    in_force_from: datetime | None = None,
    imprint: Imprint | None = None,
) -> int:
    """Publish rules and texts as an edition if they are new; answer its id.

    The first edition is in force from the beginning, each later one from `in_force_from` or now. Rules
    and texts of an earlier edition are an edition of their own under another number.
    """
    data = rules.as_data()
    content: dict[str, Any] = {"rules": data, "texts": texts}
    digest = canonical_hash({**content, "number": imprint.number} if imprint else content)
    newest = sa.select(Edition.id, Edition.hash).order_by(Edition.in_force_from.desc(), Edition.id.desc())
    known = {hash_: id_ for id_, hash_ in session.execute(newest).all()}
    if digest in known:
        return known[digest]
    edition = Edition(
        hash=digest,
        rules=data,
        texts=dict(texts) if texts is not None else None,
        status="in force",
        in_force_from=in_force_from or (now if known else FROM_THE_BEGINNING),
        published_at=now,
        number=imprint.number if imprint else None,
        note=imprint.note if imprint else "",
        files=dict(imprint.files) if imprint else None,
        proposed_by=imprint.proposed_by if imprint else None,
        published_by=imprint.published_by if imprint else None,
    )
    session.add(edition)
    session.flush()  # its id is what is asked for
    return edition.id


def editions_stamp() -> sa.ScalarSelect[Any]:
    """Which editions there are, as JSON: for queries to carry along."""
    each = sa.func.json_build_array(Edition.id, Edition.in_force_from, Edition.hash)
    return sa.select(sa.func.json_agg(each)).where(Edition.status == "in force").scalar_subquery()


def editions_in_force(session: Session, stamp: Stamp | None = None) -> list[InForce]:
    """Every edition with its rules; editions never change, so each is read once by a process."""
    if stamp is None:
        stamp = session.scalar(sa.select(editions_stamp()))
    stamp = stamp or []
    if unknown := [digest for _id, _since, digest in stamp if digest not in _kept]:
        for digest, rules in session.execute(
            sa.select(Edition.hash, Edition.rules).where(Edition.hash.in_(unknown))
        ):
            _kept[digest] = RuleSet.from_data(rules)
    return [InForce(datetime.fromisoformat(since), _kept[digest], id_) for id_, since, digest in stamp]


_kept: dict[str, RuleSet] = {}
