"""The commands. `serve` is added by `web/serve.py`, since only `web` knows Flask."""

from __future__ import annotations

import hashlib
import json
import signal
import sys
import threading
import time
from pathlib import Path

import click

from intake import accounts, accuracy, demo, migrations, status
from intake.accuracy_cli import accuracy as accuracy_command
from intake.background import running
from intake.config import Settings
from intake.console import wired
from intake.db import connect
from intake.errors import IntakeError
from intake.fuse import fuse
from intake.log import configure
from intake.model import SERVICE, Channel, Invoice
from intake.register_cli import register as register_command
from intake.sources_cli import sources_command, sync_command
from intake.watch import Watcher
from intake.wiring import Intake
from ocr.errors import UnreadableError
from ocr.sandbox import Sandbox
from ocr.types import Receipt

FIELDS = accuracy.FIELDS


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="fapiao-intake")
def main() -> None:
    """The intake desk for Chinese invoices (发票)."""


main.add_command(accuracy_command)
main.add_command(register_command)
main.add_command(sources_command)
main.add_command(sync_command)


@main.command()
def work() -> None:
    """Read queued documents and watch the folder, without the web pages, until stopped."""
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    with wired() as intake, running(intake):
        click.echo(f"working on {intake.settings.data}; watching {intake.settings.watch_folder()}")
        stop.wait()


@main.command()
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False), required=False)
@click.option("--once", is_flag=True, help="Take what is settled now and end.")
def watch(folder: Path | None, *, once: bool) -> None:
    """Take files from FOLDER (or the configured one) into the queue; `serve` and `work` read them."""
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    with wired() as intake:
        place = folder or intake.settings.watch_folder()
        watcher = Watcher(place, intake.submit, settle=intake.settings.settle)
        if once:
            watcher.look()
            time.sleep(intake.settings.settle)
            click.echo(f"{watcher.look()} taken from {place}")
        else:
            click.echo(f"watching {place}")
            watcher.run(stop)


@main.command()
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path, exists=True, dir_okay=False))
def submit(files: tuple[Path, ...]) -> None:
    """Hand in FILES; prints a receipt for each once it is durable."""
    failed = False
    with wired() as intake:
        for place in files:
            try:
                with place.open("rb") as data:
                    receipt = intake.submit.receive(SERVICE, data, place.name, Channel.COMMAND, interactive=False)
            except (IntakeError, OSError) as error:
                failed = True
                click.echo(f"{place}: {error}", err=True)
            else:
                click.echo(f"{receipt.receipt}  {place}")
    sys.exit(int(failed))


@main.command()
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line and file.")
def read(files: tuple[Path, ...], *, as_json: bool) -> None:
    """Read FILES and print what is on them; changes nothing."""
    configure(as_json=False)
    reader = Sandbox(Settings().limits())
    try:
        reader.warm()
        for place in files:
            answer = read_file(reader, place)
            click.echo(json.dumps(answer, ensure_ascii=False) if as_json else _for_people(answer))
    finally:
        reader.close()


def read_file(reader: Sandbox, place: Path) -> dict[str, object]:
    """What `read` says of one file: status, seconds of wall time, and the invoices with what is proven.

    The members of an archive are read one by one and their invoices given together.
    """
    begun = time.perf_counter()
    answer: dict[str, object] = {"file": f"{place.absolute().parent.name}/{place.name}", "sha256": None}
    try:
        data = place.read_bytes()
        answer["sha256"] = hashlib.sha256(data).hexdigest()
        found = [_invoice_json(fuse(receipt)) for receipt in _receipts(reader, data, place.name)]
        answer |= {"status": "read", "reason": None, "invoices": found}
    except UnreadableError as error:
        answer |= {"status": "rejected", "reason": error.code, "invoices": []}
    except OSError as error:
        answer |= {"status": "rejected", "reason": "no_file", "detail": error.strerror, "invoices": []}
    answer["seconds"] = round(time.perf_counter() - begun, 4)
    return answer


def _receipts(reader: Sandbox, data: bytes, name: str) -> list[Receipt]:
    """Of the file, or of every member of an archive that can be read. Raises UnreadableError when none can."""
    members = reader.members(data)
    if not members:
        return list(reader.read(data, name).receipts)
    found: list[Receipt] = []
    refused: list[UnreadableError] = []
    for member in members:
        try:
            found += reader.read(member.data, member.name).receipts
        except UnreadableError as error:
            refused.append(error)
    if len(refused) == len(members):
        raise refused[0]
    return found


def _invoice_json(invoice: Invoice) -> dict[str, object]:
    return {
        "kind": invoice.kind.value,
        "page": invoice.pages[0],
        "fields": {shown: invoice.value(name) for name, shown in FIELDS.items()},
        "proven": [shown for name, shown in FIELDS.items() if invoice.proven(name)],
    }


def _for_people(answer: dict[str, object]) -> str:
    lines = [f"{answer['file']}: {answer['reason'] or answer['status']} in {answer['seconds']} s"]
    invoices = answer["invoices"]
    for invoice in invoices if isinstance(invoices, list) else []:
        lines.append(f"  {invoice['kind']}, page {invoice['page'] + 1}")
        lines += [
            f"    {name:14} {value}{'  proven' if name in invoice['proven'] else ''}"
            for name, value in invoice["fields"].items()
            if value is not None
        ]
    return "\n".join(lines)


@main.command("status")
def show_status() -> None:
    """Count what was received and what became of it; the sum equals what was received."""
    with wired() as intake:
        counts = status.counts(intake.engine)
        for state, number in counts.by_state.items():
            click.echo(f"{state.value:14}{number:>9}")
        click.echo(f"{'received':14}{counts.received:>9}")


@main.command("demo")
@click.argument("folder", type=click.Path(path_type=Path, exists=True, file_okay=False))
@click.option("--if-empty", is_flag=True, help="Do nothing when companies or register rows are on file.")
def load_demo(folder: Path, *, if_empty: bool) -> None:
    """Fill an empty desk from FOLDER (made by `python -m fixtures.make`): companies, register, some papers."""
    with wired() as intake:
        if if_empty and not demo.is_empty(intake):
            return
        click.echo(demo.load(intake, folder))


@main.group()
def db() -> None:
    """The database."""


@db.command()
def upgrade() -> None:
    """Bring the schema up to date, and make the first accounts when there are none."""
    with wired() as intake:
        first_accounts(intake)


@db.command()
def version() -> None:
    """Print the schema's version."""
    engine = connect(Settings().database_url())
    click.echo(migrations.current(engine) or "empty")


def first_accounts(intake: Intake) -> None:
    """Make the first accounts and print their passwords, once."""
    made = accounts.ensure_first(intake.engine, intake.clock)
    if made:
        click.echo("First accounts (the passwords are shown only now; change them after signing in):")
        for login, password in made:
            click.echo(f"  {login:10} {password}")
