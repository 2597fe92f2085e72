"""What Alembic runs for each lineage; casework/migrations/__init__.py says which."""

from __future__ import annotations

from alembic import context

given = context.config.attributes

context.configure(
    connection=given["connection"],
    target_metadata=given.get("metadata"),
    version_table=given["version_table"],
    include_object=given.get("include_object"),
    compare_server_default=True,
)
with context.begin_transaction():
    context.run_migrations()
