"""Imports in two steps: a file is read and laid beside the register, people look, and then it is applied (domain.md §7).

``prepare`` changes nothing in the register; ``apply`` does in one transaction; ``discard`` forgets a draft; ``replay``
makes a new draft from the kept file of an earlier import. What was applied is taken back by
:func:`intake.register.rollback.roll_back`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa

from intake import audit, db
from intake.clock import Clock
from intake.db import accounts, register_imports
from intake.errors import ImportStateError, NotFoundError
from intake.model import Actor
from intake.ports import Files
from intake.register import ledger
from intake.register.difference import SAMPLES, Sample, Samples, count, match, samples
from intake.register.importer import (
    READING,
    ImportReport,
    Run,
    origin_of,
    part,
    read_into,
    recorded,
    refused_by_name,
    silent,
    write,
)
from intake.register.ledger import DRAFT, Origin
from intake.register.mappings import ColumnMapping
from intake.register.reading import Refusal
from intake.register.snapshot import Content
from intake.register.staging import Progress, stage_of
from intake.roles import Action, require


@dataclass(frozen=True, slots=True)
class Draft:
    """A file beside the register: what applying it would do, with samples of each. Counts are of invoices, `refused`
    of rows. `mapping` is the name of the mapping it was read by, empty for a built-in layout.
    """

    import_id: int
    name: str
    source: str
    file_name: str
    mapping: str
    made_at: datetime
    made_by: str | None
    new: int
    changed: int
    same: int
    vanished: int
    refused: int
    samples: Samples
    refusals: tuple[Refusal, ...]
    newest: date | None
    oldest: date | None


def prepare(
    engine: sa.Engine,
    files: Files,
    content: Content,
    name: str,
    *,
    source: str,
    mapping: ColumnMapping | None = None,
    actor: Actor,
    clock: Clock,
    progress: Progress | None = None,
) -> Draft:
    """Read a file, keep it, and lay it beside the register, which stays as it is.

    Raises ForbiddenError, and ImportRefusedError when the file is no register table.
    """
    require(actor, Action.IMPORT_REGISTER)
    origin = origin_of(files, content, name, source, mapping)
    return _draft(Run(engine, files, origin, actor, clock), progress or silent)


def replay(
    engine: sa.Engine,
    files: Files,
    import_id: int,
    *,
    actor: Actor,
    clock: Clock,
    progress: Progress | None = None,
) -> Draft:
    """A new draft from the kept file of an earlier import, read as that import read it.

    Raises ForbiddenError, NotFoundError (also when the file is gone), ImportRefusedError.
    """
    require(actor, Action.IMPORT_REGISTER)
    return _draft(Run(engine, files, _origin(engine, import_id), actor, clock), progress or silent)


def _draft(run: Run, progress: Progress) -> Draft:
    with recorded(run) as import_id, stage_of(run.engine) as stage:
        read_into(stage, run, part(progress, READING))
        with stage.connection.begin():
            match(stage)
            counts, shown = count(stage, run.origin.source), samples(stage, run.origin.source)
        progress(stage.rows, stage.rows)
        now = run.clock()
        with db.write(run.engine) as conn:
            ledger.keep_refusals(conn, import_id, stage)
            values = ledger.counted(stage, counts) | {"samples": asdict(shown), "finished_at": now}
            ledger.write(conn, import_id, state=DRAFT, error="", **values)
            detail = {"source": run.origin.source, "file": run.origin.sha256}
            audit.record(conn, run.actor, "prepare_import", f"import:{import_id}", detail, now)
    return find(run.engine, import_id)


def find(engine: sa.Engine, import_id: int) -> Draft:
    """A draft that waits. Raises NotFoundError, ImportStateError when it is none any more."""
    with db.read(engine) as conn:
        row = conn.execute(_query().where(register_imports.c.id == import_id)).mappings().one_or_none()
        if row is None:
            raise NotFoundError(f"import {import_id}")
        if row["state"] != DRAFT:
            raise ImportStateError(row["state"])
        return _read(conn, row)


def drafts(engine: sa.Engine) -> tuple[Draft, ...]:
    """The drafts that wait, the newest first."""
    with db.read(engine) as conn:
        rows = conn.execute(
            _query().where(register_imports.c.state == DRAFT).order_by(register_imports.c.id.desc())
        ).mappings()
        return tuple(_read(conn, row) for row in rows.all())


def apply(
    engine: sa.Engine,
    files: Files,
    import_id: int,
    *,
    actor: Actor,
    clock: Clock,
    progress: Progress | None = None,
) -> ImportReport:
    """Write a draft into the register in one transaction; the report counts what changed in the register as it is now.

    The draft's kept file is read again. Raises ForbiddenError, NotFoundError, ImportStateError when it is no draft;
    after any failure it still is one.
    """
    require(actor, Action.IMPORT_REGISTER)
    find(engine, import_id)
    run, tell = Run(engine, files, _origin(engine, import_id), actor, clock), progress or silent
    with refused_by_name(), stage_of(engine) as stage:
        read_into(stage, run, part(tell, READING))
        return write(stage, run, import_id, before=DRAFT, progress=tell)


def discard(engine: sa.Engine, import_id: int, *, actor: Actor, clock: Clock) -> None:
    """Give a draft up; its file is kept. Raises ForbiddenError, NotFoundError, ImportStateError when it is no draft."""
    require(actor, Action.IMPORT_REGISTER)
    now = clock()
    with db.write(engine) as conn:
        row = ledger.hold(conn, import_id)
        if row is None:
            raise NotFoundError(f"import {import_id}")
        if row["state"] != DRAFT:
            raise ImportStateError(row["state"])
        ledger.write(conn, import_id, state="discarded", name=None, samples=None, finished_at=now)
        audit.record(conn, actor, "discard_import", f"import:{import_id}", {"name": row["name"]}, now)


def _origin(engine: sa.Engine, import_id: int) -> Origin:
    with db.read(engine) as conn:
        query = sa.select(register_imports).where(register_imports.c.id == import_id)
        row = conn.execute(query).mappings().one_or_none()
    if row is None:
        raise NotFoundError(f"import {import_id}")
    return Origin(row["source"], row["file_name"], row["sha256"], row["mapping"], row["mapped"])


def _query() -> sa.Select[Any]:
    return sa.select(*register_imports.c, accounts.c.name.label("maker")).select_from(
        register_imports.outerjoin(accounts, accounts.c.id == register_imports.c.imported_by)
    )


def _read(conn: sa.Connection, row: sa.RowMapping) -> Draft:
    return Draft(
        import_id=row["id"],
        name=row["name"],
        source=row["source"],
        file_name=row["file_name"],
        mapping=row["mapping"],
        made_at=row["started_at"],
        made_by=row["maker"],
        new=row["new_rows"],
        changed=row["changed_rows"],
        same=row["same_rows"],
        vanished=row["vanished_rows"],
        refused=row["refused_rows"],
        samples=_samples(row["samples"] or {}),
        refusals=ledger.refusals(conn, row["id"], SAMPLES),
        newest=row["newest_issue"],
        oldest=row["oldest_issue"],
    )


def _samples(kept: Mapping[str, Any]) -> Samples:
    def read(kind: str) -> tuple[Sample, ...]:
        return tuple(
            Sample(one["row"], one["before"], one["after"], tuple(one["differs"])) for one in kept.get(kind, ())
        )

    return Samples(read("new"), read("changed"), read("vanished"))
