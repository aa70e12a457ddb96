"""The sellers that the register names, each pair of tax id and name once: a small table beside ten million rows.

Names are looked for here and rows by the tax id, so that no index over the names of all rows is needed. Whoever writes
rows notes their sellers in the same transaction, an import by one statement of its own.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, TypeAlias

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from intake.db import register_sellers

Pair: TypeAlias = tuple[str, str]
"""Tax id and name as the register spells them; either may be empty, not both."""

MOST: Final = 50
"""Most sellers that a search by a part of the name goes on with."""


def remember(conn: sa.Connection, pairs: Iterable[Pair]) -> None:
    """Note sellers of rows that are being written; what is known already stays."""
    rows = [{"tax_id": tax_id, "name": name} for tax_id, name in sorted(set(pairs)) if tax_id or name]
    if rows:
        insert = postgresql.insert if conn.dialect.name == "postgresql" else sqlite.insert
        conn.execute(insert(register_sellers).on_conflict_do_nothing(), rows)


def named_like(conn: sa.Connection, text: str) -> tuple[tuple[Pair, ...], bool]:
    """The sellers with `text` in their name, by name, at most :data:`MOST`; and whether there are more."""
    seller = register_sellers.c
    query = sa.select(seller.tax_id, seller.name).where(seller.name.icontains(text, autoescape=True))
    found = [(row.tax_id, row.name) for row in conn.execute(query.order_by(seller.name, seller.tax_id).limit(MOST + 1))]
    return tuple(found[:MOST]), len(found) > MOST
