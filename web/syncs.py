"""Synchronisations that a person began; they run beside the requests and say how far they are."""

from __future__ import annotations

import threading
from collections import OrderedDict
from dataclasses import dataclass, field
from secrets import token_urlsafe
from typing import Final

import structlog

from intake.errors import IntakeError
from intake.model import Actor
from intake.register.rematch import rematch
from intake.sources.sync import SyncReport, sync
from intake.wiring import Intake

log = structlog.get_logger()
KEPT: Final = 20


@dataclass(slots=True)
class SyncJob:
    """One synchronisation: rows done of those known, then its report, or the code of the error that ended it."""

    name: str
    done: int = 0
    rows: int = 0
    report: SyncReport | None = None
    filed: int = 0  # waiting invoices that the new rows filed
    error: str = ""
    finished: threading.Event = field(default_factory=threading.Event)

    def progress(self, done: int, rows: int) -> None:
        """Told by the import."""
        self.done, self.rows = done, rows


class Syncs:
    """The synchronisations of this process; the source's row and the list of imports keep the lasting record."""

    def __init__(self) -> None:
        """Nothing runs yet."""
        self._jobs: OrderedDict[str, SyncJob] = OrderedDict()

    def start(self, intake: Intake, actor: Actor, name: str, *, full: bool) -> str:
        """Begin and return the token to ask for it with."""
        token, job = token_urlsafe(12), SyncJob(name)
        self._jobs[token] = job
        while len(self._jobs) > KEPT:
            self._jobs.popitem(last=False)
        threading.Thread(target=_run, args=(intake, actor, full, job), name=f"sync-{token[:6]}").start()
        return token

    def find(self, token: str) -> SyncJob | None:
        """The job behind a token; None after a restart."""
        return self._jobs.get(token)


def _run(intake: Intake, actor: Actor, full: bool, job: SyncJob) -> None:  # noqa: FBT001 - the arguments of a thread
    try:
        job.report = sync(intake.sources, job.name, actor=actor, full=full, progress=job.progress)
        if job.report.brought:
            job.filed = _look_again(intake)
    except IntakeError as error:
        job.error = error.code
    except Exception:
        log.exception("synchronisation broke", source=job.name)
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
