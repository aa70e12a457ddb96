"""Fixtures every folder of tests may take."""

from __future__ import annotations

from pathlib import Path

import pytest

from fixtures.make import make_once
from fixtures.pdf import MissingFontError
from tests.databases import database_url, empty_engine, engine, postgres, sqlite_template, sqlite_url

__all__ = ["database_url", "empty_engine", "engine", "postgres", "sqlite_template", "sqlite_url"]


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--golden-update` writes what the pipeline says now as what it shall say."""
    parser.addoption("--golden-update", action="store_true", help="rewrite tests/golden/expected")


@pytest.fixture(scope="session")
def made() -> Path:
    """The folder of generated papers, `<carrier>/<name>.<ext>` with `truth.json`, the register and its workbook."""
    try:
        return make_once(Path(__file__).parent.parent / "build" / "fixtures")
    except MissingFontError as error:
        pytest.skip(f"{error} Until then nothing is tested on generated papers.")
