"""The door the machine acts through: claim → process → previews → publish under the fence."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, TypeAlias

import sqlalchemy as sa
import structlog
from sqlalchemy.exc import OperationalError

from intake import jobs, ranking, store
from intake.db import documents, read, write
from intake.errors import ClaimLostError
from intake.filing import OvertakenError
from intake.model import Channel, Decided, Rejected, Unpacked, Verdict
from intake.pipeline import judge
from intake.ports import Courier, Files, Tools
from intake.store import Claim, NewDocument, Preview, Published
from intake.submit import announce, refusal, safe_name
from ocr.errors import BombError, CrashedError, TimeoutReadingError, UnreadableError
from ocr.types import Extraction, Member

log = structlog.get_logger()

Process: TypeAlias = Callable[[bytes, str, Tools], Verdict]

LONG_SIDE: Final = 1800  # pixels of a preview
DEEPEST: Final = 3  # archives within archives; one that holds itself would never end
WAIT: Final = 1.0  # seconds between looks at the stop event
PAUSE: Final = 5.0  # seconds after trouble with the database or the queue
TRIES: Final = 3  # of a publishing that meets another in the database
ROUNDS: Final = 12  # of deciding anew, when other carriers of the invoice are published at the same moment
BREAKDOWNS: Final = frozenset({CrashedError.code, TimeoutReadingError.code})


@dataclass(frozen=True, slots=True)
class _Parent:
    """An archive whose members are received; `depth` is 1 for one that lies in no other."""

    document_id: int
    submitted_by: int | None
    interactive: bool
    depth: int


class Worker:
    """Works on one document at a time with one reader; each thread has its own worker."""

    def __init__(self, engine: sa.Engine, files: Files, courier: Courier, tools: Tools, process: Process) -> None:
        """`process` is `intake.pipeline.process`; `tools.reader` is this worker's own and is not closed here."""
        self.engine = engine
        self.files = files
        self.courier = courier
        self.tools = tools
        self.process = process
        self.clock = tools.clock
        self.settings = tools.settings
        self._sweep_after: datetime | None = None

    def run(self, stop: threading.Event) -> None:
        """Work on what is announced and sweep in turn with other workers, until `stop` is set."""
        while not stop.is_set():
            try:
                self._sweep_when_due()
                if self.courier.receive(WAIT) is not None:
                    self.work_once()
            except Exception:
                log.exception("worker met trouble, going on soon")
                stop.wait(PAUSE)

    def work_once(self) -> bool:
        """Claim one due document and bring it to its state; False when nothing was due.

        A document is never lost by what happens here: an attempt that fails is put back or, after
        `settings.attempts`, handed to a person. Raises when the database is away; the lease then runs out.
        """
        held = jobs.claim(self.engine, self.clock(), self.settings.lease)
        if held is None:
            return False
        try:
            self._work(held)
        except ClaimLostError:
            log.warning("claim lost, nothing written", document=held.document_id)
        except OvertakenError as error:
            log.warning("too many carriers at once, trying again later", document=held.document_id, why=str(error))
            self._put_off(held)
        except (OSError, OperationalError):
            log.exception("no room or no database, trying again later", document=held.document_id)
            self._put_off(held)
        return True

    def _put_off(self, held: Claim) -> None:
        later = self.clock() + timedelta(seconds=self.settings.sweep)
        jobs.put_back(self.engine, held, later, counted=False)

    def sweep(self) -> jobs.Swept:
        """Look for lost work now, whoever's turn it is."""
        now = self.clock()
        self.files.remove_abandoned(now)
        swept = jobs.sweep(self.engine, self.courier, now, self.settings.attempts)
        if swept != jobs.Swept():
            log.info("swept", voided=swept.voided, given_up=swept.given_up, sent=swept.sent)
        return swept

    def _sweep_when_due(self) -> None:
        now = self.clock()
        if self._sweep_after is not None and now < self._sweep_after:
            return
        period = timedelta(seconds=self.settings.sweep)
        self._sweep_after = now + period / 4
        if jobs.take_slot(self.engine, "sweep", now, period):
            self.sweep()

    def _work(self, held: Claim) -> None:
        data = b""
        verdict: Verdict
        try:
            data, verdict = self._judge(held, self.files.get(held.sha256))
        except UnreadableError as error:
            verdict = Rejected(error.code, error.detail)
        except Exception:  # KeyError: the bytes have gone from the disk
            log.exception("processing broke", document=held.document_id)
            verdict = Rejected(CrashedError.code)
        if isinstance(verdict, Rejected) and verdict.reason in BREAKDOWNS:
            log.warning("reading broke", document=held.document_id, reason=verdict.reason, detail=verdict.detail)
            self._broke(held, verdict.reason)
            return
        published = self._publish(held, data, verdict)
        for document_id, interactive in published.waiting:
            announce(self.courier, document_id, interactive=interactive)
        log.info("published", document=held.document_id, state=published.state.value, reason=published.reason)

    def _judge(self, held: Claim, whole: bytes) -> tuple[bytes, Verdict]:
        """What was read, and the verdict on it: the paper as its sender outlined it, where that gives an invoice, else
        the whole picture.
        """
        if held.cut is not None:
            try:
                cut = self.tools.reader.cut(whole, held.cut)
                verdict = self.process(cut, held.name, self.tools)
                if isinstance(verdict, Decided):
                    return cut, verdict
            except UnreadableError as error:
                log.info("outline of no use, reading the whole picture", document=held.document_id, why=error.code)
        return whole, self.process(whole, held.name, self.tools)

    def _broke(self, held: Claim, reason: str) -> None:
        """The reader died or ran out of time on this document: try again with a new one, at last ask a person."""
        if held.attempts < self.settings.attempts:
            jobs.put_back(self.engine, held, self.clock())
            announce(self.courier, held.document_id, interactive=True)
            return
        with write(self.engine) as conn:
            store.give_up(conn, held, reason, self.clock())

    def _publish(self, held: Claim, data: bytes, verdict: Verdict) -> Published:
        members: list[NewDocument] = []
        if isinstance(verdict, Unpacked):
            parent = self._parent(held)
            if parent.depth >= DEEPEST:
                verdict = Rejected(BombError.code, "archives within archives")
            else:
                members = [self._keep(parent, index, member) for index, member in enumerate(verdict.members)]
        extraction = verdict.extraction if isinstance(verdict, Decided | Rejected) else None
        previews = self._previews(held, data, extraction) if extraction is not None else []
        tries, rounds = 1, 1
        while True:
            try:
                with write(self.engine) as conn:
                    done = store.publish(conn, held, verdict, self.clock(), previews=previews, members=members)
                    ranking.rank_document(conn, ranking.policy_of(self.tools.settings), held.document_id)
                    return done
            except OperationalError:
                if tries == TRIES:
                    raise
                log.warning("publishing met another, once more", document=held.document_id)
                tries += 1
            except OvertakenError:
                if rounds == ROUNDS or not isinstance(verdict, Decided):
                    raise
                rounds += 1
                verdict = judge(verdict.extraction, self.tools)

    def _parent(self, held: Claim) -> _Parent:
        """What the members of an archive take over from it, and how many archives it lies in."""
        columns = (documents.c.parent_id, documents.c.submitted_by, documents.c.interactive)
        with read(self.engine) as conn:
            above, submitted_by, interactive = conn.execute(
                sa.select(*columns).where(documents.c.id == held.document_id)
            ).one()
            depth = 1
            while above is not None and depth < DEEPEST:
                above = conn.execute(sa.select(documents.c.parent_id).where(documents.c.id == above)).scalar_one()
                depth += 1
        return _Parent(held.document_id, submitted_by, interactive, depth)

    def _keep(self, parent: _Parent, index: int, member: Member) -> NewDocument:
        """Make the bytes of a member durable; its row comes with the archive's new state."""
        return NewDocument(
            sha256=self.files.put(member.data),
            size=len(member.data),
            name=safe_name(member.name),
            channel=Channel.ARCHIVE,
            interactive=parent.interactive,
            submitted_by=parent.submitted_by,
            parent_id=parent.document_id,
            idempotency=f"zip:{parent.document_id}:{index}",
            reason=refusal(len(member.data), self.settings.max_upload),
        )

    def _previews(self, held: Claim, data: bytes, extraction: Extraction) -> list[Preview]:
        """Pictures of the pages, durable before the row names them. A page that cannot be drawn has none."""
        previews = []
        drawing = True
        renewed = self.clock()
        for page in extraction.pages:
            if self.clock() - renewed > timedelta(seconds=self.settings.lease / 3):
                renewed = self.clock()
                jobs.renew(self.engine, held, renewed, self.settings.lease)
            picture = None
            if drawing:
                try:
                    picture = self.files.put(self.tools.reader.render(data, page.index, page.turn, LONG_SIDE))
                except UnreadableError as error:
                    log.warning("page not drawn", document=held.document_id, page=page.index, reason=error.code)
                    drawing = error.code not in BREAKDOWNS  # the other pages would only cost the same time again
            previews.append(Preview(page.index, page.width, page.height, picture))
        return previews
