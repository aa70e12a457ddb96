"""守恒账: everything that was received is in exactly one state."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

import sqlalchemy as sa

from intake.db import documents, read, receipt_days
from intake.model import DocumentState
from ocr.engines import available


@dataclass(frozen=True, slots=True)
class Counts:
    """`received` counts the receipts that were given, `by_state` the documents; every state is named."""

    received: int
    by_state: Mapping[DocumentState, int]

    @property
    def balanced(self) -> bool:
        """Whether no document is missing and none came without a receipt."""
        return self.received == sum(self.by_state.values())


def counts(engine: sa.Engine) -> Counts:
    """Both sides, counted apart but at one moment (one statement sees one state of the database)."""
    given = sa.select(sa.literal("received").label("what"), sa.func.coalesce(sa.func.sum(receipt_days.c.given), 0))
    states = sa.select(documents.c.state, sa.func.count()).group_by(documents.c.state)
    with read(engine) as conn:
        found = {row[0]: int(row[1]) for row in conn.execute(sa.union_all(given, states))}
    received = found.pop("received")
    return Counts(received, {state: found.pop(state.value, 0) for state in DocumentState})


@cache
def weaker() -> tuple[str, ...]:
    """Codes of what reads worse here for want of a part, such as ``weaker_without_zbar``; looked up once."""
    return tuple(part.weaker for part in available() if not part.present)
