"""Column mappings saved by name: which heading of a foreign table is what, and how its cells are written (domain.md §7.4)."""

from __future__ import annotations

import itertools
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from decimal import Decimal
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

import sqlalchemy as sa

from intake import audit, db
from intake.clock import Clock
from intake.db import register_mappings
from intake.errors import MappingError, NotFoundError
from intake.model import Actor
from intake.register import vocabulary as words
from intake.register.columns import HEADER_WITHIN, HEADINGS, Column, heading
from intake.register.meaning import USUAL, Codes, DayOrder, Meaning, Options, Unit
from intake.register.reading import Refusal, reader_of
from intake.register.snapshot import head_of, open_table
from intake.register.staging import COLUMNS
from intake.register.table import Table
from intake.roles import Action, require

LONGEST: Final = 64
SHOWN: Final = 20

# What a heading holds when it is none of the known ones: every part of one of the groups, and no part after it.
GUESSES: Final[tuple[tuple[Column, tuple[str, ...], tuple[str, ...]], ...]] = (
    (Column.SELLER_TAX_ID, ("销", "税号"), ()),
    (Column.SELLER_TAX_ID, ("销", "识别号"), ()),
    (Column.SELLER_TAX_ID, ("供应商", "税号"), ()),
    (Column.SELLER_TAX_ID, ("供应商", "识别号"), ()),
    (Column.BUYER_TAX_ID, ("购", "税号"), ()),
    (Column.BUYER_TAX_ID, ("购", "识别号"), ()),
    (Column.BUYER_TAX_ID, ("采购", "税号"), ()),
    (Column.SELLER_NAME, ("销", "名称"), ("货物", "商品")),
    (Column.SELLER_NAME, ("供应商",), ("编码", "编号", "税号", "识别号")),
    (Column.SELLER_NAME, ("开票方",), ("税号", "识别号")),
    (Column.BUYER_NAME, ("购", "名称"), ()),
    (Column.BUYER_NAME, ("抬头",), ()),
    (Column.DIGITAL_NUMBER, ("数电", "号码"), ()),
    (Column.DIGITAL_NUMBER, ("全电", "号码"), ()),
    (Column.CODE, ("发票", "代码"), ()),
    (Column.NUMBER, ("发票", "号"), ("代码", "税号", "识别号")),
    (Column.NUMBER, ("invoice", "no"), ()),
    (Column.DATE, ("开票", "日"), ()),
    (Column.DATE, ("发票", "日期"), ()),
    (Column.TOTAL, ("价税合计",), ()),
    (Column.TOTAL, ("含税",), ("不含税",)),
    (Column.NET, ("不含税",), ()),
    (Column.NET, ("未税",), ()),
    (Column.TAX, ("税额",), ("有效", "抵扣")),
    (Column.KIND, ("票", "类型"), ()),
    (Column.KIND, ("票种",), ()),
    (Column.STATUS, ("发票", "状态"), ()),
)
NUMBERS: Final = (Column.NUMBER, Column.DIGITAL_NUMBER)
SHAPES: Final = (  # of numbers whose heading says nothing
    (Column.DIGITAL_NUMBER, re.compile(r"\d{20}")),
    (Column.NUMBER, re.compile(r"\d{8}")),
    (Column.CODE, re.compile(r"\d{10}|\d{12}")),
)
VALUES: Final = (Column.DATE, Column.NET, Column.TOTAL)


@dataclass(frozen=True, slots=True)
class ColumnMapping:
    """Which heading holds which column, and what the headings do not say. `name` is at most 64 characters."""

    name: str
    columns: Mapping[Column, str]
    options: Options = USUAL


@dataclass(frozen=True, slots=True)
class Glance:
    """The start of a file: the line that looks most like headings, its number in the file, and some rows below it."""

    headings: tuple[str, ...]
    row: int
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Understood:
    """A row as a mapping understands it: its number in the file, its cells, and what they mean (plain text by column
    of the register) or why it would be refused.
    """

    row: int
    cells: tuple[str, ...]
    values: Mapping[str, str]
    refused: str = ""


@dataclass(frozen=True, slots=True)
class Preview:
    """The first rows as a mapping understands them. `problems` are codes: a column that no row fills
    (``empty:<column>``), ``all_refused``.
    """

    headings: tuple[str, ...]
    rows: tuple[Understood, ...]
    problems: tuple[str, ...]


def all_mappings(engine: sa.Engine) -> tuple[ColumnMapping, ...]:
    """Every saved mapping, by name."""
    with db.read(engine) as conn:
        rows = conn.execute(sa.select(register_mappings).order_by(register_mappings.c.name)).mappings()
        return tuple(read_mapping(row["name"], {"columns": row["columns"], "options": row["options"]}) for row in rows)


def find(engine: sa.Engine, name: str) -> ColumnMapping:
    """A saved mapping. Raises NotFoundError."""
    with db.read(engine) as conn:
        query = sa.select(register_mappings).where(register_mappings.c.name == name)
        row = conn.execute(query).mappings().one_or_none()
    if row is None:
        raise NotFoundError(f"mapping {name}")
    return read_mapping(name, {"columns": row["columns"], "options": row["options"]})


