"""The register over SQL: every question is answered by an index and with few rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Final

import sqlalchemy as sa

from intake.db import read, register_imports, register_rows
from intake.model import RefusedRow, RegisterRow, SourceState
from intake.register.rows import register_row
from intake.register.variants import near_keys

MOST: Final = 20
CHUNK: Final = 500  # keys asked for at once


class SqlRegister:
    """The port :class:`intake.ports.Register` on the table `register_rows`."""

    def __init__(self, engine: sa.Engine) -> None:
        """`engine` is one of :func:`intake.db.connect`."""
        self._engine = engine

    def by_key(self, key: str) -> RegisterRow | None:
        """The row with this key, else the row with this alias (domain.md §9.1)."""
        with read(self._engine) as conn:
            for column in (register_rows.c.key, register_rows.c.alias):
                row = conn.execute(sa.select(register_rows).where(column == key).order_by("id").limit(1)).first()
                if row is not None:
                    return register_row(row)
        return None

    def near(self, code: str, number: str) -> Sequence[RegisterRow]:
        """Rows one slip away from this code and number, the likeliest slips first; at most 20."""
        keys = near_keys(code, number)
        places = {key: place for place, key in enumerate(keys)}
        found: dict[int, tuple[int, RegisterRow]] = {}
        with read(self._engine) as conn:
            for start in range(0, len(keys), CHUNK):
                for column in (register_rows.c.key, register_rows.c.alias):
                    asked = sa.select(register_rows).where(column.in_(keys[start : start + CHUNK]))
                    for row in conn.execute(asked):
                        place = places.get(row.key, places.get(row.alias or "", len(keys)))
                        found.setdefault(row.id, (place, register_row(row)))
        return [row for _, row in sorted(found.values(), key=lambda pair: pair[0])[:MOST]]

    def by_number(self, number: str) -> Sequence[RegisterRow]:
        """Rows with this number whatever the code; at most 20, the newest first."""
        return self._some(register_rows.c.number == number)

    def by_value(self, seller_tax_id: str, total: Decimal, day: date, span: int) -> Sequence[RegisterRow]:
        """Rows of a seller with this total (or net) within `span` days; at most 20, the newest first."""
        return self._some(
            register_rows.c.seller_tax_id == seller_tax_id,
            register_rows.c.date.between(day - timedelta(days=span), day + timedelta(days=span)),
            sa.or_(register_rows.c.total == total, register_rows.c.net == total),
        )

    def _some(self, *conditions: sa.ColumnElement[bool]) -> list[RegisterRow]:
        order = (register_rows.c.date.desc(), register_rows.c.id.desc())
        with read(self._engine) as conn:
            rows = conn.execute(sa.select(register_rows).where(*conditions).order_by(*order).limit(MOST))
            return [register_row(row) for row in rows]

    def refused(self, number: str) -> Sequence[RefusedRow]:
        """Nothing as yet."""
        del number
        return ()

    def sources(self) -> Sequence[SourceState]:
        """How far each source of imports reaches, by the imports themselves; rows keyed by people are no source.

        `rows` counts the rows that a source brought first. `failed` says that its last import did not end well.
        """
        table = register_imports
        last = sa.select(sa.func.max(table.c.id)).group_by(table.c.source).scalar_subquery()
        with read(self._engine) as conn:
            failed = {
                row.source: bool(row.error)
                for row in conn.execute(sa.select(table.c.source, table.c.error).where(table.c.id.in_(last)))
            }
            done = conn.execute(
                sa.select(
                    table.c.source,
                    sa.func.max(table.c.newest_issue).label("newest"),
                    sa.func.min(table.c.oldest_issue).label("oldest"),
                    sa.func.max(table.c.finished_at).label("at"),
                    sa.func.sum(table.c.new_rows).label("rows"),
                )
                .where(table.c.error == "")
                .group_by(table.c.source)
            ).all()
        states = {row.source: SourceState(row.source, row.newest, row.oldest, row.at, int(row.rows)) for row in done}
        never = SourceState("", None, None, None)
        return [replace(states.get(name, never), name=name, failed=failed[name]) for name in sorted(failed)]
