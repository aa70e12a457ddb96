"""Fill an empty desk with the invented papers of `fixtures`: companies, register, and some documents to look at."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import sqlalchemy as sa

from intake import companies
from intake.db import companies as companies_table
from intake.db import read, register_rows
from intake.model import SERVICE, Actor, Channel
from intake.register.importer import import_file
from intake.wiring import Intake

REGISTER: Final = "全量发票查询导出结果.xlsx"
MOST: Final = 24  # papers handed in, so that the first look at the desk is lively and quick


def is_empty(intake: Intake) -> bool:
    """Whether neither a company nor a register row is on file."""
    with read(intake.engine) as connection:
        return not any(
            connection.execute(sa.select(sa.literal(1)).select_from(table).limit(1)).first()
            for table in (companies_table, register_rows)
        )


def load(intake: Intake, folder: Path, *, only: tuple[str, ...] = (), actor: Actor = SERVICE) -> str:
    """Load the folder and say what was loaded. The papers are read by the next `serve` or `work`.

    `only` keeps those whose names begin with one of its words; `actor` hands them in.
    """
    ours = companies.load(intake.engine, folder / "companies.toml", actor=SERVICE, clock=intake.clock)
    report = import_file(
        intake.engine,
        intake.files,
        folder / REGISTER,
        REGISTER,
        source="tax-bureau",
        actor=SERVICE,
        clock=intake.clock,
    )
    names = tuple(only) or ("",)
    papers = sorted(path for path in (folder / "demo").iterdir() if path.name.startswith(names))[:MOST]
    for paper in papers:
        with paper.open("rb") as data:
            intake.submit.receive(actor, data, paper.name, Channel.COMMAND, interactive=False)
    return f"demo: {ours} companies, {report.new} register rows, {len(papers)} papers handed in"
