"""The command `intake accuracy`: how often the machine is right, and whether its promise is kept."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Final

import click

from intake import accuracy_run
from intake.accuracy import Document
from intake.accuracy_page import page
from intake.accuracy_tables import below, table
from intake.clock import system_clock
from intake.config import Settings
from intake.db import connect

_OUT: Final = Path("build/accuracy")


@click.command()
@click.argument("folder", type=click.Path(path_type=Path, exists=True, file_okay=False), required=False)
@click.option("--judge", type=int, metavar="N", help="Judge by N invented documents instead.")
@click.option("--seed", type=int, default=accuracy_run.JUDGING, show_default=True, help="Of the invented documents.")
@click.option("--archive", is_flag=True, help="Judge by what two people verified instead; nothing is read anew.")
@click.option("--workers", type=click.IntRange(1), default=1, show_default=True, help="Processes that read.")
@click.option("--out", type=click.Path(path_type=Path), default=_OUT, show_default=True, help="For results and page.")
@click.option("--floors", is_flag=True, help="End with 1 when a group is below its floor or a proven value is wrong.")
@click.option("--misses", is_flag=True, help="List each wrong value (never of a judging seed).")
def accuracy(
    folder: Path | None,
    *,
    judge: int | None,
    seed: int,
    archive: bool,
    workers: int,
    out: Path,
    floors: bool,
    misses: bool,
) -> None:
    """Measure how often values are right, those called proven above all.

    FOLDER holds documents and their `truth.json`. The table is printed; `accuracy.html` in the folder of --out draws the
    reliability curve. Results are kept there as JSON lines, so that a run that was cut off goes on where it ended.
    """
    if sum((folder is not None, judge is not None, archive)) != 1:
        raise click.UsageError("Give one of FOLDER, --judge N and --archive.")
    out.mkdir(parents=True, exist_ok=True)
    settings = Settings()
    if archive:
        documents, about = accuracy_run.of_archive(connect(settings.database_url())), "invoices verified by two people"
    else:
        documents, about = _measured(folder, judge or 0, seed, workers, out)
    click.echo(table(documents, settings.promised_rate))
    place = out / "accuracy.html"
    place.write_text(page(documents, settings.promised_rate, about, system_clock()), encoding="utf-8")
    click.echo(f"\n{place}")
    for line in _misses(documents) if misses else ():
        click.echo(line)
    found = below(documents) if floors else []
    for line in found:
        click.echo(f"NOT KEPT: {line}", err=True)
    sys.exit(int(bool(found)))


def _measured(folder: Path | None, count: int, seed: int, workers: int, out: Path) -> tuple[list[Document], str]:
    wanted: list[accuracy_run.Kept] | list[accuracy_run.Invented]
    try:
        wanted = accuracy_run.of_folder(folder) if folder else accuracy_run.of_maker(seed, count)
    except (OSError, ValueError, KeyError) as error:
        raise click.ClickException(f"{folder}: no truth.json that can be read ({error})") from error
    except accuracy_run.NoMakerError as error:
        raise click.ClickException(f"{type(error).__doc__}") from error
    label = "folder" if folder else f"seed-{seed}"
    results = out / f"{label}-{accuracy_run.stamp()}.jsonl" if folder is None else None
    with click.progressbar(length=len(wanted), label="documents", file=sys.stderr, show_pos=True) as bar:
        documents = accuracy_run.measured(
            wanted, Settings().limits(), workers=workers, results=results, done=bar.update
        )
    return documents, str(folder) if folder else f"seed {seed}"


def _misses(documents: list[Document]) -> list[str]:
    return [
        f"{'ESCAPE' if value.proven else 'miss'} {document.name} {paper.kind} {value.field}: {value.got!r}, not {value.wanted!r}"
        for document in documents
        for paper in document.papers
        for value in paper.values
        if not value.right and (value.got or value.wanted)
    ]
