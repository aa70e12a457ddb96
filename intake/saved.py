"""Filters of the list kept under a name: a person's own, and those that others share."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

import sqlalchemy as sa

from intake.db import accounts, read, saved_views, write
from intake.errors import NotFoundError
from intake.model import Actor

MOST: Final = 30  # of one person, so that a list of them stays readable
LONGEST: Final = 64


@dataclass(frozen=True, slots=True)
class SavedView:
    """`address` is the query of the list's address without its page; `owner` is empty for one's own."""

    id: int
    name: str
    address: str
    shared: bool
    owner: str


def saved(engine: sa.Engine, actor: Actor) -> tuple[SavedView, ...]:
    """A person's own by name, then those of others."""
    query = (
        sa.select(saved_views, accounts.c.name.label("owner"))
        .join(accounts, accounts.c.id == saved_views.c.account_id)
        .where(sa.or_(saved_views.c.account_id == actor.id, saved_views.c.shared))
        .order_by(sa.case((saved_views.c.account_id == actor.id, 0), else_=1), saved_views.c.name, saved_views.c.id)
    )
    with read(engine) as conn:
        return tuple(
            SavedView(row.id, row.name, row.address, row.shared, "" if row.account_id == actor.id else row.owner)
            for row in conn.execute(query)
        )


def save(engine: sa.Engine, actor: Actor, name: str, address: str, *, shared: bool, now: datetime) -> None:
    """Keep a filter; one of the same name is replaced, and beyond :data:`MOST` the oldest of the person goes."""
    mine = saved_views.c.account_id == actor.id
    with write(engine) as conn:
        conn.execute(sa.delete(saved_views).where(mine, saved_views.c.name == name))
        values = {"account_id": actor.id, "name": name, "address": address, "shared": shared, "created_at": now}
        conn.execute(sa.insert(saved_views).values(**values))
        newest = sa.select(saved_views.c.id).where(mine).order_by(saved_views.c.id.desc()).limit(MOST)
        conn.execute(sa.delete(saved_views).where(mine, saved_views.c.id.not_in(list(conn.scalars(newest)))))


def forget(engine: sa.Engine, actor: Actor, number: int) -> None:
    """Delete an own one. Raises NotFoundError for what is not one's own."""
    gone = sa.delete(saved_views).where(saved_views.c.id == number, saved_views.c.account_id == actor.id)
    with write(engine) as conn:
        if conn.execute(gone).rowcount != 1:
            raise NotFoundError(f"saved view {number}")
