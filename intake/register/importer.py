"""Import of a register table in one transaction: all of it or nothing (domain.md §7.5)."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import Final, TypeAlias

import sqlalchemy as sa

from intake import audit, db
from intake.clock import Clock
from intake.errors import ImportRefusedError
from intake.model import Actor
from intake.register.csvfile import read_csv
from intake.register.export import read_xlsx
from intake.register.reading import Reading, Refusal, read_table
from intake.register.table import Table, TableError
from intake.register.upsert import BATCH, Tally, lock, upsert
from intake.roles import Action, require

LARGEST: Final = 256 * 1024 * 1024  # bytes of a file
KEPT: Final = 1000  # refusals kept with the import
ALL_REFUSED: Final = "all_refused"
INTERRUPTED: Final = "interrupted"  # stands until the import ends: a killed import says so by itself
FAILED: Final = "failed"

Progress: TypeAlias = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What an import did: counts of invoices, every refused row, and the span of issue days in the file.

    `changed` counts rows that now say something else, and rows of 补录 that the import confirmed.
    """

    new: int
    changed: int
    same: int
    refused: tuple[Refusal, ...]
    import_id: int
    newest: date | None
    oldest: date | None


@dataclass(frozen=True, slots=True)
class Run:
    """Who imports from which source, and whom to tell how far it is."""

    engine: sa.Engine
    source: str
    actor: Actor
    clock: Clock
    progress: Progress


def import_file(
    engine: sa.Engine,
    path_or_bytes: Path | bytes,
    name: str,
    *,
    source: str,
    actor: Actor,
    clock: Clock,
    progress: Progress | None = None,
) -> ImportReport:
    """Import the tax bureau's export, the 勾选 export or a CSV under the name of its `source`.

    `progress` is called with (rows done, rows of the file). Raises ForbiddenError, and ImportRefusedError when the
    file is no register table; after that and after any other failure the register is as it was before, and the list
    of imports names the error.
    """
    require(actor, Action.IMPORT_REGISTER)
    data = path_or_bytes if isinstance(path_or_bytes, bytes) else _load(path_or_bytes)
    run = Run(engine, source[:64], actor, clock, progress or _silent)
    import_id = _begin(run, data, name)
    try:
        table = read(data)
        return _write(run, import_id, _read(run, table))
    except TableError as error:
        _fail(run, import_id, error.reason)
        raise ImportRefusedError(str(error)) from error
    except BaseException:
        _fail(run, import_id, FAILED)
        raise


def read(data: bytes) -> Table:
    """The register table in a file, by content: a workbook is a ZIP, anything else is read as CSV. Raises TableError."""
    if len(data) > LARGEST:
        raise TableError("too_large", f"{len(data)} bytes")
    if data.startswith(b"PK\x03\x04"):
        return read_xlsx(data)
    if data.startswith(b"\xd0\xcf\x11\xe0"):
        raise TableError("not_xlsx", "an old .xls workbook: save it as .xlsx")
    return read_csv(data)


def _load(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(LARGEST + 1)


def _silent(done: int, total: int) -> None:
    """Nobody wants to know how far it is."""


def _read(run: Run, table: Table) -> Reading:
    """Understand the whole table before the first write, so that the writer's lock is held for the writing only."""
    with db.read(run.engine) as conn:
        ours = frozenset(conn.scalars(sa.select(db.companies.c.tax_id)))
    reading = Reading()
    rows = len(table.rows)
    for done, reading in enumerate(read_table(table, ours, run.source), 1):  # noqa: B007 - the last one is complete
        if done % BATCH == 0:
            run.progress(min(done, rows) // 2, rows)
    return reading


def _begin(run: Run, data: bytes, name: str) -> int:
    made = sa.insert(db.register_imports).values(
        source=run.source,
        file_name=name[:255],
        sha256=hashlib.sha256(data).hexdigest(),
        started_at=run.clock(),
        imported_by=run.actor.id,
        refused=[],
        error=INTERRUPTED,
    )
    with db.write(run.engine) as conn:
        return int(conn.execute(made.returning(db.register_imports.c.id)).scalar_one())


def _write(run: Run, import_id: int, reading: Reading) -> ImportReport:
    entries = list(reading.found.values())
    rows = max(len(entries) + len(reading.refused), 1)
    with db.write(run.engine) as conn:
        tally = Tally(import_id, run.source, run.clock(), same=reading.repeated)
        lock(conn)
        for start in range(0, len(entries), BATCH):
            upsert(conn, entries[start : start + BATCH], tally)
            run.progress((rows + min(start + BATCH, len(entries))) // 2, rows)
        days = [entry.row.date for entry in entries if entry.row.date]
        report = ImportReport(
            new=tally.new,
            changed=tally.changed,
            same=tally.same,
            refused=tuple(reading.refused),
            import_id=import_id,
            newest=max(days, default=None),
            oldest=min(days, default=None),
        )
        _finish(conn, run, report, tally)
    if run.engine.dialect.name == "postgresql":
        with db.write(run.engine) as conn:  # until it has counted the rows its planner scans them all for a near key
            conn.exec_driver_sql("ANALYZE register_rows")
    run.progress(rows, rows)
    return report


def _finish(conn: sa.Connection, run: Run, report: ImportReport, tally: Tally) -> None:
    """The import's own row, and the audit log last, since its writers take turns."""
    counts = {"new": report.new, "changed": report.changed, "same": report.same}
    error = ALL_REFUSED if report.refused and not any(counts.values()) else ""
    conn.execute(
        sa.update(db.register_imports)
        .where(db.register_imports.c.id == report.import_id)
        .values(
            finished_at=tally.now,
            new_rows=report.new,
            changed_rows=report.changed,
            same_rows=report.same,
            refused=[asdict(refusal) for refusal in report.refused[:KEPT]],
            error=error,
            newest_issue=report.newest,
            oldest_issue=report.oldest,
        )
    )
    for taken in tally.confirmed:
        detail = {"import": report.import_id, "differs": taken.differs}
        audit.record(conn, run.actor, "confirm_manual_row", f"register:{taken.row_id}", detail, tally.now)
    detail = {"source": run.source, **counts, "refused": len(report.refused), "error": error}
    audit.record(conn, run.actor, "import_register", f"import:{report.import_id}", detail, tally.now)


def _fail(run: Run, import_id: int, error: str) -> None:
    table = db.register_imports
    with db.write(run.engine) as conn:
        conn.execute(sa.update(table).where(table.c.id == import_id).values(finished_at=run.clock(), error=error))
