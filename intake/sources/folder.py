"""A folder of exports: each file once, told by its SHA-256, whatever it is called and however often it is put there.

The folder is only read: what people or other programs keep in it stays theirs. A file is taken when it has been still
for some seconds; files that begin with a dot, `~$…` of Excel and links are left alone.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Final

from intake.clock import Clock
from intake.sources import probe
from intake.sources.errors import Fault, SourceError
from intake.sources.model import Definition, Delivery, ExportFile, Step, TestStep, Watermark

SUFFIXES: Final = frozenset({".xlsx", ".csv", ".txt"})
BLOCK: Final = 1024 * 1024


class FolderSource:
    """The port on a folder. `seen` says whether a file of this SHA-256 has been taken before."""

    def __init__(
        self, definition: Definition, seen: Callable[[str], bool], clock: Clock, *, settle: float, own: Path
    ) -> None:
        """`settle` is in seconds; `own` is the service's data folder, where no exports are."""
        self._folder = Path(definition.place)
        self._seen = seen
        self._clock = clock
        self._settle = timedelta(seconds=settle)
        self._own = own

    @contextmanager
    def fetch(self, since: Watermark) -> Iterator[Delivery | None]:
        """The oldest file that was not yet taken; its name and content say what is new, so `since` is not needed."""
        del since
        for path, _ in self._settled():
            digest = self._digest(path)
            if digest is not None and not self._seen(digest):
                yield ExportFile(path, path.name, digest)
                return
        yield None

    def self_test(self) -> tuple[TestStep, ...]:
        """The folder is there, can be listed, holds exports, and its clock (a file server's) is right."""
        return probe.run(
            (
                (Step.REACHABLE, self._reach),
                (Step.AUTHORISED, self._list),
                (Step.SAMPLE, self._sample),
                (Step.CLOCK, self._compare_clock),
            )
        )

    def _reach(self) -> probe.Said:
        if not self._folder.is_absolute() or self._folder.resolve().is_relative_to(self._own.resolve() / "files"):
            raise SourceError(Fault.NO_FOLDER, str(self._folder))
        try:
            if not self._folder.is_dir():
                raise SourceError(Fault.NO_FOLDER, str(self._folder))
        except OSError as error:
            raise SourceError(Fault.UNREACHABLE, error.strerror or "") from error
        return "folder_there", {"place": str(self._folder)}

    def _list(self) -> probe.Said:
        return "folder_readable", {"n": str(len(self._files()))}

    def _sample(self) -> probe.Said:
        files = self._settled()
        waiting = [path for path, _ in files if (digest := self._digest(path)) is None or not self._seen(digest)]
        return ("folder_waiting", {"n": str(len(waiting)), "of": str(len(files))}) if files else None

    def _compare_clock(self) -> probe.Said:
        """Only a file from the future tells that a clock is off; an old one tells nothing."""
        newest = max((changed for _, changed in self._files()), default=None)
        if newest is None:
            return None
        now = self._clock()
        return "clock_of_files", probe.compare_clocks(max(newest, now), now)

    def _files(self) -> list[tuple[Path, datetime]]:
        """Exports with the moment of their last change, the oldest first."""
        self._reach()
        try:
            found = [
                (path, datetime.fromtimestamp(path.stat().st_mtime, UTC))
                for path in self._folder.iterdir()
                if path.suffix.lower() in SUFFIXES
                and not path.name.startswith((".", "~$"))
                and path.is_file()
                and not path.is_symlink()
            ]
        except PermissionError as error:
            raise SourceError(Fault.FORBIDDEN, str(self._folder)) from error
        except OSError as error:
            raise SourceError(Fault.UNREACHABLE, error.strerror or "") from error
        return sorted(found, key=lambda entry: (entry[1], entry[0].name))

    def _settled(self) -> list[tuple[Path, datetime]]:
        still = self._clock() - self._settle
        return [(path, changed) for path, changed in self._files() if changed <= still]

    @staticmethod
    def _digest(path: Path) -> str | None:
        try:
            stat = path.stat()
            return _sha256(path, stat.st_size, stat.st_mtime_ns)
        except OSError:
            return None  # it went away, or somebody holds it; the next look tells


@lru_cache(maxsize=4096)
def _sha256(path: Path, _size: int, _changed: int) -> str:
    """Remembered as long as neither size nor time of the file change: a full folder is not read anew each time."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(BLOCK):
            digest.update(block)
    return digest.hexdigest()
