"""Synchronisations that a person began; they run beside the requests and say how far they are."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field

import structlog

from intake.errors import IntakeError
from intake.model import Actor
from intake.sources.sync import SyncReport, sync
from intake.wiring import Intake

log = structlog.get_logger()


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


def bring(intake: Intake, actor: Actor, job: SyncJob, *, full: bool) -> None:
    """Synchronise the source of the job, then look at what waits again; its row and the list of imports keep the lasting record."""
    try:
        job.report = sync(intake.sources, job.name, actor=actor, full=full, progress=job.progress)
        if job.report.brought:
            job.filed = intake.rematch()
    except IntakeError as error:
        job.error = error.code
    except Exception:
        log.exception("synchronisation broke", source=job.name)
        job.error = "error"
    finally:
        job.finished.set()