def save(engine: sa.Engine, mapping: ColumnMapping, *, actor: Actor, clock: Clock) -> None:
    """Save a mapping under its name, in place of an earlier one. Imports keep the mapping they were made with.

    Raises ForbiddenError, and MappingError for a mapping by which no row could be understood.
    """
    require(actor, Action.IMPORT_REGISTER)
    problem = problem_of(mapping)
    if problem:
        raise MappingError(problem)
    now = clock()
    values = written(mapping) | {"created_by": actor.id, "created_at": now}
    with db.write(engine) as conn:
        mine = register_mappings.c.name == mapping.name
        if not conn.execute(sa.update(register_mappings).where(mine).values(values)).rowcount:
            conn.execute(sa.insert(register_mappings).values(name=mapping.name, **values))
        audit.record(conn, actor, "save_mapping", f"mapping:{mapping.name}", written(mapping), now)


def problem_of(mapping: ColumnMapping) -> str:
    """Why no row could be understood by the mapping (a code: name, number, value, twice); empty when one could."""
    headings = [heading(written) for written in mapping.columns.values()]
    if not mapping.name.strip() or len(mapping.name) > LONGEST:
        return "name"
    if not any(column in mapping.columns for column in NUMBERS):
        return "number"
    if not any(column in mapping.columns for column in VALUES):
        return "value"
    return "twice" if len(set(headings)) < len(headings) or "" in headings else ""


def written(mapping: ColumnMapping) -> dict[str, Any]:
    """A mapping as JSON, without its name."""
    return {
        "columns": {column.value: name for column, name in mapping.columns.items()},
        "options": asdict(mapping.options),
    }


def read_mapping(name: str, kept: Mapping[str, Any]) -> ColumnMapping:
    """A mapping from the JSON of :func:`written`."""
    options = kept["options"]
    return ColumnMapping(
        name,
        MappingProxyType({Column(column): text for column, text in kept["columns"].items()}),
        Options(DayOrder(options["days"]), Unit(options["unit"]), Codes(options["codes"]), options["complete"]),
    )


def propose(headings: Sequence[str], rows: Sequence[Sequence[str]] = ()) -> Mapping[Column, str]:
    """A guess which heading is which column: by the known headings, the words in them, and the shapes of the cells of
    `rows` below. Each is used once.
    """
    found: dict[Column, str] = {}
    left = {heading(name): name for name in reversed(headings) if heading(name)}
    for column, names in HEADINGS.items():
        name = next((name for name in names if name in left), None)
        if name:
            found[column] = left.pop(name)
    for column, parts, without in GUESSES:
        if column in found:
            continue
        for name in [heading(one) for one in headings]:
            if name in left and all(p in name for p in parts) and not any(p in name for p in without):
                found[column] = left.pop(name)
                break
    for column, shape in SHAPES:
        if column not in found and not (column is not Column.CODE and any(one in found for one in NUMBERS)):
            shaped = (name for place, name in enumerate(headings) if _shaped(shape, place, rows))
            name = next((name for name in shaped if heading(name) in left), None)
            if name:
                found[column] = left.pop(heading(name))
    return found


def _shaped(shape: re.Pattern[str], place: int, rows: Sequence[Sequence[str]]) -> bool:
    """Whether every cell of a column that says something has this shape."""
    cells = [row[place] for row in rows if place < len(row) and row[place]]
    return bool(cells) and all(shape.fullmatch(cell) for cell in cells)


def glance(place: Path) -> Glance:
    """The start of a file whose headings nobody has named yet. Raises TableError."""
    head = [tuple(words.text(cell) for cell in row) for row in head_of(place, HEADER_WITHIN + SHOWN)]
    lines = list(enumerate(head[:HEADER_WITHIN]))
    index, line = max(lines, key=lambda pair: (len(propose(pair[1])), _names(pair[1]), -pair[0]), default=(0, ()))
    return Glance(line, index + 1, tuple(row for row in head[index + 1 :] if any(row))[:SHOWN])


def _names(cells: Sequence[str]) -> int:
    """How many cells look like a name and not like a value."""
    return sum(bool(cell) and not any(sign.isdigit() for sign in cell) for cell in cells)


def preview(place: Path, mapping: ColumnMapping | None, n: int = SHOWN) -> Preview:
    """The first `n` rows as a mapping (or, without one, the built-in layout) understands them. Raises TableError."""
    with open_table(place, mapping.columns if mapping else None) as table:
        rows = tuple(itertools.islice(_understood(table, Meaning(mapping.options) if mapping else Meaning()), n))
        headings, columns = table.layout.headings, table.layout.places
    good = [row for row in rows if not row.refused]
    empty = [
        f"empty:{column.value}"
        for column in columns
        if good and column.value in COLUMNS and not any(row.values.get(column.value) for row in good)
    ]
    return Preview(headings, rows, ("all_refused",) if rows and not good else tuple(empty))


def _understood(table: Table, meaning: Meaning) -> Any:
    read = reader_of(table.layout, meaning, ())
    scale = Decimal(10_000 if table.layout.by_line else 100)
    for number, cells in enumerate(table.rows, table.first):
        entry = read(number, cells)
        if entry is None:
            continue
        shown = tuple(words.text(cell) for cell in cells)
        if isinstance(entry, Refusal):
            yield Understood(number, shown, {}, entry.reason)
        else:
            values = dict(zip(COLUMNS, entry, strict=True))
            yield Understood(
                number, shown, {name: _shown(value, scale) for name, value in values.items() if value is not None}
            )


def _shown(value: str | int, scale: Decimal) -> str:
    return value if isinstance(value, str) else f"{Decimal(value) / scale:.2f}"
