"""Reading untrusted bytes in one long-lived child process that can be killed at any time.

The child is started fresh (never forked: native libraries and locks of threads do not survive a fork), talks over
a pipe, works under limits of memory, CPU and wall time, and is replaced after a crash, a timeout or many tasks.
"""

from __future__ import annotations

import io
import os
import pickle
import signal
import subprocess
import sys
import weakref
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from multiprocessing import Pipe
from multiprocessing.connection import Connection
from threading import Lock
from types import TracebackType
from typing import Self, TypeVar

from ocr.child import ASKED, BROKEN, DONE
from ocr.errors import REASONS, CrashedError, TimeoutReadingError, UnreadableError
from ocr.types import Enough, Extraction, Limits, Member

T = TypeVar("T")
TASKS_OF_A_CHILD = 200  # then it is replaced, whatever it has leaked
START_SECONDS = 30.0  # wall time for the models of a fresh child, on top of the first task's own
_BOOT = (
    "import sys; from multiprocessing.connection import Connection; pipe = Connection(int(sys.argv[1])); "
    "sys.path[:] = pipe.recv(); from ocr.child import serve; serve(pipe, int(sys.argv[2]))"
)
# Nothing of the parent's own environment (passwords, keys) reaches the child; one thread for each native library.
_ENVIRONMENT = {
    "PATH": "/usr/local/bin:/usr/bin:/bin",
    "LANG": "C.UTF-8",
    "OMP_THREAD_LIMIT": "1",
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
}
# The kernel sends the death signal when the *thread* that started the child ends, so one lasting thread starts all.
_STARTER = ThreadPoolExecutor(max_workers=1, thread_name_prefix="sandbox-starter")


class Sandbox:
    """A reader (the port `intake.ports.Reader`) whose work happens in a child process.

    Threads may share one, then they wait for each other; one sandbox a worker is meant. Every call raises a subclass
    of `ocr.errors.UnreadableError`: the reason of the file itself, TimeoutReadingError, or CrashedError when the
    child died or broke. The next call gets a fresh child.
    """

    def __init__(self, limits: Limits, *, tasks: int = TASKS_OF_A_CHILD) -> None:
        """No child is started before the first call (or :meth:`warm`)."""
        self.limits = limits
        self._tasks = tasks
        self._lock = Lock()
        self._child: _Child | None = None
        self._end: weakref.finalize[[_Child], Sandbox] | None = None

    def read(self, data: bytes, name: str, enough: Enough | None = None) -> Extraction:
        """All sightings of a file (`ocr.read.read`); `enough` is called here while the child waits for its answer."""
        ask = None if enough is None else lambda value: enough(_expect(Extraction, value))
        return _expect(Extraction, self.call("ocr.read:read", data, name, self.limits, ask=ask))

    def members(self, data: bytes) -> tuple[Member, ...]:
        """The files of a ZIP of files, those of nested folders and ZIPs included (`ocr.archive.members`)."""
        found = _expect(tuple, self.call("ocr.archive:members", data, self.limits))
        return tuple(_expect(Member, member) for member in found)

    def render(self, data: bytes, page: int, turn: int, long_side: int) -> bytes:
        """One page as a JPEG (`ocr.preview.render`)."""
        return _expect(bytes, self.call("ocr.preview:render", data, page, turn, long_side, self.limits))

    def cut(self, data: bytes, corners: Sequence[float]) -> bytes:
        """The paper between four corners, cut out straight, as a JPEG (`ocr.cutting.cut`)."""
        return _expect(bytes, self.call("ocr.cutting:cut", data, tuple(corners), self.limits))

    def warm(self) -> None:
        """Start the child and load the models, so that the first document does not wait."""
        self.call("ocr.child:warm")

    def call(self, target: str, *arguments: object, ask: Callable[[object], bool] | None = None) -> object:
        """Run "module:function" with picklable arguments in the child; its value is made of plain values and the
        types of `ocr.types`. With `ask` the function has one more argument, by which it asks this process.
        """
        task = pickle.dumps((target, arguments, self.limits, ask is not None))
        with self._lock:
            child, fresh = self._ready()
            if not child.send(task):  # it died while it was idle: nothing was begun
                self._drop()
                child, fresh = self._ready()
                child.send(task)
            try:
                answer = child.receive(self.limits.seconds + (START_SECONDS if fresh else 0.0))
                for _ in range(self.limits.max_pages):
                    if ask is None or answer[0] != ASKED:
                        break
                    child.pipe.send(ask(answer[1]))
                    answer = child.receive(self.limits.seconds)
            except BaseException:
                self._drop()
                raise
            child.tasks += 1
            if answer[0] in {BROKEN, ASKED} or child.tasks >= self._tasks:
                self._drop()
        return _value(answer)

    def _ready(self) -> tuple[_Child, bool]:
        """The child, and whether it has just been started."""
        if self._child is not None and self._child.process.poll() is None:
            return self._child, False
        self._drop()
        self._child = _STARTER.submit(_start).result()
        self._end = weakref.finalize(self, _end, self._child)
        return self._child, True

    def _drop(self) -> None:
        if self._end is not None:
            self._end()
        self._child = self._end = None

    def close(self) -> None:
        """End the child; a later call would start another."""
        with self._lock:
            self._drop()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


