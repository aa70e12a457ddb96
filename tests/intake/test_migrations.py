from __future__ import annotations

import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from intake.db import metadata, read


def test_the_migrated_schema_is_the_one_the_code_knows(engine: sa.Engine) -> None:
    # SQLite gives defaults back as they were written, which Alembic takes for a change: they are compared below.
    with read(engine) as connection:
        compares_defaults = engine.dialect.name != "sqlite"
        context = MigrationContext.configure(
            connection, opts={"compare_type": True, "compare_server_default": compares_defaults}
        )
        assert compare_metadata(context, metadata) == []
