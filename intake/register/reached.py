"""How far the register reaches by the imports in force, source by source."""

from __future__ import annotations

from dataclasses import replace

import sqlalchemy as sa

from intake.db import register_imports
from intake.model import SourceState
from intake.register.ledger import APPLIED, FAILED


def reached(conn: sa.Connection) -> dict[str, SourceState]:
    """How far each name reaches by the imports in force, and whether its last one failed.

    `rows` counts the rows that it brought first.
    """
    table = register_imports
    happened = table.c.state.in_([APPLIED, FAILED])  # a draft that waits or was given up says nothing of the source
    last = sa.select(sa.func.max(table.c.id)).where(happened).group_by(table.c.source).scalar_subquery()
    ended = sa.select(table.c.id, table.c.source, table.c.error).where(table.c.id.in_(last))
    failed = {row.source: (row.id, row.error) for row in conn.execute(ended)}
    done = conn.execute(
        sa.select(
            table.c.source,
            sa.func.max(table.c.newest_issue).label("newest"),
            sa.func.min(table.c.oldest_issue).label("oldest"),
            sa.func.max(table.c.finished_at).label("at"),
            sa.func.sum(table.c.new_rows).label("rows"),
        )
        .where(table.c.state == APPLIED, table.c.error == "")
        .group_by(table.c.source)
    ).all()
    states = {row.source: SourceState(row.source, row.newest, row.oldest, row.at, int(row.rows)) for row in done}
    return {
        name: replace(
            states.get(name) or SourceState(name, None, None, None),
            failed=bool(error),
            last_error=error,
            last_import=import_id,
        )
        for name, (import_id, error) in failed.items()
    }
