"""The commands of the register: import at once or by a draft, the list of drafts, roll-back, replay."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import click
import sqlalchemy as sa

from intake.console import wired
from intake.db import read, register_imports
from intake.errors import NotFoundError
from intake.model import SERVICE
from intake.register import drafts as drafting
from intake.register import mappings
from intake.register.drafts import Draft
from intake.register.importer import ImportReport, import_file
from intake.register.reading import Refusal
from intake.register.rollback import roll_back
from intake.register.staging import Progress
from intake.wiring import Intake

SHOWN: Final = 20


@click.group()
def register() -> None:
    """The company's register of invoices."""


@register.command("import")
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--source", default="tax-bureau", show_default=True, help="Name of the source the rows come from.")
@click.option("--mapping", default="", help="Name of a saved mapping, for a table that is not the tax bureau's.")
@click.option("--draft", is_flag=True, help="Only say what would change; apply it with `intake register apply`.")
def import_(file: Path, source: str, mapping: str, *, draft: bool) -> None:
    """Import FILE: the tax bureau's export (XLSX) or a CSV; then look at waiting invoices again."""
    with wired() as intake:
        chosen = mappings.find(intake.engine, mapping) if mapping else None
        with _bar(file.name) as progress:
            if draft:
                made = drafting.prepare(
                    intake.engine,
                    intake.files,
                    file,
                    file.name,
                    source=source,
                    mapping=chosen,
                    actor=SERVICE,
                    clock=intake.clock,
                    progress=progress,
                )
            else:
                report = import_file(
                    intake.engine,
                    intake.files,
                    file,
                    file.name,
                    source=source,
                    mapping=chosen,
                    actor=SERVICE,
                    clock=intake.clock,
                    progress=progress,
                )
        if draft:
            _say(made, made.refusals)
        else:
            _say(report, report.refusals)
            _filed_after(intake)


@register.command("drafts")
def list_drafts() -> None:
    """List the drafts that wait to be applied or discarded."""
    with wired() as intake:
        for draft in drafting.drafts(intake.engine):
            _say(draft, ())


@register.command("apply")
@click.argument("name")
def apply(name: str) -> None:
    """Apply the draft NAME to the register, all of it or nothing; then look at waiting invoices again."""
    with wired() as intake:
        import_id = _id_of(intake, name)
        with _bar(name) as progress:
            report = drafting.apply(
                intake.engine, intake.files, import_id, actor=SERVICE, clock=intake.clock, progress=progress
            )
        _say(report, report.refusals)
        _filed_after(intake)


@register.command("discard")
@click.argument("name")
def discard(name: str) -> None:
    """Give the draft NAME up."""
    with wired() as intake:
        drafting.discard(intake.engine, _id_of(intake, name), actor=SERVICE, clock=intake.clock)
        click.echo(f"discarded {name}")


@register.command("roll-back")
@click.argument("name")
def roll_back_(name: str) -> None:
    """Take the import NAME back: its new rows go, its changed rows say what they said before."""
    with wired() as intake:
        done = roll_back(intake.engine, name, actor=SERVICE, clock=intake.clock)
        click.echo(f"{done.name}: {done.removed} rows removed, {done.restored} restored")
        if done.unsupported:
            numbers = ", ".join(str(number) for number in done.unsupported)
            click.echo(f"filed invoices without their register row: {numbers}", err=True)
        _filed_after(intake)


@register.command("replay")
@click.argument("name")
def replay(name: str) -> None:
    """Make a new draft from the kept file of the import NAME, which may have been rolled back."""
    with wired() as intake:
        import_id = _id_of(intake, name)
        with _bar(name) as progress:
            draft = drafting.replay(
                intake.engine, intake.files, import_id, actor=SERVICE, clock=intake.clock, progress=progress
            )
        _say(draft, draft.refusals)


def _id_of(intake: Intake, name: str) -> int:
    with read(intake.engine) as conn:
        found = conn.execute(
            sa.select(register_imports.c.id).where(register_imports.c.name == name)
        ).scalar_one_or_none()
    if found is None:
        raise NotFoundError(f"import {name}")
    return int(found)


@contextmanager
def _bar(label: str) -> Iterator[Progress]:
    with click.progressbar(length=1, label=label, file=sys.stderr) as bar:

        def progress(done: int, total: int) -> None:
            bar.length = max(total, 1)
            bar.update(done - bar.pos)

        yield progress


def _say(found: Draft | ImportReport, refusals: tuple[Refusal, ...]) -> None:
    click.echo(
        f"{found.name}: new {found.new}, changed {found.changed}, same {found.same}, vanished {found.vanished}, "
        f"refused {found.refused}; issued {found.oldest} to {found.newest}"
    )
    for refusal in refusals[:SHOWN]:
        click.echo(f"  row {refusal.row}: {refusal.reason} {refusal.sample}", err=True)


def _filed_after(intake: Intake) -> None:
    click.echo(f"filed after the import: {intake.rematch()}")
