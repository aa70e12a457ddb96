"""How many codes are read, what that costs and what is misread: ``python -m tests.bench.qr [--pages N] [--alone]``.

This product beside zxing-cpp, zbar and both of OpenCV's decoders on the same generated pages, one thread, each in a
process of its own. A misread code is a text that stands on no code of its page. OpenCV's decoders can hang, so they get
the grey page at no more than 1600 pixels and a new process when a page takes too long. The WeChat decoder is not in the
wheel that the product uses; it takes part when the other wheel lies beside it:

    .venv/bin/pip install --no-deps --target build/wechat 'opencv-contrib-python-headless<5'
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from multiprocessing.connection import wait
from pathlib import Path
from typing import Any, Final

import cv2
import numpy as np
from numpy.typing import NDArray

from tests.bench import tables
from tests.bench.qr_pages import GRADES, Drawn, page

SEED: Final = 1_000_000  # seeds below are for tuning
PATIENCE: Final = 8.0  # seconds of CPU for a page and its drawing
MODEST: Final = 1600  # long side of a page for decoders that hang on large ones
SAMPLE: Final = 1000  # pages that the other decoders see at most
PRODUCT: Final = "this product"
WECHAT: Final = "OpenCV WeChat"
CONTRIB: Final = Path("build/wechat")
Picture = NDArray[np.uint8]
Reader = Callable[[Picture], Iterable[str]]


@dataclass
class Score:
    """What one decoder made of the pages."""

    shown: Counter[str] = field(default_factory=Counter)  # invoices' codes by grade
    read: Counter[str] = field(default_factory=Counter)
    steps: Counter[str] = field(default_factory=Counter)  # of the cascade
    with_code: list[float] = field(default_factory=list)  # ms of CPU a page
    without: list[float] = field(default_factory=list)
    misread: list[tuple[int, str]] = field(default_factory=list)
    hung: int = 0

    def take(self, drawn: Drawn, index: int, found: Iterable[str], ms: float) -> None:
        texts = set(found)
        (self.with_code if drawn.texts else self.without).append(ms)
        self.misread += [(index, text) for text in texts - drawn.texts]
        for text in drawn.invoices:
            self.shown[drawn.grade] += 1
            self.read[drawn.grade] += text in texts

    def add(self, other: Score) -> None:
        self.shown += other.shown
        self.read += other.read
        self.steps += other.steps
        self.with_code += other.with_code
        self.without += other.without
        self.misread += other.misread
        self.hung += other.hung

    def row(self, name: str) -> dict[str, object]:
        times = [*self.with_code, *self.without]
        return {
            "decoder": name,
            "pages": len(times),
            "codes": self.shown.total(),
            **{f"{g} %": round(100 * self.read[g] / self.shown[g], 1) for g in GRADES if self.shown[g]},
            "all %": round(100 * self.read.total() / max(1, self.shown.total()), 1),
            "misread": len(self.misread),
            "hung": self.hung,
            **_spread("ms", times),
            **_spread("codeless ms", self.without),
        }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pages", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--alone", action="store_true", help="this product only")
    options = parser.parse_args()
    names = [PRODUCT] if options.alone else [name for name in READERS if name != WECHAT or CONTRIB.exists()]
    rows = []
    for name in names:
        most = options.pages if name == PRODUCT else min(options.pages, SAMPLE)
        score = measured(name, options.seed, most)
        rows.append(score.row(name))
        if score.steps:
            print("read by", dict(score.steps.most_common()))
        for index, text in score.misread[:5] if name == PRODUCT else ():
            print(f"misread: page {index}: {text!r}")
        if name == PRODUCT and most > SAMPLE and not options.alone:
            rows.append(measured(name, options.seed, SAMPLE).row(f"{name}, the same {SAMPLE}"))
    tables.show(f"Codes on generated pages, seed {options.seed}, one thread", rows)
    tables.save("qr", rows)


def measured(name: str, seed: int, pages: int) -> Score:
    """One decoder over all pages, in as many processes as there are cores; a page that hangs costs its process."""
    left = iter(range(pages))
    score = Score()
    busy: dict[Any, tuple[Any, float]] = {}  # the pipe to a child, the child, its CPU when it began with a page

    def begin() -> None:
        process, pipe = _start(name, seed)
        busy[pipe] = process, _cpu(process.pid)
        pipe.send(next(left, None))

    for _ in range(min(2, os.cpu_count() or 1)):
        begin()
    while busy:
        ready: list[Any] = list(wait(list(busy), timeout=1.0))
        for pipe in ready:
            process, _ = busy.pop(pipe)
            try:
                score.add(pipe.recv())
            except EOFError:  # it had no more pages to read
                process.join()
                continue
            busy[pipe] = process, _cpu(process.pid)
            pipe.send(next(left, None))
            if (done := len(score.with_code) + len(score.without)) % 500 == 0:
                print(f"{name}: {done} pages, {score.row(name)}", file=sys.stderr)
        for pipe, (process, since) in list(busy.items()):
            if _cpu(process.pid) - since > PATIENCE and name != PRODUCT:
                process.kill()
                process.join()
                score.hung += 1
                del busy[pipe]
                begin()
    return score


def _cpu(process: int) -> float:
    """Seconds that a process has used, 0 for one that has ended."""
    try:
        fields = Path(f"/proc/{process}/stat").read_text("ascii", "replace").rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _start(name: str, seed: int) -> tuple[Any, Any]:
    ours, theirs = multiprocessing.Pipe()
    process = multiprocessing.get_context("spawn").Process(target=_work, args=(name, seed, theirs), daemon=True)
    there = list(sys.path)
    if name == WECHAT:
        sys.path.insert(0, str(CONTRIB))  # a child takes over the paths of its parent
    process.start()
    theirs.close()
    sys.path[:] = there
    ours.recv()
    return process, ours


def _work(name: str, seed: int, pipe: Any) -> None:
    """A child: draws each page it is told and reads it."""
    cv2.setNumThreads(1)
    steps: Counter[str] = Counter()
    reader = READERS[name](steps)
    list(reader(page(seed, 0).picture))  # warm
    pipe.send(None)  # ready
    while (index := pipe.recv()) is not None:
        drawn = page(seed, index)
        score = Score(steps=steps)
        steps.clear()
        begun = time.process_time()
        found = list(reader(drawn.picture))
        score.take(drawn, index, found, 1000 * (time.process_time() - begun))
        pipe.send(score)


def this_product(steps: Counter[str]) -> Reader:
    from ocr import qr  # noqa: PLC0415  # each decoder is loaded in its own process only

    def read(picture: Picture) -> Iterator[str]:
        for code in qr.decode(picture, 0):
            steps[code.decoder] += 1
            yield code.text

    return read


def zxing(_steps: Counter[str]) -> Reader:
    import zxingcpp  # noqa: PLC0415

    formats = zxingcpp.BarcodeFormats([zxingcpp.BarcodeFormat.QRCode, zxingcpp.BarcodeFormat.Code128])
    return lambda picture: [code.text.strip() for code in zxingcpp.read_barcodes(_grey(picture), formats=formats)]


def zbar(_steps: Counter[str]) -> Reader:
    from pyzbar import pyzbar  # noqa: PLC0415

    kinds = [pyzbar.ZBarSymbol.QRCODE, pyzbar.ZBarSymbol.CODE128]
    return lambda picture: [
        code.data.decode("utf-8", "replace") for code in pyzbar.decode(_grey(picture), symbols=kinds)
    ]


def wechat(_steps: Counter[str]) -> Reader:
    decoder: Any = vars(cv2)["wechat_qrcode_WeChatQRCode"]()  # in the other wheel only
    return lambda picture: [text for text in decoder.detectAndDecode(_modest(_grey(picture)))[0] if text]


def opencv(_steps: Counter[str]) -> Reader:
    decoder = cv2.QRCodeDetector()

    def read(picture: Picture) -> Iterable[str]:
        try:
            return [text for text in decoder.detectAndDecodeMulti(_modest(_grey(picture)))[1] if text]
        except cv2.error:
            return []

    return read


def _grey(picture: Picture) -> Picture:
    return np.asarray(cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY), np.uint8)


def _modest(grey: Picture) -> Picture:
    ratio = min(1.0, MODEST / max(grey.shape))
    return np.asarray(cv2.resize(grey, None, fx=ratio, fy=ratio, interpolation=cv2.INTER_AREA), np.uint8)


def _spread(name: str, times: list[float]) -> dict[str, object]:
    if not times:
        return {}
    return {
        f"{name} median": round(float(np.median(times)), 1),
        "p95" if name == "ms" else "codeless p95": round(float(np.percentile(times, 95))),
        "max" if name == "ms" else "codeless max": round(max(times)),
    }


READERS: Final[dict[str, Callable[[Counter[str]], Reader]]] = {
    PRODUCT: this_product,
    "zxing-cpp": zxing,
    "zbar": zbar,
    WECHAT: wechat,
    "OpenCV QR": opencv,
}


if __name__ == "__main__":
    main()
