"""Pages a second of one worker and of two, each with a child process of its own, as the service runs them.

Two workers need two idle cores to give twice the pages: the load of the machine stands beside the figures.
"""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from ocr.sandbox import Sandbox
from ocr.types import Limits


def compared(files: Sequence[Path]) -> list[dict[str, object]]:
    """One worker reads every file; two share them."""
    load = os.getloadavg()[0]
    speeds = {count: _pages_a_second(files, count) for count in (1, 2)}
    return [
        {
            "workers": count,
            "files": len(files),
            "files a second": round(speed, 2),
            "times one": round(speed / speeds[1], 2),
            "load before": round(load, 1),
            "cores": os.cpu_count(),
        }
        for count, speed in speeds.items()
    ]


def _pages_a_second(files: Sequence[Path], count: int) -> float:
    sandboxes = [Sandbox(Limits()) for _ in range(count)]
    waiting = list(reversed(files))
    try:
        for sandbox in sandboxes:
            sandbox.warm()
        begun = time.monotonic()
        with ThreadPoolExecutor(count) as pool:
            for done in [pool.submit(_work, sandbox, waiting) for sandbox in sandboxes]:
                done.result()
        return len(files) / (time.monotonic() - begun)
    finally:
        for sandbox in sandboxes:
            sandbox.close()


def _work(sandbox: Sandbox, waiting: list[Path]) -> None:
    while True:
        try:
            path = waiting.pop()
        except IndexError:
            return
        sandbox.read(path.read_bytes(), path.name)
