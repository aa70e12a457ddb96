"""The register over SQL: every question is answered by an index and with few rows."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from intake.db import read, register_imports, register_refusals, register_rows
from intake.model import RefusedRow, RegisterRow, SourceState
from intake.register.ledger import APPLIED
from intake.register.reached import reached
from intake.register.rows import COLUMNS, register_row
from intake.register.variants import near_keys

MOST: Final = 20
FENCE: Final = 10_000  # rows of one number, or of one seller within days: far more than there are
KEPT: Final = 15  # digits that Excel leaves of a longer number
MOST_REFUSED: Final = 5
ALONE: Final = ("D", "C")  # families of keys whose number is a key by itself: 数电, and the bills of the customs


ROW: Final = register_rows.c


def _newest(*each: sa.ColumnElement[bool]) -> sa.Select[Any]:
    """The newest rows for which one of the conditions holds, each of them answered by its own index."""
    # The inner limits keep a planner from walking the index of days instead, in the hope of an early end.
    parts = [sa.select(sa.select(*COLUMNS).where(condition).limit(FENCE).subquery()) for condition in each]
    found = sa.union(*parts).subquery()
    return sa.select(found).order_by(found.c.date.is_(None), found.c.date.desc(), found.c.id.desc()).limit(MOST)


# The statements stand here, made once: to make one anew costs more than its answer.
BY_KEY: Final = sa.select(*COLUMNS).where(ROW.key == sa.bindparam("asked"))
BY_ALIAS: Final = sa.select(*COLUMNS).where(ROW.alias == sa.bindparam("asked")).order_by(ROW.id).limit(1)
BY_NUMBER: Final = _newest(
    sa.and_(ROW.number == sa.bindparam("number"), ROW.code != ""),
    sa.or_(*(ROW.key == sa.bindparam(family) for family in ALONE)),
)
BY_VALUE: Final = _newest(
    sa.and_(
        ROW.seller_tax_id == sa.bindparam("seller"),
        ROW.date.between(sa.bindparam("first"), sa.bindparam("last")),
        sa.or_(ROW.total == sa.bindparam("amount"), ROW.net == sa.bindparam("amount")),
    )
)
# The keys travel as one value, so that one statement is planned, however many there are.
_SQLITE: Final = sa.select(sa.func.json_each(sa.bindparam("asked")).table_valued("value").c.value)
_POSTGRESQL: Final = sa.any_(sa.bindparam("asked", type_=postgresql.ARRAY(sa.String)))
NEAR: Final = {
    "sqlite": [sa.select(*COLUMNS).where(name.in_(_SQLITE)) for name in (ROW.key, ROW.alias)],
    "postgresql": [sa.select(*COLUMNS).where(name == _POSTGRESQL) for name in (ROW.key, ROW.alias)],
}


def asked(conn: sa.Connection, keys: Sequence[str]) -> str | list[str]:
    """Many keys as the one value that :data:`NEAR` takes."""
    return list(keys) if conn.dialect.name == "postgresql" else json.dumps(keys)


class SqlRegister:
    """The port :class:`intake.ports.Register` on the table `register_rows`."""

    def __init__(self, engine: sa.Engine, sources: Callable[[], Sequence[SourceState]] | None = None) -> None:
        """`engine` is one of :func:`intake.db.connect`; `sources` knows more of them than their imports tell."""
        self._engine = engine
        self._sources = sources

    def by_key(self, key: str) -> RegisterRow | None:
        """The row with this key, else the row with this alias (domain.md §9.1)."""
        with read(self._engine) as conn:
            for query in (BY_KEY, BY_ALIAS):
                row = conn.execute(query, {"asked": key}).first()
                if row is not None:
                    return register_row(row)
        return None

    def near(self, code: str, number: str) -> Sequence[RegisterRow]:
        """Rows one slip away from this code and number, the likeliest slips first; at most 20."""
        keys = near_keys(code, number)
        if not keys:
            return []
        places = {key: place for place, key in enumerate(keys)}
        found: dict[int, tuple[int, RegisterRow]] = {}
        with read(self._engine) as conn:
            for query in NEAR[conn.dialect.name]:
                for row in conn.execute(query, {"asked": asked(conn, keys)}):
                    place = places.get(row.key, places.get(row.alias or "", len(keys)))
                    found.setdefault(row.id, (place, register_row(row)))
        return [row for _, row in sorted(found.values(), key=lambda pair: pair[0])[:MOST]]

    def by_number(self, number: str) -> Sequence[RegisterRow]:
        """Rows with this number whatever the code; at most 20, the newest first.

        A number without a code is the second half of its row's key, and found by that.
        """
        return self._rows(BY_NUMBER, {"number": number} | {family: f"{family}:{number}" for family in ALONE})

    def by_value(self, seller_tax_id: str, total: Decimal, day: date, span: int) -> Sequence[RegisterRow]:
        """Rows of a seller with this total (or net) within `span` days; at most 20, the newest first."""
        days = {"first": day - timedelta(days=span), "last": day + timedelta(days=span)}
        return self._rows(BY_VALUE, {"seller": seller_tax_id, "amount": total, **days})

    def _rows(self, query: sa.Select[Any], given: Mapping[str, object]) -> list[RegisterRow]:
        with read(self._engine) as conn:
            return [register_row(row) for row in conn.execute(query, given)]

    def refused(self, number: str) -> Sequence[RefusedRow]:
        """Rows of imports in force that were refused and hold this number, or what Excel left of its 20 digits; at most
        five, the newest first.
        """
        digits = {number} | ({number[:KEPT]} if len(number) > KEPT else set())
        if not number:
            return []
        line, brought = register_refusals.c, register_imports.c
        query = (
            sa.select(line.import_id, brought.source, line.row, line.reason, brought.started_at, line.sample)
            .join_from(register_refusals, register_imports, brought.id == line.import_id)
            .where(line.digits.in_(sorted(digits)), brought.state == APPLIED)
            .order_by(line.id.desc())
            .limit(MOST_REFUSED)
        )
        with read(self._engine) as conn:
            return [RefusedRow(*row) for row in conn.execute(query)]

    def sources(self) -> Sequence[SourceState]:
        """How far each source of imports reaches, by the imports themselves; rows keyed by people are no source.

        `rows` counts the rows that a source brought first. `failed` says that its last import did not end well.
        """
        if self._sources is not None:
            return self._sources()
        with read(self._engine) as conn:
            found = reached(conn)
        return [found[name] for name in sorted(found)]
