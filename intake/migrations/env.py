"""Run by Alembic for each command; the connection comes from :mod:`intake.migrations`."""

from __future__ import annotations

from alembic import context

from intake.db import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    transactional_ddl=True,  # the caller's transaction holds the whole change, on SQLite too
    render_as_batch=True,
)
context.run_migrations()
