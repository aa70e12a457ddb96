"""What a hostile file might do to the child, as functions that a test lets it run."""

from __future__ import annotations

import ctypes
import os
import time
from collections.abc import Callable
from pathlib import Path

from ocr.errors import EncryptedError
from ocr.types import Box


def echo(value: object) -> object:
    """Give back what came."""
    return value


def ask(value: object, answer: Callable[[object], bool]) -> object:
    """Ask once, and say what came back."""
    return answer(value)


def ask_on_and_on(answer: Callable[[object], bool]) -> None:
    """Never be content."""
    while True:
        answer(None)


def pid() -> int:
    """The child's own number."""
    return os.getpid()


def hang() -> None:
    """Never come back, though idle."""
    while True:
        time.sleep(60)


def spin() -> None:
    """Never come back, and burn the processor."""
    while True:
        pass


def crash() -> None:
    """Read from nowhere."""
    ctypes.string_at(0)


def abort() -> None:
    """End as pdfium does when memory runs out."""
    os.abort()


def leave() -> None:
    """End without a word."""
    os._exit(3)


def fill_memory() -> int:
    """Ask for more and more."""
    kept = []
    while True:
        kept.append(bytearray(64 * 1024 * 1024))


def refuse() -> None:
    """Give a reason."""
    raise EncryptedError("locked inside")


def stumble() -> None:
    """Fail as a bug would."""
    raise KeyError("missing")


def smuggle() -> object:
    """Answer with something that is no plain value."""
    return Path("/etc/passwd")


def box() -> Box:
    """Answer with a type of the product."""
    return Box(0.1, 0.2, 0.3, 0.4)


def environment(name: str) -> str:
    """A variable of the child's environment."""
    return Path("/proc/self/environ").read_text(encoding="utf-8").partition(f"{name}=")[2].partition("\0")[0]


def wait_for(path: str, seconds: float) -> bool:
    """Mark the beginning in a file, then sleep."""
    Path(path).write_text(str(os.getpid()), encoding="utf-8")
    time.sleep(seconds)
    return True
