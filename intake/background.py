"""What runs beside the web server on one machine: reading workers, the watched folder, the sweep, the sources."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from multiprocessing import cpu_count

import structlog

from intake import alarms, inspection
from intake.jobs import recover, take_slot
from intake.register.rematch import look_again
from intake.sources.clockwork import Clockwork
from intake.sources.sync import recover as recover_sources
from intake.views.pulse import reading_pulse
from intake.watch import Watcher
from intake.wiring import Intake

log = structlog.get_logger()
MOST_WORKERS = 4
LOOK_EVERY = timedelta(minutes=1)


def worker_count(intake: Intake) -> int:
    """As configured, or one a core and at most four."""
    return intake.settings.workers or min(MOST_WORKERS, cpu_count())


@contextmanager
def running(intake: Intake) -> Iterator[None]:
    """Workers, sweep and watched folder run while the block runs; it ends when all of them have stopped.

    Raises DataFolderLockedError when another process already works on the data folder.
    """
    stop = threading.Event()
    with intake.courier.exclusive():
        recover(intake.engine, intake.courier, intake.clock(), intake.settings.attempts)
        jobs: list[tuple[str, Callable[[], None]]] = [
            (f"worker-{number}", lambda: _work(intake, stop)) for number in range(worker_count(intake))
        ]
        watcher = Watcher(intake.settings.watch_folder(), intake.submit, settle=intake.settings.settle)
        recover_sources(intake.sources)
        clockwork = Clockwork(intake.sources, intake.rematch)
        jobs.append(("sources", lambda: clockwork.run(stop)))
        jobs.append(("watcher", lambda: watcher.run(stop)))
        jobs.append(("official", lambda: _remind(intake, stop)))
        jobs.append(("alarms", lambda: _watch_uses(intake, stop)))
        jobs.append(("uploads", lambda: _clean_uploads(intake, stop)))
        jobs.append(("lots", lambda: _close_lots(intake, stop)))
        jobs.append(("look-again", lambda: _watch_the_time(intake, stop)))
        threads = [threading.Thread(target=_guard, args=(name, job, stop), name=name) for name, job in jobs]
        for thread in threads:
            thread.start()
        try:
            yield
        finally:
            stop.set()
            for thread in threads:
                thread.join()


def _remind(intake: Intake, stop: threading.Event) -> None:
    """Reminders of official verification, looked at when their slot comes."""
    while not stop.wait(intake.settings.sweep):
        intake.official().look()


def _watch_uses(intake: Intake, stop: threading.Event) -> None:
    """What is locked or used is held against the register, red letters and conflicts once a minute, by one process."""
    while not stop.wait(intake.settings.sweep):
        now = intake.clock()
        if take_slot(intake.engine, "alarms", now, LOOK_EVERY):
            alarms.refresh(intake.engine, now)


def _clean_uploads(intake: Intake, stop: threading.Event) -> None:
    """Uploads that nobody goes on with are removed, once a minute at most, by one process."""
    while not stop.wait(intake.settings.sweep):
        now = intake.clock()
        if take_slot(intake.engine, "uploads", now, LOOK_EVERY):
            gone = intake.uploads.clean(now)
            if gone:
                log.info("uploads removed that were not gone on with", uploads=gone)


def _close_lots(intake: Intake, stop: threading.Event) -> None:
    """The lots of days that are over are closed and drawn; a silent stall is told to the log, by one process a minute."""
    while not stop.wait(intake.settings.sweep):
        now = intake.clock()
        if take_slot(intake.engine, "lots", now, LOOK_EVERY):
            inspection.close_days(intake.engine, intake.settings.aql, now)
            pulse = reading_pulse(intake.engine, now, timedelta(minutes=intake.settings.stall_minutes))
            if pulse.stalled:
                log.error("nothing is read though files wait", waiting=pulse.waiting, since=str(pulse.stalled))


def _work(intake: Intake, stop: threading.Event) -> None:
    reader = intake.reader()
    try:
        reader.warm()
        intake.worker(reader).run(stop)
    finally:
        reader.close()


def _watch_the_time(intake: Intake, stop: threading.Event) -> None:
    """Papers whose time has come are looked at again, by whichever process is first in a minute."""
    reader = intake.reader()  # never started: what was read is on record
    try:
        while not stop.wait(LOOK_EVERY.total_seconds() / 4):
            if take_slot(intake.engine, "look_again", intake.clock(), LOOK_EVERY):
                filed = look_again(intake.engine, intake.tools(reader), intake.clock())
                if filed:
                    log.info("looked again", filed=filed)
    finally:
        reader.close()


def _guard(name: str, job: Callable[[], None], stop: threading.Event) -> None:
    """Run a job until stop is asked for; an unexpected end is logged and the job is started again."""
    while not stop.is_set():
        try:
            job()
        except Exception:
            log.exception("background job broke, starting it again", job=name)
            stop.wait(5)
