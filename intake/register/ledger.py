"""The imports themselves: what each was, who made it, what came of it, and the name people call it by."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa

from intake import db
from intake.clock import day_of
from intake.db import register_imports, register_refusals
from intake.model import Actor
from intake.register.difference import Counts
from intake.register.reading import Refusal
from intake.register.staging import Stage

INTERRUPTED: Final = "interrupted"  # stands until the import ends: a killed import says so by itself
DRAFT: Final = "draft"
APPLIED: Final = "applied"
FAILED: Final = "failed"  # a state, and the error of one that broke
ALL_REFUSED: Final = "all_refused"
NAMINGS: Final = 20  # tries to find a free name


@dataclass(frozen=True, slots=True)
class Origin:
    """What is imported: the file under its SHA-256, its name, the source, and the mapping as it is now."""

    source: str
    file_name: str
    sha256: str
    mapping: str = ""
    mapped: Mapping[str, Any] | None = None


def begin(engine: sa.Engine, origin: Origin, actor: Actor, now: datetime) -> int:
    """A new import under the first free name of its source and day (Beijing), marked as interrupted."""
    for _ in range(NAMINGS):
        with suppress(sa.exc.IntegrityError):  # another import took the name at this moment
            return _begin(engine, origin, actor, now)
    return _begin(engine, origin, actor, now)


def _begin(engine: sa.Engine, origin: Origin, actor: Actor, now: datetime) -> int:
    with db.write(engine) as conn:
        made = sa.insert(register_imports).values(
            source=origin.source,
            file_name=origin.file_name[:255],
            sha256=origin.sha256,
            mapping=origin.mapping,
            mapped=origin.mapped,
            started_at=now,
            imported_by=actor.id,
            name=_free_name(conn, origin.source, now),
            state=FAILED,
            error=INTERRUPTED,
        )
        return int(conn.execute(made.returning(register_imports.c.id)).scalar_one())


def _free_name(conn: sa.Connection, source: str, now: datetime) -> str:
    plain = f"{source[:60]} {day_of(now).isoformat()}"
    names = register_imports.c.name
    taken = set(conn.scalars(sa.select(names).where(names.startswith(plain, autoescape=True))))
    number, name = 1, plain
    while name in taken:
        number += 1
        name = f"{plain} ({number})"
    return name


def fail(engine: sa.Engine, import_id: int, error: str, now: datetime) -> None:
    """The import ended in an error; its name is free again."""
    with db.write(engine) as conn:
        write(conn, import_id, finished_at=now, error=error, name=None)


def write(conn: sa.Connection, import_id: int, **values: Any) -> None:
    """Set columns of an import."""
    conn.execute(sa.update(register_imports).where(register_imports.c.id == import_id).values(**values))


def counted(stage: Stage, counts: Counts) -> dict[str, Any]:
    """The columns that say how many rows were what, and of which days."""
    return {
        "new_rows": counts.new,
        "changed_rows": counts.changed,
        "same_rows": counts.same,
        "vanished_rows": counts.vanished,
        "refused_rows": stage.refused,
        "newest_issue": stage.newest,
        "oldest_issue": stage.oldest,
    }


def hold(conn: sa.Connection, import_id: int) -> sa.RowMapping | None:
    """The import's row, locked until the transaction ends; None when there is none."""
    query = sa.select(register_imports).where(register_imports.c.id == import_id).with_for_update()
    return conn.execute(query).mappings().one_or_none()


def keep_refusals(conn: sa.Connection, import_id: int, stage: Stage) -> None:
    """The refused rows of the file as it was read now, instead of those of an earlier reading."""
    conn.execute(sa.delete(register_refusals).where(register_refusals.c.import_id == import_id))
    if stage.refusals:
        rows = [
            {"import_id": import_id, "row": one.row, "reason": one.reason, "sample": one.sample, "digits": one.digits}
            for one in stage.refusals
        ]
        conn.execute(sa.insert(register_refusals), rows)


def refusals(conn: sa.Connection, import_id: int, limit: int) -> tuple[Refusal, ...]:
    """The first refused rows of an import, in the order of the file."""
    table = register_refusals
    query = (
        sa.select(table.c.row, table.c.reason, table.c.sample, table.c.digits)
        .where(table.c.import_id == import_id)
        .order_by(table.c.row)
        .limit(limit)
    )
    return tuple(Refusal(*row) for row in conn.execute(query))
