"""Register imports that run beside the requests, with what they have done so far."""

from __future__ import annotations

import threading
from collections import OrderedDict
from dataclasses import dataclass, field
from secrets import token_urlsafe
from typing import Final

import structlog

from intake.errors import ImportRefusedError
from intake.model import Actor
from intake.register.importer import ImportReport, import_file
from intake.register.rematch import rematch
from intake.wiring import Intake

log = structlog.get_logger()
KEPT: Final = 20


@dataclass(slots=True)
class Job:
    """One import: rows done of all, then its report, or the code of the error that ended it."""

    name: str
    done: int = 0
    rows: int = 0
    report: ImportReport | None = None
    filed: int = 0  # waiting invoices that the new rows filed
    error: str = ""
    detail: str = ""
    finished: threading.Event = field(default_factory=threading.Event)

    def progress(self, done: int, rows: int) -> None:
        """Told by the importer."""
        self.done, self.rows = done, rows


class Imports:
    """The imports of this process; the database keeps the lasting record of each."""

    def __init__(self) -> None:
        """Nothing runs yet."""
        self._jobs: OrderedDict[str, Job] = OrderedDict()

    def start(self, intake: Intake, actor: Actor, data: bytes, name: str, source: str) -> str:
        """Begin an import and return the token to ask for it with."""
        token, job = token_urlsafe(12), Job(name)
        self._jobs[token] = job
        while len(self._jobs) > KEPT:
            self._jobs.popitem(last=False)
        threading.Thread(target=_run, args=(intake, actor, data, source, job), name=f"import-{token[:6]}").start()
        return token

    def find(self, token: str) -> Job | None:
        """The import behind a token; None after a restart, when only the database knows it."""
        return self._jobs.get(token)


def _run(intake: Intake, actor: Actor, data: bytes, source: str, job: Job) -> None:
    try:
        job.report = import_file(
            intake.engine,
            intake.files,
            data,
            job.name,
            source=source,
            actor=actor,
            clock=intake.clock,
            progress=job.progress,
        )
        job.filed = _look_again(intake)
    except ImportRefusedError as error:
        job.error, job.detail = error.code, error.detail
    except Exception:
        log.exception("import broke", file=job.name)
        job.error = "error"
    finally:
        job.finished.set()


def _look_again(intake: Intake) -> int:
    """Waiting invoices are matched with the new rows; no file is read anew."""
    reader = intake.reader()
    try:
        return rematch(intake.engine, intake.tools(reader), intake.clock())
    finally:
        reader.close()
