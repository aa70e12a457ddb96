"""The child of `ocr.sandbox`: waits for tasks on a pipe, does one at a time under limits, answers.

Everything that touches untrusted bytes runs here. The parent trusts nothing that comes back but plain values.
"""

from __future__ import annotations

import ctypes
import gc
import importlib
import io
import os
import pickle
import resource
import signal
import traceback
from enum import Enum
from functools import partial
from multiprocessing.connection import Connection

from ocr.errors import UnreadableError
from ocr.types import Limits

PR_SET_PDEATHSIG = 1
MAX_FILE = 1024**3  # bytes of a scratch file; decoders and Tesseract write some
DETAIL = 2000  # characters of a traceback that travel to the log
DONE, REFUSED, BROKEN, ASKED = "done", "refused", "broken", "asked"


def serve(pipe: Connection, parent: int) -> None:
    """Answer tasks until the parent closes the pipe. A task is (target "module:function", arguments, limits, asks), an
    answer (DONE, value), (REFUSED, code of the reason, detail) or (BROKEN, traceback). A task that `asks` is given one
    more argument, a function that sends (ASKED, value) and returns what the parent says to it.
    """
    _confine(parent)
    while True:
        try:
            target, arguments, limits, asks = pickle.loads(pipe.recv_bytes())  # noqa: S301  # the parent is trusted
        except EOFError:
            return
        if asks:
            arguments += (partial(_ask, pipe),)
        answer = _answer(target, arguments, limits)
        pipe.send_bytes(answer)
        del arguments, answer
        gc.collect()


def _ask(pipe: Connection, value: object) -> bool:
    """What the parent says to `value`."""
    pipe.send_bytes(pack((ASKED, value)))
    return bool(pipe.recv())


def _confine(parent: int) -> None:
    """Die with the parent, leave no core dumps."""
    ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        raise SystemExit(1)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the parent, which closes the pipe
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (MAX_FILE, MAX_FILE))


def _limit(limits: Limits) -> None:
    """Address space, and CPU seconds counted from now."""
    _, most = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (limits.memory_bytes, most))
    usage = resource.getrusage(resource.RUSAGE_SELF)
    spent = int(usage.ru_utime + usage.ru_stime)
    resource.setrlimit(resource.RLIMIT_CPU, (spent + limits.cpu_seconds + 1, resource.RLIM_INFINITY))


def _answer(target: str, arguments: tuple[object, ...], limits: Limits) -> bytes:
    try:
        _limit(limits)
        module, _, function = target.partition(":")
        value = getattr(importlib.import_module(module), function)(*arguments)
        return pack((DONE, value))
    except UnreadableError as error:
        return pack((REFUSED, error.code, error.detail[:DETAIL]))
    except Exception as error:  # noqa: BLE001  # whatever a hostile file provokes is an answer, not the child's end
        return pack((BROKEN, f"{error!r}\n{traceback.format_exc()}"[-DETAIL:]))


def pack(answer: tuple[object, ...]) -> bytes:
    """The answer as the parent takes it: every class in it is called, none of its attributes is asked for."""
    packed = io.BytesIO()
    _Packer(packed).dump(answer)
    return packed.getvalue()


class _Packer(pickle.Pickler):
    """Python 3.11.0 to 3.11.3 pickle an enum's member by `getattr`, which the parent refuses; here it is a call."""

    def reducer_override(self, value: object, /) -> tuple[type, tuple[object]]:
        """The enum and the member's value; everything else as usual."""
        return (type(value), (value.value,)) if isinstance(value, Enum) else NotImplemented


def warm() -> None:
    """Load the reader and its models before the first document."""
    importlib.import_module("ocr.read")
    importlib.import_module("ocr.engines").best()
