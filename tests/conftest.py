"""Fixtures every folder of tests may take."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from hypothesis import settings

from fixtures.make import make_once
from fixtures.pdf import MissingFontError, font_path
from tests.databases import database_url, empty_engine, engine, postgres, sqlite_template, sqlite_url

__all__ = ["database_url", "empty_engine", "engine", "postgres", "sqlite_template", "sqlite_url"]

# How long an example takes depends on the load of the machine: speed is measured in tests/bench, not asserted here.
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--golden-update` writes what the pipeline says now as what it shall say."""
    parser.addoption("--golden-update", action="store_true", help="rewrite tests/golden/expected")


@pytest.fixture(scope="session")
def made() -> Path:
    """The folder of generated papers, `<carrier>/<name>.<ext>` with `truth.json`, the register and its workbook."""
    return make_once(Path(__file__).parent.parent / "build" / "fixtures")


@pytest.fixture(scope="session")
def chinese_font() -> Path:
    """For tests whose outcome depends on the font being installed."""
    return font_path()


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(
    collector: pytest.Collector,
) -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    """A module that draws papers while it is imported is skipped as its tests would be."""
    report = yield
    call: pytest.CallInfo[object] | None = getattr(report, "call", None)
    if call is not None and call.excinfo is not None and isinstance(call.excinfo.value, MissingFontError):
        report.outcome = "skipped"
        report.longrepr = (str(collector.path), 0, f"Skipped: {call.excinfo.value}")
    return report


@pytest.hookimpl(wrapper=True)
def pytest_runtest_setup() -> Iterator[None]:
    """See :func:`_without_font`."""
    with _without_font():
        yield


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call() -> Iterator[None]:
    """See :func:`_without_font`."""
    with _without_font():
        yield


@contextmanager
def _without_font() -> Iterator[None]:
    """Papers cannot be drawn where the Chinese font is not installed: what needs them is skipped there, by name."""
    try:
        yield
    except MissingFontError as error:
        pytest.skip(f"{error} Until then nothing is tested on drawn papers.")
