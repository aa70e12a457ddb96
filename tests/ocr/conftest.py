from __future__ import annotations

import pytest

from ocr.engines.ppocr import PpOcr


@pytest.fixture(scope="session")
def ppocr() -> PpOcr:
    """The main engine, opened once: its models take a second."""
    return PpOcr()
