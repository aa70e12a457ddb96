"""What a source delivers goes the way of every register table: through the import, which keeps its bytes to be replayed."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Final, TypeAlias, assert_never

import sqlalchemy as sa

from intake.clock import BEIJING
from intake.errors import ImportRefusedError, NotFoundError
from intake.model import Actor
from intake.register import mappings
from intake.register.importer import ImportReport, import_file
from intake.register.snapshot import Content, CsvStream
from intake.sources.adapters import Sources
from intake.sources.errors import Fault, SourceError
from intake.sources.model import Cell, Definition, Delivery, ExportFile, Rows

MOST_BYTES: Final = 2 * 1024**3  # of one fetch, as text

Progress: TypeAlias = Callable[[int, int], None]
Also: TypeAlias = Callable[[sa.Connection, ImportReport], None]
"""What is written in the import's own transaction."""


def bring(
    sources: Sources, definition: Definition, delivery: Delivery, also: Also, *, actor: Actor, progress: Progress
) -> ImportReport:
    """Import a delivery. Raises SourceError: of the source while its rows come, or not_understood."""
    content: Content
    match delivery:
        case Rows():
            name = f"{definition.name} {sources.clock().astimezone(BEIJING):%Y-%m-%d %H:%M}.csv"
            content = CsvStream(delivery.headings, _limited(delivery.rows))
        case ExportFile():
            name, content = delivery.name, delivery.path
        case _:
            assert_never(delivery)
    try:
        return import_file(
            sources.engine,
            sources.files,
            content,
            name,
            source=definition.name,
            mapping=_mapping(sources, definition),
            actor=actor,
            clock=sources.clock,
            progress=progress,
            also=also,
        )
    except ImportRefusedError as error:
        raise SourceError(Fault.NOT_UNDERSTOOD, f"{name}: {error.detail}") from error


def _mapping(sources: Sources, definition: Definition) -> mappings.ColumnMapping | None:
    if not definition.mapping:
        return None
    try:
        return mappings.find(sources.engine, definition.mapping)
    except NotFoundError as error:
        raise SourceError(Fault.NO_MAPPING, definition.mapping) from error


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
