"""The commands of register sources: synchronise them, list them with their health, test one."""

from __future__ import annotations

import sys
from datetime import datetime

import click

from intake.clock import BEIJING
from intake.console import wired
from intake.errors import SourceBusyError, SourceWaitsError
from intake.model import SERVICE, SourceHealth
from intake.sources import state
from intake.sources.adapters import Sources
from intake.sources.catalogue import all_sources, find
from intake.sources.model import Outcome
from intake.sources.sync import SyncReport, sync, sync_if_due


@click.command("sync")
@click.argument("name", required=False)
@click.option("--full", is_flag=True, help="Ask for everything from the first day on.")
def sync_command(name: str | None, *, full: bool) -> None:
    """Synchronise the register source NAME, or all that are due; then look at waiting invoices again."""
    with wired() as intake:
        lines, brought, failed = synchronise(intake.sources, name, full=full)
        for line in lines:
            click.echo(line)
        if brought:
            click.echo(f"filed after the synchronisation: {intake.rematch()}")
        sys.exit(int(failed))


@click.command("sources")
@click.option("--test", "tested", metavar="NAME", help="Test this source, step by step.")
def sources_command(tested: str | None) -> None:
    """List the register sources with their health; exit 1 when one is not well."""
    with wired() as intake:
        lines, well = self_test(intake.sources, tested) if tested else listing(intake.sources)
        for line in lines:
            click.echo(line)
        sys.exit(int(not well))


def synchronise(sources: Sources, name: str | None, *, full: bool) -> tuple[list[str], bool, bool]:
    """Lines to print, whether the register has changed, whether a source failed.

    One source is asked whatever the hour; without a name all are asked that are due, or with `full` all that may be.
    """
    if name is not None:
        made: list[SyncReport | str | None] = [sync(sources, name, actor=SERVICE, full=full)]
    else:
        names = [found.name for found in all_sources(sources.engine) if found.definition.enabled]
        made = [_everything(sources, each) if full else sync_if_due(sources, each, actor=SERVICE) for each in names]
    lines = [one if isinstance(one, str) else _line(one) for one in made if one is not None] or ["nothing is due"]
    reports = [one for one in made if isinstance(one, SyncReport)]
    return lines, any(report.brought for report in reports), any(report.fault for report in reports)


def _everything(sources: Sources, name: str) -> SyncReport | str:
    """One of all; that one waits or is being asked already holds no other up."""
    try:
        return sync(sources, name, actor=SERVICE, full=True)
    except (SourceBusyError, SourceWaitsError):
        return f"{name}: waits"


def listing(sources: Sources) -> tuple[list[str], bool]:
    """A line a source, and whether all are well."""
    looks = state.looks(sources.engine, sources.clock())
    sick = {SourceHealth.FAILING, SourceHealth.OPEN}
    return [_told(look) for look in looks] or ["no sources"], all(look.state.health not in sick for look in looks)


def self_test(sources: Sources, name: str) -> tuple[list[str], bool]:
    """A line a step, and whether none failed. Raises NotFoundError."""
    steps = sources.adapter(find(sources.engine, name).definition).self_test()
    lines = [
        f"{step.step.value:12} {step.outcome.value:8} {step.millis:6} ms  {step.code} "
        f"{' '.join(f'{key}={value}' for key, value in step.params.items())}".rstrip()
        for step in steps
    ]
    return lines, all(step.outcome is not Outcome.FAILED for step in steps)


def _told(look: state.Look) -> str:
    said = look.state
    parts = [
        f"{said.name:24} {said.health.value:12} newest {said.newest_issue or '-'}  last {_moment(said.imported_at)}",
        f"until {_moment(said.until)}" if said.until else "",
        said.last_error,
        "behind" if look.behind else "",
    ]
    return "  ".join(part for part in parts if part)


def _moment(value: datetime | None) -> str:
    """By the clock of China, as on the pages."""
    return value.astimezone(BEIJING).strftime("%Y-%m-%d %H:%M") if value else "-"


def _line(report: SyncReport) -> str:
    counts = [
        f"new {done.new}, changed {done.changed}, same {done.same}, refused {done.refused}" for done in report.imports
    ]
    said = "; ".join(counts) or "nothing new"
    return f"{report.name}: {said}" + (f"; {report.fault.value} {report.detail}".rstrip() if report.fault else "")
