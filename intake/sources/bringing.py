"""What a source delivers goes the way of every register table: through the import, which keeps its bytes to be replayed."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Final, TypeAlias, assert_never

import sqlalchemy as sa

from intake.errors import ImportRefusedError
from intake.model import Actor
from intake.register.importer import ImportReport, import_file
from intake.sources.adapters import Sources
from intake.sources.errors import Fault, SourceError
from intake.sources.model import Cell, Definition, Delivery, ExportFile, Rows

MOST_BYTES: Final = 1024**3  # of one fetch, as text

Progress: TypeAlias = Callable[[int, int], None]
Also: TypeAlias = Callable[[sa.Connection, ImportReport], None]
"""What is written in the import's own transaction."""


def bring(
    sources: Sources, definition: Definition, delivery: Delivery, also: Also, *, actor: Actor, progress: Progress
) -> ImportReport:
    """Import a delivery. Raises SourceError: of the source while its rows come, or not_understood."""
    match delivery:
        case Rows():
            name = f"{definition.name} {sources.clock():%Y-%m-%d %H:%M}.csv"
            content = _csv(delivery)
        case ExportFile():
            name, content = delivery.name, delivery.path.read_bytes()
        case _:
            assert_never(delivery)
    try:
        report = import_file(
            sources.engine, content, name, source=definition.name, actor=actor, clock=sources.clock, progress=progress
        )
    except ImportRefusedError as error:
        raise SourceError(Fault.NOT_UNDERSTOOD, f"{name}: {error.detail}") from error
    with sources.engine.begin() as conn:
        also(conn, report)
    return report


def _csv(delivery: Rows) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(delivery.headings)
    writer.writerows(_limited(delivery.rows))
    return text.getvalue().encode()


def _limited(rows: Iterator[Sequence[Cell]]) -> Iterator[list[str]]:
    """Rows as text, up to the limit of one fetch."""
    taken = 0
    for row in rows:
        cells = [_text(cell) for cell in row]
        taken += sum(map(len, cells)) + len(cells)
        if taken > MOST_BYTES:
            raise SourceError(Fault.TOO_MUCH, f"{MOST_BYTES} bytes")
        yield cells


def _text(cell: Cell) -> str:
    """A cell as text that loses nothing: a number of 20 digits stays one."""
    if cell is None:
        return ""
    if isinstance(cell, bytes):
        return cell.decode("utf-8", "replace")
    if isinstance(cell, Decimal):
        return format(cell, "f")
    return cell.isoformat(sep=" ") if isinstance(cell, datetime) else str(cell)
