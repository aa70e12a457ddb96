"""A model file opened for one thread, on OpenVINO where the extra `openvino` is installed, else on onnxruntime.

Both give the same text: OpenVINO is held to float32, as what it takes by itself on newer processors (bfloat16) changes
characters. Which is faster depends on the processor; docs/adr/0005 has the figures.
"""

from __future__ import annotations

from functools import cache
from importlib import util
from typing import TYPE_CHECKING, Final, Protocol

import numpy as np

if TYPE_CHECKING:
    from pathlib import Path

    import onnxruntime
    import openvino
    from numpy.typing import NDArray

RUNTIMES: Final = ("openvino", "onnxruntime")  # the first that is installed is taken


class Network(Protocol):
    """A network with one input and one output."""

    def run(self, blob: NDArray[np.float32]) -> NDArray[np.float32]:
        """What it makes of its input."""

    def told(self, key: str) -> str:
        """What the file says of the network under `key`. Raises KeyError or RuntimeError when it says nothing."""


def runtime() -> str | None:
    """The library that runs the models; None when none is installed."""
    return next((name for name in RUNTIMES if util.find_spec(name) is not None), None)


def opened(path: Path) -> Network:
    """The network of an ONNX file. Raises ImportError when nothing that runs it is installed."""
    return _OnOpenvino(path) if runtime() == "openvino" else _OnOnnxruntime(path)


class _OnOnnxruntime:
    def __init__(self, path: Path) -> None:
        import onnxruntime  # noqa: PLC0415  # the product runs without it, on Tesseract

        _share_memory()
        options = onnxruntime.SessionOptions()
        options.add_session_config_entry("session.use_env_allocators", "1")
        options.intra_op_num_threads = 1  # two threads double the CPU and halve the pages a second under load
        options.inter_op_num_threads = 1
        options.log_severity_level = 4
        options.enable_mem_pattern = False  # every line has its own width; patterns would be kept for each
        self._session: onnxruntime.InferenceSession = onnxruntime.InferenceSession(
            str(path), options, providers=["CPUExecutionProvider"]
        )
        self._input = self._session.get_inputs()[0].name

    def run(self, blob: NDArray[np.float32]) -> NDArray[np.float32]:
        (out,) = self._session.run(None, {self._input: blob})
        return np.asarray(out, np.float32)

    def told(self, key: str) -> str:
        said: str = self._session.get_modelmeta().custom_metadata_map[key]
        return said


@cache
def _share_memory() -> None:
    """One arena for all models of the process: they run one after the other, so the largest need counts, not the sum."""
    import onnxruntime  # noqa: PLC0415  # as above

    place = onnxruntime.OrtMemoryInfo(
        "Cpu", onnxruntime.OrtAllocatorType.ORT_ARENA_ALLOCATOR, 0, onnxruntime.OrtMemType.DEFAULT
    )
    onnxruntime.create_and_register_allocator(place, None)


class _OnOpenvino:
    def __init__(self, path: Path) -> None:
        import openvino  # noqa: PLC0415  # an extra

        self._model: openvino.Model = openvino.Core().read_model(str(path))
        settings = {"INFERENCE_NUM_THREADS": 1, "NUM_STREAMS": 1, "INFERENCE_PRECISION_HINT": "f32"}
        self._request = openvino.Core().compile_model(self._model, "CPU", settings).create_infer_request()

    def run(self, blob: NDArray[np.float32]) -> NDArray[np.float32]:
        self._request.infer({0: blob})
        return np.array(self._request.get_output_tensor(0).data, np.float32)  # a copy: the next run writes there

    def told(self, key: str) -> str:
        return str(self._model.get_rt_info(["framework", key]).value)
