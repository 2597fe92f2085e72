"""${message}

While this runs, the former version of the program may still serve. So:
- add a column as nullable or with a constant server default; fill it in a later revision, in batches;
- rename or drop in two releases: first stop using it, then remove it;
- build an index on a large table with postgresql_concurrently, in an autocommit block of its own;
- a new table needs its policies and its grants to the run-time role in the same revision.

Revises: ${down_revision | comma,n}
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
${imports if imports else ""}

revision = ${repr(up_revision)}
down_revision = ${repr(down_revision)}
branch_labels = None
depends_on = None


def upgrade() -> None:
    ${upgrades if upgrades else "pass"}


def downgrade() -> None:
    ${downgrades if downgrades else "pass"}
