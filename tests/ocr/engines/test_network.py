"""Models run on either runtime and say the same."""

from __future__ import annotations

from importlib import util

import numpy as np
import pytest

from ocr.engines import models, network
from ocr.engines.ppocr import PpOcr
from tests.ocr import drawn

needs_openvino = pytest.mark.skipif(
    util.find_spec("openvino") is None, reason="the extra openvino is not installed: models run on onnxruntime alone"
)
LINES = ("发票号码：10556199", "名称：北京云麓智行科技有限公司", "合计 ¥1310.96")


def on(runtime: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(network, "RUNTIMES", (runtime,))


def test_the_first_runtime_that_is_installed_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(network, "RUNTIMES", ("no_such_runtime", "onnxruntime"))
    assert network.runtime() == "onnxruntime"
    monkeypatch.setattr(network, "RUNTIMES", ("no_such_runtime",))
    assert network.runtime() is None


def test_what_the_file_says_of_the_network_is_told() -> None:
    files = models.careful()
    assert files is not None
    opened = network.opened(files.recogniser)
    assert {"国", "税", "A"} <= set(models.alphabet(files, opened))
    assert opened.run(np.zeros((1, 3, 48, 96), np.float32)).shape[0] == 1


@needs_openvino
def test_both_runtimes_read_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    page = drawn.text_page(LINES)
    said = []
    for runtime in ("openvino", "onnxruntime"):
        on(runtime, monkeypatch)
        said.append(["".join(word.text.split()) for word in PpOcr().read(page)])
    assert said[0] == said[1]
    assert len(said[0]) == len(LINES)
