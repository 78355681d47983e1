"""Runs the migrations on a connection that is handed in; there is no ini file.

A developer writes the next one with `alembic.command.revision` on a Config whose `connection` attribute is set.
"""

from __future__ import annotations

from alembic import context

from watcher.journal.tables import VERSION_TABLE, metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    version_table=VERSION_TABLE,
    render_as_batch=True,  # SQLite can't change a column in place
)
with context.begin_transaction():
    context.run_migrations()
