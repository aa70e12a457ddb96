"""A service in a process of its own, to be killed: ``python -m tests.faults.process work|submit FOLDER DATABASE …``.

``work SECONDS`` reads each document for so long; ``submit`` hands in files without end and prints each receipt;
``serve PORT`` serves the pages.
"""

from __future__ import annotations

import itertools
import sys
import threading
from pathlib import Path

import waitress

from intake import jobs, wiring
from intake.clock import system_clock
from intake.couriers.embedded import EmbeddedCourier
from intake.db import connect
from intake.files import LocalFiles
from intake.model import SERVICE, Channel, Decided, Verdict
from intake.ports import Tools
from intake.submit import Submit
from intake.worker import Worker
from ocr.types import Enough, Extraction
from tests.builders import extraction, filed
from tests.fakes import EmptyArchive, EmptyRegister, NoCompanies, SlowReader, settings
from web.app import create_app


class SlowPaper(SlowReader):
    """Reads any file, slowly."""

    def read(self, data: bytes, name: str, enough: Enough | None = None) -> Extraction:
        self.readings = {data: extraction()}
        return super().read(data, name, enough)


def process(data: bytes, name: str, used: Tools) -> Verdict:
    """Files every paper under the number that is its content."""
    return Decided(used.reader.read(data, name), (filed(data.decode().zfill(20)),))


def work(folder: Path, database: str, seconds: float) -> None:
    configured = settings(folder, sweep=0.5, lease=5.0)
    engine, courier = connect(database), EmbeddedCourier(folder)
    used = Tools(SlowPaper(seconds=seconds), EmptyRegister(), EmptyArchive(), NoCompanies(), system_clock, configured)
    with courier.exclusive():
        jobs.recover(engine, courier, system_clock(), configured.attempts)
        sys.stdout.write("working\n")
        sys.stdout.flush()
        Worker(engine, LocalFiles(folder / "files"), courier, used, process).run(threading.Event())


def submit(folder: Path, database: str) -> None:
    door = Submit(
        connect(database), LocalFiles(folder / "files"), EmbeddedCourier(folder), system_clock, settings(folder)
    )
    for number in itertools.count(1):
        receipt = door.receive(SERVICE, str(number).encode(), f"{number}.pdf", Channel.COMMAND)
        sys.stdout.write(f"{receipt.receipt} {receipt.sha256}\n")
        sys.stdout.flush()


def serve(folder: Path, database: str, port: int) -> None:
    intake = wiring.build(settings(folder, database=database))
    waitress.serve(create_app(intake), host="127.0.0.1", port=port, threads=4)


if __name__ == "__main__":
    _, what, place, url, *rest = sys.argv
    if what == "work":
        work(Path(place), url, float(rest[0]))
    elif what == "serve":
        serve(Path(place), url, int(rest[0]))
    else:
        submit(Path(place), url)
