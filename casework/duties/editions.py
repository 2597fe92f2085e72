"""Editions in the database: registering the rules that come with the programs, and loading them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
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


def register_edition(
    session: Session,
    now: datetime,
    rules: RuleSet,
    texts: Mapping[str, Any] | None = None,
    in_force_from: datetime | None = None,
) -> int:
    """Publish rules and texts as an edition if they are new; answer its id.

    The first edition is in force from the beginning, each later one from `in_force_from` or now.
    """
    data = rules.as_data()
    digest = canonical_hash({"rules": data, "texts": texts})
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
