"""An applied import taken back by its name, in one transaction (domain.md §7)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import sqlalchemy as sa

from intake import audit, db
from intake.clock import Clock
from intake.db import invoices, register_changes, register_imports, register_rows, register_sellers
from intake.errors import ImportStateError, LaterImportError, NotFoundError
from intake.model import Actor, InvoiceState
from intake.register import ledger
from intake.register.applying import KEPT, lock
from intake.register.ledger import APPLIED
from intake.roles import Action, require

_metadata = sa.MetaData()
_sellers: Final = sa.Table(  # of the rows that go or say something else again
    "touched_sellers",
    _metadata,
    sa.Column("tax_id", sa.String(32)),
    sa.Column("name", sa.String(200)),
    sa.Index("touched_sellers_pair", "tax_id", "name"),
    prefixes=["TEMPORARY"],
)


@dataclass(frozen=True, slots=True)
class RolledBack:
    """What a roll-back did: rows removed that the import had brought, rows that say again what they said before.

    `unsupported` are the ids of filed invoices whose register row is gone or says something else again: people must
    look at them.
    """

    import_id: int
    name: str
    removed: int
    restored: int
    unsupported: tuple[int, ...]


def roll_back(engine: sa.Engine, name: str, *, actor: Actor, clock: Clock) -> RolledBack:
    """Take an applied import back: its new rows go, its changed rows say what they said before.

    Raises ForbiddenError, NotFoundError, ImportStateError when it is not applied (any more), and LaterImportError,
    naming it, when a later import has changed its rows: that one must be rolled back first.
    """
    require(actor, Action.IMPORT_REGISTER)
    now = clock()
    with db.write(engine) as conn:
        found = (
            conn.execute(sa.select(register_imports).where(register_imports.c.name == name).with_for_update())
            .mappings()
            .one_or_none()
        )
        if found is None:
            raise NotFoundError(f"import {name}")
        if found["state"] != APPLIED:
            raise ImportStateError(found["state"])
        import_id = found["id"]
        lock(conn)
        _refuse_if_changed_later(conn, import_id)
        changed = register_changes.c.changed_by == import_id
        mine = sa.and_(
            register_rows.c.id.between(found["first_row"] or 0, found["last_row"] or -1),
            register_rows.c.import_id == import_id,
        )
        unsupported = _unsupported(conn, mine, changed)
        _note_sellers(conn, mine, changed)
        removed = conn.execute(sa.delete(register_rows).where(mine)).rowcount
        restored = conn.execute(
            sa.update(register_rows)
            .values({column: register_changes.c[column] for column in KEPT})
            .where(changed, register_rows.c.id == register_changes.c.row_id)
        ).rowcount
        conn.execute(sa.delete(register_changes).where(changed))
        _settle_sellers(conn)
        ledger.write(conn, import_id, state="rolled_back", rolled_back_at=now, rolled_back_by=actor.id)
        detail = {"name": name, "removed": removed, "restored": restored, "unsupported": len(unsupported)}
        audit.record(conn, actor, "roll_back_import", f"import:{import_id}", detail, now)
    return RolledBack(import_id, name, removed, restored, unsupported)


def blocked_by(engine: sa.Engine, import_id: int) -> tuple[int, str] | None:
    """The latest import that changed rows of this one and must be rolled back before it: its id and name."""
    with db.read(engine) as conn:
        return _changed_later(conn, import_id)


def _refuse_if_changed_later(conn: sa.Connection, import_id: int) -> None:
    later = _changed_later(conn, import_id)
    if later is not None:
        raise LaterImportError(later[1])


def _changed_later(conn: sa.Connection, import_id: int) -> tuple[int, str] | None:
    later = (
        sa.select(register_imports.c.id, register_imports.c.name)
        .join(register_changes, register_changes.c.changed_by == register_imports.c.id)
        .where(register_changes.c.import_id == import_id)
        .order_by(register_imports.c.id.desc())
        .limit(1)
    )
    found = conn.execute(later).one_or_none()
    return (found.id, found.name) if found else None


def _unsupported(conn: sa.Connection, mine: sa.ColumnElement[bool], changed: sa.ColumnElement[bool]) -> tuple[int, ...]:
    restored = sa.select(register_rows.c.key).join(register_changes, register_changes.c.row_id == register_rows.c.id)
    keys = sa.union_all(sa.select(register_rows.c.key).where(mine), restored.where(changed)).subquery("keys")
    query = (
        sa.select(invoices.c.id)
        .where(invoices.c.state == InvoiceState.FILED.value, invoices.c.register_key.in_(sa.select(keys.c.key)))
        .order_by(invoices.c.id)
    )
    return tuple(conn.scalars(query))


def _note_sellers(conn: sa.Connection, mine: sa.ColumnElement[bool], changed: sa.ColumnElement[bool]) -> None:
    _metadata.create_all(conn)
    conn.execute(sa.delete(_sellers))
    pair = (register_rows.c.seller_tax_id, register_rows.c.seller_name)
    said = sa.select(*pair).join(register_changes, register_changes.c.row_id == register_rows.c.id).where(changed)
    for rows in (sa.select(*pair).where(mine), said):
        conn.execute(sa.insert(_sellers).from_select(["tax_id", "name"], rows.distinct()))


def _settle_sellers(conn: sa.Connection) -> None:
    """Sellers that no row names any more are forgotten; those of restored rows were never."""
    row, seller = register_rows.c, register_sellers.c
    touched = sa.exists().where(_sellers.c.tax_id == seller.tax_id, _sellers.c.name == seller.name)
    named = sa.exists().where(row.seller_tax_id == seller.tax_id, row.seller_name == seller.name)
    conn.execute(sa.delete(register_sellers).where(touched, ~named))
    _metadata.drop_all(conn)