@dataclass(slots=True)
class _Child:
    process: subprocess.Popen[bytes]
    pipe: Connection
    tasks: int = 0

    def send(self, task: bytes) -> bool:
        """Whether the task went out."""
        try:
            self.pipe.send_bytes(task)
        except OSError:
            return False
        return True

    def receive(self, seconds: float) -> tuple[object, ...]:
        """The answer. Raises TimeoutReadingError, or CrashedError when the child has gone or talks nonsense."""
        try:
            if not self.pipe.poll(seconds):
                raise TimeoutReadingError(f"no answer within {seconds:.0f} s")
            answer = _Plain(io.BytesIO(self.pipe.recv_bytes())).load()
        except (EOFError, OSError) as error:
            raise self._death() from error
        except (pickle.UnpicklingError, AttributeError, ImportError, IndexError, TypeError, ValueError) as error:
            raise CrashedError(f"the answer cannot be read: {error}") from error
        if not isinstance(answer, tuple) or not answer:
            raise CrashedError("the answer has no meaning")
        return answer

    def _death(self) -> UnreadableError:
        status = self.process.wait()
        if status == -signal.SIGXCPU:
            return TimeoutReadingError("the CPU seconds are used up")
        return CrashedError(f"the child ended with {signal.Signals(-status).name if status < 0 else status}")


class _Plain(pickle.Unpickler):
    """Takes no class from the child but those of `ocr.types`: a child in the hands of a hostile file gains nothing."""

    def find_class(self, module_name: str, global_name: str, /) -> object:
        """Raises UnpicklingError for every other class."""
        if module_name != "ocr.types" or "." in global_name:
            raise pickle.UnpicklingError(f"{module_name}.{global_name}")
        return super().find_class(module_name, global_name)


def _start() -> _Child:
    ours, theirs = Pipe(duplex=True)
    with theirs:
        process = subprocess.Popen(  # noqa: S603  # this interpreter with fixed arguments
            [sys.executable, "-c", _BOOT, str(theirs.fileno()), str(os.getpid())],
            pass_fds=[theirs.fileno()],
            env=_ENVIRONMENT,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
    ours.send(sys.path)
    return _Child(process, ours)


def _end(child: _Child) -> None:
    """Close the pipe, which ends an idle child; kill a busy one. Safe to repeat."""
    child.pipe.close()
    if child.process.poll() is None:
        child.process.kill()
    child.process.wait()


def _value(answer: tuple[object, ...]) -> object:
    """What the answer says. Raises the reason it gives."""
    if answer[0] == DONE:
        return answer[1]
    if answer[0] in {BROKEN, ASKED}:  # a child that asks on and on is broken
        raise CrashedError(str(answer[1]))
    raise REASONS.get(str(answer[1]), UnreadableError)(str(answer[2]))


def _expect(kind: type[T], value: object) -> T:
    if not isinstance(value, kind):
        raise CrashedError(f"the child answered with {type(value).__name__}")
    return value
