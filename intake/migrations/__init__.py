"""The schema's history. :func:`upgrade` is run by ``intake db upgrade`` and at every start."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext

from intake.db import write

HEAD: Final = "head"
BASE: Final = "base"
_LOCK: Final = 7_025_001  # PostgreSQL's advisory lock: two processes that start at once upgrade one after the other


def upgrade(engine: sa.Engine, revision: str = HEAD) -> None:
    """Bring the schema up to `revision`, in one transaction; does nothing when it is there already."""
    with write(engine) as connection:
        command.upgrade(_config(connection), revision)


def downgrade(engine: sa.Engine, revision: str = BASE) -> None:
    """Take the schema back to `revision`, in one transaction. Tables that it does not know are dropped."""
    with write(engine) as connection:
        command.downgrade(_config(connection), revision)


def current(engine: sa.Engine) -> str | None:
    """The revision of the schema, or None when the database is empty."""
    with engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def _config(connection: sa.Connection) -> Config:
    if connection.dialect.name == "postgresql":
        connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_LOCK)))
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config
