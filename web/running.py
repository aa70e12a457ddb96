"""Work on the register that runs beside the requests: reading a file, applying a draft, taking an import back.

Only what is under way lives here. Drafts, imports and their outcomes are in the database, so a server that starts
anew loses none of them; a reading that was cut off changed nothing and is begun again by a new upload.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum, unique
from secrets import token_urlsafe
from typing import Final, Generic, TypeVar

import structlog

from intake.errors import IntakeError, LaterImportError, NotFoundError
from intake.register.importer import ImportReport

log = structlog.get_logger()
KEPT: Final = 50
J = TypeVar("J")


@unique
class Task(StrEnum):
    """What is under way."""

    READ = "read"
    APPLY = "apply"
    ROLL_BACK = "roll_back"


@dataclass(slots=True)
class Job:
    """One piece of work: rows done of all, then the import it is about, or why it ended otherwise.

    `unknown` says that no layout and no saved mapping fits the table. `again` counts waiting invoices that were filed
    when they were looked up again; `unsupported` are filed invoices whose register row is gone.
    """

    task: Task
    name: str
    ticket: str = ""  # of the uploaded file, to go on with in the wizard
    import_id: int | None = None
    done: int = 0
    rows: int = 0
    unknown: bool = False
    report: ImportReport | None = None
    again: int | None = None
    removed: int = 0
    restored: int = 0
    unsupported: tuple[int, ...] = ()
    error: str = ""
    detail: str = ""
    finished: threading.Event = field(default_factory=threading.Event)

    def progress(self, done: int, rows: int) -> None:
        """Told by the importer."""
        self.done, self.rows = done, rows


class Running(Generic[J]):
    """The work of this process by its token; what is finished is forgotten after fifty others."""

    def __init__(self) -> None:
        """Nothing runs yet."""
        self._jobs: OrderedDict[str, J] = OrderedDict()

    def start(self, job: J, run: Callable[[J], None], what: str) -> str:
        """Begin work on a thread of its own and return the token to ask for it with."""
        token = token_urlsafe(12)
        self._jobs[token] = job
        while len(self._jobs) > KEPT:
            self._jobs.popitem(last=False)
        threading.Thread(target=run, args=(job,), name=f"{what}-{token[:6]}").start()
        return token

    def find(self, token: str) -> J | None:
        """The work behind a token; None after a restart, when only the database knows its outcome."""
        return self._jobs.get(token)


def perform(work: Callable[[Job], None], job: Job) -> None:
    """Do work on the register; how it ended otherwise stands in the job."""
    try:
        work(job)
    except LaterImportError as error:
        job.error, job.detail = error.code, error.detail
    except NotFoundError as error:
        job.error = "file_gone" if error.detail.startswith("file ") else error.code
    except IntakeError as error:
        job.error, job.detail = error.code, error.detail.partition(":")[0]
    except Exception:
        log.exception("register work broke", task=job.task, file=job.name)
        job.error = "error"
    finally:
        job.finished.set()
