"""Import of a register table in one transaction: all of it or nothing (domain.md §7.5)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final, TypeAlias

import sqlalchemy as sa

from intake import audit, db
from intake.clock import Clock
from intake.errors import ImportRefusedError, ImportStateError, NotFoundError
from intake.model import Actor
from intake.ports import Files
from intake.register import applying, ledger
from intake.register.difference import Change, Counts, changes, count, match
from intake.register.ledger import Origin
from intake.register.mappings import ColumnMapping, read_mapping, written
from intake.register.meaning import Meaning
from intake.register.reading import Refusal
from intake.register.snapshot import Content, keep, open_table
from intake.register.staging import Progress, Stage, load, stage_of
from intake.register.table import TableError
from intake.roles import Action, require

READING: Final = 0.7  # of the time of an import
REPORTED: Final = 1000  # refused rows that a report repeats
ANALYSED: Final = 1000  # rows from which on PostgreSQL's planner is told how the table has changed


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What an import did: counts of invoices, the first refused rows, and the span of issue days in the file.

    `changed` counts rows that now say something else, and rows of 补录 that the import confirmed; `vanished` rows of
    the source within the file's days that the file lacks, which stay. `name` rolls it back; None when all was refused.
    """

    import_id: int
    name: str | None
    new: int
    changed: int
    same: int
    vanished: int
    refused: int
    refusals: tuple[Refusal, ...]
    newest: date | None
    oldest: date | None


Also: TypeAlias = Callable[[sa.Connection, ImportReport], None]


@dataclass(frozen=True, slots=True)
class Run:
    """Who reads which kept file."""

    engine: sa.Engine
    files: Files
    origin: Origin
    actor: Actor
    clock: Clock


def import_file(
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
    also: Also | None = None,
) -> ImportReport:
    """Import the tax bureau's export, the 勾选 export or a CSV at once, under the name of its `source`.

    With a `mapping` any table of invoices. `progress` is called with (rows done, rows of the file), `also` in the one
    transaction of the writing, such as to note how far a source was read. Raises ForbiddenError, and ImportRefusedError when the file is no register table; after that and after any other failure
    the register is as it was before, and the list of imports names the error.
    """
    require(actor, Action.IMPORT_REGISTER)
    run = Run(engine, files, origin_of(files, content, name, source, mapping), actor, clock)
    tell = progress or silent
    with recorded(run) as import_id, stage_of(engine) as stage:
        read_into(stage, run, part(tell, READING))
        return write(stage, run, import_id, before=ledger.FAILED, progress=tell, also=also)


def silent(done: int, rows: int) -> None:
    """Nobody wants to know how far it is."""


def part(progress: Progress, share: float) -> Progress:
    """Progress of the first step of two, which takes this share of the whole."""
    return lambda done, rows: progress(round(done * share), rows)


def origin_of(files: Files, content: Content, name: str, source: str, mapping: ColumnMapping | None) -> Origin:
    """What is imported; its bytes are kept from now on."""
    stored = keep(files, content)
    return Origin(
        source[:64], name, stored.sha256, mapping.name if mapping else "", written(mapping) if mapping else None
    )


@contextmanager
def recorded(run: Run) -> Iterator[int]:
    """The id of a new import, whose failure is named in the list of imports.

    Raises ImportRefusedError instead of TableError.
    """
    import_id = ledger.begin(run.engine, run.origin, run.actor, run.clock())
    with refused_by_name():
        try:
            yield import_id
        except TableError as error:
            ledger.fail(run.engine, import_id, error.reason, run.clock())
            raise
        except BaseException:
            ledger.fail(run.engine, import_id, ledger.FAILED, run.clock())
            raise


@contextmanager
def refused_by_name() -> Iterator[None]:
    """Raise ImportRefusedError instead of TableError."""
    try:
        yield
    except TableError as error:
        raise ImportRefusedError(str(error)) from error


def read_into(stage: Stage, run: Run, progress: Progress) -> None:
    """Stage the kept file. Raises TableError, and NotFoundError when the file is gone."""
    place = run.files.path(run.origin.sha256)
    if not place.exists():
        raise NotFoundError(f"file {run.origin.sha256}")
    mapping = run.origin.mapped and read_mapping(run.origin.mapping, run.origin.mapped)
    with db.read(run.engine) as conn:
        ours = frozenset(conn.scalars(sa.select(db.companies.c.tax_id)))
    with open_table(place, mapping.columns if mapping else None) as table:
        load(stage, table, Meaning(mapping.options) if mapping else Meaning(), ours, progress)


def write(
    stage: Stage, run: Run, import_id: int, *, before: str, progress: Progress, also: Also | None = None
) -> ImportReport:
    """Write the staged rows into the register, with all that is said of them, in one transaction.

    The import must be in the state `before`. Raises ImportStateError, NotFoundError.
    """
    conn, source = stage.connection.execution_options(writes=True), run.origin.source
    rows = max(stage.rows, 1)
    with conn.begin():
        row = ledger.hold(conn, import_id)
        if row is None:
            raise NotFoundError(f"import {import_id}")
        if row["state"] != before:
            raise ImportStateError(row["state"])
        applying.lock(conn)
        now = run.clock()
        match(stage)
        counts, taken = count(stage, source), changes(conn, manual=True)
        progress(round(rows * 0.8), rows)
        if counts.changed:
            applying.write_changes(stage, import_id, source, now)
        span = applying.write_new(stage, import_id, source, now) if counts.new else None
        applying.remember_sellers(stage)
        progress(round(rows * 0.95), rows)
        report = _finish(stage, import_id, row["name"], counts, span, now)
        if also is not None:
            also(conn, report)
        _tell(conn, run, report, taken, now)
    if stage.postgresql and counts.new + counts.changed >= ANALYSED:
        with conn.begin():  # until it has counted the rows its planner scans them all for a near key
            conn.exec_driver_sql("ANALYZE register_rows")
    progress(rows, rows)
    return report


def _finish(
    stage: Stage, import_id: int, name: str, counts: Counts, span: tuple[int, int] | None, now: datetime
) -> ImportReport:
    """The import's own row."""
    nothing = stage.refused > 0 and not any((counts.new, counts.changed, counts.same))
    first, last = span or (None, None)
    ledger.keep_refusals(stage.connection, import_id, stage)
    ledger.write(
        stage.connection,
        import_id,
        finished_at=now,
        name=None if nothing else name,
        state=ledger.FAILED if nothing else ledger.APPLIED,
        error=ledger.ALL_REFUSED if nothing else "",
        samples=None,
        first_row=first,
        last_row=last,
        **ledger.counted(stage, counts),
    )
    return ImportReport(
        import_id,
        None if nothing else name,
        counts.new,
        counts.changed,
        counts.same,
        counts.vanished,
        stage.refused,
        tuple(stage.refusals[:REPORTED]),
        stage.newest,
        stage.oldest,
    )


def _tell(conn: sa.Connection, run: Run, report: ImportReport, taken: Sequence[Change], now: datetime) -> None:
    """The audit log last, since its writers take turns."""
    for change in taken:
        differs = {name: {"keyed": change.before[name], "imported": change.after[name]} for name in change.differs}
        detail = {"import": report.import_id, "differs": differs}
        audit.record(conn, run.actor, "confirm_manual_row", f"register:{change.row_id}", detail, now)
    detail = {
        "source": run.origin.source,
        "name": report.name,
        "file": run.origin.sha256,
        "new": report.new,
        "changed": report.changed,
        "same": report.same,
        "vanished": report.vanished,
        "refused": report.refused,
    }
    audit.record(conn, run.actor, "import_register", f"import:{report.import_id}", detail, now)
